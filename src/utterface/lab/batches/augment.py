"""Making one recording sound like many: other voices, rooms, microphones, lines and noises, on the fly and cheaply.

What is linear in the sound (room, equaliser, band limit) is one product in the frequency domain; what warps the voice
is a change of rate of the sound and a warp of the mel axis. Every draw comes from the generator that is passed in.
Sound goes the way it goes in the world: a room, what else sounds there, the microphone that records both, a line.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor

from utterface import speech
from utterface.timing import SAMPLE_RATE


@dataclass(frozen=True)
class AugmentConfig:
    """How often and how strongly; all chances are per crop.

    Attributes:
        rate: slowest and fastest replay; pitch, formants and tempo change together.
        warp: least and greatest stretch of the mel axis, which moves formants alone.
        room, equaliser, band, noise, gate, clip, line, opus: chances of a room, a random frequency response, a band
            limit, noise, a noise gate, hard clipping, a telephone line, Opus at few bits where there is no telephone.
        direct: dB by which the direct sound is louder than all that a room answers, least and most.
        babble: share of the noise that is other voices.
        tilt: dB an octave by which an equaliser darkens or brightens.
        snr: dB, quietest and loudest noise's signal-to-noise ratio.
        loudness: dB full scale, quietest and loudest root mean square.
        time_masks, mel_masks: most masks a crop, as in SpecAugment (Park et al. 2019).
        mask_frames, mask_bins: greatest extent of a mask, in 10 ms frames and mel bins.
    """

    rate: tuple[float, float] = (0.82, 1.22)
    warp: tuple[float, float] = (0.86, 1.16)
    room: float = 0.33
    equaliser: float = 0.75
    band: float = 0.08
    noise: float = 0.65
    babble: float = 0.5
    gate: float = 0.0
    clip: float = 0.03
    line: float = 0.1
    opus: float = 0.0
    direct: tuple[float, float] = (-3.0, 12.0)
    tilt: tuple[float, float] = (-5.0, 5.0)
    snr: tuple[float, float] = (0.0, 30.0)
    loudness: tuple[float, float] = (-42.0, -12.0)
    time_masks: int = 2
    mel_masks: int = 2
    mask_frames: int = 12
    mask_bins: int = 12


def replayed(samples: np.ndarray, rate: float, count: int) -> np.ndarray:
    """`samples` at 16 kHz replayed `rate` times as fast, cut or padded with zeros to `count`."""
    if abs(rate - 1) > 1e-3:
        samples = soxr.resample(samples, SAMPLE_RATE * rate, SAMPLE_RATE, "MQ")
    return np.pad(samples, (0, max(0, count - len(samples))))[:count].astype(np.float32)


def between(limits: tuple[float, float], rng: np.random.Generator, count: int | None = None) -> np.ndarray:
    """A factor between two, or `count` of them, evenly on a logarithmic scale."""
    low, high = np.log(limits)
    return np.exp(rng.uniform(low, high, count))


def augment(samples: np.ndarray, babble: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """One crop in another place, through another microphone.

    Args:
        samples: (N,) float32.
        babble: (N,) float32, other voices to be used as noise.
        config: chances and strengths.
        rng: where all draws come from.

    Returns:
        (N,) float32; not a sample is moved in time.
    """
    x = _convolved(samples, _room(config, rng)) if rng.random() < config.room else samples
    if _level(x) < 1e-6:
        return x
    noisy, voices, before = rng.random(3) < (config.noise, config.babble, 0.5)
    snr = rng.uniform(*config.snr)
    other = (babble if voices else _coloured(len(x), rng)) if noisy else None
    # The microphone colours who speaks and who else does alike; its own noise comes after it.
    if other is not None and (voices or before):
        x, other = _added(x, other, snr), None
    x = _microphone(x, config, rng)
    if other is not None:
        x = _added(x, other, snr)
    if config.gate and rng.random() < config.gate:
        x = _gated(x, rng)
    level = _level(x)
    x = x * np.float32(10 ** (rng.uniform(*config.loudness) / 20) / level)
    if rng.random() < config.clip:
        x = np.clip(x, *np.quantile(x, [0.01, 0.99]))
    x = np.clip(x, -1, 1)
    if rng.random() < config.line:
        x = _telephone(x)
    elif rng.random() < config.opus:
        x = np.clip(_opus(x, rng), -1, 1)
    elif rng.random() < 0.5:  # what a 16-bit file leaves
        x = np.round(x * 32767) / np.float32(32767)
    return x.astype(np.float32)


def together(voices: Sequence[np.ndarray]) -> np.ndarray:
    """(N,) babble: several (N,) voices at once, one as loud as another."""
    total = np.zeros_like(voices[0])
    for voice in voices:
        total += voice / (voice.std() + np.float32(1e-3))
    return total


def _level(x: np.ndarray) -> float:
    return float(np.sqrt(np.mean(x * x))) + 1e-9


def _added(x: np.ndarray, other: np.ndarray, snr: float) -> np.ndarray:
    return x + other * np.float32(_level(x) / _level(other) * 10 ** (-snr / 20))


def _convolved(x: np.ndarray, response: np.ndarray) -> np.ndarray:
    size = 1 << int(np.ceil(np.log2(len(x) + len(response))))
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(response, size), size)[: len(x)].astype(np.float32)


def _microphone(x: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Through a random frequency response, without delay, and a limited band."""
    equaliser, band = rng.random(2) < (config.equaliser, config.band)
    if not (equaliser or band):
        return x
    size = 1 << int(np.ceil(np.log2(len(x) + SAMPLE_RATE // 2)))
    frequency = np.linspace(0, 1, size // 2 + 1, dtype=np.float32)  # of 8 kHz
    response = np.ones(size // 2 + 1, np.float32)
    if equaliser:
        knots = np.r_[0, np.sort(rng.uniform(0.01, 0.9, 4)), 1] ** 1.5
        tilt = rng.uniform(*config.tilt) * np.log2(np.maximum(frequency, 0.01) * 8)  # octaves from 1 kHz
        gain = np.interp(frequency, knots, rng.normal(0, 5, 6)) + np.clip(tilt, -18, 18)
        response *= 10 ** (gain / 20).astype(np.float32)
    if band:
        high, low = rng.uniform(0.4, 0.95), rng.uniform(0, 0.03)
        response /= (1 + (frequency / high) ** 24 + (low / np.maximum(frequency, 1e-4)) ** 6).astype(np.float32)
    return np.fft.irfft(np.fft.rfft(x, size) * response, size)[: len(x)].astype(np.float32)


def _room(config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """An impulse response: the direct sound, then noise that decays by 60 dB in 0.15 to 0.9 s; cut off at 40 dB."""
    decay = rng.uniform(0.15, 0.9)
    count = int(min(0.7 * decay, 0.5) * SAMPLE_RATE)
    tail = rng.standard_normal(count).astype(np.float32) * np.exp(-6.9 / decay * np.arange(count) / SAMPLE_RATE)
    tail[: int(rng.uniform(0.001, 0.01) * SAMPLE_RATE)] = 0
    tail *= 10 ** (-rng.uniform(*config.direct) / 20) / (np.sqrt(np.sum(tail**2)) + 1e-9)
    tail[0] = 1
    return tail.astype(np.float32)


def _coloured(count: int, rng: np.random.Generator) -> np.ndarray:
    """Steady noise, from white to brown, sometimes swelling.

    Flat below 200 Hz, or nearly all power of a brown one would lie where no speech is, and its level would mean little.
    """
    noise = rng.standard_normal(count).astype(np.float32)
    if rng.random() < 0.5:
        spectrum = np.fft.rfft(noise)
        spectrum *= np.maximum(np.linspace(0, 1, len(spectrum)), 0.025) ** (-rng.uniform(0.2, 1.0))
        noise = np.fft.irfft(spectrum, count).astype(np.float32)
    if rng.random() < 0.3:
        knots = np.linspace(0, count, 12)
        noise *= np.interp(np.arange(count), knots, 10 ** rng.uniform(-1, 0.3, 12)).astype(np.float32)
    return noise


def _gated(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What is quiet made quieter, as editors of recordings and suppressors of noise in calls do."""
    step = SAMPLE_RATE // 100
    frames = x[: len(x) // step * step].reshape(-1, step)
    level = 20 * np.log10(np.sqrt(np.mean(frames * frames, 1)) + 1e-9)
    threshold = np.quantile(level, rng.uniform(0.1, 0.5)) + rng.uniform(0, 10)
    gain = np.clip((level - threshold) * rng.uniform(0.5, 3.0), -rng.uniform(6, 40), 0)  # dB
    width = int(rng.integers(1, 8))  # frames over which it opens and shuts
    smooth = np.convolve(np.pad(gain, (width // 2, width - 1 - width // 2), "edge"), np.ones(width) / width, "valid")
    middles = step * (np.arange(len(smooth)) + 0.5)
    return x * (10 ** (np.interp(np.arange(len(x)), middles, smooth) / 20)).astype(np.float32)


def _telephone(x: np.ndarray, mu: float = 255.0) -> np.ndarray:
    """300 to 3400 Hz through 8 bits of μ-law (ITU-T G.712, G.711, the latter in its continuous form) at 8 kHz."""
    frequency = np.fft.rfftfreq(len(x), 1 / SAMPLE_RATE)
    spectrum = np.fft.rfft(x) * ((frequency > 300) & (frequency < 3400))
    narrow = np.fft.irfft(spectrum, len(x))
    peak = np.abs(narrow).max() + 1e-9
    code = np.round(np.sign(narrow) * np.log1p(mu * np.abs(narrow) / peak) / np.log1p(mu) * 127) / 127
    wide = np.sign(code) * np.expm1(np.abs(code) * np.log1p(mu)) / mu * peak
    return np.fft.irfft(np.fft.rfft(wide) * (frequency < 4000), len(x))


def _opus(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Through Opus (RFC 6716) at 6 to 24 kbit/s and back; the decoder takes off what the encoder delays."""
    rate = float(between((6.0, 24.0), rng))
    with io.BytesIO() as file:
        level = 1 - (rate - 6) / 250  # libsndfile: from 0, 256 kbit/s, to 1, 6 kbit/s
        soundfile.write(file, x, SAMPLE_RATE, format="OGG", subtype="OPUS", compression_level=level)
        file.seek(0)
        decoded, _ = soundfile.read(file, dtype="float32")
    return np.pad(decoded, (0, max(0, len(x) - len(decoded))))[: len(x)]


def warp_mel(mel: Tensor, stretch: np.ndarray) -> Tensor:
    """Move formants: bin m shows what stood at m / stretch, at the top bent back so that the last bin stays.

    (B, T, 80) log-mel, (B,) stretches → the same shape.
    """
    bins = np.arange(speech.MEL_COUNT)
    matrix = np.zeros((len(stretch), speech.MEL_COUNT, speech.MEL_COUNT), np.float32)
    for b, s in enumerate(stretch):
        top, knee = speech.MEL_COUNT - 1, 0.8 * (speech.MEL_COUNT - 1) * min(1.0, float(s))
        source = np.interp(bins, [0, knee, top], [0, knee / s, top])
        left = np.minimum(source.astype(int), top - 1)
        matrix[b, left, bins] = 1 - (source - left)
        matrix[b, left + 1, bins] = source - left
    return mel @ torch.from_numpy(matrix).to(mel.device)


def augment_mel(mel: Tensor, config: AugmentConfig, rng: np.random.Generator) -> Tensor:
    """Other formants, and stretches and bands that are hidden: (B, T, 80) log-mel → the same shape."""
    return mask_mel(warp_mel(mel, between(config.warp, rng, len(mel))), config, rng)


def mask_mel(mel: Tensor, config: AugmentConfig, rng: np.random.Generator) -> Tensor:
    """Hide stretches of time and bands of the mel axis behind the crop's mean level."""
    count = mel.shape[1]
    hidden = np.zeros(mel.shape, bool)
    for b in range(len(hidden)):
        for _ in range(rng.integers(config.time_masks + 1)):
            start, extent = rng.integers(count), rng.integers(1, config.mask_frames + 1)
            hidden[b, start : start + extent] = True
        for _ in range(rng.integers(config.mel_masks + 1)):
            start, extent = rng.integers(speech.MEL_COUNT), rng.integers(1, config.mask_bins + 1)
            hidden[b, :, start : start + extent] = True
    return torch.where(torch.from_numpy(hidden).to(mel.device), mel.mean((1, 2), keepdim=True), mel)
