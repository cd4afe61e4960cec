import pytest

from utterface.align import lexicon
from utterface.errors import MissingExtra
from utterface.phones import inventory
from utterface.text import espeak


def test_dictionary_endings_guesses_and_spelling() -> None:
    assert lexicon.pronounce("cat") == (("K", "AE", "T"),)
    assert lexicon.pronounce("wombat's")[0][-2:] == ("T", "S")
    assert lexicon.pronounce("blorbish's")[0][-2:] == ("IH", "Z")
    assert len(lexicon.pronounce("quorbishly")) == 2
    assert [e.key for e in lexicon.entries(["Zoë", "--", "cat"])] == ["zoe", "cat"]


@pytest.mark.parametrize(
    ("symbol", "arpabet"),
    [("y", "UW"), ("ø", "UH"), ("x", "HH"), ("ʁ", "HH"), ("r", "R"), ("ɲ", "N"), ("ts", "CH"), ("pf", "P"), ("ɕ", "SH"),
     ("β", "V"), ("ɸ", "F"), ("ʔ", "T"), ("p", "P"), ("ŋ", "NG"), ("a", "AA"), ("ɯ", "IY"), ("ʋ", "V"), ("ɱ", "M")],
)  # fmt: skip
def test_the_nearest_american_phone_is_alike(symbol: str, arpabet: str) -> None:
    """Not each by name: what matters is that vowels stay vowels, lips stay lips and hisses stay hisses."""
    from utterface.phones import ARPABET_TO_IPA, from_ipa

    (own,) = from_ipa(symbol)
    a, b = inventory()[own], inventory()[ARPABET_TO_IPA[lexicon.nearest(own)]]
    expected = inventory()[ARPABET_TO_IPA[arpabet]]
    assert a.is_vowel == b.is_vowel
    assert b.is_bilabial == expected.is_bilabial
    assert b.is_sibilant == expected.is_sibilant


def test_every_phone_has_a_neighbour_that_seals_when_it_seals() -> None:
    from utterface.phones import ARPABET_TO_IPA

    for symbol, phone in inventory().items():
        if phone.manner != "silence":
            other = inventory()[ARPABET_TO_IPA[lexicon.nearest(symbol)]]
            assert other.is_vowel == phone.is_vowel
            if phone.is_bilabial and phone.manner != "affricate":
                assert other.is_bilabial


def test_other_languages_need_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "espeakng_loader", None)
    espeak._library.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r"pip install 'utterface\[languages\]'"):
            lexicon.entries(["hallo"], "de")
    finally:
        espeak._library.cache_clear()
