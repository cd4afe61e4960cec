"""Blend shapes as Azure's speech synthesis sends them with its sound: 55 values a frame, 60 frames a second.

https://learn.microsoft.com/azure/ai-services/speech-service/how-to-speech-synthesis-viseme
"""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from utterface.clip import Clip
from utterface.errors import MotionError
from utterface.formats.grid import from_zero
from utterface.formats.guard import check_span, guarded
from utterface.motion import ARKIT, Motion

FRAME_RATE = 60.0
CHANNELS = (*ARKIT, "headRoll", "leftEyeRoll", "rightEyeRoll")


def write(clip: Clip, path: Path, rig: object = None) -> None:
    """One `Animation` of all frames, `{"FrameIndex": 0, "BlendShapes": [[…]]}`; the index counts frames before it."""
    values = from_zero(clip.motion.at_rate(FRAME_RATE)).select(CHANNELS).astype(float).round(5)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"FrameIndex": 0, "BlendShapes": [\n')
        file.write(",\n".join(json.dumps(row) for row in values.tolist()))
        file.write("\n]}\n")


@guarded("Azure animation")
def read(path: Path) -> Clip:
    """The clip of the animations of one utterance: one object, a list of them, or one a line, in any order.

    Raises:
        MotionError: damaged, or with frames that are missing.
    """
    chunks = sorted(_chunks(path.read_text("utf-8-sig")), key=lambda chunk: chunk[0])
    if not chunks:
        raise MotionError(f"{path} is no Azure animation: it needs FrameIndex and BlendShapes")
    for (begin, rows), (next_begin, _) in pairwise(chunks):
        if begin + len(rows) != next_begin:
            raise MotionError(f"{path} is damaged: frames {begin + len(rows)} to {next_begin} are missing or double")
    values = np.concatenate([rows for _, rows in chunks])
    check_span(chunks[0][0] / FRAME_RATE + len(values) / FRAME_RATE, FRAME_RATE, path)
    return Clip.from_motion(Motion(values, CHANNELS, FRAME_RATE, start=chunks[0][0] / FRAME_RATE))


def _chunks(text: str) -> list[tuple[int, np.ndarray]]:
    """(first frame, (frames, 55) float32) of each animation."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        content = [json.loads(line) for line in text.splitlines() if line.strip()]
    items = content if isinstance(content, list) else [content]
    chunks = []
    for item in items:
        rows = np.array(item["BlendShapes"], np.float32)
        if rows.ndim != 2 or rows.shape[1] != len(CHANNELS):
            raise ValueError(f"BlendShapes of {rows.shape}, not of (frames, {len(CHANNELS)})")
        begin = item["FrameIndex"]
        if not isinstance(begin, int) or begin < 0:
            raise ValueError(f"FrameIndex {str(begin)[:40]!r}")
        chunks.append((begin, rows))
    return chunks
