"""What Open JTalk traces becomes spans."""

import pytest

from utterface.phones import Span, inventory
from utterface.speak import openjtalk
from utterface.speak.contract import SpeakingManner


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


def test_every_name_it_is_taught_is_a_phone():
    assert {phone for row in openjtalk._NAMES.values() for phone in row.split()} <= set(inventory())


def test_japanese_is_said_by_a_voice_that_never_trains():
    if not openjtalk.voices():
        pytest.skip("open_jtalk, its dictionary or a .htsvoice is not installed")
    voice = openjtalk.voices()[0]
    (said,) = openjtalk.speak(voice, [("あめ", SpeakingManner())])
    assert [p.label for p in said.phones if p.label != "sil"] == ["a", "m", "e"]
    assert voice.split == "test"
