"""BEAT2 (BEAT-SMPLX-FLAME): 25 English speakers, SMPL-X and FLAME at 30 frames a second, sound, words and phones.

Liu et al.: EMAGE (CVPR 2024).

    FOLDER/train_test_split.csv           id, type: train, val, test or additional
    FOLDER/smplxflame_30/ID.npz           poses (T, 165), the jaw at 66:69; expressions (T, 100); betas (300,)
    FOLDER/wave16k/ID.wav
    FOLDER/textgrid/ID.TextGrid           where there is one

PantoMatrix' newer lists serve as well as the csv: `beat2*.json`, entries with video_id and mode. As `beat2` the face
is FLAME, expressions and jaw. As `beat2-arkit` it is ARKit's 51 weights, as *From Tokens to Faces* has it: the makers'
matrix ARKit → FLAME (`mat_final.npy`, (51, 103), PantoMatrix/PantoMatrix#130, its order #199), which the user puts in
the folder, is inverted in the least-squares sense and the result cut to 0…1. Head and body stay out.
"""

import csv
import json
from collections.abc import Callable, Container, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from utterface import speech
from utterface.errors import CorpusError
from utterface.lab.corpora.readers import beat
from utterface.lab.corpora.readers.contract import CapturedTake, Reader, Report, Split, read_array, require, unless_odd
from utterface.motion import ARKIT, Motion
from utterface.rigs.flame import EXPRESSIONS, JAW, face_channels

FRAME_RATE = 30.0
MATRIX = "mat_final.npy"
_LIST, _FACES, _SOUNDS = "train_test_split.csv", "smplxflame_30", "wave16k"
_JAW = slice(66, 69)  # of SMPL-X's 55 axis-angles
_ARKIT = tuple(sorted(channel for channel in ARKIT if channel != "tongueOut"))  # the order of BEAT and of the matrix
_WORDS = {"train": "train", "val": "valid", "test": "test"}
SPLITS = {
    "official": Split("the list that comes with the data; its `additional` takes stay out", listed=_WORDS),
    "with-additional": Split("the same; `additional` takes train too", listed={**_WORDS, "additional": "train"}),
}
Translate = Callable[[np.ndarray], Motion]


def read(folder: Path, split: Split, done: Container[str], report: Report) -> Iterator[CapturedTake]:
    """The takes as FLAME expressions and jaw; see `contract.Reader.read`."""
    yield from _read(folder, split, done, report, to_flame)


def read_arkit(folder: Path, split: Split, done: Container[str], report: Report) -> Iterator[CapturedTake]:
    """The takes as 51 ARKit weights, by the makers' matrix; see `contract.Reader.read`."""
    folder = _of_one_language(folder, report)
    require(folder, "BEAT2 for ARKit", MATRIX)
    matrix = read_array(folder / MATRIX, "BEAT2")
    if matrix.shape != (len(_ARKIT), EXPRESSIONS + len(JAW)):
        raise CorpusError(f"{folder / MATRIX}: expected (51, 103), ARKit to FLAME, got {matrix.shape}")
    inverse = np.linalg.pinv(matrix.astype(np.float64))
    yield from _read(folder, split, done, report, lambda coefficients: to_arkit(coefficients, inverse))


def to_flame(coefficients: np.ndarray) -> Motion:
    """(T, 103) expressions and jaw as they stand."""
    return Motion(coefficients, face_channels(), FRAME_RATE)


def to_arkit(coefficients: np.ndarray, inverse: np.ndarray) -> Motion:
    """(T, 103) expressions and jaw → ARKit weights 0…1 in our order, by the (103, 51) inverse of the makers' matrix."""
    weights = np.clip(coefficients.astype(np.float64) @ inverse, 0, 1)
    kept = tuple(channel for channel in ARKIT if channel in _ARKIT)
    return Motion(weights[:, [_ARKIT.index(channel) for channel in kept]].astype(np.float32), kept, FRAME_RATE)


