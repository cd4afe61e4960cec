"""What eSpeak NG tells becomes spans, in any language."""

import numpy as np
import pytest

from utterface.phones import SILENCE, Span
from utterface.speak import espeak
from utterface.speak.contract import SpeakingManner
from utterface.text import espeak as text_espeak


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
    ("voice", "text", "expected"), [("cs+m1", "maminka", "m a m i ŋ k a"), ("es+f1", "bravo", "b ɾ a β o")]
)
def test_espeak_speaks_other_languages(voice, text, expected):
    result = [v for v in espeak.voices() if v.name == voice]
    if not result:
        pytest.skip("espeakng-loader is not installed")
    (said,) = espeak.speak(result[0], [(text, SpeakingManner())])
    assert " ".join(p.label for p in said.phones if p.label != SILENCE) == expected


@pytest.mark.skipif(not espeak.voices(), reason="espeakng-loader is not installed")
def test_transcribing_in_between_disturbs_nothing():
    (voice,) = (v for v in espeak.voices() if v.name == "de+m1")
    before = espeak.speak(voice, [("Das Haus.", SpeakingManner())])[0]
    assert text_espeak.transcribe(["Haus"], "de") == ["hˈaʊs"]
    after = espeak.speak(voice, [("Das Haus.", SpeakingManner())])[0]
    assert [p.label for p in after.phones] == [p.label for p in before.phones]
