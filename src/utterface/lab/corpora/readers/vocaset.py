"""VOCASET: 12 speakers, 40 sentences each, 5023 FLAME vertices in metres at 60 frames a second, the head held still.

Cudeiro, Bolkart, Laidlaw, Ranjan, Black: Capture, learning, and synthesis of 3D speaking styles (CVPR 2019). Read
either as its makers hand it out (`data_verts.npy`, `raw_audio_fixed.pkl`, `subj_seq_to_idx.pkl`, `templates.pkl`) or in
FaceFormer's layout. Papers take every second frame, 30 a second; here all 60 stay, `Motion.at_rate(30)` gives theirs.
"""

import re
from collections.abc import Container, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import CorpusError
from utterface.lab.corpora.readers import faceformer
from utterface.lab.corpora.readers.contract import CapturedTake, Reader, Report, Split, SplitPart, require, unless_odd
from utterface.rigs import pickled
from utterface.rigs.topology import METRES, to_motion
from utterface.timing import SAMPLE_RATE

FRAME_RATE = 60.0
_RAW = ("data_verts.npy", "raw_audio_fixed.pkl", "subj_seq_to_idx.pkl", "templates.pkl")
_FLAME_COUNT = 5023
_EYEBALLS = (slice(3931, 4477), slice(4477, 5023))  # vertices of FLAME's two eyeballs, 546 each
_EYE_DISTANCE = (0.04, 0.08)  # metres between human eyes


def _speakers(*numbers: str) -> tuple[str, ...]:
    return tuple(f"FaceTalk_{number}_TA" for number in numbers)


_TRAIN = _speakers(
    "170728_03272", "170904_00128", "170725_00137", "170915_00223", "170811_03274", "170913_03279", "170904_03276",
    "170912_03278",
)  # fmt: skip
_VALID = _speakers("170811_03275", "170908_03277")
_TEST = _speakers("170809_00138", "170731_00024")
_LATE = {"neutral": range(21, 41)}
SPLITS = {
    "voca": Split(
        "TimoBolkart/voca README, EvelynFan/FaceFormer main.py: sentences 21 to 40 of unseen speakers, 40 + 40 takes",
        SplitPart(_TRAIN),
        SplitPart(_VALID, _LATE),
        SplitPart(_TEST, _LATE),
    ),
    "all-sentences": Split(
        "ScanTalk, ARTalk: the same speakers, all 40 sentences", SplitPart(_TRAIN), SplitPart(_VALID), SplitPart(_TEST)
    ),
}


def read(folder: Path, split: Split, done: Container[str], report: Report) -> Iterator[CapturedTake]:
    """The takes of either layout; see `contract.Reader.read`."""
    if (folder / "vertices_npy").exists() or (folder / "wav").exists():
        yield from faceformer.read(folder, "VOCASET", FRAME_RATE, address, split, done, report, check_metres)
        return
    require(folder, "VOCASET", *_RAW)
    templates = faceformer.read_templates(folder / "templates.pkl")
    for speaker, template in templates.items():
        check_metres(speaker, template)
    vertices = _open_vertices(folder / "data_verts.npy")
    rows = pickled.load(folder / "subj_seq_to_idx.pkl", CorpusError)
    sounds = pickled.load(folder / "raw_audio_fixed.pkl", CorpusError)
    for speaker, sequences in rows.items():
        if speaker not in templates:
            raise CorpusError(f"{folder}/templates.pkl has no neutral face of {speaker}; it has {', '.join(templates)}")
        for sequence, frames in sorted(sequences.items()):
            key = f"{speaker}_{sequence}"
            name = address(key)
            part = split.place(*name) if name else ""
            if not part or key in done:
                continue
            if sequence not in sounds.get(speaker, {}):
                report(f"{key}: left out, raw_audio_fixed.pkl has no sound of it")
                continue
            at = [int(frames[frame]) for frame in sorted(frames)]
            own = vertices, at, sounds[speaker][sequence], templates[speaker]
            yield from unless_odd(key, partial(_captured, key, speaker, part, *own), report)


def address(key: str) -> faceformer.Address | None:
    """`FaceTalk_170725_00137_TA_sentence01` → speaker and number of the sentence."""
    match = re.fullmatch(r"(FaceTalk_\d+_\d+_TA)_sentence(\d+)", key)
    return (match[1], int(match[2]), "neutral") if match else None


def check_metres(speaker: str, template: np.ndarray) -> None:
    """CorpusError where the eyes of a FLAME template stand as far apart as no human's do in metres."""
    if len(template) != _FLAME_COUNT:
        return
    left, right = (template[eye].mean(0) for eye in _EYEBALLS)
    apart = float(np.linalg.norm(left - right))
    if not _EYE_DISTANCE[0] <= apart <= _EYE_DISTANCE[1]:
        raise CorpusError(f"the eyes of {speaker} are {apart:.4g} apart, 0.04 to 0.08 m expected; VOCASET is in metres")


def _open_vertices(path: Path) -> np.ndarray:
    try:
        vertices = np.load(path, mmap_mode="r", allow_pickle=False)  # 7 GB, so frames are read one by one
    except (OSError, ValueError, EOFError) as problem:
        raise CorpusError(f"{path}: no array of vertices ({problem}); copy it again") from None
    if vertices.ndim != 3 or vertices.shape[2] != 3:
        raise CorpusError(f"{path}: expected (frames, vertices, 3), got {vertices.shape}")
    return vertices


def _take(vertices: np.ndarray, rows: list[int], key: str) -> np.ndarray:
    if not rows or max(rows) >= len(vertices):
        raise CorpusError(f"{key}: names frame {max(rows, default=0)} of {len(vertices)}; data_verts.npy is cut short")
    return vertices[rows]


def _captured(
    key: str,
    speaker: str,
    part: str,
    vertices: np.ndarray,
    rows: list[int],
    stored: dict[str, Any],
    neutral: np.ndarray,
) -> CapturedTake:
    motion = to_motion(_take(vertices, rows, key), neutral, FRAME_RATE)
    return CapturedTake(key, speaker, part, _sound(stored, key), motion, neutral)


def _sound(stored: dict[str, Any], key: str) -> np.ndarray:
    """(N,) float32 at 16 kHz from what the pickle holds: int16 samples and their rate."""
    import soxr

    try:
        samples, rate = pickled.to_array(stored["audio"]), float(stored["sample_rate"])
    except (KeyError, TypeError) as problem:
        raise CorpusError(f"{key}: expected audio and sample_rate in raw_audio_fixed.pkl, {problem} missing") from None
    full = np.iinfo(samples.dtype).max + 1 if samples.dtype.kind == "i" else 1.0
    if samples.dtype.kind == "i" and samples.dtype.itemsize > 2:
        full = 32768  # int16 numbers in a wider type
    mono = samples.astype(np.float32).reshape(len(samples), -1).mean(1) / np.float32(full)
    return soxr.resample(mono, rate, SAMPLE_RATE, quality="HQ").astype(np.float32)


READER = Reader("vocaset", "VOCASET", "as its makers (MPI) grant it, on request", read, SPLITS, unit=METRES)
