"""VRM animation: expressions, head and gaze for any VRM model, as a small glTF of its own.

The weight of an expression is the X of its node's translation; the head is a humanoid bone; the gaze is the rotation of
one more node. Nothing else is animated, so a body keeps doing what it does. three-vrm resets the weights that a .vrm
itself animates, so this is the file that web pages play.

Specification: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm_animation-1.0
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from utterface import __version__
from utterface.clip import Clip
from utterface.formats.glb import quaternions
from utterface.gltf import GltfBuilder
from utterface.motion import ARKIT, HEAD, Motion
from utterface.rigs import reduction

EXTENSION = "VRMC_vrm_animation"
FASTEST = 30.0  # Hz; the specification suggests no more
BLINKS = {"blinkLeft": "eyeBlinkLeft", "blinkRight": "eyeBlinkRight"}
PRESETS = frozenset({
    *reduction.VOWELS, *BLINKS, "blink", "happy", "angry", "sad", "relaxed", "surprised", "neutral",
})  # fmt: skip
# bone: (carrier, metres from it); all bones that a humanoid must have, in a T-pose
_BONES = {
    "hips": ("", (0.0, 0.95, 0.0)), "spine": ("hips", (0.0, 0.1, 0.0)), "head": ("spine", (0.0, 0.45, 0.0)),
    "leftUpperLeg": ("hips", (0.09, -0.05, 0.0)), "leftLowerLeg": ("leftUpperLeg", (0.0, -0.42, 0.0)),
    "leftFoot": ("leftLowerLeg", (0.0, -0.4, 0.0)), "leftUpperArm": ("spine", (0.16, 0.36, 0.0)),
    "leftLowerArm": ("leftUpperArm", (0.26, 0.0, 0.0)), "leftHand": ("leftLowerArm", (0.25, 0.0, 0.0)),
    "rightUpperLeg": ("hips", (-0.09, -0.05, 0.0)), "rightLowerLeg": ("rightUpperLeg", (0.0, -0.42, 0.0)),
    "rightFoot": ("rightLowerLeg", (0.0, -0.4, 0.0)), "rightUpperArm": ("spine", (-0.16, 0.36, 0.0)),
    "rightLowerArm": ("rightUpperArm", (-0.26, 0.0, 0.0)), "rightHand": ("rightLowerArm", (-0.25, 0.0, 0.0)),
}  # fmt: skip


def write(clip: Clip, path: Path, rig: object = None) -> None:
    """The five vowels and both lids, which every VRM model has, the head and the gaze."""
    motion = _slowed(clip.motion)
    vowels = dict(zip(reduction.VOWELS, reduction.to_vowels(motion).T, strict=True))
    path.write_bytes(to_vrma(motion, vowels | {name: motion.select([lid])[:, 0] for name, lid in BLINKS.items()}))


def write_arkit(clip: Clip, path: Path, rig: object = None) -> None:
    """ARKit's 52 as custom expressions by the names of Perfect Sync (`JawOpen`), the head and the gaze."""
    motion = _slowed(clip.motion)
    names = [name[0].upper() + name[1:] for name in ARKIT]
    path.write_bytes(to_vrma(motion, dict(zip(names, motion.select(ARKIT).T, strict=True))))


def to_vrma(motion: Motion, expressions: Mapping[str, np.ndarray]) -> bytes:
    """A .vrma file.

    Args:
        motion: its clock, head and eye angles.
        expressions: name → (T,) weights; names of `PRESETS` are the presets, others are custom.
    """
    gltf = GltfBuilder(f"utterface {__version__}")
    numbers = _add_bones(gltf)
    tracks = [(numbers["head"], "rotation", quaternions(motion.select(HEAD)))]
    groups: dict[str, dict[str, dict[str, int]]] = {}
    for name, weights in expressions.items():
        node = gltf.add("nodes", name=name)
        groups.setdefault("preset" if name in PRESETS else "custom", {})[name] = {"node": node}
        moved = np.zeros((len(motion), 3), np.float32)
        moved[:, 0] = weights.clip(0, 1)
        tracks.append((node, "translation", moved))
    look = gltf.add("nodes", name="lookAt")
    tracks.append((look, "rotation", quaternions(_gaze(motion))))
    gltf.animation("speech", motion.times.astype(np.float32), tracks)
    gltf.content["scene"] = gltf.add("scenes", nodes=[numbers["hips"], *range(len(numbers), look + 1)])
    gltf.content["extensionsUsed"] = [EXTENSION]
    gltf.content["extensions"] = {
        EXTENSION: {
            "specVersion": "1.0",
            "humanoid": {"humanBones": {name: {"node": number} for name, number in numbers.items()}},
            "expressions": groups,
            "lookAt": {"node": look, "offsetFromHeadBone": [0.0, 0.06, 0.0]},
        }
    }
    return gltf.to_bytes()


def _slowed(motion: Motion) -> Motion:
    return motion.at_rate(min(motion.frame_rate, FASTEST))


def _gaze(motion: Motion) -> np.ndarray:
    """(T, 3) yaw, pitch and no roll, in radians: the mean of both eyes."""
    eyes = motion.select([f"{side}Eye{turn}" for turn in ("Yaw", "Pitch") for side in ("left", "right")])
    mean = eyes.reshape(len(eyes), 2, 2).mean(2)
    return np.concatenate([mean, np.zeros_like(mean[:, :1])], 1)


def _add_bones(gltf: GltfBuilder) -> dict[str, int]:
    """Bone → node, the skeleton at rest."""
    numbers = {name: number for number, name in enumerate(_BONES)}
    for name, (_, place) in _BONES.items():
        children = [numbers[other] for other, (carrier, _) in _BONES.items() if carrier == name]
        gltf.add("nodes", name=name, translation=list(place), children=children or None)
    return numbers
