"""The contract of the readers: a captured corpus's own folder in, takes in the house's names, units and rates out."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from utterface.errors import CorpusError, UtterfaceError
from utterface.lab.corpora.manifest import split_of
from utterface.motion import Motion
from utterface.phones import Span

Report = Callable[[str], None]


@dataclass(frozen=True)
class SplitPart:
    """What belongs to train, valid or test: which speakers, and which of their sentences by kind.

    Attributes:
        speakers: in the published order, which is that of one-hot conditions.
        sentences: numbers by the kind of sentence (`neutral`, `emotional`, `conversation`); a kind that is not named
            stays out, and an empty mapping takes all.
    """

    speakers: tuple[str, ...]
    sentences: Mapping[str, Container[int]] = field(default_factory=dict)

    def __contains__(self, take: tuple[str, int, str]) -> bool:
        speaker, number, kind = take
        return speaker in self.speakers and (not self.sentences or number in self.sentences.get(kind, ()))


@dataclass(frozen=True)
class Split:
    """A published split. What is in none of its parts stays out of the corpus.

    Attributes:
        source: where it is published.
        train, valid, test: its parts; None where the split goes by a list in the folder or by a hash of the speaker.
        listed: where the folder holds a list, what its words mean.
    """

    source: str
    train: SplitPart | None = None
    valid: SplitPart | None = None
    test: SplitPart | None = None
    listed: Mapping[str, str] = field(default_factory=dict)

    def place(self, speaker: str, number: int = 0, kind: str = "neutral") -> str:
        """`train`, `valid`, `test`, or empty where the take stays out."""
        if self.train is None:
            return split_of(speaker)
        parts = {"train": self.train, "valid": self.valid, "test": self.test}
        return next((name for name, part in parts.items() if part and (speaker, number, kind) in part), "")


OURS = Split("a hash of the speaker's name, as for our own corpora (manifest.split_of): all takes, no shared speaker")


@dataclass(frozen=True)
class CapturedTake:
    """One captured recording, translated.

    Attributes:
        id: the corpus's own name for it.
        speaker: whose face and voice.
        split: `train`, `valid` or `test`.
        samples: (N,) float32 at 16 kHz.
        motion: on the audio clock, at the corpus's own frame rate; None where the corpus has sound alone.
        template: (V, 3) float32 neutral face of the speaker, for bare vertices.
        identity: (I,) face-shape coefficients, for models.
        text, language, phones, emotion, intensity: as far as the corpus has them, see `manifest.CorpusClip`.
    """

    id: str
    speaker: str
    split: str
    samples: np.ndarray
    motion: Motion | None
    template: np.ndarray | None = None
    identity: np.ndarray | None = None
    text: str = ""
    language: str = "en-us"
    phones: tuple[Span, ...] = ()
    emotion: str = ""
    intensity: float = 0.0


Read = Callable[[Path, Split, Container[str], Report], Iterator[CapturedTake]]


@dataclass(frozen=True)
class Reader:
    """How one corpus is read.

    Attributes:
        name: on the command line.
        title: source of its clips.
        licence: on which terms its makers hand it out.
        read: `read(folder, split, done, report)` → takes; those named in `done` are passed over unread, and `report`
            receives a line about each that is left out: without sound or face, or with an odd file. CorpusError where
            the folder is not laid out as it should.
        splits: by name; the first is the one most papers use.
        unit: of bare vertices: `m`, or what else they have; empty where no motion has a length.
    """

    name: str
    title: str
    licence: str
    read: Read
    splits: Mapping[str, Split]
    unit: str = ""

    def split(self, name: str = "") -> Split:
        """A split by name, the usual one for none; CorpusError where there is no such split."""
        known = {**self.splits, "ours": OURS}
        if name and name not in known:
            raise CorpusError(f"{self.name} has no split {name!r}; there are {', '.join(known)}")
        return known[name or next(iter(known))]


def unless_odd(key: str, read: Callable[[], CapturedTake], report: Report) -> Iterator[CapturedTake]:
    """A take; none, but a report, where its own files are not what the corpus promises."""
    try:
        take = read()
    except UtterfaceError as problem:
        report(f"{key}: left out, {problem}")
        return
    yield take


def require(folder: Path, corpus: str, *names: str) -> None:
    """CorpusError, in one line, that names what a folder lacks."""
    missing = [name for name in names if not (folder / name).exists()]
    if missing:
        raise CorpusError(
            f"{folder} is no complete {corpus}: {', '.join(missing)} missing; expected {', '.join(names)} in it"
        )


def read_array(path: Path, corpus: str) -> np.ndarray:
    """An `.npy` file, without running what it may hold; CorpusError where that fails."""
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as problem:
        raise CorpusError(f"{path}: no array of numbers as {corpus} has them ({problem}); copy it again") from None
