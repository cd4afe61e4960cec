"""NVIDIA Audio2Face's JSON layout: `facsNames`, `weightMat`, `exportFps`; its importers look names up."""

import json
from pathlib import Path

from utterface import timing
from utterface.clip import Clip
from utterface.motion import ARKIT

BLOCK_FRAMES = 3600  # rows turned into text at a time, so that hours stay small in memory


def write(clip: Clip, path: Path) -> None:
    """The 52 weights of every frame, camelCase names in ARKit's order; head and eye angles have no place in it.

    Nor has a start: motion that begins later gets its nearest frames on the grid from the first sample on.
    """
    motion = clip.motion
    times = timing.frame_times(timing.frame_count(motion.start + motion.duration, motion.frame_rate), motion.frame_rate)
    weights = timing.nearest(motion.select(ARKIT), motion.frame_rate, times, motion.start)
    head = {
        "exportFps": float(motion.frame_rate),
        "trackPath": str(clip.audio) if isinstance(clip.audio, Path) else "",
        "numPoses": len(ARKIT),
        "numFrames": len(weights),
        "facsNames": list(ARKIT),
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, indent=1, ensure_ascii=False)[:-2] + ',\n "weightMat": [')
        for i in range(0, len(weights), BLOCK_FRAMES):
            rows = weights[i : i + BLOCK_FRAMES].astype(float).round(6).tolist()
            file.write((",\n  " if i else "\n  ") + ",\n  ".join(json.dumps(row) for row in rows))
        file.write("\n ]\n}\n")
