"""Written English → spoken words. Other languages pass through; eSpeak NG reads out their numbers.

A chain of rules, each one pattern and what it says. The order matters: times before decimals, money before numbers,
years before plain numbers.
"""

import re
import unicodedata
from collections.abc import Callable
from re import Match

from utterface.text import numbers

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH_SHORT = {m[:3]: m for m in _MONTHS} | {"sept": "september"}
ABBREVIATIONS = {
    "mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "prof": "professor", "st": "saint", "jr": "junior",
    "sr": "senior", "vs": "versus", "etc": "et cetera", "approx": "approximately", "dept": "department",
    "est": "established", "fig": "figure", "gen": "general", "gov": "governor", "capt": "captain", "col": "colonel",
    "lt": "lieutenant", "sgt": "sergeant", "rev": "reverend", "hon": "honorable", "mt": "mount", "ft": "fort",
    "ave": "avenue", "blvd": "boulevard", "rd": "road", "co": "company", "corp": "corporation", "inc": "incorporated",
    "ltd": "limited", "esq": "esquire", "messrs": "messers", "vol": "volume",
}  # fmt: skip
_ONLY_DOTTED = {"est", "fig", "gen", "col", "rev", "hon", "mt", "ft", "co", "st", "sr", "ms", "gov", "vol", "ave",
                "rd", "inc"}  # fmt: skip
_LATIN = {"e.g.": "for example", "i.e.": "that is", "a.m.": "a m", "p.m.": "p m", "c.f.": "compare",
          "cf.": "compare"}  # fmt: skip
_SYMBOLS = {"&": "and", "%": "percent", "+": "plus", "=": "equals", "@": "at", "°": "degrees", "×": "times",
            "÷": "divided by", "§": "section", "©": "copyright", "∞": "infinity", "≈": "about", "<": "less than",
            ">": "greater than", "~": "about", "→": "to"}  # fmt: skip
_MONEY = {
    "$": ("dollar", "cent"),
    "£": ("pound", "penny"),
    "€": ("euro", "cent"),
    "¥": ("yen", ""),
    "₹": ("rupee", "paisa"),
}
UNITS = {
    "km": "kilometers", "cm": "centimeters", "mm": "millimeters", "kg": "kilograms", "mg": "milligrams",
    "ml": "milliliters", "min": "minutes", "sec": "seconds", "kb": "kilobytes", "mb": "megabytes", "gb": "gigabytes",
    "tb": "terabytes", "hz": "hertz", "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz",
    "ms": "milliseconds", "mph": "miles per hour", "kw": "kilowatts", "lb": "pounds", "lbs": "pounds", "oz": "ounces",
    "ft": "feet", "hrs": "hours", "mins": "minutes", "secs": "seconds", "km/h": "kilometers per hour",
}  # fmt: skip
# Capitals that are read as a word although they look like an acronym.
_SAID_AS_WORDS = frozenset("NASA NATO UNESCO UNICEF OPEC AIDS LASER RADAR SCUBA OK PIN RAM ROM GIF SIM".split())
_EMPHATIC = frozenset(  # words in capitals as often as not; US and IT are left to be spelled
    "AM AN AND ANY ARE AS AT BAD BE BIG BUT BY CAN DID DO FAR FOR GET GO GOT HAD HAS HE HER HIM HIS HOW IF IN IS ITS "
    "LET MAY ME MY NEW NO NOT NOW OF OFF OH OLD ON ONE OR OUR OUT OWN PUT RUN SAW SAY SEE SHE SO THE TO TOO TRY TWO UP "
    "WAS WAY WE WHO WHY YES YET YOU".split()
)
_SPOKEN_AS_LETTERS = {"ok": "okay"}
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "th", "þ": "th",
                          "ı": "i", "\N{SOFT HYPHEN}": ""})  # fmt: skip
_CAPITALS = 0.9  # share of a text's letters from which capitals mean nothing
_SCALE = "thousand|million|billion|trillion|bn|[kmb]"
_AMOUNT = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"


def to_words(text: str, language: str = "en") -> list[str]:
    """The words that are said, in order.

    Args:
        text: as people write it.
        language: of the text; only English is rewritten.

    Returns:
        Lower-case words; English ones of letters and apostrophes, others of any letters and digits.
    """
    text = re.sub(r"(?<=\d)\s?(?=[¼-¾⅐-⅞])", " and ", text.replace("™", " ").replace("…", " "))
    text = re.sub(r"[‘’ʼ`´]", "'", unicodedata.normalize("NFKC", text).replace("⁄", "/"))
    if not is_english(language):
        kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c == "'" else " " for c in text.lower())
        return [bare for word in kept.split() if (bare := word.strip("'"))]
    text = calm(text)
    for pattern, say in _RULES:
        text = pattern.sub(say, text)
    words = re.findall(r"[a-z']+", _plain(text))
    return [stripped for word in words if (stripped := _without_quotes(word))]


