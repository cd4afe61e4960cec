"""BEAT: 30 speakers, 76 hours, ARKit weights from an iPhone at 60 frames a second, sound, words and phones.

Liu et al.: BEAT, a large-scale semantic and emotional multi-modal dataset for conversational gestures synthesis (ECCV
2022).

    FOLDER/…/1_wayne_0_103_110.json       {"names": [51 or 52], "frames": [{"weights": […], "time": s}, …]}
    FOLDER/…/1_wayne_0_103_110.wav        beside it; .TextGrid too where there is one

A name has the speaker, kind of recording (0 English alone, 1 English conversation, 2 and 3 Chinese, 4 and 5 Spanish, 6
and 7 Japanese) and the first and last of its sequences (PantoMatrix/PantoMatrix#13, #20). UniTalker's authors found
sound and face of BEAT out of step and left it out (section 4.1 there): look before you train.
"""

import json
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from utterface import speech, timing
from utterface.errors import CorpusError
from utterface.lab.corpora.readers import textgrid
from utterface.lab.corpora.readers.contract import CapturedTake, Reader, Report, Split, SplitPart, unless_odd
from utterface.motion import ARKIT, Motion
from utterface.phones import Span

FRAME_RATE = 60.0
LANGUAGES = ("en-us", "zh", "es", "ja")  # by half the kind of recording
# last sequence of each emotion when speaking alone (PantoMatrix/PantoMatrix#20); conversations have none
_EMOTIONS = {64: "neutral", 72: "joy", 80: "anger", 86: "sadness", 94: "contempt", 102: "surprise", 110: "fear",
             118: "disgust"}  # fmt: skip
_TEST: dict[str, set[int]] = {
    "neutral": {*range(1, 9)},
    "emotional": {65, 73, 81, 87, 95, 103, 111},
    "conversation": {1},
}
_VALID = {"neutral": {*range(56, 65)}, "emotional": {72, 80, 86, 94, 102, 110, 118}, "conversation": {12}}
_ALL = {"neutral": {*range(1, 65)}, "emotional": {*range(65, 119)}, "conversation": {*range(1, 13)}}
_FOUR = ("2", "4", "6", "8")
SPLITS = {
    "camn": Split(
        "PantoMatrix/PantoMatrix#6 and #13: English of speakers 2, 4, 6 and 8, by sequence",
        SplitPart(_FOUR, {kind: every - _TEST[kind] - _VALID[kind] for kind, every in _ALL.items()}),
        SplitPart(_FOUR, _VALID),
        SplitPart(_FOUR, _TEST),
    )
}


@dataclass(frozen=True)
class Address:
    """What a take's name says; `speaker` is the number alone."""

    speaker: str
    name: str
    language: str
    kind: str
    first: int
    last: int

    @property
    def emotion(self) -> str:
        """Of a monologue within one emotion; empty otherwise."""
        if self.kind == "conversation":
            return ""
        emotions = {next((e for last, e in _EMOTIONS.items() if n <= last), "") for n in (self.first, self.last)}
        return emotions.pop() if len(emotions) == 1 else ""

    def place(self, split: Split) -> str:
        """Where it belongs; empty where its first and last sequence belong apart."""
        kind = self.kind if self.language == LANGUAGES[0] else self.language
        if split.train is None:
            return split.place(f"{self.speaker}_{self.name}")  # as the clips and BEAT2 name who speaks
        places = {split.place(self.speaker, n, kind) for n in (self.first, self.last)}
        return places.pop() if len(places) == 1 else ""


def address(key: str) -> Address | None:
    """`1_wayne_0_103_110` → speaker 1 (wayne), English monologue, sequences 103 to 110."""
    match = re.fullmatch(r"(\d+)_([a-z]+)_([0-7])_(\d+)_(\d+)(?:_[ab])?", key)
    if not match:
        return None
    recording, first, last = int(match[3]), int(match[4]), int(match[5])
    kind = "conversation" if recording % 2 else ("neutral" if last <= 64 else "emotional")
    return Address(match[1], match[2], LANGUAGES[recording // 2], kind, first, last)


def read(folder: Path, split: Split, done: Container[str], report: Report) -> Iterator[CapturedTake]:
    """The takes; one whose sound is missing is reported. See `contract.Reader.read`."""
    faces = sorted(p for p in folder.rglob("*.json") if address(p.stem))
    if not faces:
        raise CorpusError(f"{folder} is no BEAT: no file such as 1_wayne_0_1_1.json in it or below")
    for path in faces:
        name = address(path.stem)
        part = name.place(split) if name else ""
        if not name or not part or path.stem in done:
            continue
        sound = path.with_suffix(".wav")
        if not sound.is_file():
            report(f"{path.stem}: left out, {sound.name} is missing beside it")
            continue
        yield from unless_odd(path.stem, partial(_take, path, name, part), report)


def _take(path: Path, name: Address, part: str) -> CapturedTake:
    phones, text = read_labels(path.with_suffix(".TextGrid"))
    return CapturedTake(
        path.stem,
        f"{name.speaker}_{name.name}",
        part,
        speech.read(path.with_suffix(".wav")).samples,
        read_weights(path),
        text=text,
        language=name.language,
        phones=phones,
        emotion=name.emotion,
        intensity=0.0 if name.emotion in ("", "neutral") else 1.0,
    )


def read_labels(path: Path) -> tuple[tuple[Span, ...], str]:
    """Phones and words of a TextGrid; nothing where there is none."""
    if not path.is_file():
        return (), ""
    tiers = textgrid.read_tiers(path)
    return textgrid.to_phones(tiers.get("phones", ())), textgrid.to_text(tiers.get("words", ()))


def read_weights(path: Path) -> Motion:
    """The ARKit weights of a take, in our order, at 60 frames a second.

    `_neutral`, which some exports list among the 52, is dropped; of frames that the phone lost the moments between are
    interpolated, so that time runs true.
    """
    try:
        stored = json.loads(path.read_text("utf-8"))
        names = [str(name)[:1].lower() + str(name)[1:] for name in stored["names"]]
        frames: list[dict[str, Any]] = stored["frames"]
        values = np.array([frame["weights"] for frame in frames], np.float32)
        times = np.array([frame["time"] for frame in frames], np.float64)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CorpusError(f"{path}: expected names and frames with weights and time ({problem!r})") from None
    if values.ndim != 2 or values.shape[1] != len(names) or not np.isfinite(values).all():
        raise CorpusError(f"{path}: expected {len(names)} finite weights a frame, as it has names, got {values.shape}")
    if (np.diff(times) <= 0).any():
        raise CorpusError(f"{path}: its frames are not in order of time")
    missing = sorted(set(ARKIT) - {"tongueOut"} - set(names))
    if missing:
        raise CorpusError(f"{path}: lacks the ARKit weight {missing[0]}; expected 51 or 52 of them by name")
    kept = tuple(channel for channel in ARKIT if channel in names)
    count = max(1, round((times[-1] - times[0]) * FRAME_RATE) + 1)
    moments = timing.frame_times(count, FRAME_RATE, float(times[0]))
    even = timing.sample_at(values, 1.0, np.interp(moments, times, np.arange(len(times))))
    return Motion(even[:, [names.index(channel) for channel in kept]], kept, FRAME_RATE, float(times[0]))


READER = Reader("beat", "BEAT", "as its makers grant it", read, SPLITS)
