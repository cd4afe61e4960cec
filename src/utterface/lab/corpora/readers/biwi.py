"""BIWI B3D(AC)²: 14 speakers, 40 English sentences neutral and emotional, 23 370 vertices, 25 frames a second.

Fanelli, Gall, Romsdorfer, Weise, Van Gool: A 3-D audio-visual corpus of affective communication (2010), in
FaceFormer's layout. The published preprocessing (CodeTalker `BIWI/data_preprocess`) centres every frame on its mean
vertex and divides it by the root of its own mesh's area. So the numbers have no unit, and no millimetre can be won
back: opening the mouth changes the area, and with it the scale of the forehead.
"""

import re
from collections.abc import Container, Iterator
from pathlib import Path

from utterface.lab.corpora.readers import faceformer
from utterface.lab.corpora.readers.contract import CapturedTake, Reader, Report, Split, SplitPart

FRAME_RATE = 25.0
UNIT = "1/√(mesh area) of each frame"
_SEEN = ("F2", "F3", "F4", "M3", "M4", "M5")
_UNSEEN = ("F1", "F5", "F6", "F7", "F8", "M1", "M2", "M6")
_WOMEN, _MEN = tuple(f"F{i}" for i in range(1, 9)), tuple(f"M{i}" for i in range(1, 7))


def _emotional(first: int, last: int) -> dict[str, range]:
    return {"emotional": range(first, last + 1)}


def _both(first: int, last: int) -> dict[str, range]:
    return {"neutral": range(first, last + 1), "emotional": range(first, last + 1)}


SPLITS = {
    "test-a": Split(
        "EvelynFan/FaceFormer, Doubiiu/CodeTalker: seen speakers, sentences e37 to e40; measures are given on it",
        SplitPart(_SEEN, _emotional(1, 32)),
        SplitPart(_SEEN, _emotional(33, 36)),
        SplitPart(_SEEN, _emotional(37, 40)),
    ),
    "test-b": Split(
        "EvelynFan/FaceFormer, Doubiiu/CodeTalker: unseen speakers, sentences e37 to e40; for user studies",
        SplitPart(_SEEN, _emotional(1, 32)),
        SplitPart(_SEEN, _emotional(33, 36)),
        SplitPart(_UNSEEN, _emotional(37, 40)),
    ),
    "facexhubert": Split(
        "galib360/FaceXHuBERT: all speakers, neutral and emotional sentences 1 to 36, 37 and 38, 39 and 40",
        SplitPart(_WOMEN + _MEN, _both(1, 36)),
        SplitPart(_WOMEN + _MEN, _both(37, 38)),
        SplitPart(_WOMEN + _MEN, _both(39, 40)),
    ),
    "scantalk": Split(
        "ScanTalk (BIWI₆, remeshed): neutral sentences, by speaker",
        SplitPart((*_WOMEN[:6], *_MEN[:4]), {"neutral": range(1, 41)}),
        SplitPart(("F7", "M5"), {"neutral": range(1, 41)}),
        SplitPart(("F8", "M6"), {"neutral": range(1, 41)}),
    ),
}


def read(folder: Path, split: Split, done: Container[str], report: Report) -> Iterator[CapturedTake]:
    """The takes; two of the published 192 are lost to science and reported. See `contract.Reader.read`."""
    return faceformer.read(folder, "BIWI", FRAME_RATE, address, split, done, report)


def address(key: str) -> faceformer.Address | None:
    """`F2_e01` → speaker, number of the sentence, `emotional`; without the e `neutral`."""
    match = re.fullmatch(r"([FM]\d)_(e?)(\d+)", key)
    return (match[1], int(match[3]), "emotional" if match[2] else "neutral") if match else None


READER = Reader("biwi", "BIWI B3D(AC)2", "research only; no longer handed out", read, SPLITS, unit=UNIT)