def calm(text: str) -> str:
    """A text that is written in capitals throughout, in small letters; any other as it is."""
    letters = [c for c in text if c.isalpha()]
    return text.lower() if sum(c.isupper() for c in letters) > _CAPITALS * len(letters) else text


def _plain(text: str) -> str:
    """Lower case, letters without their marks; whatever else is not ASCII parts words."""
    split = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    parted = "".join(c if c.isascii() or unicodedata.category(c)[0] in "LM" else " " for c in split)
    return parted.encode("ascii", "ignore").decode()


def is_english(language: str) -> bool:
    """Whether a language code, such as `en` or `en-gb`, means English."""
    return re.fullmatch(r"en(?:[-_].*)?", language.lower()) is not None


def spell(word: str) -> list[str]:
    """A word letter by letter."""
    return [c for c in word.lower() if "a" <= c <= "z"]


def _without_quotes(word: str) -> str:
    """`'tis` and `dogs'` keep their apostrophe's sense by the dictionary; quotes around a word go."""
    bare = word.strip("'")
    return word if word in ("'tis", "'twas", "'em", "'til", "'cause", "'bout", "'round") else bare


def _amount(text: str) -> str:
    text = text.replace(",", "")
    return numbers.decimal(text) if "." in text else numbers.cardinal(int(text))


def _money(found: Match[str]) -> str:
    symbol, amount, scale = found["symbol"], found["amount"].replace(",", ""), found["scale"]
    unit, small = _MONEY[symbol]
    if scale:
        names = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
        return f" {_amount(amount)} {names.get(scale.lower(), scale.lower())} {unit}s "
    whole, _, part = amount.partition(".")
    if part and len(part) != 2:
        return f" {_amount(amount)} {unit}s "
    plural = unit if unit == "yen" else f"{unit}s"
    said = f"{numbers.cardinal(int(whole))} {unit if int(whole) == 1 else plural}"
    if part and int(part):
        cents = {"penny": "pence"}.get(small, f"{small}s") if int(part) != 1 else small
        said = (f"{said} and " if int(whole) else "") + f"{numbers.cardinal(int(part))} {cents}"
    return f" {said} "


def _time(found: Match[str]) -> str:
    hour, minute = int(found["hour"]), int(found["minute"])
    said = numbers.cardinal(hour)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{numbers.cardinal(minute)}"
    elif not found["half"]:
        said += " o'clock" if 1 <= hour <= 12 else " hundred"
    half = (found["half"] or "").replace(".", "").lower()
    return f" {said} {' '.join(half)} "


def _date(found: Match[str]) -> str:
    """`5 March 1998`, `March 5th, 1998`, `Mar 5`."""
    month = found["month"].lower().rstrip(".")
    month = next((m for m in _MONTHS if m == month), _MONTH_SHORT.get(month, month))
    after = f" {numbers.year(int(found['year']))}" if found["year"] else ""
    return f" {month} {numbers.ordinal(int(found['day']))}{after} "


def _iso_date(found: Match[str]) -> str:
    month = int(found["month"])
    if not 1 <= month <= 12 or not 1 <= int(found["day"]) <= 31:
        return found[0]
    return f" {_MONTHS[month - 1]} {numbers.ordinal(int(found['day']))} {numbers.year(int(found['year']))} "


def _digits_or_number(found: Match[str]) -> str:
    text = found[0].replace(",", "")
    if "." not in text and ((text.startswith("0") and len(text) > 1) or len(text) > 15):
        return f" {numbers.digits(text)} "
    return f" {_amount(text)} "


def _fraction(found: Match[str]) -> str:
    over, under = int(found[1]), int(found[2])
    if under == 0 or under > 20:
        return f" {numbers.cardinal(over)} over {numbers.cardinal(under)} "
    name = {1: "whole", 2: "half", 4: "quarter"}.get(under, numbers.ordinal(under))
    if over != 1:
        name = "halves" if under == 2 else f"{name}s"
    return f" {numbers.cardinal(over)} {name} "


def _abbreviation(found: Match[str]) -> str:
    name = found[1].lower()
    if name in _ONLY_DOTTED and not found[2]:
        return found[0]
    if name == "st" and re.match(r"\s*(?:[,.;]|$)", found.string[found.end() :]):
        return " street "
    return f" {ABBREVIATIONS[name]} "


