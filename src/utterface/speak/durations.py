"""Symbols and the frames that a network gives each of them → timed phones: Kokoro, Piper and their kin."""

from collections.abc import Sequence

import numpy as np

from utterface.phones import SILENCE, Span, from_ipa

# misaki's letters for English where they are not IPA; https://github.com/hexgrad/misaki/blob/main/EN_PHONES.md
MISAKI = {"A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "T": "ɾ", "ᵊ": "ə"}
_STRESS = {"ˈ": 2, "ˌ": 1}
_MARKS = frozenset("ːˑʲʰʷˠˤ\u0303\u0329\u032f\u0325\u02de")  # letters that go with the one before
_PAUSE = 0.09  # seconds between two phones from which they are a pause


def phones_of(symbols: Sequence[str], seconds: Sequence[float] | np.ndarray, offset: float = 0.0) -> list[Span]:
    """Timed phones of a network's symbols.

    Symbols are joined where they are one phone (`t` and `ʃ`, a letter and its length mark). The time of a stress mark
    belongs to the phone after it; that of punctuation and blanks is a pause where it is long enough, else it is shared
    by the phones beside it.

    Args:
        symbols: one character each, in order.
        seconds: that each of them lasts.
        offset: seconds by which the network is late; taken from every boundary.
    """
    ends = np.cumsum(np.asarray(seconds, float).ravel())
    spans: list[Span] = []
    level, begin = 0, None
    for symbol, end, length in zip(symbols, ends, np.diff(ends, prepend=0.0), strict=True):
        start = float(end - length if begin is None else begin)
        if symbol in _STRESS:
            level, begin = _STRESS[symbol], start
            continue
        begin = None
        labels = from_ipa(MISAKI.get(symbol, symbol))
        before = spans[-1] if spans and spans[-1].end >= start - 1e-6 and not level else None
        joined = from_ipa(before.label + symbol) if before else ()
        if before and (symbol in _MARKS or (labels and len(joined) == 1)):
            label = joined[0] if labels else before.label
            spans[-1] = Span(label, before.start, float(end), before.stress)
        elif labels:
            spans.append(Span(labels[0], start, float(end), level))
            level = 0
    return _moved(_closed_up(spans), offset)


def _closed_up(spans: Sequence[Span]) -> list[Span]:
    """Short gaps shared by the phones beside them, long ones as silence."""
    closed: list[Span] = []
    for span in spans:
        start, before = span.start, closed[-1] if closed else None
        if before and start - before.end > 1e-6:
            if start - before.end < _PAUSE:
                start = (start + before.end) / 2
                closed[-1] = Span(before.label, before.start, start, before.stress)
            else:
                closed.append(Span(SILENCE, before.end, start))
        closed.append(Span(span.label, start, span.end, span.stress))
    return closed


def _moved(spans: Sequence[Span], offset: float) -> list[Span]:
    return [Span(s.label, max(0.0, s.start - offset), max(0.0, s.end - offset), s.stress) for s in spans]
