"""A seed from the sound: the same for any chunking, another for another recording."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from utterface.life import BLOCK, SoundSeed

NOISE = (0.1 * np.random.default_rng(5).standard_normal(6 * BLOCK)).astype(np.float32)


def seed_of(samples: np.ndarray, sizes: list[int] | None = None) -> tuple[int | None, float]:
    own, at = SoundSeed(), 0
    for size in [*(sizes or []), len(samples)]:
        own.push(samples[at : at + size])
        at += size
    return own.seed, own.begin


@given(st.lists(st.integers(0, 3000), max_size=6))
def test_any_chunking_gives_the_same_seed(sizes):
    quiet = np.concatenate([np.zeros(2 * BLOCK + 37, np.float32), NOISE])
    assert seed_of(quiet, sizes) == seed_of(quiet) and seed_of(quiet)[1] == 0.3


def test_recordings_differ_and_digital_silence_has_none():
    assert seed_of(NOISE)[0] != seed_of(np.roll(NOISE, 1))[0]
    assert seed_of(NOISE)[1] == 0.1
    assert seed_of(np.zeros(5 * BLOCK, np.float32))[0] is None
    assert seed_of(NOISE[: BLOCK - 1])[0] is None


def test_what_comes_later_does_not_matter():
    other = NOISE.copy()
    other[BLOCK:] *= -1
    assert seed_of(NOISE) == seed_of(other)
