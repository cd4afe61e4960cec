"""Emotions that go with the voice: more where it is loud, less where it rests."""

import numpy as np

from utterface.life.chance import noise
from utterface.life.voices import VoiceTracks

_SWELL = 800  # stream
_BLOCK = 3000  # frames worked on at once


def swell(times: np.ndarray, energy: np.ndarray, pitch: np.ndarray, seed: int = 0, since: float = 0.0) -> np.ndarray:
    """How much of an emotion shows: (T,) 0.6 to 1.25, about 1 in speech.

    Args:
        times: (T,) seconds of the frames.
        energy, pitch: (N,) dB and Hz at 100 Hz.
        seed: as of `live`.
        since: the moment of the first value of `energy` and `pitch`; a stream must keep `CONTEXT` seconds.
    """
    courses = [
        _swell(times[first : first + _BLOCK], energy, pitch, seed, since) for first in range(0, len(times), _BLOCK)
    ]
    return np.concatenate([np.ones(0), *courses])


def _swell(times: np.ndarray, energy: np.ndarray, pitch: np.ndarray, seed: int, since: float) -> np.ndarray:
    voices, of = VoiceTracks.around(times, energy, pitch, since, 0.0), np.zeros(len(times), int)
    return swell_of(voices, of, times, np.full(1, seed % 2**64, np.uint64))


def swell_of(voices: VoiceTracks, of: np.ndarray, times: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """(T,) the same for frames of many voices, `of` (T,), with seeds (T,) or (1,)."""
    loud = voices.slow(voices.level, of, times, 70)
    lift = np.clip(voices.slow(voices.lift, of, times, 60), -0.3, 0.3)
    course = 0.72 + 0.36 * loud + 0.3 * lift + 0.16 * noise(times, seed, _SWELL, 1.4)
    return np.clip(course, 0.6, 1.25)
