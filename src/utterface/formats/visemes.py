"""The 15 visemes of Oculus LipSync over time: as the sequence that its Unity package plays, and as a table.

`OVRLipSyncSequence` has a list of frames that lie evenly over its `length`; `JsonUtility.FromJsonOverwrite` fills it.
"""

import json
from pathlib import Path

from utterface.clip import Clip
from utterface.formats.grid import from_zero
from utterface.phones import OCULUS
from utterface.rigs import reduction


def write_json(clip: Clip, path: Path, rig: object = None) -> None:
    """`entries` of `frameNumber`, `frameDelay`, `Visemes` (15 weights) and `laughterScore`; `length` in seconds.

    `visemes` and `frameRate` tell other readers what the numbers are.
    """
    motion = from_zero(clip.motion)
    head = {"length": motion.duration, "frameRate": motion.frame_rate, "visemes": list(OCULUS)}
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head)[:-1] + ', "entries": [\n')
        for number, weights in enumerate(reduction.to_visemes(motion).astype(float).round(4).tolist()):
            entry = {"frameNumber": number, "frameDelay": 0, "Visemes": weights, "laughterScore": 0.0}
            file.write((",\n" if number else "") + json.dumps(entry))
        file.write("\n]}\n")


def write_csv(clip: Clip, path: Path, rig: object = None) -> None:
    """`time` in seconds and a column a viseme, one row a frame."""
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(",".join(["time", *OCULUS]) + "\n")
        for moment, weights in zip(clip.motion.times, reduction.to_visemes(clip.motion), strict=True):
            file.write(f"{moment:.4f}," + ",".join(f"{weight:.4f}" for weight in weights) + "\n")
