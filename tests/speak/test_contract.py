"""Speech engines at the door: their names become IPA, their times fit the sound; absent ones are skipped."""

import numpy as np
import pytest

from utterface.phones import SILENCE, Span, inventory
from utterface.speak import espeak, festival, flite
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, whole


def voice_of(engine, part: str) -> SyntheticVoice:
    result = [v for v in engine.voices() if part in v.name]
    if not result:
        pytest.skip(f"{engine.__name__.rsplit('.', 1)[1]} with a voice {part} is not installed")
    return result[0]


def say(engine, part: str, text: str, **prosody) -> SyntheticUtterance:
    (said,) = engine.speak(voice_of(engine, part), [(text, SpeakingManner(**prosody))])
    assert said is not None
    return said


def labels(said: SyntheticUtterance) -> str:
    return " ".join(p.label for p in said.phones if p.label != SILENCE)


def test_an_utterance_has_no_gaps_and_ends_with_its_sound():
    said = whole(np.ones(16_000, np.float32), [Span("m", 0.1, 0.3), Span("a", 0.25, 0.5), Span("p", 0.9, 1.4)], "map")
    assert [p.label for p in said.phones] == ["sil", "m", "a", "sil", "p"]
    assert [p.end for p in said.phones[:-1]] == [p.start for p in said.phones[1:]]
    assert (said.phones[0].start, said.phones[-1].end) == (0.0, 1.0)
    assert whole(np.ones(160, np.float32), [], "") is None


@pytest.mark.parametrize(("engine", "part"), [(flite, "slt"), (festival, "ked"), (espeak, "en-us+m1")])
def test_every_engine_tells_when_phones_are_said(engine, part):
    said = say(engine, part, "My mama bought pepper.")
    spoken = labels(said).split()
    assert spoken[:4] == ["m", "aɪ", "m", "ɑ"] and spoken.count("m") == 3
    assert [p.end for p in said.phones[:-1]] == [p.start for p in said.phones[1:]]
    for phone in said.phones:  # loud inside vowels, quiet in the silence around
        middle = said.samples[round((phone.start + 0.005) * 16_000) : round((phone.end - 0.005) * 16_000)]
        if inventory()[phone.label].is_vowel:
            assert np.abs(middle).max(initial=0) > 0.03
    assert said.phones[0].label != SILENCE or np.abs(said.samples[: round(said.phones[0].end * 8000)]).max() < 0.1


@pytest.mark.parametrize(("engine", "part"), [(flite, "rms"), (festival, "ked"), (espeak, "en-us+f2")])
def test_a_faster_sentence_is_shorter(engine, part):
    slow, fast = (say(engine, part, "We have been there before.", rate=rate).duration for rate in (0.8, 1.4))
    assert fast < 0.75 * slow


def test_training_and_test_voices_share_no_speaker():
    every = [v for engine in (flite, festival, espeak) for v in engine.voices()]
    if not every:
        pytest.skip("no speech engine is installed")
    train, test = ({v.speaker for v in every if v.split == split} for split in ("train", "test"))
    assert train and test and not train & test
