"""Words where they fit the sound, phones elsewhere: a recogniser of words, the aligner and a recogniser of phones.

Speech is recognised in stretches of at most 30 s that end in pauses, so hours need no more memory than minutes:

    stretch ─ phones; none: silence ─ words; none: the phones ─ alignment; phones where words leave something out

Words that the aligner refuses are captions alone, paced by the phones; words unlike the phones were not said.
"""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from utterface import align, timing
from utterface.align import Alignment, pieces, tile
from utterface.errors import TextError
from utterface.phones import SILENCE, Span
from utterface.recognise.phones import PhoneRecogniser
from utterface.recognise.whisper import Whisper
from utterface.recognise.whisper.networks import WEIGHTS
from utterface.speech import samples_of

if TYPE_CHECKING:
    from utterface.recognise.exported import ExportedRecogniser

LONGEST = 30.0  # seconds of a stretch
AGREEMENT = 0.4  # of the words' phones with those that are recognised; less, and the words were not said


class WordRecogniser:
    """`Recogniser` of words and phones.

    Args:
        model: of the words: a folder, or a name that `onnx-asr` knows; None is Whisper tiny.en of the extra `words`.

    Raises:
        MissingExtra: the extra `words` is not installed. ModelError: a file is missing or damaged.
    """

    def __init__(self, model: str | None = None) -> None:
        self.words = open_words(model)
        self.phones = PhoneRecogniser()
        self.name = self.words.name

    def recognise(self, samples: np.ndarray, language: str = "en") -> Alignment:
        """See `Recogniser.recognise`."""
        stream = WordStream(self, language)
        block = timing.sample_count(LONGEST)
        for start in range(0, len(samples), block):
            stream.push(samples_of(samples[start : start + block]))
        return stream.finish()


def open_words(model: str | None = None) -> "Whisper | ExportedRecogniser":
    """The recogniser of words: our own Whisper for CTranslate2's weights, `onnx-asr` for all else."""
    if model is None:
        return Whisper()
    if (Path(model) / WEIGHTS).is_file():
        return Whisper(Path(model))
    from utterface.recognise.exported import ExportedRecogniser

    return ExportedRecogniser(model)


class WordStream:
    """One recording recognised as it comes, in stretches."""

    def __init__(self, recogniser: WordRecogniser, language: str = "en") -> None:
        self._recogniser, self._language = recogniser, language
        self._waiting = np.zeros(0, np.float32)
        self._stretches: list[Alignment] = []

    def push(self, samples: np.ndarray) -> None:
        """(N,) float32 at 16 kHz, the next stretch of sound."""
        self._waiting = np.concatenate([self._waiting, samples])
        while len(self._waiting) > timing.sample_count(LONGEST):
            _, cut = next(pieces.at_pauses(align.to_pcm(self._waiting), LONGEST))
            self._stretches.append(self._recognised(self._waiting[:cut]))
            self._waiting = self._waiting[cut:]

    def finish(self) -> Alignment:
        """End of the sound: its words and phones, and which recogniser they come from."""
        if len(self._waiting):
            self._stretches.append(self._recognised(self._waiting))
            self._waiting = self._waiting[:0]
        return joined(self._stretches, self._recogniser.name)

    def _recognised(self, samples: np.ndarray) -> Alignment:
        words, phones = self._recogniser.words, self._recogniser.phones.recognise(samples, self._language)
        if not _spoken(phones.phones):
            return phones
        text = words.recognise(samples, self._language).text
        if not text or len(text.split()) > len(_spoken(phones.phones)):  # more words than phones were not said
            return phones
        try:
            aligned = align.align(samples, text, self._language)
        except TextError:
            return replace(phones, words=paced(text, phones.phones))
        if agreement(aligned.phones, phones.phones) < AGREEMENT:
            return phones
        return replace(_completed(aligned, phones), engine=words.name)


def agreement(one: Sequence[Span], other: Sequence[Span]) -> float:
    """How alike two sequences of phones are, 0 to 1: twice the phones that they share in order, of all there are."""
    first, second = ([phone.label for phone in _spoken(phones)] for phones in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def paced(text: str, phones: Sequence[Span]) -> tuple[Span, ...]:
    """Words of a text as if each phone stood for as many of its letters; their times are rough."""
    words, spoken = text.split(), _spoken(phones)
    edges = np.cumsum([0, *map(len, words)]) / max(1, sum(map(len, words))) * len(spoken)
    first = np.minimum(edges[:-1].astype(int), len(spoken) - 1)
    last = np.maximum(first, edges[1:].astype(int) - 1)
    return tuple(Span(word, spoken[a].start, spoken[b].end) for word, a, b in zip(words, first, last, strict=True))


def joined(stretches: Sequence[Alignment], name: str) -> Alignment:
    """Stretches that follow each other as one alignment.

    Args:
        stretches: each with its times from its own start.
        name: of the alignment's engine where no phone was found.
    """
    starts = list(accumulate((stretch.duration for stretch in stretches), initial=0.0))
    parts = list(zip(stretches, starts, strict=False))
    sources: list[Span] = []
    for stretch, start in parts:
        if not _spoken(stretch.phones):
            continue
        if sources and sources[-1].label == stretch.engine:
            sources[-1] = replace(sources[-1], end=start + stretch.duration)
        else:
            sources.append(Span(stretch.engine, start, start + stretch.duration))
    known = [(each.confidence, each.duration) for each in stretches if each.confidence is not None]
    total = sum(seconds for _, seconds in known)
    return Alignment(
        tuple(_moved(word, start) for stretch, start in parts for word in stretch.words),
        tile([_moved(phone, start) for stretch, start in parts for phone in stretch.phones], starts[-1]),
        starts[-1],
        sum(confidence * seconds for confidence, seconds in known) / total if known else None,
        engine=", ".join(dict.fromkeys(source.label for source in sources)) or name,
        unspoken=tuple((a + start, b + start) for stretch, start in parts for a, b in stretch.unspoken),
        sources=tuple(sources),
    )


def _completed(aligned: Alignment, phones: Alignment) -> Alignment:
    """The alignment with recognised phones where its words leave out what is spoken."""
    gaps = [*aligned.recognised, *aligned.unspoken]
    filled = [gap for gap in gaps if _spoken(_within(phones.phones, *gap))]
    kept = [phone for phone in aligned.phones if not any(a <= phone.start and phone.end <= b for a, b in filled)]
    spans = chain(kept, *(_within(phones.phones, *gap) for gap in filled))
    tiled = tile(sorted(spans, key=lambda phone: phone.start), aligned.duration)
    return replace(aligned, phones=tiled, unspoken=tuple(gap for gap in aligned.unspoken if gap not in filled))


def _within(phones: Sequence[Span], start: float, end: float) -> list[Span]:
    inside = [phone for phone in phones if phone.end > start and phone.start < end]
    return [replace(phone, start=max(start, phone.start), end=min(end, phone.end)) for phone in inside]


def _spoken(phones: Sequence[Span]) -> list[Span]:
    return [phone for phone in phones if phone.label != SILENCE]


def _moved(span: Span, start: float) -> Span:
    return replace(span, start=span.start + start, end=span.end + start)
