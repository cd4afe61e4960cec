"""How much of a recording comes back from a codec: intelligibility, quality as people would rate it, spectra."""

import importlib.util

import numpy as np
from pystoi import stoi

from utterface import speech, timing

FIDELITY = ("stoi", "estoi", "pesq_wb", "mel_error")


def fidelity(samples: np.ndarray, decoded: np.ndarray) -> dict[str, float]:
    """What one recording keeps.

    Args:
        samples, decoded: (N,) at 16 kHz, in step.

    Returns:
        `stoi`, short-time objective intelligibility (Taal et al. 2011), `estoi`, the extended one (Jensen and Taal
        2016), `pesq_wb` (ITU-T P.862.2, −0.5 to 4.5), `mel_error`, mean absolute difference of log-mel energies in
        natural logarithms. PESQ is nan where the package `pesq` is not installed or hears no utterance.
    """
    wanted, came = samples.astype(np.float64), decoded.astype(np.float64)
    return {
        "stoi": float(stoi(wanted, came, timing.SAMPLE_RATE)),
        "estoi": float(stoi(wanted, came, timing.SAMPLE_RATE, extended=True)),
        "pesq_wb": _pesq(samples, decoded),
        "mel_error": float(np.abs(speech.log_mel(samples) - speech.log_mel(decoded.astype(np.float32))).mean()),
    }


def _pesq(samples: np.ndarray, decoded: np.ndarray) -> float:
    if importlib.util.find_spec("pesq") is None:  # built from source when it is installed, so it is nobody's duty
        return float("nan")
    from pesq import PesqError, pesq

    quality = pesq(timing.SAMPLE_RATE, samples, decoded, "wb", on_error=PesqError.RETURN_VALUES)
    return float(quality) if quality >= -0.5 else float("nan")
