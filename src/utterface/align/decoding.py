"""PocketSphinx at work: words along a text, phones along words, words without a text, phones without words.

Its search for the best path through the lattice is off: with it, one read clip in five fails to align.
"""

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from utterface.align.alignment import FRAME_RATE, Timed
from utterface.phones import Span

NATS = 1024 * float(np.log(1.0001))  # PocketSphinx's scores count in 1024 steps of log base 1.0001
PHONES = tuple(  # of the American English model
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
)
_WIDE = {"beam": 1e-250, "pbeam": 1e-250, "wbeam": 1e-250}  # casual speech strays far from the model


@cache
def decoder(kind: str) -> Any:  # pocketsphinx has no types
    """A decoder, kept for the next utterance.

    `text` follows given words, `wide` does so with a wider beam, `checked` scores them against every sound there is,
    `words` hears words, `phones` hears phones.
    """
    from pocketsphinx import Decoder, get_model_path

    common: dict[str, Any] = {"loglevel": "FATAL", "bestpath": False}
    if kind == "words":
        return Decoder(fwdflat=False, maxhmmpf=6000, **common)
    if kind == "phones":
        loop = os.path.join(get_model_path(), "en-us", "en-us-phone.lm.bin")  # noqa: PTH118
        return Decoder(lm=None, allphone=loop, **common)
    own: dict[str, dict[str, Any]] = {"text": {}, "wide": _WIDE, "checked": {"compallsen": True, **_WIDE}}
    return Decoder(lm=None, **own[kind], **common)


def follow(pcm: np.ndarray, words: Sequence[str], open_end: bool = False) -> list[tuple[int, float, float]] | None:
    """Where each of the words is said.

    Args:
        pcm: (N,) int16.
        words: of the decoders' dictionary.
        open_end: whether the sound may end before the words do.

    Returns:
        (position in `words`, start, end) in seconds, in order; None where no path fits.
    """
    for kind in ("text", "wide"):
        this = decoder(kind)
        _set_words(this, words, open_end)
        if _decode(this, pcm):
            break
    else:
        return None
    spoken = [s for s in this.seg() if not _is_filler(s.word)]
    return [(i, s.start_frame / FRAME_RATE, (s.end_frame + 1) / FRAME_RATE) for i, s in enumerate(spoken)]


def along_graph(
    pcm: np.ndarray, steps: Sequence[tuple[int, int, float, str | None]], final: int, wide: bool = True
) -> list[tuple[str, float, float]] | None:
    """(word, start, end) in seconds on the best path through a graph, without pauses; None where no path fits.

    Args:
        pcm: (N,) int16.
        steps: (from, to, probability, word of the dictionary) from state 0 on; None takes no time.
        final: the state in which the path ends.
        wide: whether to try a wider beam where the first one finds no path; with loops of phones it takes long.
    """
    for kind in ("text", "wide") if wide else ("text",):
        this = decoder(kind)
        this.add_fsg("graph", this.create_fsg("graph", 0, final, [s if s[3] else s[:3] for s in steps]))
        this.activate_search("graph")
        if _decode(this, pcm):
            break
    else:
        return None
    spoken = [s for s in this.seg() if not _is_filler(s.word)]
    return [(s.word.split("(")[0], s.start_frame / FRAME_RATE, (s.end_frame + 1) / FRAME_RATE) for s in spoken]


def loose(phone: str) -> str:
    """A phone as a word of its own, for what no transcript says."""
    word = f"+{phone}+"
    add_word(word, (phone,))
    return word


def phones_along(pcm: np.ndarray, words: Sequence[str], check: bool = False) -> tuple[list[Timed], float | None] | None:
    """The words of a piece of at most 15 s with their phones, silences included.

    Returns:
        (words in order, score), or None where no path fits. The score is the mean over spoken frames of the log
        likelihood of the phone's state less that of the best state of all phones in the same frame, in nats: what a
        phone loop without any constraint would reach. None unless `check`.
    """
    for kind in ("checked",) if check else ("text", "wide"):
        this = decoder(kind)
        _set_words(this, words, open_end=False)
        if _decode(this, pcm) and (timed := _phones(this, pcm)):
            return timed
    return None


def hear(pcm: np.ndarray) -> tuple[list[str], list[Timed]]:
    """(words, words with phones) of a piece of at most 15 s, heard with the language model; both may be empty."""
    this = decoder("words")
    this.activate_search()
    if not _decode(this, pcm):
        return [], []
    words = [s.word.split("(")[0] for s in this.seg() if not _is_filler(s.word)]
    if not words or (found := _phones(this, pcm)) is None:
        return [], []
    return words, found[0]


def hear_phones(pcm: np.ndarray) -> list[Span]:
    """ARPAbet phones of a piece, heard with a bigram of phones alone."""
    this = decoder("phones")
    if not _decode(this, pcm):
        return []
    return [Span(s.word, s.start_frame / FRAME_RATE, (s.end_frame + 1) / FRAME_RATE) for s in this.seg()]


def add_word(word: str, phones: Sequence[str]) -> None:
    """A pronunciation more for the decoders that follow a text."""
    for kind in ("text", "wide", "checked"):
        if not decoder(kind).lookup_word(word):
            decoder(kind).add_word(word, " ".join(phones), False)


def lookup(word: str) -> tuple[str, ...] | None:
    """Pronunciation of a word in the dictionary, ARPAbet; None where it has none."""
    phones = decoder("text").lookup_word(word)
    return tuple(phones.split()) if phones else None


def _set_words(this: Any, words: Sequence[str], open_end: bool) -> None:
    if not open_end:
        this.set_align_text(" ".join(words))
        return
    end = len(words) + 1
    steps = [(i, i + 1, 1.0, word) for i, word in enumerate(words)]
    grammar = this.create_fsg("open", 0, end, steps + [(i, end, 1.0) for i in range(end)])
    this.add_fsg("open", grammar)
    this.activate_search("open")


def _decode(this: Any, pcm: np.ndarray) -> bool:
    """One pass; whether a path fits."""
    _begin(this)
    try:
        this.process_raw(pcm.tobytes(), full_utt=True)
    finally:
        try:
            this.end_utt()
        except RuntimeError:  # no path reaches the end
            return False
    return this.hyp() is not None


def _begin(this: Any) -> None:
    """An utterance of its own: what the decoder has learned of the noise in others is forgotten."""
    this.reinit_feat()
    this.start_utt()


def _phones(this: Any, pcm: np.ndarray) -> tuple[list[Timed], float | None] | None:
    """The second pass, over the words that the first one found."""
    try:
        this.set_alignment()
        _begin(this)
        this.process_raw(pcm.tobytes(), full_utt=True)
        this.end_utt()
    except RuntimeError:
        return None
    timed, spoken, score, index = [], 0, 0.0, 0
    for word in this.get_alignment() or ():
        phones = [(p.name, p.start, p.duration, p.score) for p in word]
        filler = _is_filler(word.name)
        spans = tuple(Span(n, s / FRAME_RATE, (s + d) / FRAME_RATE) for n, s, d, _ in phones)
        timed.append(Timed(-1 if filler else index, spans[0].start, spans[-1].end, spans))
        if not filler:
            index += 1
            spoken += sum(d for _, _, d, _ in phones)
            score += sum(s for *_, s in phones)
    return (timed, score * NATS / spoken) if spoken else None


def _is_filler(word: str) -> bool:
    return word.startswith(("<", "[", "("))  # <s>, <sil>, [NOISE], (NULL)
