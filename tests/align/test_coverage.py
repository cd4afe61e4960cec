"""Stretches without words: speech is told from pauses, breaths and steady noise."""

import itertools

import numpy as np
import pytest

from utterface.align.coverage import unspoken
from utterface.phones import Span

RATE = 16_000


def speech(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise in syllables, half of the frames 20 dB louder than the others."""
    rng = np.random.default_rng(seed)
    gain = np.repeat(np.where(np.arange(int(seconds * 10)) % 2, 0.1, 1.0), RATE // 10)
    return 3000 * gain * rng.standard_normal(len(gain))


def phones(*gaps: tuple[float, float], end: float = 6.0) -> list[Span]:
    edges = [0.0, *(t for gap in gaps for t in gap), end]
    found = []
    for i, (a, b) in enumerate(itertools.pairwise(edges)):
        found.append(Span("sil" if i % 2 else "ɑ", a, b))
    return [p for p in found if p.end > p.start]


def pcm(samples: np.ndarray) -> np.ndarray:
    return np.clip(samples, -32767, 32767).astype(np.int16)


def test_speech_without_words_is_found_wherever_it_is():
    sound = pcm(speech(6))
    assert unspoken(phones((4.0, 6.0)), sound) == ((4.0, 6.0),)
    assert unspoken(phones((0.0, 1.5)), sound) == ((0.0, 1.5),)
    assert unspoken(phones((1.0, 2.5), (3.0, 3.5), (4.0, 5.5)), sound) == ((1.0, 2.5), (4.0, 5.5))


@pytest.mark.parametrize("level", [0, 30, 300])
def test_pauses_and_steady_noise_are_none(level):
    noise = level * np.random.default_rng(1).standard_normal(6 * RATE)
    sound = speech(6) + noise
    sound[4 * RATE :] = noise[4 * RATE :]
    assert unspoken(phones((4.0, 6.0)), pcm(sound)) == ()


def test_short_pauses_and_sound_without_any_word_are_not_judged():
    sound = pcm(speech(6))
    assert unspoken(phones((2.0, 2.9)), sound) == ()
    assert unspoken([Span("sil", 0.0, 6.0)], sound) == ()
