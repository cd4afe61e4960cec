from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from utterface import speech
from utterface.align import decoding, graph, rescoring, to_pcm
from utterface.text.readings import Slot, first_words

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"


@pytest.mark.parametrize("first", ["i v", "four", "the fourth"])
def test_the_better_reading_replaces_one_that_leaves_speech_to_silence(first: str) -> None:
    pcm = to_pcm(speech.read(EXAMPLE).samples)[: round(2.7 * 16_000)]  # Hello! I move my lips for every word
    several = [tuple(r.split()) for r in dict.fromkeys([first, "i v", "four", "the fourth"])]
    slots = [Slot(((word,),)) for word in "hello i move my lips".split()]
    slots += [Slot(tuple(several)), Slot((("every",),)), Slot((("word",),))]
    alone = [Slot((tuple(first.split()),)) if len(slot.readings) > 1 else slot for slot in slots]
    path = graph.follow(pcm, alone, "en")
    assert path is not None
    settled = rescoring.rescored(pcm, path, slots, "en")
    assert first_words(settled)[5] == "four"
    assert all(len(slot.readings) == 1 for slot in settled)


def test_silence_fits_no_word() -> None:
    assert rescoring._score(np.zeros(3000, np.int16), ["the", "weather", "is", "nice", "today"]) == -np.inf


@pytest.mark.parametrize(("level", "score"), [(-8, -8.0), (-13, -4.0)])  # half the frames at -12 nats each, or not
def test_loud_sound_beside_the_words_counts_against_a_reading(level: float, score: float, monkeypatch) -> None:
    word = SimpleNamespace(index=0, start=0.0, end=1.0)
    monkeypatch.setattr(decoding, "phones_along", lambda piece, keys, check: ([word], -4.0))
    tone = 8000 * np.sin(np.arange(32_000) * 0.05)
    tone[16_000:] *= 10 ** (level / 20)
    assert rescoring._score(tone.astype(np.int16), ["word"]) == pytest.approx(score)
