"""Any inventory of phones → the 39 of American English, so that two that differ can be compared.

The 39 are those of the CMU dictionary, as IPA. Reduced vowels count as the full ones that dictionaries write, syllabic
and flapped sounds as the plain ones, the glottal stop as nothing (Lee and Hon, "Speaker-independent phone recognition
using hidden Markov models", 1989, fold TIMIT in this way). Phones of other languages, which a network that learned from
many may answer, count as the English phone nearest in the features of the IPA chart.
"""

from functools import cache

from utterface.phones import ARPABET_TO_IPA, SILENCE, Phone, inventory

_CMU = """
AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH
"""
ENGLISH = tuple(ARPABET_TO_IPA[name] for name in _CMU.split())
_KIN = {
    "ə": "ʌ", "ɐ": "ʌ", "ɨ": "ɪ", "ʉ": "u", "ɚ": "ɝ", "ɜ": "ɝ", "ʍ": "w", "ɾ": "t", "r": "ɹ", "ɻ": "ɹ", "ʁ": "ɹ",
    "ʀ": "ɹ", "ɫ": "l", "ɒ": "ɑ", "a": "ɑ", "e": "eɪ", "o": "oʊ", "əʊ": "oʊ", "ʔ": "",
}  # fmt: skip
_PLACES = (
    "bilabial", "labiodental", "dental", "alveolar", "postalveolar", "retroflex", "palatal", "labiovelar", "velar",
    "uvular", "pharyngeal", "glottal",
)  # fmt: skip


@cache
def to_english(symbol: str) -> str:
    """A phone of the inventory as one of the 39; silence stays, the glottal stop is empty."""
    if symbol in ENGLISH or symbol == SILENCE:
        return symbol
    if symbol in _KIN:
        return _KIN[symbol]
    table = inventory()
    return min(ENGLISH, key=lambda other: _distance(table[symbol], table[other]))


def _distance(one: Phone, other: Phone) -> float:
    if one.is_vowel != other.is_vowel:
        return 100.0
    if one.is_vowel:
        ends = [inventory()[p.end] if p.end else p for p in (one, other)]
        return 4 * (bool(one.end) != bool(other.end)) + _vowels(one, other) + _vowels(ends[0], ends[1])
    places = abs(_PLACES.index(one.place) - _PLACES.index(other.place))
    return 10 * (one.manner != other.manner) + places + 0.5 * (one.voiced != other.voiced)


def _vowels(one: Phone, other: Phone) -> float:
    return (
        abs(one.height - other.height) + abs(one.backness - other.backness) + 0.5 * abs(one.rounding - other.rounding)
    )
