"""Random numbers and curves of the life layer: hashes of (seed, stream, index), the same in every call."""

from functools import lru_cache

import numpy as np

FAR = 1e9  # s; a moment that never comes, where one voice has fewer than another
_SEGMENT = 20.0  # s; moments are drawn anew for each
_STREAM = np.uint64(0xD1B54A32D192ED03)


def uniform(seed: int | np.ndarray, stream: int | np.ndarray, index: np.ndarray) -> np.ndarray:
    """0…1 for each index, the same in every call (splitmix64; Steele, Lea & Flood 2014); the arguments broadcast."""
    seeds = np.asarray(seed % 2**64 if isinstance(seed, int) else seed, np.uint64)
    with np.errstate(over="ignore"):
        start = seeds * np.uint64(0x9E3779B97F4A7C15) + np.asarray(stream, np.uint64) * _STREAM
        z = np.asarray(index).astype(np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + start
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)) / float(2**53)


def draws(seed: int | np.ndarray, stream: int, index: np.ndarray, count: int) -> np.ndarray:
    """(count, …) numbers 0…1: `count` streams, from `stream` on, at indices (…); seeds broadcast to them."""
    return uniform(seed, stream + np.arange(count).reshape(-1, *[1] * index.ndim), index)


def moments(
    first: np.ndarray, last: np.ndarray, seed: np.ndarray, stream: int, least: float, mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Moments at least `least` and on average `mean` seconds apart, one row a voice, and their index.

    Args:
        first, last: (V,) seconds; rows begin a segment or more before `first`.
        seed: (V,) uint64.
        stream: of random numbers.
        least: seconds.
        mean: (V,) seconds.

    Returns:
        (V, E) seconds, increasing, filled up with `FAR`, and (V, E) whole numbers.
    """
    begin, end = (first // _SEGMENT).astype(int) - 1, (last // _SEGMENT).astype(int)
    rows = tuple(zip(begin.tolist(), end.tolist(), seed.tolist(), mean.tolist(), strict=True))
    return _rows_of_moments(rows, stream, least)


@lru_cache(maxsize=32)  # streams ask for the same segments in every chunk
def _rows_of_moments(
    rows: tuple[tuple[int, int, int, float], ...], stream: int, least: float
) -> tuple[np.ndarray, np.ndarray]:
    found = [_moments(begin, end, seed, stream, least, mean) for begin, end, seed, mean in rows]
    shape = len(found), max((len(at) for at, _ in found), default=0)
    moments, numbers = np.full(shape, FAR), np.zeros(shape, np.int64)
    for row, (at, index) in enumerate(found):
        moments[row, : len(at)], numbers[row, : len(at)] = at, index
    for array in (moments, numbers):
        array.setflags(write=False)
    return moments, numbers


@lru_cache(maxsize=2048)
def _moments(first: int, last: int, seed: int, stream: int, least: float, mean: float) -> tuple[np.ndarray, np.ndarray]:
    most = int(_SEGMENT / least) + 1
    index = np.arange(first, last + 1)[:, None] * 1024 + np.arange(most)
    waits = least - (mean - least) * np.log1p(-uniform(seed, stream, index))
    within = np.cumsum(waits, 1) - least / 2
    drawn = within + np.arange(first, last + 1)[:, None] * _SEGMENT
    kept = within < _SEGMENT - least / 2
    return drawn[kept], index[kept]


def noise(times: np.ndarray, seed: int | np.ndarray, stream: int, step: float | np.ndarray) -> np.ndarray:
    """Smooth noise in -1…1, 0.4 on average, that wanders within `step` seconds: a cubic B-spline of random knots."""
    place = times / step
    knot = np.floor(place).astype(np.int64)
    u = place - knot
    shares = ((1 - u) ** 3 / 6, (3 * u**3 - 6 * u**2 + 4) / 6, (-3 * u**3 + 3 * u**2 + 3 * u + 1) / 6, u**3 / 6)
    heights = 2 * uniform(seed, stream, knot + np.arange(4)[:, None]) - 1
    return np.asarray(sum(share * height for share, height in zip(shares, heights, strict=True)))


def ease(x: np.ndarray) -> np.ndarray:
    """0 at 0, 1 at 1, smooth in between."""
    u = np.clip(x, 0, 1)
    return u * u * (3 - 2 * u)


class Pulses:
    """One rise, hold and fall an event, in frames of one or many voices.

    Args:
        times: (T,) seconds of the frames.
        of: (T,) voice of each.
        courses: (V, E, 4) the four moments of each event.
    """

    def __init__(self, times: np.ndarray, of: np.ndarray, courses: np.ndarray) -> None:
        self._count = len(times)
        self._rows, self._at = during(times, of, courses[..., 0], courses[..., 3])
        a, b, c, d = courses[self._at].T
        at = times[self._rows]
        self._held = ease((at - a) / (b - a)) * ease((d - at) / (d - c))

    def __call__(self, heights: np.ndarray) -> np.ndarray:
        """(T,) 0…1 with events as high as (V, E), joined so that overlaps stay in 0…1."""
        absent = np.ones(self._count)
        np.multiply.at(absent, self._rows, 1 - heights[self._at] * self._held)
        return 1 - absent


def during(
    times: np.ndarray, of: np.ndarray, begins: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Pairs of a frame and an event that is under way in it.

    Args:
        times: (T,) seconds of the frames.
        of: (T,) voice of each.
        begins, ends: (V, E) seconds.

    Returns:
        (P,) frame of each pair, and the (P,) voice and (P,) number of its event.
    """
    rows, events = np.nonzero((begins[of] < times[:, None]) & (ends[of] > times[:, None]))
    return rows, (of[rows], events)


def steps(times: np.ndarray, of: np.ndarray, at: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(T, 2) angles in rad that jump to `targets` (V, E, 2) at the moments `at` (V, E) as eyes do.

    A saccade takes 21 ms and 2.2 ms a degree (Bahill, Clark & Stark 1975).
    """
    i = np.clip((at[of] <= times[:, None]).sum(1) - 1, 1, at.shape[1] - 1)
    before, here = targets[of, i - 1], targets[of, i]
    jump = np.degrees(np.hypot(*(here - before).T))
    done = ease((times - at[of, i]) / (0.021 + 0.0022 * jump))[:, None]
    return before + done * (here - before)
