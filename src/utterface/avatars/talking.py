"""An avatar's own file with a motion in it: one animation more, everything else as it was."""

from pathlib import Path
from typing import Any

import numpy as np

from utterface.avatars.avatar import Avatar
from utterface.clip import Clip
from utterface.gltf import GltfEditor
from utterface.motion import Motion

NAME = "utterface speech"  # of the animation


def write(clip: Clip, path: Path, avatar: Avatar) -> None:
    """The avatar's file, speaking the clip."""
    path.write_bytes(to_file(avatar, clip.motion))


def to_file(avatar: Avatar, motion: Motion) -> bytes:
    """The avatar's file with an animation of its weights and bones.

    Weights and rotations are 16-bit fractions, half as large as floats, unless the avatar asks for floats or weights
    leave 0…1.

    Args:
        avatar: to be animated.
        motion: in any channels that `Avatar.driven` understands.
    """
    editor = GltfEditor(avatar.gltf)
    driven = avatar.driven(motion)
    tracks: list[tuple[int, str, np.ndarray]] = []
    for node, weights in avatar.weights(driven).items():
        flat = weights.reshape(-1).astype(np.float32)
        is_fraction = not avatar.as_float and bool(((flat >= 0) & (flat <= 1)).all())
        tracks.append((node, "weights", _fractions(flat, np.uint16) if is_fraction else flat))
    for bone in avatar.bones:
        turned = bone.rotations(driven)
        tracks.append((bone.node, "rotation", turned if avatar.as_float else _fractions(turned, np.int16)))
    editor.animation(NAME, driven.times.astype(np.float32), tracks)
    return editor.to_bytes()


def _fractions(values: np.ndarray, kind: type[np.integer[Any]]) -> np.ndarray:
    """Values of −1…1 or 0…1 as integers that stand for fractions."""
    return np.round(values * float(np.iinfo(kind).max)).astype(kind)
