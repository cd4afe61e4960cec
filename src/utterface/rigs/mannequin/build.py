"""Builds the head, or takes it from the cache."""

from functools import cache

import numpy as np

from utterface.motion import ARKIT, HEAD
from utterface.rigs.mannequin import assemble
from utterface.rigs.mannequin import cache as head_cache
from utterface.rigs.mannequin import proportions as at
from utterface.rigs.mannequin.falloff import ramp
from utterface.rigs.mannequin.rig import HeadRig
from utterface.rigs.protocol import Joint, Part

_MM = 0.001


def head(identity: np.ndarray | None = None) -> HeadRig:
    """The built-in head with `identity` (I,) in standard deviations; None is the mean."""
    return from_sculpture(sculpture())


@cache
def sculpture() -> assemble.Sculpture:
    """The mean head, from the user's cache or made and kept there."""
    made = head_cache.load()
    if made is None:
        made = assemble.sculpt()
        head_cache.keep(made)
    return made


def from_sculpture(made: assemble.Sculpture) -> HeadRig:
    template = (made.template * np.float32(_MM)).astype(np.float32)
    shapes = np.stack([made.shapes[name] for name in ARKIT]) * _MM
    shapes[np.abs(shapes).max(-1) < 2e-5] = 0  # what nobody sees costs nothing in files
    parts = tuple(Part(name, material, slice(start, end)) for name, material, start, end in made.parts)
    return HeadRig(
        "utterface head", template, made.triangles.astype(np.int32), parts, dict(made.sets), shapes.astype(np.float32),
        _joints(made), made.tint, np.zeros(0),
    )  # fmt: skip


def _joints(made: assemble.Sculpture) -> tuple[Joint, ...]:
    joints = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        follow = np.zeros(len(made.template), np.float32)
        for part in assemble.BALLS:
            follow[slice(*made.spans[f"{part}_{side}"])] = 1
        turns = (f"{side}EyeYaw", f"{side}EyePitch", f"{side}EyeRoll")
        joints.append(Joint(f"{side}Eye", at.EYE_CENTRE * [sign, 1, 1] * _MM, turns, follow, parent="head"))
    y, z = made.template[:, 1], made.template[:, 2]
    height = y + 0.35 * np.minimum(z, 60)  # the neck bends along a line that rises towards the nape
    follow = ramp(height, -165.0, -85.0)
    for name, span in made.spans.items():
        if name != "skin":
            follow[slice(*span)] = 1
    joints.append(Joint("head", at.NECK_PIVOT * _MM, HEAD, follow.astype(np.float32)))
    return tuple(joints)
