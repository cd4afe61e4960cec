"""Builds the head, or takes it from the cache."""

from dataclasses import replace
from functools import cache

import numpy as np

from utterface.errors import RigError
from utterface.motion import ARKIT, HEAD
from utterface.rigs.mannequin import assemble
from utterface.rigs.mannequin import cache as head_cache
from utterface.rigs.mannequin import proportions as at
from utterface.rigs.mannequin.falloff import ramp
from utterface.rigs.mannequin.identity import NAMES, Warp
from utterface.rigs.mannequin.rig import HeadRig
from utterface.rigs.protocol import Joint, Part
from utterface.rigs.shading import openness

_MM = 0.001
LEAST = 2e-5  # metres; smaller offsets are invisible and left out of files


def head(identity: np.ndarray | None = None) -> HeadRig:
    """The built-in head with `identity` (I,) in standard deviations; None is the mean.

    Raises:
        RigError: the vector has another length or is not finite.
    """
    vector = np.zeros(len(NAMES)) if identity is None else np.asarray(identity, np.float64)
    if vector.shape != (len(NAMES),) or not np.isfinite(vector).all():
        raise RigError(f"identity must be {len(NAMES)} finite numbers ({', '.join(NAMES[:3])} …), got {vector.shape}")
    return from_sculpture(sculpture(), vector)


@cache
def sculpture() -> assemble.Sculpture:
    """The mean head, from the user's cache or made and kept there."""
    made = head_cache.load()
    if made is None:
        made = assemble.sculpt()
        seen = openness((made.template.astype(np.float64) * _MM).astype(np.float32), made.triangles.astype(np.int32))
        made = replace(made, openness=seen)
        head_cache.keep(made)
    return made


def from_sculpture(made: assemble.Sculpture, vector: np.ndarray) -> HeadRig:
    """The rig of one identity: the mean head carried along by the warp of space."""
    warp = Warp.from_vector(vector)
    template = made.template.astype(np.float64)
    names = list(ARKIT)
    shapes = np.stack([made.shapes[name] for name in names])
    if vector.any():
        moved = np.flatnonzero(shapes.any((0, 2)))
        slope = warp.of_motion().slope(template[moved]).astype(np.float32)
        shapes[:, moved] = np.einsum("vij,svj->svi", slope, shapes[:, moved], optimize=True)
        template = warp.apply(template)
    shapes *= np.float32(_MM)
    shapes[np.abs(shapes).max(-1) < LEAST] = 0
    parts = tuple(Part(name, material, slice(start, end)) for name, material, start, end in made.parts)
    return HeadRig(
        name="utterface head",
        template=(template * _MM).astype(np.float32),
        triangles=made.triangles.astype(np.int32),
        parts=parts,
        regions=dict(made.sets),
        shapes=shapes,
        joints=_joints(made, warp),
        tint=made.tint,
        openness=None if vector.any() or not len(made.openness) else made.openness,
        identity=vector,
        with_vector=head,
    )


def _joints(made: assemble.Sculpture, warp: Warp) -> tuple[Joint, ...]:
    joints = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        follow = np.zeros(len(made.template), np.float32)
        for part in assemble.BALLS:
            follow[slice(*made.spans[f"{part}_{side}"])] = 1
        turns = (f"{side}EyeYaw", f"{side}EyePitch", f"{side}EyeRoll")
        joints.append(Joint(f"{side}Eye", _carried(warp, at.EYE_CENTRE * [sign, 1, 1]), turns, follow, parent="head"))
    y, z = made.template[:, 1], made.template[:, 2]
    height = y + 0.35 * np.minimum(z, 60)  # the neck bends along a line that rises towards the nape
    follow = ramp(height, -165.0, -85.0)
    for name, span in made.spans.items():
        if name != "skin":
            follow[slice(*span)] = 1
    joints.append(Joint("head", _carried(warp, at.NECK_PIVOT), HEAD, follow.astype(np.float32)))
    return tuple(joints)


def _carried(warp: Warp, point: np.ndarray) -> np.ndarray:
    """(3,) mm on the mean head → (3,) float32 metres on this one."""
    return (warp.apply(point[None])[0] * _MM).astype(np.float32)
