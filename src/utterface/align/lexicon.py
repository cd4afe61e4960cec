"""How each word of a text is pronounced, for the acoustic model's 39 American phones."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from utterface.align import decoding
from utterface.phones import ARPABET_TO_IPA, IPA_TO_ARPABET, Phone, from_ipa, inventory
from utterface.text import espeak, g2p, is_english, spell

VOICELESS, HISSING = ("P", "T", "K", "F", "TH"), ("S", "Z", "SH", "ZH", "CH", "JH")


@dataclass(frozen=True)
class Entry:
    """A word as the decoder knows it.

    Attributes:
        word: what the text says.
        key: what the decoder calls it.
        phones: IPA of the word's own language, as many as the decoder's phones; None = the decoder's.
    """

    word: str
    key: str
    phones: tuple[str, ...] | None = None


def entries(words: Sequence[str], language: str = "en") -> list[Entry]:
    """Each word with a pronunciation that the decoders know from now on.

    Raises:
        MissingExtra: another language than English, and eSpeak NG is not installed.
    """
    if is_english(language):
        return [Entry(word, key) for word in words for key in _english(word)]
    spoken = dict(zip(words, espeak.transcribe(words, language), strict=True))
    return [entry for word in words if (entry := _foreign(word, spoken[word], language))]


def _english(word: str) -> list[str]:
    """Keys of one word; several where it has to be spelled, none where nothing can be said."""
    plain = unicodedata.normalize("NFKD", word.lower()).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z']", "", plain)
    if not plain.strip("'"):
        return []
    if decoding.lookup(plain) is None:
        if not (phones := pronounce(plain)):
            return [letter for letter in spell(plain) if decoding.lookup(letter)]
        for guess, key in zip(phones, (plain, f"{plain}(2)"), strict=False):
            decoding.add_word(key, guess)
    return [plain]


@cache
def pronounce(word: str) -> tuple[tuple[str, ...], ...]:
    """ARPAbet pronunciations of an English word: the dictionary's, its base's with an ending, or two guesses."""
    if known := decoding.lookup(word):
        return (known,)
    bare = word.strip("'")
    if bare != word and (known := decoding.lookup(bare)):
        return (known,)
    if word.endswith("'s") and (base := decoding.lookup(word[:-2]) or next(iter(g2p.pronounce(word[:-2])), None)):
        if base[-1] in HISSING:
            return ((*base, "IH", "Z"),)
        return ((*base, "S" if base[-1] in VOICELESS else "Z"),)
    return tuple(g2p.pronounce(word, 2))


# ------------------------------------------------------------------------------------------------- other languages


def _foreign(word: str, ipa: str, language: str) -> Entry | None:
    phones = from_ipa(ipa)
    if not phones:
        return None
    key = f"{language}:{'-'.join(phones)}"
    decoding.add_word(key, [nearest(phone) for phone in phones])
    return Entry(word, key, phones)


@cache
def nearest(symbol: str) -> str:
    """The American phone, in ARPAbet, whose articulation is closest to an IPA phone's."""
    if symbol in ("ə", "ɐ"):  # the dictionary's AH is the schwa as well
        return "AH"
    if symbol in IPA_TO_ARPABET and IPA_TO_ARPABET[symbol] in decoding.PHONES:
        return IPA_TO_ARPABET[symbol]
    phone = inventory()[symbol]
    return min(decoding.PHONES, key=lambda name: _difference(phone, inventory()[ARPABET_TO_IPA[name]]))


_PLACES = ("bilabial", "labiodental", "dental", "alveolar", "retroflex", "postalveolar", "palatal", "velar", "uvular",
           "pharyngeal", "glottal")  # fmt: skip
_LABIAL = ("bilabial", "labiodental", "labiovelar")
_KIN = {frozenset(pair) for pair in (("plosive", "affricate"), ("fricative", "affricate"), ("approximant", "tap"),
        ("approximant", "lateral"), ("tap", "lateral"), ("plosive", "tap"), ("fricative", "approximant"))}  # fmt: skip


def _difference(a: Phone, b: Phone) -> float:
    """Smaller is more alike; the scale is arbitrary."""
    if a.is_vowel != b.is_vowel:
        return 10.0
    if a.is_vowel:
        ends = [inventory()[p.end] if p.end else p for p in (a, b)]
        return _vowel_gap(a, b) + 0.7 * _vowel_gap(*ends) + 0.3 * (bool(a.end) != bool(b.end))
    manner = 0.0 if a.manner == b.manner else 0.8 if frozenset((a.manner, b.manner)) in _KIN else 2.0
    places = [_PLACES.index(p.place) if p.place in _PLACES else _PLACES.index("velar") for p in (a, b)]
    lips = (a.place in _LABIAL) != (b.place in _LABIAL)
    far = 0.25 * abs(places[0] - places[1]) + 0.3 * (a.voiced != b.voiced)
    return manner + far + 0.8 * lips + (a.is_sibilant != b.is_sibilant)


def _vowel_gap(a: Phone, b: Phone) -> float:
    return 2 * abs(a.height - b.height) + abs(a.backness - b.backness) + abs(a.rounding - b.rounding)
