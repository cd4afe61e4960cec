"""Windows on a grid, for networks without a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utterface.engines.bundle.config import BundleConfig, number_in, strange_channels
from utterface.errors import ConfigError

GRID = 0.2  # seconds in which samples at 16 kHz, frames at 25, 30 and 60 Hz and tokens at 25 and 50 Hz come out whole


@dataclass(frozen=True)
class Windows:
    """Windows of a network without a state: one a block, on a grid that starts at time 0. All in seconds.

    Window k reads from k · block − past to (k + 1) · block + future and predicts its block. Its prediction of the
    `overlap` after the block fades into that of window k + 1. Beyond the ends of the input there is silence or rest.
    """

    block: float = 0.4
    past: float = 1.6
    future: float = 0.4
    overlap: float = 0.2

    def __post_init__(self) -> None:
        lengths = {name: getattr(self, name) for name in ("block", "past", "future", "overlap")}
        for name, length in lengths.items():
            if length < 0 or abs(length / GRID - round(length / GRID)) > 1e-6:
                raise ConfigError(f"{name} must be a whole multiple of {GRID} s, so that frames fit; got {length:g}")
        if not self.block:
            raise ConfigError(f"block must be {GRID} s at least")
        if self.overlap > min(self.block, self.future):
            raise ConfigError(
                f"overlap must not exceed block or future, {min(self.block, self.future):g} s; got {self.overlap:g}"
            )

    @property
    def length(self) -> float:
        """Seconds of a window."""
        return self.past + self.block + self.future

    @property
    def look_ahead(self) -> float:
        """Seconds of later sound until a frame is final, at the most: those of a block's first frame."""
        return self.block + self.future


def read_windows(about: BundleConfig, config: Mapping[str, Any], known: tuple[str, ...]) -> Windows:
    """The windows of a bundle.

    Raises:
        ModelError: channels that are none of `known`. ConfigError: frames or windows that do not fit the grid.
    """
    unknown = set(about.channels) - set(known)
    if unknown or len(set(about.channels)) != len(about.channels) or not about.channels:
        raise strange_channels(about.name, unknown)
    if about.frame_rate < 1 or abs(about.frame_rate * GRID % 1) > 1e-6:
        raise ConfigError(f"frame_rate must give whole frames in {GRID} s, as 25, 30 and 60 do; got {about.frame_rate}")
    return Windows(*(float(number_in(config, name, 0, 60)) for name in ("block", "past", "future", "overlap")))
