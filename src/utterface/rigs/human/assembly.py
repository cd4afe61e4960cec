"""Pieces → one rig: arrays joined, vertices that no triangle uses left out, joints fastened."""

import numpy as np

from utterface.motion import ARKIT, HEAD
from utterface.rigs.human.identity import Identity
from utterface.rigs.human.pieces import HeadPiece
from utterface.rigs.human.rig import HeadRig
from utterface.rigs.protocol import Joint, Part
from utterface.rigs.shading import openness

NECK = np.array([0.0, -78.0, -91.0])  # mm; the head turns about this point
LEAST = 2e-5  # metres; smaller offsets are invisible and left out of files
_MM = 0.001
_HAIR_SHADE = 0.45  # share of what locks hide of the sky that darkens them; their colours do the rest


def assembled(
    identity: Identity,
    detail: str,
    pieces: list[HeadPiece],
    lip: np.ndarray,
    centre: np.ndarray,
    regions: dict[str, np.ndarray],
) -> HeadRig:
    """The rig of pieces, the skin first.

    Args:
        identity, detail: whose, and how fine.
        pieces: the skin first.
        lip: (F,) how much of the skin belongs to the lips.
        centre: (3,) mm of the left eyeball.
        regions: vertices of the skin.
    """
    starts = np.cumsum([0, *(len(piece.points) for piece in pieces)])
    runs = [int(run) for run in np.cumsum([0, *(len(piece.triangles) for piece in pieces)])]
    triangles = np.concatenate([piece.triangles + start for piece, start in zip(pieces, starts, strict=False)])
    used = np.unique(triangles)
    number = np.zeros(starts[-1], np.int64)
    number[used] = np.arange(len(used))
    triangles = number[triangles].astype(np.int32)
    template = (np.concatenate([piece.points for piece in pieces])[used] * _MM).astype(np.float32)
    shapes = np.zeros((len(ARKIT), starts[-1], 3), np.float32)
    for piece, start in zip(pieces, starts, strict=False):
        if piece.shapes is not None:
            shapes[:, start : start + len(piece.points)] = piece.shapes * _MM
    shapes = shapes[:, used]
    shapes[np.abs(shapes).max(-1) < LEAST] = 0
    tint = np.zeros(starts[-1], np.float32)
    tint[: len(lip)] = lip
    seen = openness(template, triangles)
    hair = np.repeat([piece.material in ("hair", "fuzz") for piece in pieces], [len(piece.points) for piece in pieces])[
        used
    ]
    seen[hair] = 1 - _HAIR_SHADE * (1 - seen[hair])
    carriers = np.repeat([piece.carrier for piece in pieces], [len(piece.points) for piece in pieces])[used]
    return HeadRig(
        name=f"utterface head, {identity.name}",
        template=template,
        triangles=triangles,
        parts=tuple(Part(p.name, p.material, slice(a, b)) for p, a, b in zip(pieces, runs, runs[1:], strict=False)),
        regions={name: number[vertices] for name, vertices in regions.items()},
        shapes=shapes,
        joints=_joints(carriers, template, centre),
        tint=tint[used],
        colours=np.concatenate([piece.colours for piece in pieces])[used].astype(np.float32),
        identity=identity,
        detail=detail,
        openness=seen,
    )


def _joints(carriers: np.ndarray, template: np.ndarray, centre: np.ndarray) -> tuple[Joint, ...]:
    joints = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        turns = (f"{side}EyeYaw", f"{side}EyePitch", f"{side}EyeRoll")
        pivot = (centre * [sign, 1, 1] * _MM).astype(np.float32)
        follow = (carriers == f"{side}Eye").astype(np.float32)
        joints.append(Joint(f"{side}Eye", pivot, turns, follow, parent="head"))
    y, z = template[:, 1] / _MM, template[:, 2] / _MM
    t = np.clip((y + 0.35 * np.minimum(z + 73, 60) + 165) / 80, 0, 1)  # the neck bends along a line that rises behind
    follow = np.where(carriers == "", t**3 * (t * (6 * t - 15) + 10), 1).astype(np.float32)
    joints.append(Joint("head", (NECK * _MM).astype(np.float32), HEAD, follow))
    return tuple(joints)
