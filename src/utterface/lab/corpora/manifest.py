"""The one form of a corpus on disk, written and read here and nowhere else.

    FOLDER/corpus.json       {"format": "utterface corpus", "version": 1, "unit": …, "shared_speakers": …}
    FOLDER/clips.jsonl       one clip a line, see `CorpusClip`
    FOLDER/audio/ID.flac     16 kHz, mono, int16
    FOLDER/arrays/ID.npz     symbols (L,) str, starts (L,) float64 s, ends (L,) float64 s, stress (L,) int8;
                             with timed words also words (W,) str, word_starts, word_ends (W,) float64 s;
                             with motion also motion (T, C) float32, channels (C,) str, frame_rate, motion_start;
                             captured faces also template (V, 3) float32 or identity (I,) float32

A clip's line is written last and in one piece, so a clip is there whole or not at all: writing may stop anywhere and
go on later, and reading a corpus that still grows gives what is finished.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from utterface import timing
from utterface.errors import CorpusError
from utterface.motion import Motion
from utterface.phones import Span, inventory

FORMAT = "utterface corpus"
VERSION = 1
MANIFEST = "clips.jsonl"
SPLITS = ("train", "valid", "test")
# from the speech engine; forced alignment of a transcript; a recogniser's guess; no phones
LABELS = ("exact", "aligned", "pseudo", "none")
_SHARES = {"valid": 0.05, "test": 0.05}  # of the speakers; the rest trains
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def split_of(speaker: str) -> str:
    """`train`, `valid` or `test`, by a hash of the speaker's name: the same on every machine and in every corpus."""
    place = int.from_bytes(hashlib.sha256(speaker.encode()).digest()[:8], "big") / 2**64
    for split, share in _SHARES.items():
        if place < share:
            return split
        place -= share
    return "train"


@dataclass(frozen=True)
class CorpusClip:
    """One recording with its timed phones.

    Attributes:
        id: letters, digits, `.`, `_`, `-`; names the clip's files.
        duration: seconds.
        speaker: of the voice; splits never share one, but where a published split does (`CorpusInfo.shared_speakers`).
        language: BCP 47 tag, lower case (`en-us`, `cs`).
        text: what is said, as far as known.
        split: `train`, `valid` or `test`.
        source: the engine or recording the sound comes from.
        licence: SPDX name or a short phrase.
        labels: where the phones come from: `exact`, `aligned`, `pseudo`, or `none` where there are none.
        confidence: 0…1, how far to trust the phones.
        emotion: played or felt, as `articulation.EMOTIONS` names it; empty where it is unknown.
        intensity: of the emotion, 0…1.
        performer: whose face moves, where it is not the speaker's; splits never share one either.
        folder: the corpus folder (not stored).
    """

    id: str
    duration: float
    speaker: str
    language: str = "en-us"
    text: str = ""
    split: str = "train"
    source: str = ""
    licence: str = ""
    labels: str = "exact"
    confidence: float = 1.0
    emotion: str = ""
    intensity: float = 0.0
    performer: str = ""
    folder: Path = field(default=Path(), repr=False, compare=False)

    @property
    def audio(self) -> Path:
        """The FLAC file."""
        return self.folder / "audio" / f"{self.id}.flac"

    def samples(self) -> np.ndarray:
        """(N,) float32 at 16 kHz; CorpusError where the file does not hold what the manifest says."""
        import soundfile

        try:
            samples, sample_rate = soundfile.read(self.audio, dtype="float32")
        except (OSError, soundfile.LibsndfileError) as error:
            raise CorpusError(f"{self.audio}: cannot read the sound of clip {self.id}: {error}; make it anew") from None
        expected = timing.sample_count(self.duration)
        if sample_rate != timing.SAMPLE_RATE or samples.shape != (expected,):
            actual = f"{samples.shape} samples at {sample_rate} Hz"
            raise CorpusError(f"{self.audio}: expected {expected} mono samples at 16000 Hz, got {actual}; make it anew")
        return samples

    def phones(self) -> tuple[Span, ...]:
        """The timed phones, in order; labels are IPA symbols of `phones.inventory()`."""
        with self._arrays() as arrays:
            symbols, starts, ends, stress = (arrays[k].tolist() for k in ("symbols", "starts", "ends", "stress"))
        return tuple(Span(*row) for row in zip(symbols, starts, ends, stress, strict=True))

    def words(self) -> tuple[Span, ...]:
        """The timed words, in order; none where the corpus knows no times."""
        with self._arrays() as arrays:
            columns = [arrays[k].tolist() if k in arrays else [] for k in ("words", "word_starts", "word_ends")]
        return tuple(Span(*row) for row in zip(*columns, strict=True))

    def motion(self) -> Motion | None:
        """The captured or performed motion, where the clip has one."""
        with self._arrays() as arrays:
            if "motion" not in arrays:
                return None
            rate, start = float(arrays["frame_rate"]), float(arrays["motion_start"])
            return Motion(arrays["motion"], tuple(arrays["channels"].tolist()), rate, start)

    def template(self) -> np.ndarray | None:
        """(V, 3) float32 in the corpus's unit, the speaker's neutral face, where the motion is of bare vertices."""
        with self._arrays() as arrays:
            return arrays.get("template")

    def identity(self) -> np.ndarray | None:
        """(I,) float32 face-shape coefficients, where the motion is of a model that has some."""
        with self._arrays() as arrays:
            return arrays.get("identity")

    def _arrays(self) -> Any:
        path = self.folder / "arrays" / f"{self.id}.npz"
        try:
            arrays = np.load(path, allow_pickle=False)
            lengths = {len(arrays[k]) for k in ("symbols", "starts", "ends", "stress")}
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise CorpusError(f"{path}: cannot read the phones of clip {self.id} ({error}); make it anew") from None
        if len(lengths) != 1:
            raise CorpusError(f"{path}: the phone arrays of clip {self.id} differ in length; make it anew")
        return arrays


