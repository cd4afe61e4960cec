from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.align import align
from utterface.errors import ConfigError
from utterface.recognise import RECOGNISERS, Recogniser, open_recogniser, phones, recognise
from utterface.text import Transcript

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"
WORDS = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."


class Dictation:
    """Smallest recogniser of words: the same sentence for every recording."""

    name = "dictation"

    def recognise(self, samples: np.ndarray, language: str = "en") -> Transcript:
        return Transcript(WORDS, language, source=self.name)


def test_every_recogniser_keeps_the_contract() -> None:
    for name in RECOGNISERS:
        if name == "phones" and not phones.is_installed():
            continue
        assert isinstance(open_recogniser(name), Recogniser)
    with pytest.raises(ConfigError, match="no recogniser is called 'nobody'; there are phones, sphinx"):
        open_recogniser("nobody")


def test_recognised_words_are_aligned() -> None:
    samples = speech.read(EXAMPLE).samples
    assert isinstance(Dictation(), Recogniser)
    assert recognise(samples, recogniser=Dictation()) == align(samples, WORDS)