def _street(found: Match[str]) -> str:
    return f"{found[1]} {'street' if found[2] == 'St' else 'drive'}{found[3]}"


def _acronym(found: Match[str]) -> str:
    letters, ending = found[1].replace(".", ""), found[2] or ""
    if letters in _EMPHATIC and not ending:
        return found[0]
    if letters in _SAID_AS_WORDS:
        return f" {_SPOKEN_AS_LETTERS.get(letters.lower(), letters.lower())}{ending} "
    if len(letters) > 5 or (len(letters) > 3 and any(v in letters for v in "AEIOU")):
        return found[0]  # a word in capitals
    apostrophe = "'s" if ending else ""
    return f" {' '.join(letters)}{apostrophe} "


def _rule(pattern: str, say: str | Callable[[Match[str]], str], flags: int = re.IGNORECASE) -> tuple[
    re.Pattern[str], str | Callable[[Match[str]], str]
]:  # fmt: skip
    return re.compile(pattern, flags), say


_MONTH = rf"(?P<month>{'|'.join(_MONTHS)}|(?:{'|'.join(_MONTH_SHORT)})\.?)"
_RULES = [
    _rule(r"https?://|www\.", " "),
    _rule(r"(?<=[a-z])\.(?=(?:com|org|net|edu|gov|io|ai|co|uk|de)\b)", " dot "),
    _rule(r"(?<=\w)@(?=\w)", " at "),
    _rule(r"#(?=\d)|\bno\.\s?(?=\d)", " number "),
    _rule(r"#(?=[a-z])", " hashtag "),
    _rule(r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b", _iso_date),
    _rule(r"(?<=\d)\s?[-–—]\s?(?=[\d$£€])", " to "),
    _rule(r"\b24/7\b", " twenty four seven "),
    _rule(rf"(?P<symbol>[$£€¥₹])\s?(?P<amount>{_AMOUNT})(?:\s?(?P<scale>{_SCALE})\b)?", _money),
    _rule(rf"(?P<amount>{_AMOUNT})\s?(?P<symbol>[€£¥])(?P<scale>)", _money),
    _rule(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<year>\d{{4}})\b)?", _date),
    _rule(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+(?P<year>\d{{4}})\b)?", _date),
    _rule(r"\b(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::\d\d)?(?:\s?(?P<half>[ap]\.?m\b\.?))?", _time),
    _rule(r"\b(\d{1,2})\s?([ap])\.?m\b\.?", lambda m: f" {numbers.cardinal(int(m[1]))} {m[2].lower()} m "),
    _rule(r"\b(\d+(?:,\d{3})*)(?:st|nd|rd|th)\b", lambda m: f" {numbers.ordinal(int(m[1].replace(',', '')))} "),
    _rule(r"'?\b(\d{2,4})'?s\b", lambda m: f" {numbers.plural(numbers.year(int(m[1])))} "),
    _rule(r"(?<=\d)\s?°\s?([CF])\b", lambda m: f" degrees {'celsius' if m[1].upper() == 'C' else 'fahrenheit'} "),
    _rule(rf"(?<=\d)\s?({'|'.join(sorted(map(re.escape, UNITS), key=len, reverse=True))})\b",
          lambda m: f" {UNITS[m[1].lower()]} "),
    _rule(r"(?<![\d.,/])(\d{1,2})/(\d{1,2})(?![\d/])", _fraction),
    _rule(r"(?:(?<=\s)|^)[-−](?=\d)", " minus "),
    _rule(r"(?<![\d.,])(1[1-9]\d\d|20[1-9]\d)(?!\d|[.,]\d)", lambda m: f" {numbers.year(int(m[1]))} "),
    _rule(r"(?<=\d)\.(\d+)(\.\d+)+", lambda m: " point " + " point ".join(map(numbers.digits, m[0].split(".")[1:]))),
    _rule(_AMOUNT + r"|(?<=\s)\.\d+", _digits_or_number),
    _rule("|".join(rf"(?<![\w.]){re.escape(k)}" for k in _LATIN), lambda m: f" {_LATIN[m[0].lower()]} "),
    _rule(r"\b([A-Z][a-z]+) (St|Dr)\.?(\s*(?:$|[,;]))", _street, re.MULTILINE),
    _rule(rf"\b({'|'.join(ABBREVIATIONS)})\b(\.)?", _abbreviation),
    _rule(r"\b((?:[A-Z]\.){2,}|[A-Z]{2,})('?s\b)?", _acronym, 0),
    _rule("|".join(map(re.escape, _SYMBOLS)), lambda m: f" {_SYMBOLS[m[0]]} "),
]  # fmt: skip
