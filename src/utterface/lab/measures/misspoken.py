"""Faces that say it wrongly, each in one known way: what a listener does not notice, its loss cannot put right."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import ndimage

_SHUT = ("mouthClose", "mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper")
_ROUND = ("mouthFunnel", "mouthPucker")
_SMEARED, _LATE = 0.2, 0.1  # seconds


def never_shut(motion: np.ndarray, channels: Sequence[str]) -> np.ndarray:
    """Whatever brings the lips together over a jaw that is open does not happen."""
    return _set(motion, channels, _SHUT, 0.0)


def never_round(motion: np.ndarray, channels: Sequence[str]) -> np.ndarray:
    """No pout, no funnel."""
    return _set(motion, channels, _ROUND, 0.0)


def still_jaw(motion: np.ndarray, channels: Sequence[str]) -> np.ndarray:
    """The jaw stays where it is on average."""
    return _set(motion, channels, ("jawOpen",), None)


def half_as_far(motion: np.ndarray, channels: Sequence[str]) -> np.ndarray:
    """Every movement by half."""
    return motion * np.float32(0.5)


def smeared(motion: np.ndarray, channels: Sequence[str], frame_rate: float = 30.0) -> np.ndarray:
    """A mean, weighted by a Hann window, over the 0.2 s around every moment: what doubt makes of a face."""
    window = np.hanning(round(_SMEARED * frame_rate) + 3)
    smooth: np.ndarray = ndimage.convolve1d(motion, window / window.sum(), axis=0, mode="nearest")
    return smooth


def late(motion: np.ndarray, channels: Sequence[str], frame_rate: float = 30.0) -> np.ndarray:
    """0.1 s after the sound."""
    frames = round(_LATE * frame_rate)
    return np.concatenate([np.repeat(motion[:1], frames, 0), motion[:-frames]])


# name in tables → (T, C) motion at 30 a second and its C channels → the motion that says it wrongly
MISSPOKEN: dict[str, Callable[[np.ndarray, Sequence[str]], np.ndarray]] = {
    "lips never shut": never_shut,
    "lips never round": never_round,
    "jaw still": still_jaw,
    "half as far": half_as_far,
    "smeared over 0.2 s": smeared,
    "0.1 s late": late,
}


def _set(motion: np.ndarray, channels: Sequence[str], names: Sequence[str], value: float | None) -> np.ndarray:
    """Some channels at a value, or at their own mean where there is none."""
    changed = motion.copy()
    for index, name in enumerate(channels):
        if name in names:
            changed[:, index] = motion[:, index].mean() if value is None else value
    return changed
