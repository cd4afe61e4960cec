"""Which clips are learned from, chosen by and judged on: speakers and performers of one are in no other.

A *sound* is one recording with every face that was made to it. What is predicted for it is compared with all of them,
and intervals resample sounds: faces to the same sound are no clips of their own.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from utterface.errors import ConfigError, CorpusError
from utterface.lab.batches.pairs import target
from utterface.lab.corpora.manifest import Corpus, CorpusClip, read_corpus
from utterface.lab.studies.clips import (
    FRAME_RATE,
    Named,
    Spoken,
    align,
    bring,
    by_speaker,
    name_in,
    shares,
    sources_of,
    to_show,
)
from utterface.lab.studies.thunder.grid import CLIPS, SPOKEN, Folder, Grid
from utterface.lab.systems.thunder import CHANNELS
from utterface.motion import Motion

_SHORTEST = 1.0  # seconds of a sound that is judged


@dataclass(frozen=True)
class Sound:
    """One recording, and the clips of all its performances; the first stands for it."""

    performances: tuple[CorpusClip, ...]

    @property
    def clip(self) -> CorpusClip:
        return self.performances[0]

    @cached_property
    def references(self) -> tuple[Motion, ...]:
        """How each performance moves."""
        return tuple(reference(clip) for clip in self.performances)


@dataclass(frozen=True)
class Material:
    """The clips of a run.

    Attributes:
        train: to learn from.
        valid, test: sounds to choose the weight by and to judge on.
        spoken: real recordings of other people, judged by their lips alone.
        sources: what came from where, a row a corpus and split.
    """

    train: tuple[CorpusClip, ...]
    valid: tuple[Sound, ...]
    test: tuple[Sound, ...]
    spoken: tuple[CorpusClip, ...]
    sources: tuple[Mapping[str, object], ...]

    def shown(self, count: int) -> tuple[CorpusClip, ...]:
        """Sentences for the page."""
        return to_show(self.spoken, [sound.clip for sound in self.test])[:count]


def reference(clip: CorpusClip) -> Motion:
    """How a performance moves, or what the clip's phones ask of the mouth."""
    return Motion(target(clip, CHANNELS, FRAME_RATE), CHANNELS, FRAME_RATE)


def gather(
    grid: Grid,
    corpora: Sequence[Path],
    spoken: Spoken | None,
    folder: Folder,
    report: Callable[[str], None] = lambda line: None,
) -> Material:
    """Choose the clips and bring them together in the work folder.

    Args:
        grid: how many, of which language.
        corpora: performed or captured ones.
        spoken: real recordings to judge on besides.
        folder: of the run.
        report: told what is done.

    Raises:
        ConfigError: no corpora, or a speaker or performer of one split in another.
        CorpusError: nothing to learn from, to choose by or to judge on, or clips without faces.
    """
    if not corpora:
        raise ConfigError("name corpora with faces: --corpora FOLDER …; utterface corpus perform makes some")
    read = [(path.name, read_corpus(path)) for path in corpora]
    train = _learned(_of(read, grid, "train"), grid)
    if not train:
        raise CorpusError(f"no clips in {grid.language!r} to learn from in {', '.join(map(str, corpora))}")
    valid, test = (_sounds(_of(read, grid, split), grid, most) for split, most in
                   (("valid", grid.chosen), ("test", grid.judged)))  # fmt: skip
    for split, found in (("validation", valid), ("test", test)):
        if not found:
            raise CorpusError(
                f"no clips of {split} speakers in {', '.join(map(str, corpora))}; name a corpus with many speakers too"
            )
    parts = {"train": train, "valid": _flat(valid), "test": _flat(test)}
    shared = {name for name, corpus in read if corpus.about.shared_speakers}  # as their published splits do
    _keep_apart(parts, shared)
    kept = bring([clip for part in parts.values() for clip in part], folder.work / CLIPS, bool(shared))
    faceless = next((clip.id for clip in kept.values() if clip.motion() is None), None)
    if faceless:
        raise CorpusError(f"clip {faceless} has no face to learn from; make some with utterface corpus perform")
    real = align(spoken, folder.work / SPOKEN, report) if spoken else ()
    rows = [_named(row, part) for split, part in parts.items() for row in sources_of(part, split)]
    if spoken:
        rows += [{**row, "faces": "–"} for row in sources_of([(spoken.audio.name, c) for c in real], "test, lips only")]
    sounds = [tuple(Sound(tuple(kept[name_in(n, c)] for n, c in sound)) for sound in part) for part in (valid, test)]
    return Material(tuple(kept[name_in(n, c)] for n, c in train), sounds[0], sounds[1], tuple(real), tuple(rows))


def _of(read: Sequence[tuple[str, Corpus]], grid: Grid, split: str) -> list[tuple[str, list[CorpusClip]]]:
    """The clips of a split and the grid's language, a corpus each."""
    return [
        (name, [c for c in corpus.split(split) if c.language.split("-")[0] == grid.language]) for name, corpus in read
    ]


def _learned(parts: Sequence[tuple[str, Sequence[CorpusClip]]], grid: Grid) -> list[Named]:
    """As many sounds of one corpus as of another as far as it has them, with some of their performances."""
    found = _by_sound(parts)
    chosen = shares(_firsts(found), grid.clips and max(1, grid.clips // grid.learned))
    return [clip for one in chosen for clip in found[one][: grid.learned]]


def _sounds(parts: Sequence[tuple[str, Sequence[CorpusClip]]], grid: Grid, most: int) -> list[list[Named]]:
    """At most `most` sounds, one speaker after another, with a few performances each."""
    fitting = [(name, [c for c in clips if _SHORTEST <= c.duration <= grid.longest]) for name, clips in parts]
    found = _by_sound(fitting)
    return [found[one][: grid.performances] for one in by_speaker(_firsts(found), most)]


def _by_sound(parts: Sequence[tuple[str, Sequence[CorpusClip]]]) -> dict[Named, list[Named]]:
    """The first clip of every sound → all that have it."""
    found: dict[str, list[Named]] = {}
    for name, clips in parts:
        for clip in clips:
            found.setdefault(hashlib.sha256(clip.audio.read_bytes()).hexdigest(), []).append((name, clip))
    return {clips[0]: clips for clips in found.values()}


def _firsts(found: Iterable[Named]) -> list[tuple[str, list[CorpusClip]]]:
    """First clips, a corpus each."""
    queued: dict[str, list[CorpusClip]] = {}
    for name, clip in found:
        queued.setdefault(name, []).append(clip)
    return list(queued.items())


def _named(row: Mapping[str, object], clips: Sequence[Named]) -> Mapping[str, object]:
    """A source for what it is: made-up performers were not captured."""
    played = any(clip.performer for name, clip in clips if name == row["corpus"])
    return {**row, "faces": "performed"} if played else row


def _flat(sounds: Iterable[Sequence[Named]]) -> list[Named]:
    return [clip for sound in sounds for clip in sound]


def _keep_apart(parts: Mapping[str, Sequence[Named]], shared: Collection[str]) -> None:
    """Whoever speaks or moves in one split may not do so in another, but in corpora that share by their own split."""
    owner: dict[tuple[str, str], str] = {}
    for split, clips in parts.items():
        for name, clip in clips:
            if name in shared:
                continue
            for who in {("speaker", clip.speaker), ("performer", clip.performer)}:
                if who[1] and owner.setdefault(who, split) != split:
                    raise ConfigError(
                        f"{who[0]} {who[1]} of {name} is in {owner[who]} and in {split}; speakers and performers must "
                        "not be learned from and judged on"
                    )
