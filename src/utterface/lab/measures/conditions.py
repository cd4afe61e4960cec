"""What real sound suffers on its way: noise, babble, a telephone, a room. Seeded, exact in level, never delayed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from utterface import timing

Degrade = Callable[[np.ndarray, np.random.Generator], np.ndarray]
_PHONE_BAND = (300.0, 3400.0)  # Hz, G.712
_MU = 255.0  # G.711
_BABBLE_VOICES = 6
_TAIL = 1.2  # of the reverberation time; by then the tail is 72 dB down


@dataclass(frozen=True)
class Condition:
    """One way to degrade sound.

    Attributes:
        name: as the table prints it.
        degrade: (samples (N,), random) → (N,) samples.
        allowed_drop: how much closure F1 may fall against clean sound.
    """

    name: str
    degrade: Degrade
    allowed_drop: float


def conditions(voices: Sequence[np.ndarray]) -> tuple[Condition, ...]:
    """The benchmark's conditions; `voices` are the clips that babble is mixed from."""
    drops = {20: 0.06, 10: 0.15, 5: 0.28}
    white = [Condition(f"white noise, {db} dB", partial(add_white, snr_db=db), drop) for db, drop in drops.items()]
    babble = [
        Condition(f"babble, {db} dB", partial(add_babble, voices=voices, snr_db=db), drop) for db, drop in drops.items()
    ]
    return (*white, *babble, Condition("telephone", telephone, 0.10), Condition("room, RT60 0.6 s", room, 0.12))


def add_white(samples: np.ndarray, random: np.random.Generator, snr_db: float) -> np.ndarray:
    """White noise at a signal-to-noise ratio, over the whole clip."""
    return _mix(samples, random.standard_normal(len(samples)), snr_db)


def add_babble(
    samples: np.ndarray, random: np.random.Generator, voices: Sequence[np.ndarray], snr_db: float
) -> np.ndarray:
    """Six other clips at once, no one twice where there are enough, each looped from a random place."""
    others = [voice for voice in voices if not np.array_equal(voice, samples)] or list(voices)
    noise = np.zeros(len(samples))
    for i in random.choice(len(others), _BABBLE_VOICES, replace=len(others) < _BABBLE_VOICES):
        voice = others[i]
        first = random.integers(len(voice))
        noise += np.resize(np.roll(voice, -first), len(samples)) / (voice.std() + 1e-9)
    return _mix(samples, noise, snr_db)


def telephone(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """300 to 3400 Hz, 8 bits of μ-law at 8 kHz, and back; no delay."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / timing.SAMPLE_RATE)
    spectrum[(frequency < _PHONE_BAND[0]) | (frequency > _PHONE_BAND[1])] = 0
    narrow = np.fft.irfft(spectrum, len(samples))
    peak = np.abs(narrow).max() + 1e-9
    code = np.sign(narrow) * np.log1p(_MU * np.abs(narrow) / peak) / np.log1p(_MU)
    code = np.round(code * 127) / 127
    wide = np.sign(code) * np.expm1(np.abs(code) * np.log1p(_MU)) / _MU * peak
    spectrum = np.fft.rfft(wide)
    spectrum[frequency > 4000] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def room(samples: np.ndarray, random: np.random.Generator, reverberation_time: float = 0.6) -> np.ndarray:
    """A room: the direct sound, then a noise tail, as loud as it, that falls 60 dB in the reverberation time."""
    count = timing.sample_count(_TAIL * reverberation_time)
    time = np.arange(count) / timing.SAMPLE_RATE
    tail = random.standard_normal(count) * 10 ** (-3 * time / reverberation_time)
    tail[: timing.sample_count(0.002)] = 0
    tail /= np.sqrt((tail**2).sum())
    tail[0] = 1
    size = len(samples) + count
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples)]
    return (wet * samples.std() / (wet.std() + 1e-9)).astype(np.float32)


def _mix(samples: np.ndarray, noise: np.ndarray, snr_db: float) -> np.ndarray:
    level = samples.std() / (noise.std() + 1e-12) * 10 ** (-snr_db / 20)
    return (samples + level * noise).astype(np.float32)
