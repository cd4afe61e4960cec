from pathlib import Path

import numpy as np

from utterface import speech
from utterface.phones import SILENCE
from utterface.recognise import Recogniser
from utterface.recognise.sphinx import SphinxRecogniser

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"


def test_english_gives_words_and_phones() -> None:
    samples = speech.read(EXAMPLE).samples
    recogniser = SphinxRecogniser()
    assert isinstance(recogniser, Recogniser)
    result = recogniser.recognise(samples)
    assert {"and", "i", "for"} <= {word.label for word in result.words}
    assert result.phones[-1].end == result.duration == len(samples) / 16_000
    assert result.confidence is None and result.engine == recogniser.name


def test_other_languages_give_phones_alone() -> None:
    result = SphinxRecogniser().recognise(speech.read(EXAMPLE).samples, "xx")
    assert result.words == () and len(result.phones) > 20


def test_silence_is_one_pause() -> None:
    for count in (0, 2_000, 32_000):
        result = SphinxRecogniser().recognise(np.zeros(count, np.float32))
        assert result.words == ()
        assert [(p.label, p.start, p.end) for p in result.phones] == [(SILENCE, 0, count / 16_000)][: bool(count)]
