import pytest
from hypothesis import given
from hypothesis import strategies as st

from utterface.text import is_english, spell, to_words


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Mr. Smith paid $3.50.", "mister smith paid three dollars and fifty cents"),
        ("on March 5th, 1998 at 3:05 p.m.", "on march fifth nineteen ninety eight at three oh five p m"),
        ("on 5 March and 2024-02-29", "on march fifth and february twenty ninth twenty twenty four"),
        ("It's 50% off & more, e.g. 1,234.5 km",
         "it's fifty percent off and more for example one thousand two hundred thirty four point five kilometers"),
        ("The FBI and NASA met on Baker St., near St. John",
         "the f b i and nasa met on baker street near saint john"),
        ("USA's CEOs", "u s a's c e o's"),
        ("THIS IS LOUD", "this is loud"),
        ("the 1980s, 1905, 2007 and 1900",
         "the nineteen eighties nineteen oh five two thousand seven and nineteen hundred"),
        ("10-12 people, -5°C", "ten to twelve people minus five degrees celsius"),
        ("1/2 cup, 3/4 inch", "one half cup three quarters inch"),
        ("£1.01, €5m, 7 €, $1", "one pound and one penny five million euros seven euros one dollar"),
        ("no. 5, not no. Then #1", "number five not no then number one"),
        ("bob@site.com", "bob at site dot com"),
        ("12:00 and 7pm", "twelve o'clock and seven p m"),
        ("call 007", "call zero zero seven"),
        ("the 21st, 100th, 1,000,000th", "the twenty first one hundredth one millionth"),
        ("‘Quoted words’ — I’d say: 'tis the dogs' life", "quoted words i'd say 'tis the dogs life"),
        ("Café, naïve Zoë", "cafe naive zoe"),
        ("She stopped—and then", "she stopped and then"),
        ("London–Paris • one\u200btwo", "london paris one two"),
        ("Stra\u00dfe, \u0141\u00f3d\u017a, soft\u00adened", "strasse lodz softened"),
        ("THE BIG DOG ATE 5 CATS, MR. McCOY.", "the big dog ate five cats mister mccoy"),
        ("I do NOT like it, and WHY would the US?", "i do not like it and why would the u s"),
        ("¼ cup, 2½ feet, ¾", "one quarter cup two and one half feet three quarters"),
        ("$5-$10, 24/7, 3:05-4:30", "five dollars to ten dollars twenty four seven three oh five to four thirty"),
        ("v1.2.3", "v one point two point three"),
        ("[...] ***", ""),
    ],
)  # fmt: skip
def test_english_is_read_out(written: str, spoken: str) -> None:
    assert " ".join(to_words(written)) == spoken


def test_other_languages_pass_through() -> None:
    assert to_words("Ça coûte 42 €, l'été — « oui »!", "fr") == ["ça", "coûte", "42", "l'été", "oui"]
    assert to_words("ऋषियों को सताने", "hi") == ["ऋषियों", "को", "सताने"]
    assert is_english("en-GB")
    assert not is_english("enm")


@given(st.text(max_size=60))
def test_anything_becomes_plain_words(text: str) -> None:
    for word in to_words(text):
        assert set(word) <= set("abcdefghijklmnopqrstuvwxyz'")
        assert word.strip("'")


def test_spelling() -> None:
    assert spell("ab'c") == ["a", "b", "c"]