STORED = tuple(f.name for f in fields(CorpusClip) if f.name != "folder")
_LATER = ("emotion", "intensity", "performer")  # which corpora of the first days lack


@dataclass(frozen=True)
class CorpusInfo:
    """What holds for all clips of a corpus.

    Attributes:
        unit: of bare vertices and offsets: `m`, or what else they have; empty where no motion has a length.
        shared_speakers: whether a speaker stands in several splits, as some published splits have it.
    """

    unit: str = ""
    shared_speakers: bool = False


@dataclass(frozen=True)
class Corpus:
    """The clips of one folder, in the order they were written."""

    folder: Path
    clips: tuple[CorpusClip, ...]
    about: CorpusInfo = CorpusInfo()

    def __len__(self) -> int:
        return len(self.clips)

    def __iter__(self) -> Iterator[CorpusClip]:
        return iter(self.clips)

    @property
    def hours(self) -> float:
        return sum(c.duration for c in self.clips) / 3600

    @property
    def speakers(self) -> tuple[str, ...]:
        return tuple(sorted({c.speaker for c in self.clips}))

    def split(self, name: str) -> "Corpus":
        """The clips of `train`, `valid` or `test`."""
        if name not in SPLITS:
            raise CorpusError(f"no split {name!r}; there are {', '.join(SPLITS)}")
        return Corpus(self.folder, tuple(c for c in self.clips if c.split == name), self.about)


