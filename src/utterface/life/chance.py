"""Random numbers and curves of the life layer: hashes of (seed, stream, index), the same in every call."""

import numpy as np

_SEGMENT = 20.0  # s; moments are drawn anew for each


def uniform(seed: int, stream: int, index: np.ndarray) -> np.ndarray:
    """0…1 for each index, the same in every call (splitmix64; Steele, Lea & Flood 2014)."""
    start = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03) % 2**64
    with np.errstate(over="ignore"):
        z = np.asarray(index).astype(np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)) / float(2**53)


def draws(seed: int, stream: int, index: np.ndarray, count: int) -> np.ndarray:
    """(count, N) numbers 0…1: `count` streams, from `stream` on, at N indices."""
    return np.stack([uniform(seed, stream + k, index) for k in range(count)])


def moments(times: np.ndarray, seed: int, stream: int, least: float, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Moments at least `least` and on average `mean` seconds apart, from a segment before `times` on; their index."""
    first, last = int(np.floor(times[0] / _SEGMENT)) - 1, int(np.floor(times[-1] / _SEGMENT))
    most = int(_SEGMENT / least) + 1
    index = np.arange(first, last + 1)[:, None] * 1024 + np.arange(most)
    waits = least - (mean - least) * np.log1p(-uniform(seed, stream, index))
    within = np.cumsum(waits, 1) - least / 2
    drawn = within + np.arange(first, last + 1)[:, None] * _SEGMENT
    kept = within < _SEGMENT - least / 2
    return drawn[kept], index[kept]


def noise(times: np.ndarray, seed: int, stream: int, step: float) -> np.ndarray:
    """Smooth noise in -1…1, 0.4 on average, that wanders within `step` seconds: a cubic B-spline of random knots."""
    place = times / step
    knot = np.floor(place).astype(np.int64)
    u = place - knot
    shares = ((1 - u) ** 3 / 6, (3 * u**3 - 6 * u**2 + 4) / 6, (-3 * u**3 + 3 * u**2 + 3 * u + 1) / 6, u**3 / 6)
    return np.asarray(sum(share * (2 * uniform(seed, stream, knot + k) - 1) for k, share in enumerate(shares)))


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
