import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utterface.text.readings import LONGEST_WORD, first_words, readings
from utterface.text.words import to_words


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Call 555-1234 now", "five five five one two three four"),
        ("Call 555-1204 now", "five five five twelve oh four"),
        ("Call (555) 123-4567", "five five five one two three four five six seven"),
        ("Henry VIII had wives", "the eighth"),
        ("Chapter IV.", "four"),
        ("in 2007 they", "twenty oh seven"),
        ("in 1905, they", "one thousand nine hundred and five"),
        ("room 101", "one oh one"),
        ("1,900 men", "nineteen hundred"),
        ("at 3:15 or", "quarter past three"),
        ("3.5 of", "three and a half"),
        ("agent 007", "double"),
        ("agent 007", "oh oh seven"),
        ("the A380 flew", "a three eighty"),
        ("by NASA", "n a s a"),
        ("by the FBI", "f b i"),
        ("10-12 of them", "ten twelve"),
        ("1,234 men", "one thousand two hundred and thirty four"),
    ],
)
def test_further_readings(written: str, said: str) -> None:
    several = [" ".join(words) for slot in readings(written) for words in slot.readings]
    assert (said in several) == (said != "double")
    assert first_words(readings(written)) == to_words(written)


def test_asides_may_be_left_out_and_clauses_end() -> None:
    slots = readings("He said (and I agree) that. Yes, it is so")
    assert (("and", "i", "agree"), ()) in [slot.readings for slot in slots]
    assert [slot.readings[0][-1] for slot in slots if slot.ends] == ["that", "yes", "so"]


def test_no_clause_ends_within_an_aside() -> None:
    for aside, words in (("(Dr. Smith)", ("doctor", "smith")), ("(well, maybe. No!)", ("well", "maybe", "no"))):
        assert (words, ()) in [slot.readings for slot in readings(f"{aside} Hello there. Bye")]


def test_words_that_cannot_be_read() -> None:
    slots = readings("Hello my friend שלום 你好, yes")
    assert [slot.unread for slot in slots if not slot.readings] == ["שלום 你好,"]
    assert [slot.unread for slot in readings("漢字 です", "ja")] == ["漢字", ""]
    assert not any(slot.unread for slot in readings("Ça coûte l'été", "fr"))
    assert readings("a" * (LONGEST_WORD + 1))[0].unread


@given(st.text(st.sampled_from("abIVX 1905.,:-()/$%'A"), max_size=40))
def test_the_first_readings_are_what_is_read_out(text: str) -> None:
    without = re.sub(r"\$ {2,}", "$", text.replace("(", "").replace(")", ""))  # such a sign belongs to no number
    assert first_words(readings(without)) == to_words(without)


@pytest.mark.parametrize("piece", ["5 ", "1984 and ", "IV ", "a", "(a) ", "A4 ", "1-"])
def test_long_texts_take_linear_time(piece: str) -> None:
    begun = time.process_time()
    readings(piece * (60_000 // len(piece)))
    assert time.process_time() - begun < 20
