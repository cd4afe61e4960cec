"""Sentences as people write and recognisers give them, and the cues that they hold."""

import random

import pytest

from utterface.phones import Span
from utterface.text.cues import KINDS, read_cues

PACE = 0.3  # s a word


def spans(sentence: str, start: float = 0.0) -> list[Span]:
    return [Span(word, start + PACE * i, start + PACE * i + 0.28) for i, word in enumerate(sentence.split())]


def cues(sentence: str, language: str = "en") -> dict[str, str]:
    """Kind → the words that its cues cover."""
    words = spans(sentence)
    found: dict[str, str] = {}
    for cue in read_cues(words, language):
        inside = " ".join(w.label for w in words if w.start >= cue.start - 1e-6 and w.end <= cue.end + 1e-6)
        found[cue.label] = f"{found[cue.label]} | {inside}" if cue.label in found else inside
    return found


@pytest.mark.parametrize(
    "sentence, expected",
    [
        ("I did not see anybody there.", {"negation": "not"}),
        ("No, no, no, I never said that!", {"negation": "No, no, no, I never"}),
        ("Where did you put the keys?", {"wh-question": "Where did you put the keys?"}),
        ("Did you lock the front door?", {"yes-no question": "lock the front door?"}),
        ("You locked it, didn't you?", {"yes-no question": "didn't you?"}),
        ("The house was really enormous.", {"intensifier": "really enormous."}),
        ("Maybe we leave on Monday, I think.", {"hedge": "Maybe | I think."}),
        ("The soup was delicious.", {"pleasant": "delicious."}),
        ("The soup was not very good.", {"negation": "not", "unpleasant": "good."}),
        ("Do not cry.", {"negation": "not"}),
        ("The fish smelled rotten.", {"unpleasant": "rotten."}),
        ("I wanted to come, but it rained.", {"contrast": "but"}),
        ("We need apples, pears and plums.", {"list item": "apples, | pears | plums."}),
        ("We need apples, pears, and fresh plums.", {"list item": "apples, | pears, | plums."}),
        ("When he came, she and I left.", {}),
        ("What I mean is that it works.", {}),
        ("The meeting begins at nine.", {}),
        ("where did you go yesterday", {"wh-question": "where did you go yesterday"}),
        ("did you see him", {"yes-no question": "did you see him"}),
        ("", {}),
        ("… — !", {}),
    ],
)
def test_cues_of_sentences(sentence, expected):
    assert cues(sentence) == expected


def test_other_languages_have_their_questions_and_lists_by_marks():
    assert cues("Hast du die Tür zugemacht?", "de") == {"yes-no question": "du die Tür zugemacht?"}
    assert cues("Äpfel, Birnen, Pflaumen.", "de") == {"list item": "Äpfel, | Birnen, | Pflaumen."}
    assert cues("Ich war nie dort.", "de") == {}


def test_a_pause_ends_a_sentence_that_has_no_marks():
    words = [*spans("it works"), *spans("did you see him", 3.0)]
    assert [cue.label for cue in read_cues(words)] == ["yes-no question"]


def test_any_words_give_cues_in_order_within_their_time():
    vocabulary = "not n't, ? very kind of pretty good, and or but where did you 'tis 25% — I. she".split()
    draw = random.Random(5)
    for count in range(1, 40):
        words = spans(" ".join(draw.choices(vocabulary, k=count)))
        for language in ("en", "de"):
            found = read_cues(words, language)
            assert [cue.start for cue in found] == sorted(cue.start for cue in found)
            assert all(words[0].start <= cue.start < cue.end <= words[-1].end and cue.label in KINDS for cue in found)
