"""Random numbers and curves of the life layer: hashes of (seed, stream, index), the same in every call."""

from functools import lru_cache

import numpy as np

_SEGMENT = 20.0  # s; moments are drawn anew for each
_STREAM = np.uint64(0xD1B54A32D192ED03)


def uniform(seed: int, stream: int | np.ndarray, index: np.ndarray) -> np.ndarray:
    """0…1 for each index, the same in every call (splitmix64; Steele, Lea & Flood 2014); streams broadcast."""
    with np.errstate(over="ignore"):
        start = np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64) + np.asarray(stream, np.uint64) * _STREAM
        z = np.asarray(index).astype(np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + start
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)) / float(2**53)


def draws(seed: int, stream: int, index: np.ndarray, count: int) -> np.ndarray:
    """(count, N) numbers 0…1: `count` streams, from `stream` on, at N indices."""
    return uniform(seed, stream + np.arange(count)[:, None], np.asarray(index))


def moments(times: np.ndarray, seed: int, stream: int, least: float, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Moments at least `least` and on average `mean` seconds apart, from a segment before `times` on; their index."""
    return _moments(int(times[0] // _SEGMENT) - 1, int(times[-1] // _SEGMENT), seed, stream, least, mean)


@lru_cache(maxsize=256)  # a stream asks for the same segments in every chunk
def _moments(first: int, last: int, seed: int, stream: int, least: float, mean: float) -> tuple[np.ndarray, np.ndarray]:
    most = int(_SEGMENT / least) + 1
    index = np.arange(first, last + 1)[:, None] * 1024 + np.arange(most)
    waits = least - (mean - least) * np.log1p(-uniform(seed, stream, index))
    within = np.cumsum(waits, 1) - least / 2
    drawn = within + np.arange(first, last + 1)[:, None] * _SEGMENT
    kept = within < _SEGMENT - least / 2
    found, numbers = drawn[kept], index[kept]
    found.setflags(write=False)
    numbers.setflags(write=False)
    return found, numbers


def noise(times: np.ndarray, seed: int, stream: int, step: float) -> np.ndarray:
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


def pulses(times: np.ndarray, courses: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """(T,) 0…1: one rise, hold and fall for each row of four moments (E, 4), joined so that overlaps stay in 0…1."""
    absent = np.ones(len(times))
    begin, end = times[0], times[-1]
    for (a, b, c, d), height in zip(courses, heights, strict=True):
        if d > begin and a < end:
            absent *= 1 - height * ease((times - a) / (b - a)) * ease((d - times) / (d - c))
    return 1 - absent


def steps(times: np.ndarray, at: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(T, 2) angles in rad that jump to `targets` (E, 2) at the moments `at` as eyes do.

    A saccade takes 21 ms and 2.2 ms a degree (Bahill, Clark & Stark 1975).
    """
    i = np.clip(np.searchsorted(at, times, "right") - 1, 1, len(at) - 1)
    jump = np.degrees(np.hypot(*(targets[i] - targets[i - 1]).T))
    done = ease((times - at[i]) / (0.021 + 0.0022 * jump))[:, None]
    return targets[i - 1] + done * (targets[i] - targets[i - 1])
