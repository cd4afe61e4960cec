"""Speech sounds: IPA symbols, what each one asks of the mouth, and the names others give them.

Inside, every phone is an IPA symbol. Affricates and diphthongs are one phone each (`tʃ`, `aɪ`), silence is `sil`.
The features follow the IPA chart (2020): place and manner of consonants, height, backness and rounding of vowels.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

SILENCE = "sil"


@dataclass(frozen=True)
class Span:
    """A labelled stretch of time: a word, a phone, a viseme.

    `stress` is 2 on the vowel with primary stress, 1 on one with secondary stress, else 0.
    """

    label: str
    start: float
    end: float
    stress: int = 0


@dataclass(frozen=True)
class Phone:
    """What one speech sound is, in articulatory features.

    Attributes:
        symbol: IPA.
        manner: `silence`, `vowel`, `plosive`, `affricate`, `fricative`, `nasal`, `lateral`, `approximant`, `tap`.
        place: of consonants: `bilabial`, `labiodental`, `dental`, `alveolar`, `postalveolar`, `retroflex`, `palatal`,
            `labiovelar`, `velar`, `uvular`, `pharyngeal`, `glottal`; empty for vowels and silence.
        voiced: whether the vocal folds vibrate.
        height: of vowels and glides, 0 open … 1 close.
        backness: 0 front … 1 back.
        rounding: 0 spread or neutral … 1 fully rounded lips.
        end: of diphthongs, the symbol of the vowel they move to; else empty.
    """

    symbol: str
    manner: str
    place: str = ""
    voiced: bool = True
    height: float = 0.0
    backness: float = 0.0
    rounding: float = 0.0
    end: str = ""

    @property
    def is_vowel(self) -> bool:
        return self.manner == "vowel"

    @property
    def is_bilabial(self) -> bool:
        """Whether the lips must seal: /p b m/ and their kin (not the fricatives ɸ β)."""
        return self.place == "bilabial" and self.manner in ("plosive", "nasal", "affricate")

    @property
    def is_labiodental(self) -> bool:
        """Whether the lower lip must meet the upper teeth."""
        return self.place == "labiodental"

    @property
    def is_sibilant(self) -> bool:
        """Whether the teeth must nearly meet: /s z ʃ ʒ tʃ dʒ/ and their kin."""
        return self.manner in ("fricative", "affricate") and self.place in ("alveolar", "postalveolar", "retroflex")


# symbol: (height, backness, rounding); heights after the IPA chart's seven rows
_VOWELS = {
    "i": (1.0, 0.0, 0.0), "y": (1.0, 0.0, 1.0), "ɨ": (1.0, 0.5, 0.0), "ʉ": (1.0, 0.5, 0.9), "ɯ": (1.0, 1.0, 0.0),
    "u": (1.0, 1.0, 1.0), "ɪ": (0.83, 0.15, 0.0), "ʏ": (0.83, 0.15, 0.8), "ʊ": (0.83, 0.85, 0.7), "e": (0.67, 0.0, 0.0),
    "ø": (0.67, 0.0, 0.9), "ɘ": (0.67, 0.5, 0.0), "ɵ": (0.67, 0.5, 0.7), "ɤ": (0.67, 1.0, 0.0), "o": (0.67, 1.0, 0.9),
    "ə": (0.5, 0.5, 0.05), "ɛ": (0.33, 0.05, 0.0), "œ": (0.33, 0.05, 0.7), "ɜ": (0.4, 0.5, 0.1), "ɝ": (0.5, 0.5, 0.35),
    "ɚ": (0.5, 0.5, 0.3), "ɞ": (0.33, 0.5, 0.5), "ʌ": (0.33, 0.7, 0.0), "ɔ": (0.33, 1.0, 0.65), "æ": (0.12, 0.05, 0.0),
    "ɐ": (0.17, 0.5, 0.0), "a": (0.0, 0.25, 0.0), "ɶ": (0.0, 0.1, 0.5), "ɑ": (0.0, 1.0, 0.0), "ɒ": (0.05, 1.0, 0.4),
}  # fmt: skip
_DIPHTHONGS = {
    "aɪ": ("a", "ɪ"), "aʊ": ("a", "ʊ"), "eɪ": ("e", "ɪ"), "oʊ": ("o", "ʊ"), "əʊ": ("ə", "ʊ"), "ɔɪ": ("ɔ", "ɪ"),
    "ɔʏ": ("ɔ", "ʏ"), "ɪə": ("ɪ", "ə"), "eə": ("e", "ə"), "ʊə": ("ʊ", "ə"), "ja": ("i", "a"), "ui": ("u", "i"),
    "ai": ("a", "i"), "au": ("a", "u"), "ei": ("e", "i"), "ou": ("o", "u"), "oi": ("o", "i"), "eu": ("e", "u"),
    "iu": ("i", "u"), "ie": ("i", "e"), "uo": ("u", "o"), "yø": ("y", "ø"), "øy": ("ø", "y"), "œy": ("œ", "y"),
    "ɛi": ("ɛ", "i"), "ʌu": ("ʌ", "u"), "ɑʊ": ("ɑ", "ʊ"), "ɔu": ("ɔ", "u"), "ia": ("i", "a"), "ua": ("u", "a"),
    "uɔ": ("u", "ɔ"), "ɑɪ": ("ɑ", "ɪ"), "æɪ": ("æ", "ɪ"), "ɛɪ": ("ɛ", "ɪ"), "ʊɪ": ("ʊ", "ɪ"), "ea": ("e", "a"),
}  # fmt: skip
# manner: {place: (voiceless, voiced)}
_CONSONANTS = {
    "plosive": {"bilabial": "p b", "dental": "t̪ d̪", "alveolar": "t d", "retroflex": "ʈ ɖ", "palatal": "c ɟ",
                "velar": "k ɡ", "uvular": "q ɢ", "glottal": "ʔ _", "labiovelar": "k͡p ɡ͡b"},
    "affricate": {"alveolar": "ts dz", "postalveolar": "tʃ dʒ", "retroflex": "ʈʂ ɖʐ", "palatal": "tɕ dʑ",
                  "bilabial": "pf _"},
    "fricative": {"bilabial": "ɸ β", "labiodental": "f v", "dental": "θ ð", "alveolar": "s z", "postalveolar": "ʃ ʒ",
                  "retroflex": "ʂ ʐ", "palatal": "ç ʝ", "velar": "x ɣ", "uvular": "χ ʁ", "pharyngeal": "ħ ʕ",
                  "glottal": "h ɦ", "labiovelar": "ʍ _"},
    "nasal": {"bilabial": "_ m", "labiodental": "_ ɱ", "alveolar": "_ n", "retroflex": "_ ɳ", "palatal": "_ ɲ",
              "velar": "_ ŋ", "uvular": "_ ɴ"},
    "lateral": {"alveolar": "ɬ l", "retroflex": "_ ɭ", "palatal": "_ ʎ", "velar": "_ ɫ", "postalveolar": "_ ɮ"},
    "approximant": {"labiodental": "_ ʋ", "alveolar": "_ ɹ", "retroflex": "_ ɻ", "palatal": "_ j", "labiovelar": "_ w",
                    "velar": "_ ɰ", "bilabial": "_ ɥ"},
    "tap": {"alveolar": "_ ɾ", "retroflex": "_ ɽ", "dental": "_ r", "uvular": "_ ʀ", "bilabial": "_ ʙ"},
}  # fmt: skip
# Glides and rounded consonants carry vowel-like settings of their own: (height, backness, rounding).
_COLOURED = {"w": (0.95, 1.0, 1.0), "ʍ": (0.95, 1.0, 1.0), "ɥ": (1.0, 0.0, 1.0), "j": (1.0, 0.0, 0.0),
             "ɰ": (1.0, 1.0, 0.0), "ɹ": (0.7, 0.5, 0.5), "ɻ": (0.7, 0.6, 0.4), "ʃ": (0.9, 0.3, 0.55),
             "ʒ": (0.9, 0.3, 0.55), "tʃ": (0.9, 0.3, 0.55), "dʒ": (0.9, 0.3, 0.55), "ʂ": (0.9, 0.4, 0.45),
             "ʐ": (0.9, 0.4, 0.45)}  # fmt: skip


@cache
def inventory() -> dict[str, Phone]:
    """All phones by symbol; the features each one asks for."""
    table = {SILENCE: Phone(SILENCE, "silence", voiced=False)}
    for symbol, (height, backness, rounding) in _VOWELS.items():
        table[symbol] = Phone(symbol, "vowel", "", True, height, backness, rounding)
    for symbol, (start, end) in _DIPHTHONGS.items():
        height, backness, rounding = _VOWELS[start]
        table[symbol] = Phone(symbol, "vowel", "", True, height, backness, rounding, end)
    for manner, places in _CONSONANTS.items():
        for place, pair in places.items():
            for symbol, voiced in zip(pair.split(), (False, True), strict=True):
                if symbol != "_":
                    table[symbol] = Phone(symbol, manner, place, voiced, *_COLOURED.get(symbol, (0.0, 0.0, 0.0)))
    return table


ARPABET_TO_IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AX": "ə", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d",
    "DH": "ð", "EH": "ɛ", "ER": "ɝ", "AXR": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IX": "ɨ",
    "IY": "i", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p",
    "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "UX": "ʉ", "V": "v", "W": "w",
    "WH": "ʍ", "Y": "j", "Z": "z", "ZH": "ʒ", "DX": "ɾ", "SIL": SILENCE, "PAU": SILENCE, "H#": SILENCE,
    "+NSN+": SILENCE, "+SPN+": SILENCE,
}  # fmt: skip
IPA_TO_ARPABET = {ipa: arpabet for arpabet, ipa in reversed(ARPABET_TO_IPA.items())}

# What other IPA transcriptions write and the inventory lacks, as its nearest kin for the mouth.
_KIN = {
    "g": "ɡ", "ε": "ɛ", "ɕ": "ʃ", "ʑ": "ʒ", "ɧ": "ʃ", "ᵻ": "ɪ", "ᵊ": "ə", "ɺ": "ɾ", "ɿ": "ɨ", "ʅ": "ɨ", "ɩ": "ɪ",
    "ɷ": "ʊ", "ᴀ": "a", "ᴇ": "e", "ɓ": "b", "ɗ": "d", "ɠ": "ɡ", "ʄ": "ɟ", "ʛ": "ɢ", "ʟ": "ɫ", "ⱱ": "v", "ᵐ": "m",
    "ⁿ": "n", "ʘ": "p", "ǀ": "t", "ǃ": "t", "ǂ": "c", "ǁ": "l", "ʢ": "ʕ", "ʡ": "ʔ", "ʜ": "ħ", "ʦ": "ts", "ʣ": "dz",
    "ʧ": "tʃ", "ʤ": "dʒ", "ʨ": "tɕ", "ʥ": "dʑ",
}  # fmt: skip


@cache
def from_ipa(text: str) -> tuple[str, ...]:
    """A foreign IPA transcription, such as eSpeak NG's phoneme names, as symbols of the inventory.

    The longest known symbol wins at each place; stress, length, tone, and marks that change little for the mouth
    (aspiration, palatalisation, nasality, syllabicity) are left out. What is no phone at all gives nothing.
    """
    known, symbols, at = inventory(), [], 0
    text = unicodedata.normalize("NFC", text).replace("\u0361", "")
    while at < len(text):
        for size in (3, 2, 1):
            piece = text[at : at + size]
            symbol = piece if piece in known else _KIN.get(piece)
            if symbol is None and size == 1:
                plain = unicodedata.normalize("NFD", piece)[0]
                symbol = plain if plain in known else _KIN.get(plain)
            if symbol is not None and len(piece) == size:
                symbols.append(symbol)
                break
        at += size
    return tuple(symbols)


# The 15 visemes of Oculus LipSync, in its order.
# https://developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference
OCULUS = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")
# Rhubarb Lip Sync's mouth shapes. https://github.com/DanielSWolf/rhubarb-lip-sync#mouth-shapes
RHUBARB = ("A", "B", "C", "D", "E", "F", "G", "H", "X")
_RHOTIC = ("ɝ", "ɚ", "ɹ", "ɻ", "ɾ", "ɽ", "r", "ʀ", "ʁ")
# place: visemes of stops and the rest, of fricatives and affricates, of nasals and laterals; further back it is kk
_OCULUS_PLACES = {"bilabial": ("PP", "PP", "PP"), "labiodental": ("FF", "FF", "FF"), "dental": ("DD", "TH", "nn"),
                  "alveolar": ("DD", "SS", "nn"), "postalveolar": ("DD", "CH", "nn"), "retroflex": ("DD", "CH", "nn"),
                  "palatal": ("DD", "CH", "nn")}  # fmt: skip


@cache
def to_oculus(symbol: str) -> str:
    """The Oculus viseme of an IPA phone of the inventory; a diphthong has that of its first vowel."""
    phone = inventory()[symbol]
    if phone.manner == "silence":
        return "sil"
    if symbol in _RHOTIC:
        return "RR"
    if phone.is_vowel or symbol in ("w", "ʍ", "ɥ", "j", "ɰ"):
        return _vowel_viseme(phone)
    kind = 1 if phone.manner in ("fricative", "affricate") else 2 if phone.manner in ("nasal", "lateral") else 0
    return _OCULUS_PLACES.get(phone.place, ("kk", "kk", "kk"))[kind]


def _vowel_viseme(phone: Phone) -> str:
    if phone.rounding >= 0.4:
        return "ou" if phone.height >= 0.8 else "oh"
    if phone.height >= 0.8:
        return "ih"
    return "E" if phone.height >= 0.3 and phone.backness < 0.65 else "aa"


@cache
def to_rhubarb(symbol: str) -> str:
    """The mouth shape of Rhubarb Lip Sync for an IPA phone of the inventory."""
    phone = inventory()[symbol]
    rounded = phone.rounding >= 0.6 or phone.place == "bilabial"
    rules = (
        (phone.manner == "silence", "X"),
        (phone.is_bilabial, "A"),
        (phone.is_labiodental, "G"),
        (phone.manner == "lateral", "H"),
        (rounded and (phone.height >= 0.6 or not phone.is_vowel), "F"),
        (phone.is_vowel and phone.rounding >= 0.3, "E"),
        (not phone.is_vowel or phone.height >= 0.8, "B"),
        (phone.height < 0.2 and symbol != "æ", "D"),
    )
    return next((shape for fits, shape in rules if fits), "C")
