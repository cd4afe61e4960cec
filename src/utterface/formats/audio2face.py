"""NVIDIA Audio2Face's JSON layout: `facsNames`, `weightMat`, `exportFps`; its importers look names up."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from utterface.clip import Clip
from utterface.errors import MotionError
from utterface.formats.grid import from_zero
from utterface.formats.guard import guarded
from utterface.formats.sound import beside, digest_of
from utterface.motion import ARKIT, Motion

BLOCK_FRAMES = 3600  # rows turned into text at a time, so that hours stay small in memory
_NAMES = {name.lower(): name for name in ARKIT}


def write(clip: Clip, path: Path, rig: object = None) -> None:
    """The 52 weights of every frame, camelCase names in ARKit's order; head and eye angles have no place in it.

    Nor has a start: motion that begins later gets its nearest frames on the grid from the first sample on.
    """
    motion = from_zero(clip.motion)
    weights = motion.select(ARKIT)
    head: dict[str, object] = {
        "exportFps": float(motion.frame_rate),
        "trackPath": clip.audio.name if isinstance(clip.audio, Path) else "",
        "numPoses": len(ARKIT),
        "numFrames": len(weights),
        "facsNames": list(ARKIT),
    }
    if isinstance(clip.audio, Path) and (digest := digest_of(clip.audio)):
        head["trackSha256"] = digest
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, indent=1)[:-2] + ',\n "weightMat": [')
        for i in range(0, len(weights), BLOCK_FRAMES):
            rows = weights[i : i + BLOCK_FRAMES].astype(float).round(6).tolist()
            file.write((",\n  " if i else "\n  ") + ",\n  ".join(json.dumps(row) for row in rows))
        file.write("\n ]\n}\n")


@guarded("Audio2Face export")
def read(path: Path) -> Clip:
    """The clip of an Audio2Face export: its weights by ARKit's names, in any order and case, others passed over.

    Its sound is the recording beside it that `trackPath` names.

    Raises:
        MotionError: damaged, or without any of those names.
    """
    content = json.loads(path.read_text("utf-8-sig"))
    if not isinstance(content, dict) or not {"facsNames", "exportFps", "weightMat"} <= content.keys():
        raise MotionError(f"{path} is no Audio2Face export: it needs facsNames, exportFps and weightMat")
    names, rate = [str(name) for name in content["facsNames"]], float(content["exportFps"])
    weights = np.array(content["weightMat"], np.float32)
    if weights.ndim != 2 or weights.shape[1] != len(names):
        raise MotionError(f"{path} is damaged: {len(names)} facsNames, but a weightMat of {weights.shape}")
    columns = {_NAMES[name.lower()]: number for number, name in enumerate(names) if name.lower() in _NAMES}
    if not columns:
        raise MotionError(f"{path} has no facial motion: none of its facsNames is one of ARKit's (jawOpen …)")
    channels = tuple(name for name in ARKIT if name in columns)
    clip = Clip.from_motion(Motion(weights[:, [columns[name] for name in channels]], channels, rate))
    track, digest = content.get("trackPath"), content.get("trackSha256")
    if not isinstance(track, str):
        return clip
    return replace(clip, audio=beside(path, track, digest if isinstance(digest, str) else None))
