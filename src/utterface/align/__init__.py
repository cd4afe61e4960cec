"""Speech (and its transcript) → timed words and phones, by PocketSphinx and its American English model.

With a transcript, words are followed over the whole recording, a minute at a time with an open end, so hours need no
more memory than minutes; then phones are found in pieces of at most 15 s that end in pauses. Without one,
`utterface.recognise` finds them.
"""

import threading
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from utterface import timing
from utterface.align import decoding, lexicon, pieces
from utterface.align.alignment import Alignment, Timed, tile
from utterface.align.coverage import unspoken
from utterface.align.stress import with_stress
from utterface.errors import TextError
from utterface.phones import SILENCE, Span
from utterface.text import is_english, to_words

__all__ = ["Alignment", "align", "tile", "to_pcm"]

STRETCH = 60.0  # seconds of sound that words are followed over at a time
FASTEST = 6.0  # words a second at most
CHECKED, SHARE = 10.0, 0.05  # how much sound is checked for its fit, from all over: seconds, and of long recordings
# Nats a frame at which words fit as likely as not, and how fast that changes: midway between right and shuffled
# transcripts of dc_tts_voice (English: −5.9 at worst, −8.1 at best) and kerstin_de (German: −7.3, −9.1).
MISFIT, MISFIT_BORROWED, SLOPE = -7.0, -8.2, 0.45
FAINTEST = 33  # of 32767, −60 dB; nothing is said below it, yet the decoder hears words in digital zeros
LOCK = threading.Lock()  # the decoders keep state


def align(samples: np.ndarray, text: str, language: str = "en") -> Alignment:
    """When each word and phone of a transcript is said.

    Args:
        samples: (N,) float at 16 kHz, full scale ±1, or int16.
        text: what is said, as people write it; numbers and symbols are read out.
        language: of the text; other languages than English need eSpeak NG (the extra `languages`) and borrow the
            American model's nearest phones.

    Raises:
        TextError: no words, or words that do not fit the sound.
        MissingExtra: another language, and eSpeak NG is not installed.
    """
    pcm = to_pcm(samples)
    duration = timing.seconds(len(pcm))
    with LOCK:
        words = lexicon.entries(to_words(text, language), language)
        if not words:
            raise TextError(
                "the transcript holds no words; give the words that are said, or none at all to have them heard"
            )
        placed = _follow(pcm, words)
        groups = pieces.between_words(placed, duration)
        spoken = [_audible(pcm, placed[first:last]) for first, last, _, _ in groups]
        checked = _worth_checking(spoken)
        timed: list[Timed] = []
        scores: list[tuple[float, float]] = []
        for number, (first, last, start, end) in enumerate(groups):
            piece = pcm[timing.sample_count(start) : timing.sample_count(end)]
            found = decoding.phones_along(piece, [w.key for w in words[first:last]], number in checked)
            if number in checked:
                scores.append((spoken[number], found[1] if found and found[1] is not None else -np.inf))
            if found is None:
                timed += [_evenly(i, *placed[i][1:], words[i]) for i in range(first, last)]
            else:
                timed += [_moved(word, first, start) for word in found[0]]
    faint = max(0.0, sum(b - a for _, a, b in placed) - sum(spoken))
    scores.append((faint * sum(s for s, _ in scores) / max(sum(spoken), 0.01), -np.inf))
    confidence = _confidence(scores, MISFIT if is_english(language) else MISFIT_BORROWED)
    if confidence < 0.5:
        raise _misfit(confidence)
    spans = [Span(words[w.index].word, w.start, w.end) for w in timed if w.index >= 0]
    phones = [p for w in timed for p in _named(w, words)]
    tiled = tile(with_stress(phones, spans, pcm), duration)
    return Alignment(tuple(spans), tiled, duration, confidence, unspoken=unspoken(tiled, pcm))


def to_pcm(samples: np.ndarray) -> np.ndarray:
    """(N,) int16, as PocketSphinx hears it; int16 passes through."""
    if samples.dtype == np.int16:
        return samples
    return (np.clip(samples, -1, 1) * 32767).astype(np.int16)


def _follow(pcm: np.ndarray, words: Sequence[lexicon.Entry]) -> list[tuple[int, float, float]]:
    """(position, start, end) of every word, followed a stretch at a time; TextError where no path fits."""
    placed: list[tuple[int, float, float]] = []
    start, size = 0, timing.sample_count(STRETCH)
    while True:
        first, at = len(placed), timing.seconds(start)
        last_stretch = len(pcm) - start <= 1.25 * size
        ahead = words[first:] if last_stretch else words[first : first + round(STRETCH * FASTEST)]
        if not ahead:
            return placed
        stretch = pcm[start:] if last_stretch else pcm[start : start + size]
        path = decoding.follow(stretch, [w.key for w in ahead], open_end=not last_stretch)
        if path is None and last_stretch:
            raise _misfit(0.0)
        found = path or []  # an open end without a path holds none of the words: a pause, or music
        if last_stretch:
            return placed + [(first + i, a + at, b + at) for i, a, b in found]
        count, cut = _settled(found, STRETCH)
        placed += [(first + i, a + at, b + at) for i, a, b in found[:count]]
        start += timing.sample_count(cut)


def _settled(found: Sequence[tuple[int, float, float]], length: float) -> tuple[int, float]:
    """(how many words of a stretch are sure to be placed well, where the next stretch starts in seconds).

    The last words of an open end may be wrong: cut in the last pause of 0.2 s at least 5 s before it, or between
    words where nobody pauses; behind all of them where nobody speaks any more.
    """
    if found and found[-1][2] <= length - 5.0:
        return len(found), found[-1][2]
    usable = [n for n in range(1, len(found)) if found[n][1] <= length - 5.0]
    pauses = [n for n in usable if found[n][1] - found[n - 1][2] >= 0.2]
    if not usable:
        return 0, length - 5.0 if not found else max(0.5, min(found[0][1], length) - 0.2)
    n = (pauses or usable)[-1]
    return n, (found[n - 1][2] + found[n][1]) / 2


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
        "this recording, or leave it out to have the words heard"
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
