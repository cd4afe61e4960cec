"""Sentences to say: seeded, in every language that a voice speaks, with words as often as in speech."""

import numpy as np
import pytest

from utterface.lab.corpora import sentences


def test_the_same_seed_says_the_same():
    said = [[sentences.sentence("en-us", np.random.default_rng(7)) for _ in range(2)] for _ in range(2)]
    assert said[0] == said[1]


@pytest.mark.parametrize("language", sentences.languages())
def test_every_language_has_sentences(language):
    rng = np.random.default_rng(0)
    said = [sentences.sentence(language, rng) for _ in range(20)]
    assert len(set(said)) > 15
    assert all(3 <= len(text) <= 400 for text in said)
    assert all(text[-1] in ".?!。？؟।" for text in said)


def test_frequent_words_come_often():
    rng = np.random.default_rng(1)
    words = " ".join(sentences.sentence("en-us", rng).lower() for _ in range(300)).split()
    share = sum(word.strip(".,?!") in {"the", "of", "a", "and", "to", "in", "i", "you"} for word in words) / len(words)
    assert 0.1 < share < 0.4
    assert len(set(words)) > 700
