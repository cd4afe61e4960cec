"""Log-mel, energy and pitch of samples at 16 kHz, 100 frames a second."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from utterface import timing
from utterface.timing import SAMPLE_RATE

TRACK_RATE = 100.0  # Hz, frames a second of log-mel, energy and pitch
HOP = 160  # samples from frame to frame
MEL_COUNT = 80
MEL_WINDOW = 400  # samples, 25 ms
MEL_FLOOR = 1e-5
PITCH_RANGE = (60.0, 480.0)  # Hz
QUIET_DB = -60.0  # re full scale; below it nobody speaks
PROSODY_CONTEXT = 400  # samples on either side of its moment that a prosody frame depends on
_FFT = 512
_BATCH = 4096  # frames analysed at a time, so that an hour needs no more memory than a minute


@cache
def mel_matrix() -> np.ndarray:
    """(257, 80) float32: triangles of height 1, evenly spaced on the mel scale 2595·log10(1 + f / 700), 0 to 8 kHz."""
    top = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, MEL_COUNT + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


@cache
def mel_window() -> np.ndarray:
    """(400,) float32 periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(MEL_WINDOW) / MEL_WINDOW)).astype(np.float32)


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Log-mel energies at 100 Hz.

    Frame i is centred on the moment i / 100 s: `log(max(|DFT₅₁₂(hann · samples[160 i − 200 : 160 i + 200])|² @
    mel_matrix(), 1e-5))`, zeros beyond the ends. No normalisation over the utterance, so a stream gives the same
    numbers, and window, DFT and matrix can stand in a network as one convolution and one product.

    Args:
        samples: (N,) float at 16 kHz.

    Returns:
        (ceil(N / 160), 80) float32, natural logarithm.
    """
    count = timing.frame_count(timing.seconds(len(samples)), TRACK_RATE)
    out = np.empty((count, MEL_COUNT), np.float32)
    for start, frames in _framed(samples, count, MEL_WINDOW // 2, MEL_WINDOW):
        power = np.abs(np.fft.rfft(frames * mel_window(), _FFT)) ** 2
        out[start : start + len(frames)] = np.log(np.maximum(power.astype(np.float32) @ mel_matrix(), MEL_FLOOR))
    return out


def _framed(samples: np.ndarray, count: int, before: int, width: int) -> Iterator[tuple[int, np.ndarray]]:
    """(first frame, (batch, width) samples) for frames that begin `before` samples ahead of their moment."""
    padded = np.pad(np.asarray(samples, np.float32), (before, width + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::HOP]
    for start in range(0, count, _BATCH):
        yield start, windows[start : min(start + _BATCH, count)]


# ---------------------------------------------------------------------------------------------------------- prosody


@dataclass(frozen=True)
class Prosody:
    """How loud and how high, at 100 Hz; frame i is the moment i / 100 s.

    Attributes:
        energy: (T,) float32 dB, root mean square of ±12.5 ms against full scale, never below −80.
        pitch: (T,) float32 Hz, 0 where the voice does not sound.
        voicing: (T,) float32, 0 noise … 1 perfectly periodic.
    """

    energy: np.ndarray
    pitch: np.ndarray
    voicing: np.ndarray

    def __len__(self) -> int:
        return len(self.energy)


def prosody(samples: np.ndarray) -> Prosody:
    """Energy and pitch of the voice.

    Pitch is the first dip of YIN's cumulative mean normalised difference (de Cheveigné and Kawahara 2002, steps 2 to
    5) over 60 to 480 Hz. A frame looks at most `PROSODY_CONTEXT` samples to either side of its moment and at nothing
    else, so a stream that keeps that much gets the same numbers.

    Args:
        samples: (N,) float at 16 kHz.

    Returns:
        Prosody of ceil(N / 160) frames.
    """
    count = timing.frame_count(timing.seconds(len(samples)), TRACK_RATE)
    energy, pitch, voicing = np.empty((3, count), np.float32)
    for start, frames in _framed(samples, count, PROSODY_CONTEXT, 2 * PROSODY_CONTEXT):
        here = slice(start, start + len(frames))
        part = prosody_of(frames)
        energy[here], pitch[here], voicing[here] = part.energy, part.pitch, part.voicing
    return Prosody(energy, pitch, voicing)


def prosody_of(frames: np.ndarray) -> Prosody:
    """Of frames that are cut out already: (T, 2 · PROSODY_CONTEXT) samples around the moment of each."""
    half = MEL_WINDOW // 2
    middle = frames[:, PROSODY_CONTEXT - half : PROSODY_CONTEXT + half].astype(np.float64)
    energy = (10 * np.log10(np.maximum((middle**2).mean(1), 1e-8))).astype(np.float32)
    pitch, voicing = (track.astype(np.float32) for track in _yin(frames.astype(np.float64)))
    quiet = energy < QUIET_DB
    return Prosody(energy, np.where(quiet, np.float32(0), pitch), np.where(quiet, np.float32(0), voicing))


def _yin(frames: np.ndarray, dip: float = 0.15, voiced: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """(pitch, voicing) of frames (B, 800): YIN with window + longest lag = the frame."""
    shortest, longest = int(SAMPLE_RATE / PITCH_RANGE[1]), int(SAMPLE_RATE / PITCH_RANGE[0]) + 2
    window = frames.shape[1] - longest
    frames = frames - frames.mean(1, keepdims=True)
    spectrum = np.fft.rfft(frames, 2 * _FFT)
    head = np.fft.rfft(frames[:, :window], 2 * _FFT)
    product = np.fft.irfft(spectrum * head.conj())[:, : longest + 1]  # Σ x(j) x(j + lag)
    squares = np.pad(np.cumsum(frames**2, 1), ((0, 0), (1, 0)))
    moved = squares[:, window : window + longest + 1] - squares[:, : longest + 1]
    difference = np.maximum(moved[:, :1] + moved - 2 * product, 0)
    lags = np.arange(1, longest + 1)
    mean = np.cumsum(difference[:, 1:], 1) / lags
    normalised = np.pad(difference[:, 1:] / np.maximum(mean, 1e-12), ((0, 0), (1, 0)), constant_values=1.0)
    region = normalised[:, shortest:longest]
    is_dip = (region < dip) & (region <= normalised[:, shortest + 1 : longest + 1])
    at = shortest + np.where(is_dip.any(1), is_dip.argmax(1), region.argmin(1))
    rows = np.arange(len(frames))
    left, here, right = normalised[rows, at - 1], normalised[rows, at], normalised[rows, at + 1]
    bend = left - 2 * here + right
    shift = np.where(bend > 1e-9, 0.5 * (left - right) / np.where(bend > 1e-9, bend, 1), 0)
    voicing = np.clip(1 - here, 0, 1)
    return np.where(here < voiced, SAMPLE_RATE / (at + np.clip(shift, -1, 1)), 0), voicing
