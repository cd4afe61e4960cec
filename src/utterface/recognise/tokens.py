"""Frames of a CTC recogniser → timed phones.

Each frame holds the most probable token; a run of equal tokens is one spike, blanks lie between. Spikes come `LAG`
after their phones begin, whatever the phone (median 70 ms against forced alignment, half of them within 20 ms;
docs/research/recognition.md compares other rules), so a phone lasts from its spike to the next, less the lag.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from utterface.phones import Span, from_ipa

LAG = 0.07  # seconds from the start of a phone to its spike
LONGEST = 0.2  # seconds of a phone that no other follows; the rest is a pause
_SHORTEST = 0.02  # seconds
BOUNDARY, BLANK = "<wb>", "<blank>"

# The recogniser spells common English words as they are written, /i/ for "I", /toʊ/ for "to"; here is how they sound.
_READINGS = {
    "i": "aɪ", "id": "aɪ d", "il": "aɪ l", "me": "m i", "ɔf": "ə v", "ɔv": "ə v", "ði": "ð ə", "toʊ": "t u",
    "heɪv": "h æ v", "hɑz": "h æ z", "ɑz": "æ z", "wɑz": "w ʌ z", "is": "ɪ z", "iz": "ɪ z", "fɹɑm": "f ɹ ʌ m",
    "ɡaɪv": "ɡ ɪ v", "one": "w ʌ n", "mæni": "m ɛ n i", "seɪd": "s ɛ d", "bin": "b ɪ n", "hwɑt": "w ʌ t",
    "ɛɹ": "ɑ ɹ", "ʃuɡɝ": "ʃ ʊ ɡ ɝ",
}  # fmt: skip
_ENGLISH = {"β": "b"}  # sounds that English has not, and what was said


@dataclass(frozen=True)
class Spike:
    """One recognised token: its name, the moment of its peak in seconds, and its probability there."""

    token: str
    moment: float
    probability: float


def spikes(best: np.ndarray, probability: np.ndarray, tokens: Sequence[str], frame_rate: float) -> list[Spike]:
    """Runs of equal tokens as spikes.

    Args:
        best: (T,) indices into `tokens`, the most probable of each frame.
        probability: (T,) theirs.
        tokens: names; `BLANK` is among them.
        frame_rate: frames a second.

    Returns:
        In order of time, without blanks; the moment is the run's mean frame, weighted by probability.
    """
    if not len(best):
        return []
    edges = np.flatnonzero(np.diff(best)) + 1
    found = []
    for run in np.split(np.arange(len(best)), edges):
        name = tokens[best[run[0]]]
        if name != BLANK:
            weights = probability[run]
            moment = float(run @ weights / weights.sum()) / frame_rate
            found.append(Spike(name, moment, float(weights.max())))
    return found


@lru_cache(maxsize=1000)
def symbols_of(token: str) -> tuple[str, ...]:
    """IPA phones of a token: one, two for a glide with its vowel, none for marks, digits and `<…>`."""
    return () if token.startswith("<") else from_ipa(token)


def timed_phones(found: Sequence[Spike], duration: float, english: bool) -> list[Span]:
    """Spikes → IPA phones in order of time, with gaps for pauses.

    Args:
        found: in order; `BOUNDARY` ends a word.
        duration: of the sound, seconds.
        english: whether common English words are read as they sound.
    """
    labels: list[str] = []
    moments: list[float] = []
    word: list[tuple[str, float]] = []
    for spike in (*found, Spike(BOUNDARY, duration, 1.0)):
        word += [(symbol, spike.moment + i * _SHORTEST) for i, symbol in enumerate(symbols_of(spike.token))]
        if spike.token == BOUNDARY and word:
            symbols, at = zip(*word, strict=True)
            said = _READINGS.get("".join(symbols), "").split() if english else []
            said = said or [_ENGLISH.get(symbol, symbol) if english else symbol for symbol in symbols]
            places = np.linspace(0, len(at) - 1, len(said))
            labels += said
            moments += np.interp(places, np.arange(len(at)), at).tolist()
            word = []
    return _spans(labels, np.array(moments), duration)


def _spans(labels: Sequence[str], moments: np.ndarray, duration: float) -> list[Span]:
    steps = np.arange(len(labels)) * _SHORTEST
    starts = np.maximum.accumulate(np.maximum(moments - LAG, 0) - steps) + steps  # in order, at least a step apart
    starts = np.append(starts, duration)
    ends = np.minimum(np.minimum(starts[1:], starts[:-1] + LONGEST), duration)
    return [
        Span(label, float(start), float(end))
        for label, start, end in zip(labels, starts, ends, strict=False)
        if end > start
    ]
