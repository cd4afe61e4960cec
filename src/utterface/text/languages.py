"""Languages as people write them → the codes that eSpeak NG knows, and the scripts that they are written in."""

from difflib import get_close_matches
from functools import cache

from utterface.errors import ConfigError

# Codes of eSpeak NG 1.52 that stand for languages of people; https://github.com/espeak-ng/espeak-ng/blob/master/docs/languages.md
_CODES = frozenset(
    "af am an ar as az ba be bg bn bpy bs ca chr cmn cs cv cy da de el en eo es et eu fa fi fo fr ga gd gn grc gu hak "
    "haw he hi hr ht hu hy ia id io is it ja jbo ka kk kl kn ko kok ku ky la lb lfn lt lv mi mk ml mr ms mt my nb nci "
    "ne nl nn nog om or pa pap pl pt py qdb qu quc ro ru sd shn si sk sl smj sq sr sv sw ta te th ti tk tn to tr tt ug "
    "uk ur uz vi yo yue xh zu xx".split()
)  # xx: not known, phones alone
_OTHER_CODES = {"zh": "cmn", "cn": "cmn", "jp": "ja", "no": "nb", "kr": "ko", "ua": "uk", "gr": "el", "iw": "he",
                "in": "id", "cz": "cs", "dk": "da", "se": "sv", "fil": "tl", "eng": "en", "deu": "de", "ger": "de",
                "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "nld": "nl", "rus": "ru",
                "zho": "cmn", "chi": "cmn", "jpn": "ja", "kor": "ko", "ara": "ar", "pol": "pl"}  # fmt: skip
_REGIONS = {"es-mx": "es-419", "es-ar": "es-419", "es-co": "es-419", "es-cl": "es-419", "es-us": "es-419",
            "es-la": "es-419", "es-419": "es-419", "pt-br": "pt-br", "en-gb": "en-gb", "en-us": "en-us", "zh-hk": "yue",
            "zh-yue": "yue", "fr-be": "fr-be", "fr-ch": "fr-ch"}  # fmt: skip
_NAMES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "francais": "fr", "français": "fr",
    "spanish": "es", "espanol": "es", "español": "es", "castilian": "es", "italian": "it", "italiano": "it",
    "portuguese": "pt", "português": "pt", "brazilian": "pt-br", "dutch": "nl", "nederlands": "nl", "russian": "ru",
    "polish": "pl", "czech": "cs", "slovak": "sk", "ukrainian": "uk", "swedish": "sv", "norwegian": "nb",
    "danish": "da", "finnish": "fi", "icelandic": "is", "greek": "el", "turkish": "tr", "hungarian": "hu",
    "romanian": "ro", "bulgarian": "bg", "croatian": "hr", "serbian": "sr", "slovenian": "sl", "estonian": "et",
    "latvian": "lv", "lithuanian": "lt", "hebrew": "he", "arabic": "ar", "persian": "fa", "farsi": "fa",
    "urdu": "ur", "hindi": "hi", "bengali": "bn", "tamil": "ta", "telugu": "te", "thai": "th", "vietnamese": "vi",
    "indonesian": "id", "malay": "ms", "korean": "ko", "japanese": "ja", "chinese": "cmn", "mandarin": "cmn",
    "cantonese": "yue", "catalan": "ca", "basque": "eu", "galician": "gl", "welsh": "cy", "irish": "ga",
    "swahili": "sw", "afrikaans": "af", "latin": "la", "esperanto": "eo", "georgian": "ka", "armenian": "hy",
}  # fmt: skip
_SCRIPTS = {
    "CYRILLIC": "ru uk be bg mk sr kk ky tt ba cv", "GREEK": "el grc", "HEBREW": "he", "ARABIC": "ar fa ur sd ug ku",
    "DEVANAGARI": "hi mr ne kok", "BENGALI": "bn as bpy", "HANGUL": "ko", "GEORGIAN": "ka", "ARMENIAN": "hy",
    "THAI": "th", "TAMIL": "ta", "TELUGU": "te", "GUJARATI": "gu", "KANNADA": "kn", "MALAYALAM": "ml",
    "GURMUKHI": "pa", "SINHALA": "si", "ETHIOPIC": "am ti", "ORIYA": "or", "MYANMAR": "my shn", "CHEROKEE": "chr",
    "CJK": "cmn yue hak", "HIRAGANA": "ja", "KATAKANA": "ja", "KATAKANA-HIRAGANA": "ja",
}  # fmt: skip
_ALWAYS = frozenset(("LATIN", "FULLWIDTH", "FEMININE", "MASCULINE", "MICRO", "MODIFIER", "?"))
_COMMON = {  # frequent short words that English lacks
    "de": "und der die das ist nicht ein eine ich wir mit auf den von zu",
    "fr": "le les des est une dans pour que qui nous vous avec sur et pas",
    "es": "el los las una que por con para está pero como muy del y",
    "it": "il che di una per con sono della gli non più anche è",
    "pt": "o os uma que não com para está mas como muito do da em",
    "nl": "het een van niet met voor zijn maar ook wij ik dat",
}


def code_of(name: str) -> str:
    """The code of a language: `zh` → `cmn`, `es-MX` → `es-419`, `pt_BR` → `pt-br`, `German` → `de`.

    Raises:
        ConfigError: no such language, or no string.
    """
    if not isinstance(name, str):
        raise ConfigError(f"a language is a string, such as 'en' or 'German'; got {name!r}")
    code = name.strip().lower().replace("_", "-").partition(".")[0]
    if code in _NAMES:
        return _NAMES[code]
    if code in _REGIONS:
        return _REGIONS[code]
    first, _, rest = code.partition("-")
    first = _OTHER_CODES.get(first, first)
    if first not in _CODES:
        near = get_close_matches(code, [*_NAMES], 1)
        hint = f"; did you mean {_NAMES[near[0]]} ({near[0].title()})?" if near else ", such as en, de, fr, es-MX, zh"
        raise ConfigError(f"no language is called {name!r}; give a code{hint}")
    return f"{first}-{rest}" if rest and first == "en" else first


@cache
def scripts_of(language: str) -> frozenset[str]:
    """First words of the Unicode names of the letters that a language is written with; Latin letters always count."""
    first = language.lower().replace("_", "-").partition("-")[0]
    first = _OTHER_CODES.get(first, first)
    return _ALWAYS | {script for script, codes in _SCRIPTS.items() if first in codes.split()}


def language_hint(text: str) -> str | None:
    """The code of the language that a text which is taken for English seems to be in; None where it may be English."""
    words = [word.strip(".,;:!?") for word in text.lower().split()]
    found = {code: [word for word in words if word in common.split()] for code, common in _COMMON.items()}
    best = max(found, key=lambda code: len(found[code]))
    return best if len(set(found[best])) >= 2 and len(found[best]) >= 0.12 * len(words) else None
