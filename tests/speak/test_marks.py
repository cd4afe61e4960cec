"""Marks and SSML say how words are spoken; what they do not know is refused in one line."""

import pytest

from utterface.errors import TextError
from utterface.speak.marks import marked_words, phrases


def test_emphasis_moods_pauses_and_gestures_stand_on_their_words():
    words = marked_words("I did *not*. [pause 1] [joy:0.6] But *I will*! [nod] Now [/joy] rest, 3 * 4.")
    assert [w.text for w in words if w.emphasis] == ["not.", "I", "will!"]
    assert {w.text: w.emotion for w in words}["But"] == ("joy", 0.6) and words[-1].emotion is None
    assert words[3].pause == 1.0 and words[6].gestures == ("nod",)
    assert words[3].manner.pitch > words[0].manner.pitch == 1.0


def test_ssml_is_understood():
    words = marked_words(
        '<speak>Hi <break time="300ms"/> <prosody rate="slow" pitch="+10%">you &amp; me</prosody>, '
        '<emphasis level="strong">now</emphasis>. <sub alias="World Wide Web">WWW</sub> '
        '<mstts:express-as style="sad" styledegree="1.5">alas</mstts:express-as><audio src="x">no</audio></speak>'
    )
    assert [w.text for w in words] == ["Hi", "you", "&", "me,", "now.", "World", "Wide", "Web", "alas"]
    assert (words[1].pause, words[1].manner.rate, words[1].manner.pitch) == (0.3, 0.8, 1.1)
    assert words[4].emphasis and words[4].manner.rate == 1.0
    assert words[-1].emotion == ("sadness", 1.0)


def test_phrases_end_with_sentences_pauses_and_moods_and_stay_short():
    parts = phrases(marked_words("Dr. Smith came. He sat [pause] down; [anger] no!"))
    assert [" ".join(w.text for w in part) for part in parts] == ["Dr. Smith came.", "He sat", "down;", "no!"]
    long = phrases(marked_words("word, " * 500))
    assert max(sum(len(w.text) + 1 for w in part) for part in long) < 320 and sum(map(len, long)) == 500


def test_values_far_out_are_kept_within_limits():
    (word,) = marked_words('<prosody volume="+9999dB" rate="9999%" pitch="+999st">x</prosody>')
    assert (word.manner.loudness, word.manner.rate, word.manner.pitch) == (2.0, 2.5, 2.0)


@pytest.mark.parametrize(
    ("text", "part"),
    [("[jo] hi", r"did you mean \[joy\]"), ("<foo>hi</foo>", "no tag is called <foo>"), ("[pause 99] x", "0 to 10"),
     ("[joy:2] x", "0 to 1"), ('<prosody rate="quick">x</prosody>', "quick"), ('<break strength="huge"/>x', "huge")],
)  # fmt: skip
def test_what_is_not_known_is_refused_in_one_line(text, part):
    with pytest.raises(TextError, match=part) as error:
        marked_words(text)
    assert "\n" not in str(error.value)
