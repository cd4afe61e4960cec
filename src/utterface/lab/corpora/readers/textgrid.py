"""Praat's TextGrid as the Montreal Forced Aligner writes it: words and phones with their times."""

from pathlib import Path

from utterface.errors import CorpusError, TextError
from utterface.formats.spans import read_textgrid
from utterface.phones import ARPABET_TO_IPA, SILENCE, Span, from_ipa

_SILENT = {"", "sil", "sp", "spn", "<eps>", "silence"}
_STRESS = {"1": 2, "2": 1}  # ARPAbet's digit → ours


def read_tiers(path: Path) -> dict[str, tuple[Span, ...]]:
    """Intervals by the tier's name in lower case; CorpusError where the file is no TextGrid."""
    try:
        return {name.lower(): spans for name, spans in read_textgrid(path).items()}
    except TextError as error:
        raise CorpusError(str(error)) from None


def to_phones(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Intervals of ARPAbet with stress (`AH0`) or of IPA as phones of the inventory; pauses and gaps become silence.

    A label of several symbols shares its time among them; what is no phone at all is left out.
    """
    phones: list[Span] = []
    at = 0.0
    for span in spans:
        if span.start - at > 1e-6:
            phones.append(Span(SILENCE, at, span.start))
        at = span.end
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
