"""3DMEAD: FLAME coefficients that EMICA tracked in MEAD's videos, as ProbTalk3D and LSF-Animation store them.

    FOLDER/param/M003_001_0_0.npy   (1, T, 403): 300 shape, 100 expression, 3 jaw (axis-angle, radians)
    FOLDER/wav/M003_001_0_0.wav     speaker _ sentence _ emotion _ intensity; 25 frames a second

Wu, Li, Haque, Yumak: ProbTalk3D (MIG 2024), `datasets/3DMEAD_preprocess`. Both works keep the first 50 expressions and
scale them from ±3 and the jaw from −0.1…0.5 to 0…1; here all 100 stay as they are.
"""

import re
from collections.abc import Container, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from utterface import speech
from utterface.errors import CorpusError
from utterface.lab.corpora.readers.contract import (
    CapturedTake,
    Reader,
    Report,
    Split,
    SplitPart,
    read_array,
    require,
    unless_odd,
)
from utterface.motion import Motion
from utterface.rigs.flame import EXPRESSIONS, JAW, SHAPES, face_channels

FRAME_RATE = 25.0
EMOTIONS = ("neutral", "joy", "sadness", "surprise", "fear", "disgust", "anger", "contempt")  # by MEAD's number
LEVELS = 3
_EMICA = "*/front/neutral/level_1/001/shape_pose_cam.hdf5"
_WIDTH = SHAPES + EXPRESSIONS + len(JAW)


def _numbered(*names: str) -> tuple[str, ...]:
    """`_numbered("M003 5")` → M003, M005: a letter, then its numbers."""
    return tuple(
        f"{letter}{int(n):03d}" for letter, numbers in (n.split(" ", 1) for n in names) for n in numbers.split()
    )


_PUBLISHED = _numbered(
    "M 3 5 7 9 11 12 13 19 22 23 24 25 26 27 28 29 30 31", "W 9 11 14 15 16 18 19 21 23 24 25 26 28 29"
)
_REST = _numbered("M 32 33 34 35 37 39 40 41 42", "W 33 35 36 37 38 40")
_LSF = _numbered(
    "W 19 21 23 24 25 26 28 29", "M 3 5 7 9 11 12 13 19 22 23 24 25 26 27 28 29 30 31", "W 9 11 14 15 16 18"
)


def _by_sentence(speakers: tuple[str, ...]) -> tuple[SplitPart, SplitPart, SplitPart]:
    return (
        SplitPart(speakers, {"neutral": range(1, 33), "emotional": range(1, 25)}),
        SplitPart(speakers, {"neutral": range(33, 37), "emotional": range(25, 28)}),
        SplitPart(speakers, {"neutral": range(37, 41), "emotional": range(28, 31)}),
    )


SPLITS = {
    "probtalk3d": Split(
        "uuembodiedsocialai/ProbTalk3D, mead-splits-pred and section 4: 32 speakers, split by sentence",
        *_by_sentence(_PUBLISHED),
    ),
    "lsf": Split(
        "Dogter521/LSF-Animation framework/data/mead.py: 22, 5 and 5 of 32 speakers; those of the test are all women",
        SplitPart(_LSF[:22]),
        SplitPart(_LSF[22:27]),
        SplitPart(_LSF[27:]),
    ),
    "benchmark": Split(
        "galib360/face-benchmark-project: 47 speakers, split by sentence as ProbTalk3D's",
        *_by_sentence(_PUBLISHED + _REST),
    ),
}


def read(folder: Path, split: Split, done: Container[str], report: Report) -> Iterator[CapturedTake]:
    """The takes; one whose sound is missing is reported, as MEAD itself has holes. See `contract.Reader.read`."""
    if any(folder.glob(_EMICA)) or any(folder.glob(f"*/{_EMICA}")):
        raise CorpusError(
            f"{folder} is EMICA's tree of hdf5 files; ProbTalk3D's process_animation.py and process_audio.py make "
            "param/ and wav/ of it and of MEAD's sound: give their folder"
        )
    require(folder, "3DMEAD", "param", "wav")
    faces = sorted((folder / "param").glob("*.npy"))
    if not faces:
        raise CorpusError(f"{folder}/param holds no .npy files; expected M003_001_0_0.npy and its like")
    for path in faces:
        match = re.fullmatch(r"([MW]\d{3})_(\d{3})_([0-7])_([0-2])", path.stem)
        if not match:
            raise CorpusError(f"{path}: expected SPEAKER_SENTENCE_EMOTION_INTENSITY.npy, such as M003_001_0_0.npy")
        part = split.place(match[1], int(match[2]), "emotional" if int(match[3]) else "neutral")
        if not part or path.stem in done:
            continue
        sound = folder / "wav" / f"{path.stem}.wav"
        if not sound.is_file():
            report(f"{path.stem}: left out, wav/{path.stem}.wav is missing")
            continue
        yield from unless_odd(path.stem, partial(_take, path, sound, part), report)


def _take(path: Path, sound: Path, part: str) -> CapturedTake:
    speaker, _, emotion, level = path.stem.split("_")
    stored = read_array(path, "3DMEAD")
    if stored.ndim != 3 or stored.shape[0] != 1 or stored.shape[2] != _WIDTH or not stored.shape[1]:
        raise CorpusError(f"{path}: expected (1, frames, {_WIDTH}), got {stored.shape}")
    return CapturedTake(
        path.stem,
        speaker,
        part,
        speech.read(sound).samples,
        Motion(stored[0, :, SHAPES:], face_channels(), FRAME_RATE),
        identity=stored[0, 0, :SHAPES].astype(np.float32),  # tracked frame by frame; the works take the first
        emotion=EMOTIONS[int(emotion)],
        intensity=round((int(level) + 1) / LEVELS, 3) if int(emotion) else 0.0,
    )


READER = Reader("3dmead", "3DMEAD", "as the makers of MEAD and EMICA grant it", read, SPLITS)
