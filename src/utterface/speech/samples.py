"""Samples at the public door: `Speech`, and the check of arrays that callers hand in."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utterface import timing
from utterface.errors import AudioError
from utterface.timing import SAMPLE_RATE

RATES = (4_000, 768_000)  # Hz
_LOUDEST = 32.0  # of full scale 1; no float recording goes so far, integers written as floats do


@dataclass(frozen=True)
class Speech:
    """One utterance: sound, and what is said where that is known.

    Attributes:
        samples: (N,) float32 mono at 16 kHz, full scale ±1; int16, as others read wave files, is scaled to that.
        text: the transcript, or None.
        path: where the sound came from, or None.
    """

    samples: np.ndarray
    text: str | None = None
    path: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", samples_of(self.samples))

    @property
    def duration(self) -> float:
        """Seconds."""
        return timing.seconds(len(self.samples))


def samples_of(given: np.ndarray, voices: int | None = None) -> np.ndarray:
    """Samples checked and scaled, (N,) float32 of full scale ±1, or (B, N) of several voices.

    Args:
        given: floats, or int16, as audio interfaces hand them out, which is scaled.
        voices: B; None is a single one without that axis.

    Raises:
        AudioError: other numbers, another shape, NaN or infinite samples, floats far beyond full scale.
    """
    if isinstance(given, bytes | bytearray | memoryview):
        raise AudioError("samples must be an array, got bytes; use np.frombuffer(data, np.int16)")
    given = np.asarray(given)
    if given.dtype == np.int16:
        given = given / np.float32(32768)
    if not np.issubdtype(given.dtype, np.floating):
        raise AudioError(f"samples must be float (full scale ±1) or int16, got {given.dtype}")
    samples = np.ascontiguousarray(given, np.float32)
    if voices is None and samples.ndim != 1:
        raise AudioError(f"speech must be mono, one array of samples (N,), got the shape {samples.shape}")
    if voices is not None and (samples.ndim != 2 or len(samples) != voices):
        raise AudioError(f"expected samples of {voices} voices, ({voices}, N), got the shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise AudioError("speech holds NaN or infinite samples; export the sound again")
    if samples.size and (peak := float(np.abs(samples).max())) > _LOUDEST:
        raise AudioError(f"samples must lie within ±1, got a peak of {peak:.0f}; divide by 32768, or pass int16")
    return samples


def resampled(samples: np.ndarray, sample_rate: float) -> np.ndarray:
    """(N,) samples at any rate → (M,) float32 at 16 kHz, as `samples_of` checks them.

    Raises:
        AudioError: a rate outside 4 to 768 kHz; see `samples_of`.
    """
    if not isinstance(sample_rate, int | float | np.number) or not RATES[0] <= sample_rate <= RATES[1]:
        raise AudioError(f"the sample rate must lie in 4000 to 768000 Hz, got {sample_rate!r}")
    samples = samples_of(samples)
    if sample_rate == SAMPLE_RATE:
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, sample_rate, SAMPLE_RATE, quality="HQ"), np.float32)
