"""Text in, a face out: lips close on the voice's own phones, marks move brows, head, gaze and mood."""

import numpy as np
import pytest

import utterface
from utterface.errors import TextError
from utterface.motion import join, rest
from utterface.phones import Span, inventory
from utterface.speak import voices
from utterface.speak.saying import SpokenPart
from utterface.speaking import marked, stream

if not voices():
    pytest.skip("no voice is installed", allow_module_level=True)
TEXT = "My mama bought pepper. Maybe a big apple, or *plum* pie?"


@pytest.fixture(scope="module")
def clip():
    return utterface.say(TEXT, life=False)


def test_sound_and_face_are_equally_long_and_lips_close_on_every_bilabial(clip):
    assert abs(len(clip.motion) / 60 - clip.duration) <= 1 / 60
    assert clip.duration == pytest.approx(len(clip.audio) / 16_000)
    made, needed = clip.closures()
    assert made == needed == sum(inventory()[p.label].is_bilabial for p in clip.phones) >= 12
    assert [w.label for w in clip.words] == TEXT.replace("*", "").split() and clip.text.startswith("My mama")
    assert clip.recogniser == "" and clip.engine.count(":") == 1


def test_an_emphasised_word_and_a_question_lift_the_brows(clip):
    brow = clip.motion.select(("browInnerUp",))[:, 0]
    at = lambda word: brow[int(word.start * 60) : int(word.end * 60)].max()  # noqa: E731
    words = {w.label: w for w in clip.words}
    assert at(words["plum"]) > 0.4 and at(words["pie?"]) > 0.4 and at(words["bought"]) < 0.1


def test_moods_and_gestures_move_what_they_name_and_leave_seals_shut():
    still = rest(300, 60.0)
    said = SpokenPart(
        np.zeros(80_000, np.float32), moods=(("joy", 1.0, 2.0, 3.0),),
        gestures=(("nod", 0.5), ("shake", 1.0), ("look left", 3.5), ("blink", 4.5)), emphases=(Span("x", 0.2, 0.4),),
    )  # fmt: skip
    moved = marked(still, said)
    value = lambda name, second: moved.select((name,))[round(second * 60), 0]  # noqa: E731
    assert value("mouthSmileLeft", 2.5) > 0.6 and value("mouthSmileLeft", 1.0) == 0
    assert value("mouthSmileLeft", 3.3) > 0 == value("mouthSmileLeft", 3.4)  # gone 0.35 s after its words
    assert value("headPitch", 0.63) > 0.1 and np.ptp(moved.select(("headYaw",))[60:120]) > 0.2
    assert value("eyeLookOutLeft", 3.9) > 0.4 and abs(value("leftEyeYaw", 3.9)) > 0.2
    assert value("eyeBlinkLeft", 4.51) > 0.9 and value("eyeBlinkLeft", 4.0) == 0


def test_text_without_words_is_refused():
    with pytest.raises(TextError, match="nothing to say"):
        utterface.say("…")


def test_a_stream_gives_sound_and_frames_on_one_clock_without_seams(clip):
    pieces = list(stream(TEXT, life=False))
    assert len(pieces) == 3  # two phrases and the rest
    whole = join([piece.motion for piece in pieces])
    end = sum(len(piece.samples) for piece in pieces) / pieces[0].sample_rate
    assert len(whole) == len(clip.motion) and end == pytest.approx(clip.duration, abs=1e-3)
    for piece in pieces:
        shown = piece.motion.start + len(piece.motion) / 60
        assert shown >= piece.start + len(piece.samples) / piece.sample_rate - 0.25
    assert [w.label for piece in pieces for w in piece.words] == [w.label for w in clip.words]
    offline = clip.motion.values
    seam = len(pieces[0].motion)
    assert np.abs(np.diff(whole.values[seam - 6 : seam + 12], axis=0)).max() < 0.25
    bilabials = [p for p in clip.phones if inventory()[p.label].is_bilabial]
    closed = whole.closures()
    assert all(any(a <= p.end + 0.02 and b >= p.start - 0.02 for a, b in closed) for p in bilabials)
    jaw = clip.motion.channels.index("jawOpen")
    assert np.abs(whole.values[:, jaw] - offline[:, jaw]).mean() < 0.02


def test_a_stream_refuses_at_once():
    with pytest.raises(TextError, match="did you mean"):
        stream("[jo] hello")
