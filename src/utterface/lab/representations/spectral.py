"""Spectral representations, the control: what a decoder gets when nothing was learned."""

import numpy as np
from scipy.fft import dct

from utterface import speech
from utterface.lab.representations.contract import RepresentationInfo
from utterface.track import Track

_COEFFICIENTS = 13
_REACH = 2  # frames on either side that a difference looks at
_HALF_WINDOW = speech.MEL_WINDOW / 2 / speech.SAMPLE_RATE  # seconds of sound after a frame's moment


class LogMelFrames:
    """`speech.log_mel`: 80 natural-log mel energies, 100 frames a second, each centred on its moment."""

    about = RepresentationInfo("mel", "spectral", speech.TRACK_RATE, speech.MEL_COUNT, look_ahead=_HALF_WINDOW)

    def encode(self, samples: np.ndarray) -> Track:
        return Track(speech.log_mel(samples), speech.TRACK_RATE)

    def units(self, samples: np.ndarray) -> None:
        return None


class MfccFrames:
    """Mel-frequency cepstra: the first 13 of the orthonormal DCT-II of the log-mel, their slopes, and those' slopes.

    Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition", 1980. These 39
    are what HuBERT's first round of targets is clustered from (Hsu et al. 2021, section IV-B).
    """

    about = RepresentationInfo(
        "mfcc", "spectral", speech.TRACK_RATE, 3 * _COEFFICIENTS,
        look_ahead=_HALF_WINDOW + 2 * _REACH / speech.TRACK_RATE,
    )  # fmt: skip

    def encode(self, samples: np.ndarray) -> Track:
        cepstra = dct(speech.log_mel(samples), type=2, norm="ortho", axis=1)[:, :_COEFFICIENTS]
        slopes = slope(cepstra)
        return Track(np.concatenate([cepstra, slopes, slope(slopes)], 1), speech.TRACK_RATE)

    def units(self, samples: np.ndarray) -> None:
        return None


def slope(track: np.ndarray) -> np.ndarray:
    """(T, D) → (T, D), the slope a frame of a straight line fitted to five frames; the end frames are repeated."""
    padded = np.pad(track, ((_REACH, _REACH), (0, 0)), mode="edge")
    count = len(track)
    total = sum(
        n * (padded[_REACH + n : _REACH + n + count] - padded[_REACH - n : _REACH - n + count])
        for n in range(1, _REACH + 1)
    )
    return np.asarray(total / (2 * sum(n * n for n in range(1, _REACH + 1))), np.float32)
