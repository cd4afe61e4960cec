"""Captured corpora into our form: each take's sound, motion and neutral face, with phones where some can be had."""

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from utterface import timing
from utterface.align import Alignment, align
from utterface.errors import CorpusError, TextError
from utterface.lab.corpora.manifest import Corpus, CorpusClip, CorpusInfo, read_corpus
from utterface.lab.corpora.readers import reader
from utterface.lab.corpora.readers.contract import OURS, CapturedTake, Split
from utterface.lab.corpora.recorded import agreement, cut, free_phones
from utterface.lab.corpora.writer import CorpusWriter
from utterface.phones import Span

_OUT_OF_STEP = 0.5  # seconds that sound and motion may differ in length before it is reported


def import_captured(
    name: str,
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    split: str = "",
    listen: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> Corpus:
    """Write a captured corpus in our form; a stopped import resumes.

    Args:
        name: of the reader, see `readers.READERS`.
        folder: as the corpus's makers or its published preprocessing left it.
        output: folder of our corpus.
        split: which published split; empty takes the usual one, `ours` splits all takes by a hash of the speaker.
        listen: where the corpus has no phones, align its words, or recognise some.
        report: called with a line about what is left out or looks wrong.

    Raises:
        CorpusError: no such reader or split, or the folder is incomplete; the message says what is missing.
    """
    source, folder = reader(name), Path(folder)
    if not folder.is_dir():
        raise CorpusError(f"{folder} is no folder; give that of {source.title}")
    chosen = source.split(split)
    writer = None
    for take in source.read(folder, chosen, _Done(Path(output)), report):
        if writer is None:
            writer = CorpusWriter(output, CorpusInfo(source.unit, _shares_speakers(chosen)))
        motion, duration = take.motion, timing.seconds(len(take.samples))
        if motion is not None and not len(motion):
            report(f"{take.id}: left out, it has no frames")
            continue
        apart = 0.0 if motion is None else duration - motion.start - motion.duration
        if abs(apart) > _OUT_OF_STEP:
            report(f"{take.id}: its sound is {abs(apart):.2f} s {'longer' if apart > 0 else 'shorter'} than its motion")
        phones, words, labels, confidence = _labels(take, duration, listen, report)
        clip = CorpusClip(
            id=clip_id(take.id),
            duration=duration,
            speaker=take.speaker,
            language=take.language,
            text=take.text,
            split=take.split,
            source=source.title,
            licence=source.licence,
            labels=labels,
            confidence=confidence,
            emotion=take.emotion,
            intensity=take.intensity,
        )
        writer.add(clip, take.samples, phones, take.motion, take.template, take.identity, words)
    if writer is None and not (Path(output) / "corpus.json").is_file():
        raise CorpusError(
            f"{folder} holds no take of the split {split or next(iter(source.splits))!r}: {chosen.source}"
        )
    corpus = read_corpus(output)
    counts = Counter(c.split for c in corpus)
    report(f"{source.title}: " + ", ".join(f"{counts[part]} {part}" for part in ("train", "valid", "test")))
    return corpus


def clip_id(key: str) -> str:
    """A take's own name with nothing in it but letters, digits, `.`, `_`, `-`."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", key)


class _Done:
    """Which takes a half-made corpus holds already, by their own names."""

    def __init__(self, folder: Path) -> None:
        there = (folder / "corpus.json").is_file()
        self._ids = {clip.id for clip in read_corpus(folder)} if there else set()

    def __contains__(self, key: object) -> bool:
        return clip_id(str(key)) in self._ids


def _shares_speakers(split: Split) -> bool:
    if split is OURS:
        return False
    parts = [set(part.speakers) for part in (split.train, split.valid, split.test) if part]
    return bool(split.listed) or len(set().union(*parts)) < sum(map(len, parts))


def _labels(
    take: CapturedTake, duration: float, listen: bool, report: Callable[[str], None]
) -> tuple[list[Span], list[Span], str, float]:
    """Phones and words within the sound, the phones' source, and how far to trust them."""
    if take.phones:
        return cut(take.phones, 0.0, duration), [], "aligned", 1.0
    if not listen:
        return [], [], "none", 0.0
    try:
        free = free_phones(take.samples, take.language)
        alignment = _aligned(take, report) or free
    except TextError as problem:
        report(f"{take.id}: no phones, {problem}")
        return [], [], "none", 0.0
    phones, words = (cut(spans, 0.0, duration) for spans in (alignment.phones, alignment.words))
    share = round(float(agreement(alignment, free).mean()), 3)  # of frames in which the recogniser finds the same phone
    return phones, words, "pseudo" if alignment is free else "aligned", share


def _aligned(take: CapturedTake, report: Callable[[str], None]) -> Alignment | None:
    """The take's words aligned; None where it has none, or none that fit."""
    if not take.text:
        return None
    try:
        return align(take.samples, take.text, take.language)
    except TextError as problem:
        report(f"{take.id}: phones are recognised, {problem}")
        return None
