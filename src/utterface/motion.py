"""Motion: named channels over time. Its home space is 61 channels: ARKit's 52 weights, then head and eye angles.

Names and order stand here and nowhere else. Other rigs have other channel names (FLAME coefficients, bare offsets);
nothing here assumes the 61.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from utterface import timing
from utterface.errors import MotionError

# Apple's order of ARFaceAnchor.BlendShapeLocation, which Unreal and Azure share (the Live Link CSV differs).
ARKIT = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel",
    "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft",
    "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
    "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
HEAD = ("headYaw", "headPitch", "headRoll")  # radians
EYES = ("leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch", "rightEyeRoll")  # radians
CHANNELS = ARKIT + HEAD + EYES
MOUTH = ("jaw", "mouth", "tongue")  # how the names of the mouth's channels begin

# What each weight does to the lip gap, in units of jawOpen: enough to find closures where no rig is at hand.
_OPENING = {
    "jawOpen": 1.0, "mouthClose": -1.2, "mouthFunnel": 0.3, "mouthLowerDownLeft": 0.1, "mouthLowerDownRight": 0.1,
    "mouthUpperUpLeft": 0.12, "mouthUpperUpRight": 0.12, "mouthShrugUpper": 0.14,
}  # fmt: skip
CLOSED = 0.035  # the opening up to which lips are closed


@dataclass(frozen=True)
class Motion:
    """Channels over time on the audio clock.

    Attributes:
        values: (T, C) float32; weights 0…1 (real capture exceeds 1 slightly), angles in radians.
        channels: C names.
        frame_rate: frames a second; frame i shows the moment `start + i / frame_rate`.
        start: the moment of frame 0 in seconds, 0 = the first sample.
    """

    values: np.ndarray
    channels: tuple[str, ...] = field(default=CHANNELS)
    frame_rate: float = 60.0
    start: float = 0.0

    def __post_init__(self) -> None:
        values = np.asarray(self.values, np.float32)
        if values.ndim != 2 or values.shape[1] != len(self.channels):
            raise MotionError(f"motion must be (frames, {len(self.channels)} channels), got {values.shape}")
        if not self.frame_rate > 0:
            raise MotionError(f"frame rate must be positive, got {self.frame_rate}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "channels", tuple(self.channels))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the end of the last."""
        return len(self.values) / self.frame_rate

    @property
    def times(self) -> np.ndarray:
        """(T,) float64 seconds, the moment each frame shows."""
        return timing.frame_times(len(self.values), self.frame_rate, self.start)

    def index(self, channel: str) -> int:
        """Column of a channel; MotionError where there is none."""
        try:
            return self.channels.index(channel)
        except ValueError:
            raise MotionError(f"no channel {channel!r}; this motion has {', '.join(self.channels[:4])} …") from None

    def __getitem__(self, channel: str) -> np.ndarray:
        return self.values[:, self.index(channel)]

    def select(self, channels: Iterable[str]) -> np.ndarray:
        """(T, len(channels)) float32, in the order asked for; a channel this motion lacks is zero."""
        at = {name: i for i, name in enumerate(self.channels)}
        columns = [self.values[:, at[c]] if c in at else np.zeros(len(self.values), np.float32) for c in channels]
        return np.stack(columns, 1) if columns else np.zeros((len(self.values), 0), np.float32)

    def at_rate(self, frame_rate: float) -> "Motion":
        """The same motion at another frame rate, linearly interpolated, with every lip closure kept.

        A closure of less than two output frames could fall between them: the output frame nearest to its tightest
        moment then shows the mouth of that moment instead.
        """
        if frame_rate == self.frame_rate:
            return self
        values = timing.resample(self.values, self.frame_rate, frame_rate)
        opening = self.opening()
        if opening is not None:
            mouth = [i for i, channel in enumerate(self.channels) if channel.startswith(MOUTH)]
            for begin, end in runs(opening <= CLOSED):
                if (end - begin - 1) * frame_rate < 2 * self.frame_rate:
                    tightest = begin + int(opening[begin:end].argmin())
                    frame = min(round(tightest * frame_rate / self.frame_rate), len(values) - 1)
                    values[frame, mouth] = self.values[tightest, mouth]
        return replace(self, values=values, frame_rate=frame_rate)

    def closures(self) -> list[tuple[float, float]]:
        """Moments of the first and last frame of every stretch with closed lips, judged from the weights alone."""
        opening = self.opening()
        closed = [] if opening is None else runs(opening <= CLOSED)
        times = self.times
        return [(float(times[begin]), float(times[end - 1])) for begin, end in closed]

    def opening(self) -> np.ndarray | None:
        """(T,) how far the lips are apart in units of jawOpen, from weights alone; None without ARKit's jaw."""
        if "jawOpen" not in self.channels or "mouthClose" not in self.channels:
            return None
        return self.select(_OPENING) @ np.array(list(_OPENING.values()), np.float32)

    def with_values(self, values: np.ndarray) -> "Motion":
        return replace(self, values=values)


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Begin and end (exclusive) of every stretch where `mask` holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def rest(count: int, frame_rate: float = 60.0, start: float = 0.0) -> Motion:
    """A still, closed face of `count` frames."""
    return Motion(np.zeros((count, len(CHANNELS)), np.float32), CHANNELS, frame_rate, start)


def join(parts: Sequence[Motion]) -> Motion:
    """Consecutive pieces, as an animator hands them out, as one motion."""
    if not parts:
        raise MotionError("nothing to join: no motion pieces")
    first = parts[0]
    if any(p.channels != first.channels or p.frame_rate != first.frame_rate for p in parts):
        raise MotionError("pieces of motion differ in channels or frame rate")
    return replace(first, values=np.concatenate([p.values for p in parts]))
