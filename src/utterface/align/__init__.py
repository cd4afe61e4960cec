"""Speech (and its transcript) → timed words and phones, by PocketSphinx and its American English model.

With a transcript, words are followed over the whole recording, a minute at a time with an open end, so hours need no
more memory than minutes; then phones are found in pieces of at most 15 s that end in pauses. Without one,
`utterface.recognise` finds them.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from textwrap import shorten

import numpy as np

from utterface import timing
from utterface.align import decoding, graph, lexicon, pieces
from utterface.align.alignment import Alignment, Timed, tile
from utterface.align.coverage import unspoken
from utterface.align.remarks import GOOD, hint, remarks
from utterface.align.rescoring import rescored
from utterface.align.stress import with_stress
from utterface.errors import TextError
from utterface.phones import SILENCE, Span
from utterface.text import is_english
from utterface.text.readings import Slot, first_words, readings

__all__ = ["Alignment", "align", "hint", "remarks", "tile", "to_pcm"]

CHECKED, SHARE = 10.0, 0.05  # how much sound is checked for its fit, from all over: seconds, and of long recordings
# Nats a frame at which words fit as likely as not, and how fast that changes: midway between right and shuffled
# transcripts of dc_tts_voice (English: −5.9 at worst, −8.1 at best) and kerstin_de (German: −7.3, −9.1).
MISFIT, MISFIT_BORROWED, SLOPE = -7.0, -8.2, 0.45
DRAWN_OUT = 0.7  # seconds; a longer phone stands for words that the transcript lacks
RUN, CRUSHED = 10, 0.42  # phones, seconds; so many in less time stand for words that are not spoken
KEPT = 0.3  # share of the words that must be spoken
FAINTEST = 33  # of 32767, −60 dB; nothing is said below it, yet the decoder hears words in digital zeros
LOCK = threading.Lock()  # the decoders keep state


@dataclass(frozen=True)
class _Fit:
    """Timed words and phones of one path through the transcript, and how well it fits."""

    path: graph.Path
    words: tuple[Span, ...]
    phones: tuple[Span, ...]
    confidence: float
    unspoken: tuple[tuple[float, float], ...]

    @property
    def is_doubtful(self) -> bool:
        """Whether words seem to be missing, or too many."""
        lengths = np.array([p.end - p.start for p in self.phones if p.label != SILENCE])
        drawn_out = lengths.max(initial=0) > DRAWN_OUT
        crushed = len(lengths) >= RUN and np.convolve(lengths, np.ones(RUN), "valid").min() < CRUSHED
        return bool(self.confidence < GOOD or self.unspoken or drawn_out or crushed)


def align(samples: np.ndarray, text: str, language: str = "en") -> Alignment:
    """When each word and phone of a transcript is said.

    Of several readings (numbers, asides in brackets) the one that fits best is taken. Where the transcript lacks words,
    or has words that cannot be read, phones are recognised; clauses that are not spoken are passed over.

    Args:
        samples: (N,) float at 16 kHz, full scale ±1, or int16.
        text: what is said, as people write it, without markup; numbers and symbols are read out.
        language: of the text; other languages than English need eSpeak NG (the extra `languages`) and borrow the
            American model's nearest phones.

    Raises:
        TextError: no words, too many of them, or words that do not fit the sound.
        MissingExtra: another language, and eSpeak NG is not installed.
    """
    pcm = to_pcm(samples)
    slots = readings(text, language)
    unread = tuple(slot.unread for slot in slots if slot.unread)
    if not any(map(any, (slot.readings for slot in slots))):
        if unread:
            raise TextError(f"the transcript cannot be read in this language ({language}): {_shown(unread)}")
        raise TextError("the transcript holds no words; give the words that are said, or none at all")
    count, most = len(first_words(slots)), timing.seconds(len(pcm)) * graph.FASTEST / KEPT
    if count > most:  # a path would have to leave out too many; looking for it takes minutes
        raise TextError(
            f"the transcript has {count} words, and {most:.0f} at most fit the sound; give those that are said"
        )
    with LOCK:
        slots = _settled(pcm, slots, language)
        fit = _fit(pcm, slots, language)
        if fit is None or fit.is_doubtful:
            fit = _better(fit, _fit(pcm, slots, language, free=True), slots)
    if fit is None or fit.confidence < 0.5:
        raise _misfit(fit.confidence if fit else 0.0)
    passed_over = _passed_over(slots, fit.path)
    return Alignment(
        fit.words, fit.phones, timing.seconds(len(pcm)), fit.confidence, unspoken=fit.unspoken,
        recognised=tuple(fit.path.recognised), passed_over=passed_over, unread=unread,
    )  # fmt: skip


def _settled(pcm: np.ndarray, slots: list[Slot], language: str) -> list[Slot]:
    """The slots with the readings that fit best; as they are where the sound follows none, or there is no choice."""
    if all(len(slot.readings) <= 1 for slot in slots):
        return slots
    path = graph.follow(pcm, slots, language)
    return slots if path is None else rescored(pcm, path, slots, language)


def _fit(pcm: np.ndarray, slots: Sequence[Slot], language: str, free: bool = False) -> _Fit | None:
    """The transcript along the sound; None where no path fits, or none of it is spoken."""
    if free or any(len(slot.readings) != 1 for slot in slots):
        path = graph.follow(pcm, slots, language, free)
    else:
        known = [(i, entry) for i, slot in enumerate(slots) for entry in lexicon.entries(slot.readings[0], language)]
        words = [entry for _, entry in known]
        placed = _follow(pcm, words)
        path = None if placed is None else graph.Path(words, placed, slots=[i for i, _ in known])
    if path is None or not path.words:
        return None
    misfit = MISFIT if is_english(language) else MISFIT_BORROWED
    return _timed(pcm, path, misfit)


def _better(strict: _Fit | None, free: _Fit | None, slots: Sequence[Slot]) -> _Fit | None:
    """The free path where it keeps enough of the transcript, and leaves it somewhere, and fits better."""
    if free is None or len(free.path.words) < KEPT * len(first_words(slots)) or free.confidence < 0.5:
        return strict
    if strict is None or strict.confidence < 0.5:
        return free
    leaves = free.path.recognised or _passed_over(slots, free.path)
    return free if leaves and free.confidence >= strict.confidence - 0.02 else strict


def _passed_over(slots: Sequence[Slot], path: graph.Path) -> tuple[str, ...]:
    """Parts of the transcript, word for word, that the path leaves out although they are no asides."""
    spoken = set(path.slots)
    missing = [i not in spoken and any(slot.readings) and all(slot.readings) for i, slot in enumerate(slots)]
    runs = groupby(range(len(slots)), lambda i: missing[i])
    return tuple(" ".join(first_words([slots[i] for i in run])) for left_out, run in runs if left_out)


def _timed(pcm: np.ndarray, path: graph.Path, misfit: float) -> _Fit:
    """Phones of the words on a path, a piece at a time; recognised phones where it leaves the transcript."""
    words, duration = path.words, timing.seconds(len(pcm))
    groups = _pieces(path, duration)
    spoken = [_audible(pcm, path.placed[first:last]) for first, last, _, _ in groups]
    checked = _worth_checking(spoken)
    timed: list[Timed] = []
    scores: list[tuple[float, float]] = []
    for number, (first, last, start, end) in enumerate(groups):
        piece = pcm[timing.sample_count(start) : timing.sample_count(end)]
        found = decoding.phones_along(piece, [w.key for w in words[first:last]], number in checked)
        if number in checked:
            scores.append((spoken[number], found[1] if found and found[1] is not None else -np.inf))
        if found is None:
            timed += [_evenly(i, *path.placed[i][1:], words[i]) for i in range(first, last)]
        else:
            timed += [_moved(word, first, start) for word in found[0]]
    faint = max(0.0, sum(b - a for _, a, b in path.placed) - sum(spoken))
    scores.append((faint * sum(s for s, _ in scores) / max(sum(spoken), 0.01), -np.inf))
    spans = tuple(Span(words[w.index].word, w.start, w.end) for w in timed if w.index >= 0)
    phones = [p for w in timed for p in _named(w, words)]
    for start, end in path.recognised:
        phones += _recognised(pcm, start, end)
    tiled = tile(with_stress(sorted(phones, key=lambda p: p.start), spans, pcm), duration)
    return _Fit(path, spans, tiled, _confidence(scores, misfit), unspoken(tiled, pcm))


def _pieces(path: graph.Path, duration: float) -> list[tuple[int, int, float, float]]:
    """Words in pieces, as `pieces.between_words`, none of which reaches into a recognised stretch."""
    groups: list[tuple[int, int, float, float]] = []
    edges = [(0.0, 0.0), *path.recognised, (duration, duration)]
    for (_, begin), (end, _) in pairwise(edges):
        inside = [place for place in path.placed if begin - 1e-6 <= place[1] < end]
        if inside:
            first = inside[0][0]
            found = pieces.between_words(inside, end, begin=begin)
            groups += [(first + a, first + b, start, stop) for a, b, start, stop in found]
    return groups


def _recognised(pcm: np.ndarray, start: float, end: float) -> list[Span]:
    """Phones that are recognised in a stretch of at most 15 s at a time."""
    part = pcm[timing.sample_count(start) : timing.sample_count(end)]
    phones: list[Span] = []
    for first, last in pieces.at_pauses(part):
        at = start + timing.seconds(first)
        phones += [Span(p.label, p.start + at, p.end + at) for p in decoding.hear_phones(part[first:last])]
    return phones


def _shown(words: Sequence[str]) -> str:
    return shorten(" ".join(words), 40, placeholder=" …")


def to_pcm(samples: np.ndarray) -> np.ndarray:
    """(N,) int16, as PocketSphinx hears it; int16 passes through."""
    if samples.dtype == np.int16:
        return samples
    return (np.clip(samples, -1, 1) * 32767).astype(np.int16)


def _follow(pcm: np.ndarray, words: Sequence[lexicon.Entry]) -> list[tuple[int, float, float]] | None:
    """(position, start, end) of every word, followed a stretch at a time; None where no path fits."""
    placed: list[tuple[int, float, float]] = []
    start, size = 0, timing.sample_count(graph.STRETCH)
    while True:
        first, at = len(placed), timing.seconds(start)
        last_stretch = len(pcm) - start <= 1.25 * size
        ahead = words[first:] if last_stretch else words[first : first + round(graph.STRETCH * graph.FASTEST)]
        if not ahead:
            return placed
        stretch = pcm[start:] if last_stretch else pcm[start : start + size]
        path = decoding.follow(stretch, [w.key for w in ahead], open_end=not last_stretch)
        if path is None and last_stretch:
            return None
        found = path or []  # an open end without a path holds none of the words: a pause, or music
        if last_stretch:
            return placed + [(first + i, a + at, b + at) for i, a, b in found]
        count, cut = graph.settled(found, graph.STRETCH)
        placed += [(first + i, a + at, b + at) for i, a, b in found[:count]]
        start += timing.sample_count(cut)


def _audible(pcm: np.ndarray, words: Sequence[tuple[int, float, float]]) -> float:
    """How many seconds of words lie in sound; a word in digital zeros fits anything."""

    def is_heard(start: float, end: float) -> bool:
        sound = pcm[timing.sample_count(start) : timing.sample_count(end)]
        return bool(np.abs(sound).max(initial=0) >= FAINTEST)

    return sum(b - a for _, a, b in words if is_heard(a, b))


def _worth_checking(spoken: Sequence[float]) -> set[int]:
    """Pieces whose fit is checked: about `CHECKED` seconds of words or `SHARE` of all, spread evenly over them."""
    ends = np.cumsum(spoken)
    count = max(1, round(max(CHECKED / max(ends[-1], CHECKED), SHARE) * len(spoken)))
    if count >= len(spoken):
        return set(range(len(spoken)))
    moments = (np.arange(count) + 0.5) / count * ends[-1]
    return {int(i) for i in np.searchsorted(ends, moments)}


def _confidence(scores: Sequence[tuple[float, float]], misfit: float) -> float:
    """0…1 from (seconds of words, nats a frame) of pieces, weighted by those seconds, since pauses fit any words."""
    total = max(sum(seconds for seconds, _ in scores), 1e-9)
    return float(sum(s / total / (1 + np.exp(min(50.0, (misfit - score) / SLOPE))) for s, score in scores))


def _misfit(confidence: float) -> TextError:
    return TextError(
        f"the transcript does not fit the sound (confidence {confidence:.2f}, 0.5 is needed); check that it belongs to "
        "this recording"
    )


def _moved(word: Timed, first: int, start: float) -> Timed:
    phones = tuple(Span(p.label, p.start + start, p.end + start) for p in word.phones)
    return Timed(word.index + first if word.index >= 0 else -1, word.start + start, word.end + start, phones)


def _evenly(index: int, start: float, end: float, entry: lexicon.Entry) -> Timed:
    """A word whose phones share its time equally: what remains where the phone pass finds no path."""
    labels = entry.phones or decoding.lookup(entry.key) or ("AH",)
    edges = list(accumulate([(end - start) / len(labels)] * len(labels), initial=start))
    return Timed(index, start, end, tuple(Span(p, a, b) for p, a, b in zip(labels, edges, edges[1:], strict=False)))


def _named(word: Timed, words: Sequence[lexicon.Entry]) -> list[Span]:
    """The phones of a word under the names of its own language."""
    if word.index < 0:
        return [Span(SILENCE, word.start, word.end)]
    own = words[word.index].phones
    if own is None or len(own) != len(word.phones):
        return list(word.phones)
    return [Span(label, p.start, p.end) for label, p in zip(own, word.phones, strict=True)]
