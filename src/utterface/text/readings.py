"""What a transcript may sound like: its words, and where it can be read in several ways, each of them.

Numbers, codes, years, Roman numerals and capitals have several readings; words in brackets may be spoken or not; words
in another script cannot be read at all. The aligner keeps what fits the sound best.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from utterface.text import numbers
from utterface.text.languages import scripts_of
from utterface.text.words import UNITS, calm, is_english, spell, to_words

MOST = 10  # readings of one place
LONGEST_WORD = 64  # letters; what is longer is no word
Words = tuple[str, ...]


@dataclass(frozen=True)
class Slot:
    """One place of a transcript.

    Attributes:
        readings: what may be said there, the likeliest first; an empty one where it may be left out.
        unread: the word as it is written, where it cannot be read; it has no readings then.
        ends: whether a clause ends here.
    """

    readings: tuple[Words, ...]
    unread: str = ""
    ends: bool = False


_CLAUSE = re.compile(  # not within an aside
    r"(?![^()]{0,300}\))(?:(?<=[.!?;:…])[\"'”’)\]]*\s+|(?<=[^\W\d],)\s+(?=[^\W\d])|\s[–—-]\s)"
)
_ASIDE = re.compile(r"(\([^()]*[^\W\d_][^()]*\))")
_MOST_PLACES = 200  # of several readings in a clause
_LONGEST_PLACE = 40  # words
_MATCHED = 3  # words behind a place that tell where it ends
_UNIT = "|".join(map(re.escape, [*UNITS, "million", "billion", "trillion", "thousand", "bn", "am", "pm", "[ap]\\.m"]))
_PLACE = re.compile(
    r"(?P<roman>(?<![\w'.])[IVXLCDM]{2,}(?![\w'])|(?<=[a-z] )[VX](?![\w'.])|(?<=\b[A-Z][a-z]{2} )I(?=[.,;:]))"
    r"|(?P<number>(?<![\w$£€¥₹.])[+#]?\(?\d[\d,.:/()–-]*+(?: ?\(?\d[\d,.:/()–-]*+)*+"
    r"(?!\w|\s?[%°€£¥]|\s?(?:" + _UNIT + r")\b))"
    r"|(?P<code>(?<![\w'.$£€¥₹])(?=[A-Z0-9-]{0,10}\d)(?=[A-Z0-9-]{0,10}[A-Z])[A-Z0-9][A-Z0-9-]{1,10}(?![\w']))"
    r"|(?P<capitals>(?<![\w'.])[A-Z]{2,5}(?![\w']))"
)
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def readings(text: str, language: str = "en") -> list[Slot]:
    """The places of a transcript in order.

    Args:
        text: without markup, see `markup.spoken_text`; round brackets hold what may be left out.
        language: its code; other languages than English have one reading of each word.

    Returns:
        Slots whose first readings, joined, are what `to_words` says, but for words that cannot be read.
    """
    slots: list[Slot] = []
    for clause in _clauses(text, language):
        begun = len(slots)
        for part in _ASIDE.split(clause):
            if _ASIDE.fullmatch(part) and (inside := tuple(to_words(part, language))):
                slots.append(Slot((inside, ())))
            else:
                slots += _part(part, language)
        if len(slots) > begun:
            slots[-1] = Slot(slots[-1].readings, slots[-1].unread, ends=True)
    return slots


def first_words(slots: Sequence[Slot]) -> list[str]:
    """The likeliest reading of all slots."""
    return [word for slot in slots if slot.readings for word in slot.readings[0]]


def _clauses(text: str, language: str) -> list[str]:
    """The text cut after its clauses, where that leaves its words as they are."""
    text = calm(text) if is_english(language) else text
    clauses: list[str] = []
    for part in filter(str.strip, _CLAUSE.split(text)):
        last = clauses[-1] if clauses else ""
        if last and to_words(f"{last} {part}", language) != to_words(last, language) + to_words(part, language):
            clauses[-1] = f"{last} {part}"
        else:
            clauses.append(part)
    return clauses


def _part(text: str, language: str) -> Iterator[Slot]:
    """Slots of a clause without brackets."""
    pieces = text.split()
    for unread, group in groupby(pieces, lambda piece: not is_readable(piece, language)):
        if unread:
            yield Slot((), unread=" ".join(group))
        elif is_english(language):
            yield from _english(" ".join(group))
        else:
            yield from (Slot(((word,),)) for word in to_words(" ".join(group), language))


def is_readable(word: str, language: str) -> bool:
    """Whether the letters of a word belong to a script of its language, and are not too many."""
    letters = [c for c in unicodedata.normalize("NFKC", word) if unicodedata.category(c)[0] == "L"]
    known = scripts_of(language)
    return len(letters) <= LONGEST_WORD and all(unicodedata.name(c, "?").split(" ")[0] in known for c in letters)


def _english(text: str) -> Iterator[Slot]:
    """Slots of English text: certain words one by one, places with several readings whole."""
    sure = to_words(text)
    places = [(found, said) for found in _PLACE.finditer(text) if (said := _others(found))][:_MOST_PLACES]
    masked, at = [], 0
    for i, (found, _) in enumerate(places):
        masked += [text[at : found.start()], f" {_mask(i)} "]
        at = found.end()
    around = to_words("".join([*masked, text[at:]]))
    ends = {word: i for i, word in enumerate(around)}
    done = after = 0  # words of `sure` and of `around` that are behind
    for i, (found, others) in enumerate(places):
        place = ends.get(_mask(i), -1)
        before = around[after:place] if place >= 0 else []
        if place < 0 or sure[done : done + len(before)] != before:  # a rule has taken it together with its neighbours
            break
        stop = ends.get(_mask(i + 1), len(around))
        own = _until(
            sure, done + len(before), to_words(found[0]), around[place + 1 : stop][:_MATCHED], stop == len(around)
        )
        if own is None:
            break
        yield from (Slot(((word,),)) for word in before)
        yield Slot(_different([tuple(sure[done + len(before) : own]), *others]))
        done, after = own, place + 1
    yield from (Slot(((word,),)) for word in sure[done:])


def _mask(number: int) -> str:
    """A word that no rule knows."""
    return "qzx" + "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "qz"


def _until(words: Sequence[str], start: int, own: Sequence[str], after: Sequence[str], is_last: bool) -> int | None:
    """Where in `words` a place ends that begins at `start`: behind its own words, or before the words that follow it.

    None where neither is found.
    """
    if own and list(words[start : start + len(own)]) == list(own):
        return start + len(own)
    if not after:
        return len(words) if is_last else None
    ends = range(start, min(start + _LONGEST_PLACE, len(words)) + 1)
    return next((end for end in ends if list(words[end : end + len(after)]) == list(after)), None)


def _different(several: Sequence[Words]) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(words for words in several if words))[:MOST]


def _others(found: re.Match[str]) -> list[Words]:
    """Further readings of one place."""
    text = found[0]
    if found["roman"]:
        number = _roman_number(text)
        names = [f"the {numbers.ordinal(number)}", numbers.cardinal(number), numbers.ordinal(number)] if number else []
        return _split([*names, " ".join(spell(text)), text.lower()])
    if found["capitals"]:
        return _split([" ".join(spell(text)), text.lower()])
    if found["code"]:
        runs = re.findall(r"[A-Za-z]+|\d+", text)
        return _split(
            [
                " ".join(" ".join(spell(run)) if run.isalpha() else say(run) for run in runs)
                for say in (numbers.digits, _with_oh, _in_pairs, lambda run: numbers.cardinal(int(run)))
            ]
        )
    return _split(_number(text))


def _number(text: str) -> list[str]:
    """Readings of digits with their separators: digit by digit, in pairs, as numbers, clock, half."""
    groups = re.findall(r"\d+", text)
    if sum(map(len, groups)) > 24:
        return [" ".join(map(numbers.digits, groups)), " ".join(map(_with_oh, groups))]
    if clock := re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip(".,:")):
        return [*_clock(int(clock[1]), int(clock[2])), _joined(groups, numbers.digits), _joined(groups, _cardinal)]
    if len(groups) == 1:
        return _one_number(groups[0])
    ways = [_joined(groups, numbers.digits), _joined(groups, _with_oh), _joined(groups, _in_pairs)]
    ways += [_joined(groups, _cardinal), " ".join([_with_oh(groups[0]), *map(_in_pairs, groups[1:])])]
    if "." in text and len(groups) == 2:
        ways += [f"{_cardinal(groups[0])} and a half"] if groups[1] == "5" else []
        ways.append(f"{_cardinal(groups[0])} point {_cardinal(groups[1])}")
    if re.fullmatch(r"1/\d", text):
        ways += ["half", "a half"] if text == "1/2" else [f"a {numbers.ordinal(int(groups[1]))}"]
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", text.strip(".,")):
        whole = "".join(groups)
        ways = [*_one_number(whole), *ways]
    return ways


def _one_number(digits: str) -> list[str]:
    number = int(digits)
    if number < 20 and len(digits) == 1:
        return ["oh"] if number == 0 else []
    ways = [_cardinal(digits), _with_and(number)]
    if digits[1:2] and number < 2000 and digits[0] == "1":
        ways.append(re.sub("^one ", "a ", _cardinal(digits)))
    if len(digits) == 4 and digits[2:] != "00":
        ways += [numbers.year(number), _in_pairs(digits)]
        ways.append(f"{_cardinal(digits[:2])} hundred and {_cardinal(digits[2:])}")
    elif len(digits) == 4:
        ways.append(f"{_cardinal(digits[:2])} hundred")
    if len(digits) == 3:
        ways.append(_in_pairs(digits))
    return [*ways, numbers.digits(digits), _with_oh(digits)] if len(digits) > 1 else ways


def _clock(hour: int, minute: int) -> list[str]:
    name, after = numbers.cardinal(hour), numbers.cardinal((hour % 12) + 1)
    quarters = {0: [name, f"{name} o'clock"], 15: [f"quarter past {name}", f"a quarter past {name}"],
                30: [f"half past {name}"], 45: [f"quarter to {after}", f"a quarter to {after}"]}  # fmt: skip
    past = [f"{numbers.cardinal(minute)} past {name}"] if 0 < minute < 30 else []
    to = [f"{numbers.cardinal(60 - minute)} to {after}"] if minute > 30 else []
    return [*quarters.get(minute, []), *past, *to]


def _joined(groups: Sequence[str], say: Callable[[str], str]) -> str:
    return " ".join(map(say, groups))


def _cardinal(digits: str) -> str:
    return numbers.cardinal(int(digits))


def _with_oh(digits: str) -> str:
    return numbers.digits(digits).replace("zero", "oh")


def _with_and(number: int) -> str:
    """105 → one hundred and five."""
    return re.sub(r"(hundred|thousand|million) (?=[^ ]+(?: [^ ]+)?$)(?!.*(?:hundred|thousand|million))", r"\1 and ",
                  numbers.cardinal(number))  # fmt: skip


def _in_pairs(digits: str) -> str:
    """1234 → twelve thirty four; 555 → five fifty five; 105 → one oh five."""
    first = len(digits) % 2
    pairs = [digits[:first]] * first + [digits[i : i + 2] for i in range(first, len(digits), 2)]
    said = [
        f"oh {numbers.cardinal(int(p))}" if len(p) == 2 and p[0] == "0" else numbers.cardinal(int(p)) for p in pairs
    ]
    return " ".join(said).replace("oh zero", "hundred")


def _roman_number(text: str) -> int | None:
    """IV → 4; None for letters that are no numeral."""
    if not re.fullmatch(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", text):
        return None
    values = [_ROMAN[c] for c in text]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _split(several: Sequence[str]) -> list[Words]:
    return [tuple(words.split()) for words in several]
