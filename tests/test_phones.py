import pytest

from utterface import phones
from utterface.phones import SILENCE, from_ipa, inventory, to_oculus, to_rhubarb


def test_every_phone_has_both_visemes() -> None:
    oculus = {symbol: to_oculus(symbol) for symbol in inventory()}
    rhubarb = {symbol: to_rhubarb(symbol) for symbol in inventory()}
    assert set(oculus.values()) == set(phones.OCULUS)
    assert set(rhubarb.values()) == set(phones.RHUBARB)


def test_lips_that_seal_have_the_closed_viseme() -> None:
    for symbol, phone in inventory().items():
        assert (to_rhubarb(symbol) == "A") == phone.is_bilabial
        if phone.is_bilabial:
            assert to_oculus(symbol) == "PP"
        if phone.is_labiodental:
            assert (to_oculus(symbol), to_rhubarb(symbol)) == ("FF", "G")


@pytest.mark.parametrize(
    ("symbols", "oculus"),
    [("t d", "DD"), ("s z", "SS"), ("ʃ tʃ dʒ", "CH"), ("θ ð", "TH"), ("k ɡ ŋ", "kk"), ("n l", "nn"), ("ɹ ɝ", "RR"),
     ("ɑ a ʌ aɪ", "aa"), ("ɛ e ə", "E"), ("i ɪ j", "ih"), ("o ɔ oʊ", "oh"), ("u ʊ w", "ou"), ("sil", "sil")],
)  # fmt: skip
def test_oculus_as_its_reference_has_it(symbols: str, oculus: str) -> None:
    assert {to_oculus(symbol) for symbol in symbols.split()} == {oculus}


def test_rhubarb_as_its_reference_has_it() -> None:
    shapes = {"p": "A", "s": "B", "i": "B", "ɛ": "C", "æ": "C", "ɑ": "D", "ɔ": "E", "ɝ": "E", "u": "F", "w": "F",
              "f": "G", "l": "H", "sil": "X"}  # fmt: skip
    assert {symbol: to_rhubarb(symbol) for symbol in shapes} == shapes


@pytest.mark.parametrize(
    ("written", "symbols"),
    [
        ("θˈɜːtiːn", "θ ɜ t i n"),
        ("tsvˈœlf", "ts v œ l f"),
        ("tɕhˈy5", "tɕ h y"),
        ("ɑ̃biɡˈy", "ɑ b i ɡ y"),
        ("bˈʌʔn̩", "b ʌ ʔ n"),
        ("t͡ʃˈɛ", "tʃ ɛ"),
        ("iɽo̞hˌä", "i ɽ o h a"),
        ("ʔ!?", "ʔ"),
        ("ˈː 5", ""),
    ],
)
def test_foreign_transcriptions(written: str, symbols: str) -> None:
    assert from_ipa(written) == tuple(symbols.split())


def test_arpabet_goes_both_ways() -> None:
    for arpabet, ipa in phones.ARPABET_TO_IPA.items():
        assert ipa in inventory()
        assert phones.ARPABET_TO_IPA[phones.IPA_TO_ARPABET[ipa]] == ipa
        assert arpabet == arpabet.upper()


def test_vowels_are_voiced_and_spans_unstressed_unless_said_otherwise() -> None:
    assert all(phone.voiced for phone in inventory().values() if phone.is_vowel)
    assert inventory()["aɪ"].voiced and inventory()["aɪ"].end == "ɪ"
    assert not inventory()["p"].voiced and inventory()["b"].voiced
    assert phones.Span("ɑ", 0.0, 0.1).stress == 0


def test_silence_asks_for_nothing() -> None:
    silence = inventory()[SILENCE]
    assert not silence.voiced and (silence.height, silence.backness, silence.rounding, silence.end) == (0, 0, 0, "")
