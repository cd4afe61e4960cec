from itertools import pairwise

import pytest

from utterface.phones import Span
from utterface.speak import find_voice, flite
from utterface.speak.contract import SpeakingManner
from utterface.speak.words import by_starts, timed_words


def spans(*rows: tuple[str, float, float]) -> list[Span]:
    return [Span(*row) for row in rows]


def test_words_are_found_in_phones_that_differ_from_the_dictionarys():
    labels = "sil m aɪ m ɐ m ə sil k eɪ m".split()
    phones = spans(*((label, i / 10, (i + 1) / 10) for i, label in enumerate(labels)))
    words = timed_words("My mama — came.", phones, "en")
    assert [w.label for w in words] == ["My", "mama", "—", "came."]
    assert [round(10 * x) for w in words for x in (w.start, w.end)] == [1, 3, 3, 7, 8, 8, 8, 11]


def test_a_figure_lasts_as_long_as_its_words():
    if not flite.voices():
        pytest.skip("flite is not installed")
    (said,) = flite.speak(find_voice("flite:slt"), [("We paid $23.50 today.", SpeakingManner())])
    words = timed_words("We paid $23.50 today.", said.phones, "en")
    assert words[2].end - words[2].start > 3 * (words[1].end - words[1].start)
    assert all(a.end <= b.start for a, b in pairwise(words))


def test_words_without_a_moment_take_no_time():
    words = by_starts(["a", "b", "c"], [0.0, None, 0.5], spans(("a", 0, 0.4), ("k", 0.5, 0.9)))
    assert words == (Span("a", 0.0, 0.4), Span("b", 0.5, 0.5), Span("c", 0.5, 0.9))
