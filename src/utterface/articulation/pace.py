"""The pace of the jaw: no faster than people move it, with every closure kept.

A jaw of people moves at up to 250 mm/s or so (Ostry & Munhall 1985); jawOpen 1 is some 30 mm, so a weight changes by
7.2 a second at most, 0.12 a frame at 60 Hz. Lips that touch while the jaw lags go on touching: mouthClose keeps its
share of jawOpen.
"""

import math

import numpy as np

from utterface.motion import CHANNELS, CLOSED, MOUTH, Motion, runs

FASTEST = 7.2  # of jawOpen, a second
FLASH, OPENING = 0.04, 0.08  # s between two closures; lips that part for less than the first stay closed
_JAW, _CLOSE = CHANNELS.index("jawOpen"), CHANNELS.index("mouthClose")
_MOUTH = [i for i, channel in enumerate(CHANNELS) if channel.startswith(MOUTH)]
_EXACT = 1e-6


class Pace:
    """Frames in order → the same with the jaw held back; a frame looks at those before it alone.

    Args:
        frame_rate: frames a second.
    """

    def __init__(self, frame_rate: float) -> None:
        self._most = most_of(frame_rate)
        self._last: np.ndarray | None = None  # jawOpen of the last frame

    def push(self, values: np.ndarray) -> np.ndarray:
        """(T, …, 61), the next frames → (T, …, 61)."""
        if not len(values):
            return values
        wanted = values[..., _JAW]
        before = wanted[:1] if self._last is None else self._last[None]
        jaw = wanted
        if np.abs(np.diff(np.concatenate([before, wanted]), axis=0)).max() > self._most + _EXACT:
            jaw, last = np.empty_like(wanted), before[0]
            for frame, value in enumerate(wanted):
                jaw[frame] = last = np.clip(value, last - self._most, last + self._most)
        self._last = jaw[-1]
        return values if jaw is wanted else _with_jaw(values, jaw)


def step_paced(values: np.ndarray, last: np.ndarray, most: np.float32) -> np.ndarray:
    """(R, 61), one frame each of R voices, and their last jawOpen (R,) → (R, 61); see `Pace`."""
    wanted = values[:, _JAW]
    jaw = np.where(np.abs(wanted - last) > most + _EXACT, np.clip(wanted, last - most, last + most), wanted)
    return _with_jaw(values, jaw)


def jaw_of(values: np.ndarray) -> np.ndarray:
    """(…, 61) → (…)."""
    return values[..., _JAW]


def most_of(frame_rate: float) -> np.float32:
    """By how much jawOpen may change from frame to frame."""
    return np.float32(FASTEST / frame_rate)


def paced(motion: Motion) -> Motion:
    """The whole motion at that pace: it closes early enough, and lips do not flash open."""
    values = _without_flashes(motion).values
    jaw, most = values[:, _JAW], FASTEST / motion.frame_rate
    lowest = jaw.copy()
    for ahead in range(1, min(len(jaw), int(np.ceil(1 / most)))):
        lowest[:-ahead] = np.minimum(lowest[:-ahead], jaw[ahead:] + np.float32(ahead * most))
    return motion.with_values(Pace(motion.frame_rate).push(_with_jaw(values, lowest)))


def _with_jaw(values: np.ndarray, jaw: np.ndarray) -> np.ndarray:
    """Another jawOpen, with mouthClose as the same share of it."""
    moved = values.copy()
    share = np.clip(values[..., _CLOSE] / np.maximum(values[..., _JAW], 1e-3), 0, 1)
    changed = np.abs(jaw - values[..., _JAW]) > _EXACT
    moved[..., _JAW] = jaw
    moved[..., _CLOSE] = np.where(changed, share * jaw, values[..., _CLOSE])
    return moved


def _without_flashes(motion: Motion) -> Motion:
    """Lips that part for less than FLASH between two closures stay closed, for less than OPENING part for as long."""
    opening = motion.opening()
    if opening is None:
        return motion
    values, rate = motion.values.copy(), motion.frame_rate
    for begin, end in runs(opening > CLOSED):
        if begin == 0 or end == len(values) or end - begin >= OPENING * rate:
            continue
        if end - begin < FLASH * rate:
            share = (np.arange(1, end - begin + 1) / (end - begin + 1))[:, None]
            before, after = values[begin - 1, _MOUTH], values[end, _MOUTH]
            values[begin:end, _MOUTH] = before + share * (after - before)
        else:
            missing = math.ceil(OPENING * rate) - (end - begin)
            for side in range(missing):  # the frames next to it, the later one first
                at, beside = (end + side // 2, end - 1) if side % 2 == 0 else (begin - 1 - side // 2, begin)
                if 0 < at < len(values) - 1:
                    values[at, _MOUTH] = np.maximum(1 - side / (2 * missing), 0.5) * motion.values[beside, _MOUTH]
    return motion.with_values(values)