def read_corpus(folder: str | os.PathLike[str]) -> Corpus:
    """The corpus of a folder.

    Raises:
        CorpusError: no corpus, a newer version, a damaged line, a clip twice, a missing file, a speaker or a performer
            in two splits.
    """
    folder = Path(folder)
    about = read_header(folder)
    clips: list[CorpusClip] = []
    seen: set[str] = set()
    splits: dict[tuple[str, str], str] = {}
    files = {kind: _names(folder / kind) for kind in ("audio", "arrays")}
    for number, line in enumerate(_finished_lines(folder / MANIFEST), 1):
        clip = _clip_from(line, folder, number)
        if clip.id in seen:
            raise CorpusError(f"{folder}: clip {clip.id} stands twice in {MANIFEST}; remove line {number}")
        if f"{clip.id}.flac" not in files["audio"] or f"{clip.id}.npz" not in files["arrays"]:
            raise CorpusError(f"{folder}: clip {clip.id} lacks files; remove line {number} or make it anew")
        for whom in (("speaker", clip.speaker), ("performer", clip.performer or clip.speaker)):
            if splits.setdefault(whom, clip.split) != clip.split and not about.shared_speakers:
                both = f"{splits[whom]} and {clip.split}"
                raise CorpusError(f"{folder}: {' '.join(whom)} stands in two splits, {both}")
        seen.add(clip.id)
        clips.append(clip)
    return Corpus(folder, tuple(clips), about)


def check_clip(clip: CorpusClip, phones: Sequence[Span]) -> None:
    if not _ID.fullmatch(clip.id):
        raise CorpusError(f"clip id {clip.id!r}: use letters, digits, '.', '_' and '-'")
    if clip.split not in SPLITS or clip.labels not in LABELS or not 0 <= clip.confidence <= 1 or not clip.duration > 0:
        raise CorpusError(
            f"clip {clip.id}: expected split of {', '.join(SPLITS)}, labels of {', '.join(LABELS)}, confidence 0 to 1, "
            f"duration above 0; got {clip.split}, {clip.labels}, {clip.confidence}, {clip.duration}"
        )
    for phone in phones:
        if phone.label not in inventory():
            raise CorpusError(f"clip {clip.id}: {phone.label!r} is no IPA symbol that phones.py knows")
    check_times(clip, "phone", phones)


def check_times(clip: CorpusClip, kind: str, spans: Sequence[Span]) -> None:
    last = 0.0
    for span in spans:
        if not last - 1e-6 <= span.start <= span.end <= clip.duration + 1e-6:
            raise CorpusError(
                f"clip {clip.id}: {kind} {span.label} at {span.start:.3f} to {span.end:.3f} s is out of order "
                f"or beyond the sound ({clip.duration:.3f} s)"
            )
        last = span.end


def read_header(folder: Path) -> CorpusInfo:
    path = folder / "corpus.json"
    if not path.is_file():
        how = "`utterface corpus make` builds one of synthetic speech, `corpus align` one of recordings"
        raise CorpusError(f"{folder} is no corpus: corpus.json is missing; {how}")
    try:
        header = json.loads(path.read_text("utf-8"))
        known = header["format"] == FORMAT
        version = int(header["version"])
        about = CorpusInfo(str(header.get("unit", "")), bool(header.get("shared_speakers", False)))
    except (ValueError, KeyError, TypeError):
        raise CorpusError(f"{path}: damaged; expected {{format, version}}") from None
    if not known or version > VERSION:
        actual = f"{header['format']} {version}"
        raise CorpusError(f"{path}: expected {FORMAT} up to version {VERSION}, got {actual}; update utterface")
    return about


def _clip_from(line: bytes, folder: Path, number: int) -> CorpusClip:
    try:
        row = json.loads(line)
        clip = CorpusClip(**{k: row[k] for k in STORED if k in row or k not in _LATER}, folder=folder)
        check_clip(clip, ())
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{folder}/{MANIFEST}: line {number} is damaged ({error})") from None
    return clip


def _finished_lines(path: Path) -> list[bytes]:
    if not path.is_file():
        raise CorpusError(f"{path.parent} is no corpus: {MANIFEST} is missing")
    return path.read_bytes().split(b"\n")[:-1]


def _names(folder: Path) -> set[str]:
    return {entry.name for entry in os.scandir(folder)} if folder.is_dir() else set()
