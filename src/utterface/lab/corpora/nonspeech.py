"""Sound without speech, all of it computed: a mouth is at rest in it.

Breaths and laughter are source and filter (noise or pulses through resonances), music is chords of decaying partials
over a beat, and the rest is coloured noise, hum, tones and clicks.
"""

from collections.abc import Callable

import numpy as np

from utterface.timing import SAMPLE_RATE

Noise = Callable[[int, np.random.Generator], np.ndarray]


def nonspeech(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """(count,) float32 samples of one of `KINDS`, peak at most 1 (silence is exactly 0)."""
    samples = KINDS[kind](count, rng) if count else np.zeros(0)
    peak = np.abs(samples).max(initial=0)
    return (samples / peak if peak > 0 else samples).astype(np.float32)


def coloured(
    count: int, rng: np.random.Generator, slope: float = -1.0, low: float = 20, high: float = 8000
) -> np.ndarray:
    """(count,) noise whose power falls as frequency to the `slope` (0 white, -1 pink, -2 brown) between two Hz."""
    bins = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    shape = np.where((bins >= low) & (bins <= high), np.maximum(bins, low) ** (slope / 2), 0)
    spectrum = (rng.standard_normal(len(bins)) + 1j * rng.standard_normal(len(bins))) * shape
    samples = np.fft.irfft(spectrum, count)
    return samples / (np.abs(samples).max(initial=0) + 1e-12)


def _silence(count: int, rng: np.random.Generator) -> np.ndarray:
    return np.zeros(count)


def _room(count: int, rng: np.random.Generator) -> np.ndarray:
    return coloured(count, rng, rng.uniform(-2, -0.5), 30, rng.uniform(1500, 8000)) + 0.2 * _hum(count, rng)


def _noise(count: int, rng: np.random.Generator) -> np.ndarray:
    low = rng.uniform(20, 1500)
    noise = coloured(count, rng, rng.uniform(-2.5, 0.5), low, low + rng.uniform(500, 7000))
    return noise * (1 + 0.8 * _wander(count, rng, rng.uniform(0.3, 4)))  # wind and traffic swell


def _hum(count: int, rng: np.random.Generator) -> np.ndarray:
    time, base = np.arange(count) / SAMPLE_RATE, rng.choice([50.0, 60.0, rng.uniform(70, 400)])
    partials = rng.integers(2, 12)
    samples = np.zeros(count)
    for k in range(1, partials + 1):
        samples += rng.uniform(0.1, 1) / k * np.sin(2 * np.pi * (base * k * time + rng.random()))
    return samples


def _tones(count: int, rng: np.random.Generator) -> np.ndarray:
    samples = np.zeros(count)
    for _ in range(max(1, round(count / SAMPLE_RATE * rng.uniform(1, 5)))):
        length = int(min(count, SAMPLE_RATE * rng.uniform(0.05, 0.8)))
        start, time = int(rng.integers(0, count - length + 1)), np.arange(length) / SAMPLE_RATE
        first, last = np.exp(rng.uniform(np.log(200), np.log(4000), 2))  # a beep where equal, a siren or bird where not
        last = first if rng.random() < 0.5 else last
        sweep = first * time + (last - first) * time**2 / (2 * time[-1] + 1e-9)
        samples[start : start + length] += rng.uniform(0.3, 1) * np.sin(2 * np.pi * sweep) * _fade(length, 0.01)
    return samples


def _music(count: int, rng: np.random.Generator) -> np.ndarray:
    samples, beat = np.zeros(count), int(SAMPLE_RATE * 60 / rng.uniform(70, 160))
    major = rng.random() < 0.5
    root, scale = 110 * 2 ** rng.uniform(0, 1), [0, 2, 4, 5, 7, 9, 11] if major else [0, 2, 3, 5, 7, 8, 10]
    bright, drums, decay = rng.uniform(0.4, 0.9), rng.random() < 0.6, rng.uniform(1, 6)
    for start in range(0, count, beat):
        length = min(count - start, 2 * beat)
        time, degree = np.arange(length) / SAMPLE_RATE, int(rng.choice([0, 3, 4, 5]))
        for step in (0, 2, 4, int(rng.integers(0, 14))):
            note = degree + step
            pitch = root * 2 ** ((scale[note % 7] + 12 * (note // 7)) / 12)
            for k in range(1, 8):
                if pitch * k < SAMPLE_RATE / 2:
                    tone = np.sin(2 * np.pi * (pitch * k * time + rng.random()))
                    samples[start : start + length] += bright**k * tone * np.exp(-decay * time) * _fade(length, 0.005)
        if drums:
            hit = min(count - start, int(0.12 * SAMPLE_RATE))
            burst = rng.standard_normal(hit) * np.exp(-np.arange(hit) / (0.02 * SAMPLE_RATE))
            samples[start : start + hit] += rng.uniform(0.5, 2) * burst
    return samples


def _clicks(count: int, rng: np.random.Generator) -> np.ndarray:
    samples = 0.01 * coloured(count, rng)
    for start in rng.integers(0, count, max(1, round(count / SAMPLE_RATE * rng.uniform(1, 8)))):
        length = int(min(count - start, SAMPLE_RATE * rng.uniform(0.003, 0.08)))  # a key, a knock
        time = np.arange(length) / SAMPLE_RATE
        ring = np.sin(2 * np.pi * rng.uniform(80, 3000) * time) + rng.uniform(0, 1) * rng.standard_normal(length)
        samples[start : start + length] += rng.uniform(0.2, 1) * ring * np.exp(-time * rng.uniform(40, 400))
    return samples


def _breath(count: int, rng: np.random.Generator) -> np.ndarray:
    samples, at = 0.005 * coloured(count, rng), 0
    while at < count:
        length = int(min(count - at, SAMPLE_RATE * rng.uniform(0.25, 0.9)))
        air = _resonate(rng.standard_normal(length), rng.uniform([350, 900, 2000], [700, 1800, 3200]), 400)
        swell = np.sin(np.pi * np.linspace(0, 1, length) ** rng.uniform(0.6, 1.6)) ** 2
        samples[at : at + length] += rng.uniform(0.5, 1) * air / (np.abs(air).max() + 1e-9) * swell
        at += length + int(SAMPLE_RATE * rng.uniform(0.2, 1.2))
    return samples


def _laughter(count: int, rng: np.random.Generator) -> np.ndarray:
    samples, at = 0.003 * coloured(count, rng), 0
    formants, pitch = rng.uniform([400, 1200, 2400], [800, 1800, 3000]), rng.uniform(120, 350)
    while at < count:  # a bout of short calls, falling in pitch and strength
        calls, strength = int(rng.integers(2, 9)), rng.uniform(0.5, 1)
        for call in range(calls):
            length = int(min(count - at, SAMPLE_RATE * rng.uniform(0.07, 0.14)))
            if length < 16:
                return samples
            glide = pitch * (1.2 - 0.05 * call) * np.linspace(1.08, 0.92, length)
            pulses = np.diff(np.floor(np.cumsum(glide) / SAMPLE_RATE), prepend=0) - 0.01
            source = pulses + 0.15 * rng.standard_normal(length)
            voice = _resonate(source, formants, 120)
            swell = strength * 0.9**call * np.hanning(length)
            samples[at : at + length] += swell * voice / (np.abs(voice).max() + 1e-9)
            at += length + int(SAMPLE_RATE * rng.uniform(0.05, 0.13))
            if at >= count:
                return samples
        at += int(SAMPLE_RATE * rng.uniform(0.3, 1.5))
    return samples


def _wander(count: int, rng: np.random.Generator, hertz: float) -> np.ndarray:
    """(count,) slow random curve between -1 and 1 with about `hertz` turns a second."""
    knots = max(2, int(count / SAMPLE_RATE * hertz) + 2)
    return np.interp(np.linspace(0, knots - 1, count), np.arange(knots), rng.uniform(-1, 1, knots))


def _fade(count: int, seconds: float) -> np.ndarray:
    edge = max(1, min(count // 2, int(seconds * SAMPLE_RATE)))
    ramp = np.ones(count)
    ramp[:edge] = np.linspace(0, 1, edge)
    ramp[count - edge :] = np.linspace(1, 0, edge)
    return ramp


def _resonate(source: np.ndarray, formants: np.ndarray, bandwidth: float) -> np.ndarray:
    """Two-pole resonances in parallel at the formants (Hz)."""
    from scipy.signal import lfilter

    out = np.zeros(len(source))
    for k, formant in enumerate(formants):
        radius, angle = np.exp(-np.pi * bandwidth / SAMPLE_RATE), 2 * np.pi * formant / SAMPLE_RATE
        out += 0.6**k * lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius**2], source)
    return out


KINDS: dict[str, Noise] = {
    "silence": _silence, "room": _room, "noise": _noise, "hum": _hum, "tones": _tones, "music": _music,
    "clicks": _clicks, "breath": _breath, "laughter": _laughter,
}  # fmt: skip
