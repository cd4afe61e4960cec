"""Log-mel as Whisper was trained on it: 25 ms windows, 100 frames a second, Slaney's mel scale, 80 dB deep."""

from functools import cache

import numpy as np

from utterface import timing
from utterface.speech import mel_window

HOP, SECONDS = 160, 30
SAMPLES, FRAMES = timing.SAMPLE_RATE * SECONDS, 100 * SECONDS
_FFT = 400
_RANGE = 8.0  # decades below the loudest that are kept
_BREAK, _STEP, _LOG_STEP = 1000.0, 200 / 3, np.log(6.4) / 27  # the scale is linear up to 1 kHz, then logarithmic


@cache
def mel_filters(count: int) -> np.ndarray:
    """(201, count) float32: triangles of equal area over 0 to 8 kHz, evenly spaced on Slaney's scale."""
    top = _BREAK / _STEP + np.log(timing.SAMPLE_RATE / 2 / _BREAK) / _LOG_STEP
    mels = np.linspace(0, top, count + 2)
    above = _BREAK * np.exp(_LOG_STEP * (mels - _BREAK / _STEP))
    edges = np.where(mels < _BREAK / _STEP, _STEP * mels, above)
    bins = np.arange(_FFT // 2 + 1) * timing.SAMPLE_RATE / _FFT
    rising = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * 2 / (edges[2:] - edges[:-2])).astype(np.float32)


def whisper_mel(samples: np.ndarray, count: int = 80) -> np.ndarray:
    """The first 30 s of a sound, with silence after it where it is shorter.

    Args:
        samples: (N,) float32 at 16 kHz.
        count: of mel bands.

    Returns:
        (count, 3000) float32, about −1 to 1.
    """
    padded = np.zeros(SAMPLES, np.float32)
    padded[: len(samples)] = samples[:SAMPLES]
    return log_mel(padded, count)


def log_mel(samples: np.ndarray, count: int = 80) -> np.ndarray:
    """The whole of a sound, (N,) at 16 kHz → (count, N // 160) float32."""
    mirrored = np.pad(samples, _FFT // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(mirrored, _FFT)[::HOP][: len(samples) // HOP]
    power = np.abs(np.fft.rfft(windows * mel_window())) ** 2
    logs = np.log10(np.maximum(power.astype(np.float32) @ mel_filters(count), 1e-10))
    return ((np.maximum(logs, logs.max() - _RANGE) + 4) / 4).T