def _read(
    folder: Path, split: Split, done: Container[str], report: Report, translate: Translate
) -> Iterator[CapturedTake]:
    folder = _of_one_language(folder, report)
    require(folder, "BEAT2", _FACES, _SOUNDS)
    for key, word in read_list(folder).items():
        name = beat.address(key)
        if not name:
            raise CorpusError(f"{folder}: the list names {key!r}; expected ids such as 2_scott_0_1_1")
        speaker = f"{name.speaker}_{name.name}"
        part = split.listed.get(word, "") if split.listed else split.place(speaker)
        if not part or key in done:
            continue
        face, sound = folder / _FACES / f"{key}.npz", folder / _SOUNDS / f"{key}.wav"
        missing = next((p for p in (face, sound) if not p.is_file()), None)
        if missing:
            report(f"{key}: left out, {missing.relative_to(folder)} is missing")
            continue
        yield from unless_odd(key, partial(_take, folder, key, name, part, translate), report)


def _take(folder: Path, key: str, name: beat.Address, part: str, translate: Translate) -> CapturedTake:
    coefficients, identity = read_face(folder / _FACES / f"{key}.npz")
    phones, text = beat.read_labels(folder / "textgrid" / f"{key}.TextGrid")
    return CapturedTake(
        key,
        f"{name.speaker}_{name.name}",
        part,
        speech.read(folder / _SOUNDS / f"{key}.wav").samples,
        translate(coefficients),
        identity=identity,
        text=text,
        language=name.language,
        phones=phones,
        emotion=name.emotion,
        intensity=0.0 if name.emotion in ("", "neutral") else 1.0,
    )


def _of_one_language(folder: Path, report: Report) -> Path:
    """A folder, or the one below it that has a corpus: the hub's copy holds `beat_english_v2.0.0` and its like."""
    below = sorted(each.parent for each in folder.glob(f"*/{_FACES}")) if not (folder / _FACES).exists() else []
    if len(below) > 1:
        raise CorpusError(f"{folder} holds several corpora; give one of {', '.join(str(each) for each in below)}")
    if below:
        report(f"reading {below[0]}")
    return below[0] if below else folder


def read_list(folder: Path) -> dict[str, str]:
    """Id → train, val, test or additional, from the csv or the newer lists."""
    table, lists = folder / _LIST, sorted(folder.glob("beat2*.json"))
    try:
        if table.is_file():
            with table.open(newline="", encoding="utf-8-sig") as file:
                return {row["id"].strip(): row["type"].strip() for row in csv.DictReader(file)}
        if lists:
            return {e["video_id"]: e["mode"] for path in lists for e in json.loads(path.read_text("utf-8"))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise CorpusError(f"{folder}: cannot read its list, expected id and type a line ({problem!r})") from None
    raise CorpusError(f"{folder} is no complete BEAT2: {_LIST} missing; expected {_LIST}, {_FACES}, {_SOUNDS} in it")


def read_face(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(T, 103) float32 expressions and jaw, and the (300,) identity, of an npz."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            poses, expressions, betas = stored["poses"], stored["expressions"], stored["betas"]
            rate = float(stored["mocap_frame_rate"]) if "mocap_frame_rate" in stored else FRAME_RATE
    except (OSError, ValueError, KeyError, EOFError) as problem:
        raise CorpusError(f"{path}: expected arrays poses, expressions, betas ({problem})") from None
    if rate != FRAME_RATE:
        raise CorpusError(f"{path}: expected {FRAME_RATE:g} frames a second, got {rate:g}")
    count = len(expressions)
    if poses.shape != (count, 165) or expressions.shape != (count, EXPRESSIONS) or not count:
        raise CorpusError(
            f"{path}: expected poses (T, 165) and expressions (T, 100), got {poses.shape}, {expressions.shape}"
        )
    coefficients = np.concatenate([expressions, poses[:, _JAW]], 1).astype(np.float32)
    return coefficients, betas.reshape(-1).astype(np.float32)


_LICENCE = "as its makers grant it"
READER = Reader("beat2", "BEAT2", _LICENCE, read, SPLITS)
ARKIT_READER = Reader("beat2-arkit", "BEAT2", _LICENCE, read_arkit, SPLITS)
