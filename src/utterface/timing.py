"""The only place that turns seconds, samples and frames into each other.

Time 0 is the first sample. Frame `i` of a track at `frame_rate` shows the moment `i / frame_rate`; a recording of
`d` seconds has one frame for every such moment before its end, and at least one.
"""

import math

import numpy as np

SAMPLE_RATE = 16_000  # Hz, the one rate of all sound inside utterface
_EPSILON = 1e-6  # frames; forgives the rounding of seconds that were computed from samples


def frame_count(duration: float, frame_rate: float) -> int:
    """How many frames a recording of `duration` seconds has."""
    return max(1, math.ceil(duration * frame_rate - _EPSILON))


def frame_times(count: int, frame_rate: float, start: float = 0.0) -> np.ndarray:
    """Moments of `count` frames, (count,) float64 seconds."""
    return start + np.arange(count) / frame_rate


def sample_count(duration: float, sample_rate: int = SAMPLE_RATE) -> int:
    """How many samples last `duration` seconds, rounded to the nearest."""
    return round(duration * sample_rate)


def seconds(samples: int, sample_rate: int = SAMPLE_RATE) -> float:
    """How long `samples` samples last."""
    return samples / sample_rate


def sample_at(values: np.ndarray, frame_rate: float, times: np.ndarray, start: float = 0.0) -> np.ndarray:
    """Linear interpolation of a track at any moments; beyond its ends the end frames hold.

    Args:
        values: (T, …) the track.
        frame_rate: frames a second of `values`.
        times: (N,) seconds.
        start: the moment of frame 0, seconds.

    Returns:
        (N, …) array of the dtype of `values`.
    """
    left, right, blend = neighbours(len(values), frame_rate, times, start)
    blend = blend.reshape((-1,) + (1,) * (values.ndim - 1))
    return (values[left] * (1 - blend) + values[right] * blend).astype(values.dtype)


def neighbours(
    count: int, frame_rate: float, times: np.ndarray, start: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(N,) int64 frames on either side of any moments of a track of `count` frames, and (N,) the share of the right."""
    position = np.clip((np.asarray(times, np.float64) - start) * frame_rate, 0, count - 1)
    left = np.minimum(np.floor(position + 1e-9).astype(np.int64), count - 1)
    return left, np.minimum(left + 1, count - 1), np.clip(position - left, 0, 1)


def fine_rate(frame_rate: float) -> float:
    """The least multiple of a rate from 60 Hz on: between its frames no lip closure is lost."""
    return frame_rate * max(1, math.ceil(60 / frame_rate))


def nearest(values: np.ndarray, frame_rate: float, times: np.ndarray, start: float = 0.0) -> np.ndarray:
    """The frame nearest to each of any moments, for what cannot be interpolated; of two as near, the later one.

    Arguments as of `sample_at`; beyond the ends of the track its end frames hold.
    """
    return values[nearest_row(len(values), frame_rate, times, start)]


def nearest_row(count: int, frame_rate: float, times: np.ndarray, start: float = 0.0) -> np.ndarray:
    """(N,) int64, the nearest of `count` frames to any moments; of two as near, the later one."""
    position = np.floor((np.asarray(times, np.float64) - start) * frame_rate + 0.5 + 1e-9).astype(np.int64)
    return np.clip(position, 0, count - 1)


def resample(values: np.ndarray, from_rate: float, to_rate: float, count: int | None = None) -> np.ndarray:
    """A track at another frame rate, linearly interpolated.

    `count` sets the number of frames; by default as many as the track's duration (T / from_rate) holds.
    """
    if count is None:
        count = frame_count(len(values) / from_rate, to_rate)
    if from_rate == to_rate and count == len(values):
        return values.copy()
    return sample_at(values, from_rate, frame_times(count, to_rate))


def steady(values: np.ndarray, moments: np.ndarray, frame_rate: float) -> np.ndarray:
    """Rows taken at moments of their own → frames at an even rate from the first moment on; gaps are interpolated.

    Args:
        values: (N, C) rows.
        moments: (N,) increasing seconds.
        frame_rate: frames a second wanted.
    """
    count = frame_count(moments[-1] - moments[0] + 0.99 / frame_rate, frame_rate)  # moments are rounded
    wanted = frame_times(count, frame_rate, moments[0])
    return np.stack([np.interp(wanted, moments, column) for column in values.T], 1).astype(values.dtype)
