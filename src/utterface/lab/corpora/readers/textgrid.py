"""Praat's TextGrid as the Montreal Forced Aligner writes it: words and phones with their times."""

import re
from pathlib import Path

from utterface.errors import CorpusError
from utterface.phones import ARPABET_TO_IPA, SILENCE, Span, from_ipa

_TIER = re.compile(r'name\s*=\s*"(?P<name>[^"]*)"')
_INTERVAL = re.compile(r'xmin\s*=\s*([\d.eE+-]+)\s*xmax\s*=\s*([\d.eE+-]+)\s*text\s*=\s*"((?:[^"]|"")*)"')
_SILENT = {"", "sil", "sp", "spn", "<eps>", "silence"}
_STRESS = {"1": 2, "2": 1}  # ARPAbet's digit → ours


def read_tiers(path: Path) -> dict[str, tuple[Span, ...]]:
    """Intervals by the tier's name in lower case; CorpusError where the file is none in Praat's long form."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise CorpusError(f"{path}: cannot read the TextGrid ({problem})") from None
    if "TextGrid" not in text[:200]:
        raise CorpusError(f"{path} is no TextGrid in Praat's long form")
    starts = [(m["name"].lower(), m.end()) for m in _TIER.finditer(text)]
    ends = [at for _, at in starts[1:]] + [len(text)]
    return {
        name: tuple(
            Span(label.replace('""', '"').strip(), float(start), float(end))
            for start, end, label in _INTERVAL.findall(text, begin, until)
        )
        for (name, begin), until in zip(starts, ends, strict=True)
    }


def to_phones(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Intervals of ARPAbet with stress (`AH0`) or of IPA as phones of the inventory; pauses become silence.

    A label of several symbols shares its time among them; what is no phone at all is left out.
    """
    phones: list[Span] = []
    for span in spans:
        bare, stress = span.label.rstrip("012"), _STRESS.get(span.label[-1:], 0)
        if span.label.lower() in _SILENT:
            symbols: tuple[str, ...] = (SILENCE,)
        elif bare.upper() in ARPABET_TO_IPA and bare.isascii() and bare.isupper():
            symbols = (ARPABET_TO_IPA[bare],)
        else:
            symbols, stress = from_ipa(span.label), 0
        step = (span.end - span.start) / max(len(symbols), 1)
        phones += [Span(s, span.start + i * step, span.start + (i + 1) * step, stress) for i, s in enumerate(symbols)]
    return tuple(phones)


def to_text(spans: tuple[Span, ...]) -> str:
    """The words, without the pauses."""
    return " ".join(span.label for span in spans if span.label.lower() not in _SILENT)
