"""What a voice says, phrase by phrase: words, moods and pauses on the clock of the sound."""

from itertools import pairwise

import numpy as np
import pytest

from utterface.errors import TextError
from utterface.speak import find_voice, flite
from utterface.speak.saying import join, parts, planned_phrases

if not flite.voices():
    pytest.skip("flite is not installed", allow_module_level=True)
VOICE = find_voice("flite:slt")


@pytest.fixture(scope="module")
def spoken():
    return join(list(parts("Hello! [pause 1] [joy] I am *new* here. [nod] Bye", VOICE)))


def test_everything_stands_on_one_clock(spoken):
    assert [w.label for w in spoken.words] == ["Hello!", "I", "am", "new", "here.", "Bye"]
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(spoken.phones))
    assert spoken.phones[0].start == 0 and spoken.phones[-1].end == pytest.approx(spoken.duration, abs=1e-3)
    assert spoken.words[1].start - spoken.words[0].end > 1.0
    (mood, *_, last) = spoken.moods
    assert mood[0] == "joy" and mood[2] < spoken.words[1].start and last[3] == pytest.approx(spoken.duration)
    assert spoken.gestures == (("nod", spoken.words[-1].start),)
    assert [w.label for w in spoken.emphases] == ["Hello!", "new"]


def test_silence_between_words_is_silent_and_emphasis_is_loud(spoken):
    rate = spoken.sample_rate
    pause = spoken.samples[int((spoken.words[0].end + 0.3) * rate) : int((spoken.words[1].start - 0.3) * rate)]
    assert np.abs(pause).max() < 0.01
    plain = join(list(parts("I am new here.", VOICE)))
    loud = join(list(parts("I am *new* here.", VOICE)))
    here = [slice(int(s.words[2].start * rate), int(s.words[2].end * rate)) for s in (plain, loud)]
    assert np.abs(loud.samples[here[1]]).max() > 1.2 * np.abs(plain.samples[here[0]]).max()
    stressed = [p.stress for p in loud.phones if p.label == "u"]
    assert stressed and stressed[0] == 2


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "nothing to say"),
        (" … —", "nothing to say"),
        ("Привет", "cannot read"),
        ("word " * 200_000, "hours of speech"),
    ],
)
def test_what_cannot_be_said_is_refused(text, part):
    with pytest.raises(TextError, match=part):
        list(parts(text, VOICE))


def test_a_dash_alone_is_passed_over():
    assert len(planned_phrases("Yes! — No!")) == 2
    first, second = parts("Yes! [pause] — [pause] No!", VOICE)
    assert [w.label for w in (*first.words, *second.words)] == ["Yes!", "No!"]


def test_a_text_may_be_as_long_as_one_take(monkeypatch):
    monkeypatch.setattr("utterface.speak.saying.LONGEST", 12)
    assert len(planned_phrases("Hello there!")) == 1
    with pytest.raises(TextError, match="too long for one take"):
        planned_phrases("Hello there!!")
