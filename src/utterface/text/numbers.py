"""English numbers, as they are read out."""

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion")
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
             "twelve": "twelfth"}  # fmt: skip


def cardinal(number: int) -> str:
    """42 → forty two; digit by digit from 10²¹ on."""
    if number < 0:
        return f"minus {cardinal(-number)}"
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{_ONES[number // 100]} hundred" + (f" {cardinal(number % 100)}" if number % 100 else "")
    if number >= 1000 ** len(_SCALES):
        return digits(str(number))
    parts = []
    for scale in _SCALES:
        number, part = divmod(number, 1000)
        if part:
            parts.append(f"{cardinal(part)} {scale}".strip())
    return " ".join(reversed(parts))


def ordinal(number: int) -> str:
    """21 → twenty first."""
    *head, last = cardinal(number).split()
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*head, _ORDINALS.get(last, regular)])


def digits(text: str) -> str:
    """007 → zero zero seven."""
    return " ".join(_ONES[int(c)] for c in text if c.isdigit())


def decimal(text: str) -> str:
    """3.14 → three point one four."""
    whole, _, part = text.partition(".")
    return f"{cardinal(int(whole or 0))} point {digits(part)}"


def year(number: int) -> str:
    """1984 → nineteen eighty four; 2007 → two thousand seven; 1905 → nineteen oh five; 1900 → nineteen hundred."""
    high, low = divmod(number, 100)
    if not 1000 <= number < 10000 or (high % 10 == 0 and low < 10):
        return cardinal(number)
    if low == 0:
        return f"{cardinal(high)} hundred"
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def plural(words: str) -> str:
    """nineteen eighty → nineteen eighties, for decades: the 1980s."""
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}es" if words.endswith("x") else f"{words}s"
