from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.align import graph, rescoring, to_pcm
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
