"""Track: features over time, continuous vectors or discrete units, on the audio clock."""

from dataclasses import dataclass, replace

import numpy as np

from utterface import timing
from utterface.errors import TrackError


@dataclass(frozen=True)
class Track:
    """Features over time.

    Attributes:
        values: (T, D) float32 vectors; or units, (T,) int64, (T, K) with K codebooks.
        frame_rate: frames a second; frame i shows the moment `start + i / frame_rate`.
        start: the moment of frame 0 in seconds, 0 = the first sample.
    """

    values: np.ndarray
    frame_rate: float
    start: float = 0.0

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        discrete = np.issubdtype(values.dtype, np.integer)
        if values.ndim not in ((1, 2) if discrete else (2,)):
            raise TrackError(f"a track is (frames, features), or (frames,) of units; got the shape {values.shape}")
        if not self.frame_rate > 0:
            raise TrackError(f"frame rate must be positive, got {self.frame_rate}")
        object.__setattr__(self, "values", values.astype(np.int64 if discrete else np.float32, copy=False))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def is_discrete(self) -> bool:
        """Whether these are units."""
        return bool(np.issubdtype(self.values.dtype, np.integer))

    @property
    def times(self) -> np.ndarray:
        """(T,) float64 seconds, the moment each frame shows."""
        return timing.frame_times(len(self.values), self.frame_rate, self.start)

    def at(self, times: np.ndarray) -> np.ndarray:
        """What the track shows at any moments: vectors interpolated linearly, units of the nearest frame.

        Args:
            times: (N,) seconds; beyond the ends the end frames hold.

        Returns:
            (N, D), (N,) or (N, K).
        """
        if self.is_discrete:
            return timing.nearest(self.values, self.frame_rate, times, self.start)
        return timing.sample_at(self.values, self.frame_rate, times, self.start)

    def at_rate(self, frame_rate: float, count: int) -> "Track":
        """The track as `count` frames of another grid that begins with the first sample."""
        values = self.at(timing.frame_times(count, frame_rate))
        return replace(self, values=values, frame_rate=frame_rate, start=0.0)
