"""Speech engines at the door: their names become IPA, their times fit the sound; absent ones are skipped."""

import numpy as np
import pytest

from utterface.lab.corpora import espeak, festival, flite, openjtalk
from utterface.lab.corpora.voices import Prosody, Utterance, Voice, whole
from utterface.phones import SILENCE, Span, from_ipa, inventory


def voice_of(engine, part: str) -> Voice:
    found = [v for v in engine.voices() if part in v.name]
    if not found:
        pytest.skip(f"{engine.__name__.rsplit('.', 1)[1]} with a voice {part} is not installed")
    return found[0]


def say(engine, part: str, text: str, **prosody) -> Utterance:
    (said,) = engine.speak(voice_of(engine, part), [(text, Prosody(**prosody))])
    assert said is not None
    return said


def labels(said: Utterance) -> str:
    return " ".join(p.label for p in said.phones if p.label != SILENCE)


def test_flite_prints_ends():
    spans = flite.from_segments("pau:0.2 m:0.25 ay:0.4 ")
    assert spans == [Span("sil", 0.0, 0.2), Span("m", 0.2, 0.25), Span("aɪ", 0.25, 0.4)]


def test_festival_prints_segments():
    lines = "noise\nSEGMENT 1 # 0.1 0\nSEGMENT 1 b 0.2 1\nSEGMENT 1 o1 0.3 1\nSEGMENT 0 el 0.2 0\n"
    first, second = festival.from_segments(lines, "it", 2)
    assert second == [Span("sil", 0.0, 0.1), Span("b", 0.1, 0.2), Span("o", 0.2, 0.3, 2)]
    assert first == [Span("sil", 0.0, 0.2)]  # no Italian phone
    assert festival.to_ipa("el", "en-us") == ["ə", "l"]
    assert festival.to_ipa("ksh", "hi") == ["k", "ʂ"]


def test_open_jtalk_traces_labels():
    lines = ["[Output label]", "0 1000000 xx^xx-sil+i=cl/A", "1000000 2000000 xx^sil-i+cl=py/A"]
    lines += ["2000000 3000000 sil^i-cl+py=a/A", "3000000 4000000 i^cl-py+a=xx/A", "4000000 5000000 cl^py-a+xx=xx/A"]
    assert openjtalk.from_trace("\n".join(lines)) == [
        Span("sil", 0.0, 0.1),
        Span("i", 0.1, 0.2),
        Span("p", 0.2, pytest.approx(0.3)),  # the hold is the lips'
        Span("j", pytest.approx(0.3), 0.4),
        Span("a", 0.4, 0.5),
    ]


def test_every_name_festival_is_taught_is_a_phone():
    names = {ipa for table in festival._NAMES.values() for row in table.values() for ipa in row.split()}
    assert names <= set(inventory())


def test_espeak_events_become_spans():
    events = [(0.0, "p"), (0.1, ""), (0.13, "r"), (0.2, "ˈa"), (0.3, "əl"), (0.4, ""), (0.6, "m"), (0.7, "")]
    assert espeak.from_events(events, 0.9) == [
        Span("p", 0.0, 0.1),
        Span("r", 0.1, 0.2),  # the unnamed 30 ms are its onset
        Span("a", 0.2, 0.3, 2),
        Span("ə", 0.3, 0.35),
        Span("l", 0.35, 0.4),
        Span("m", 0.6, 0.7),  # after a pause of 0.2 s
    ]


def test_a_plosive_starts_where_the_sound_stops():
    samples = np.ones(1600, np.float32)
    samples[700:800] = 0
    spans = espeak.with_closures([Span("a", 0.0, 0.05), Span("p", 0.05, 0.1)], samples, 16_000)
    assert spans[1].start == pytest.approx(700 / 16_000, abs=0.0025) and spans[0].end == spans[1].start
    assert espeak.with_closures([Span("a", 0.0, 0.05), Span("s", 0.05, 0.1)], samples, 16_000)[1].start == 0.05


@pytest.mark.parametrize(
    ("text", "symbols"),
    [("ˈaɪ", ("aɪ",)), ("əl", ("ə", "l")), ("t͡s", ("ts",)), ("ɑ̃", ("ɑ",)), ("pʰ", ("p",)), ("ç", ("ç",)), ("n̩", ("n",)),
     ("g", ("ɡ",)), ("ɕ", ("ʃ",)), ("t̪", ("t̪",)), ("iː", ("i",)), ("", ()), ("1", ()), ("˥", ())],
)  # fmt: skip
def test_ipa_of_others_is_understood(text, symbols):
    assert from_ipa(text) == symbols


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


@pytest.mark.parametrize(
    ("voice", "text", "expected"), [("cs+m1", "maminka", "m a m i ŋ k a"), ("es+f1", "bravo", "b ɾ a β o")]
)
def test_espeak_speaks_other_languages(voice, text, expected):
    assert labels(say(espeak, voice, text)) == expected


def test_training_and_test_voices_share_no_speaker():
    every = [v for engine in (flite, festival, espeak) for v in engine.voices()]
    if not every:
        pytest.skip("no speech engine is installed")
    train, test = ({v.speaker for v in every if v.split == split} for split in ("train", "test"))
    assert train and test and not train & test
