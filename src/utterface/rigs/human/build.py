"""Builds the head of a person, or takes it from the cache."""

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from utterface.errors import RigError
from utterface.motion import ARKIT
from utterface.rigs import cache
from utterface.rigs.human import brows, colours, eyes, gains, hair, mouth, seals, storage
from utterface.rigs.human.assembly import assembled
from utterface.rigs.human.data import CORNERS, HeadData, load
from utterface.rigs.human.identity import EYE_COLOURS, HAIR_COLOURS, Identity, shaped
from utterface.rigs.human.pieces import HeadPiece, Skin, colour
from utterface.rigs.human.rig import HeadRig
from utterface.rigs.shading import normals

DETAILS = ("high", "low")
_FEW_END = -192.0  # mm; below it a head of few vertices has no shoulders


def head(identity: Identity, detail: str = "high") -> HeadRig:
    """The built-in head.

    Args:
        identity: whose face.
        detail: `high`, or `low` for few vertices.

    Raises:
        RigError: another detail.
    """
    if detail not in DETAILS:
        raise RigError(f"detail is {' or '.join(DETAILS)}, got {detail!r}")
    return _kept(_FaceKey(identity), detail)


class _FaceKey:
    """An identity that can be told from others."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _FaceKey) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(repr(self.identity))


@lru_cache(maxsize=4)
def _kept(face: _FaceKey, detail: str) -> HeadRig:
    name = f"{face.identity!r} {detail}"
    kept = cache.load(name)
    if kept is not None:
        rig = storage.from_arrays(kept, face.identity, detail)
    else:
        rig = build(face.identity, detail)
        cache.keep(name, storage.to_arrays(rig))
    return replace(rig, remade=partial(head, detail=detail))


def refined_skin(identity: Identity) -> tuple[HeadData, np.ndarray, Skin]:
    """The data, the coarse head (n, 3) mm, and its refined skin with lips and lids sealed."""
    data = load()
    points = shaped(identity, data)
    count, refine = data.skin_count, data.refinement.apply
    scale = np.array([gains.GAINS.get(name, 1.0) for name in ARKIT])
    units = data.units[:, :count] * scale[:, None, None]
    for name, shares in gains.MIXED.items():
        units[ARKIT.index(name)] += sum(share * units[ARKIT.index(other)] for other, share in shares.items())
    shapes = refine(units.transpose(1, 0, 2).reshape(count, -1)).reshape(-1, len(ARKIT), 3).transpose(1, 0, 2).copy()
    skin = seals.seal_lips(refine(points[:count]), shapes, seals.lips(data))
    seals.meet_lids(skin, shapes, data)
    mean = refine(shaped(Identity(), data)[:count])
    margin = seals.fine_loop(data, data.lid_loops[1])
    return data, points, _skin(skin, data.refinement.quads, shapes, mean, margin)


def coarse_skin(data: HeadData, fine: Skin) -> Skin:
    """The refined skin's vertices that the coarse one has, sealed anew."""
    count = data.skin_count
    shapes = fine.shapes[:, :count].copy()
    points = seals.seal_lips(fine.points[:count], shapes, seals.lips(data, coarse=True))
    return _skin(points, data.skin, shapes, fine.mean[:count], data.lid_loops[1])


def _skin(points: np.ndarray, quads: np.ndarray, shapes: np.ndarray, mean: np.ndarray, margin: np.ndarray) -> Skin:
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Skin(points, triangles, shapes, mean, normals(points, triangles), margin)


def build(identity: Identity, detail: str) -> HeadRig:
    """The rig of a person, made anew."""
    data, points, skin = refined_skin(identity)
    few = detail == "low"
    tones, lip = colours.skin_colours(data, identity, skin.mean)
    if few:
        skin = coarse_skin(data, skin)
        skin = replace(skin, triangles=skin.triangles[(skin.mean[skin.triangles, 1] > _FEW_END).all(1)])
        tones, lip = tones[: len(skin.points)], lip[: len(skin.points)]
    balls, centre, radius = eyes.balls(data, points, skin, EYE_COLOURS[identity.eyes], 10 if few else 40)
    tone = colour(HAIR_COLOURS[identity.hair_colour])
    dark = np.minimum(0.85 * tone + 0.06, 0.4)
    inside = mouth.simple_pieces(data, points) if few else mouth.pieces(data, points, shaped(Identity(), data))
    pieces = [
        HeadPiece("skin", "skin", skin.points, skin.triangles, tones, skin.shapes, carrier=""),
        *balls,
        *eyes.wet_rims(skin, centre, radius, colours.tone_of(identity), few),
        *inside,
        *brows.brows(skin, tones, dark, identity.brows, 16 if few else 300),
        *brows.lashes(skin, centre, 0.35 * dark, 8 if few else 100),
        *hair.hair(skin, identity.hair, tone, few),
    ]
    return assembled(identity, detail, pieces, lip, centre, regions(data, skin))


def regions(data: HeadData, skin: Skin) -> dict[str, np.ndarray]:
    """Named vertices of a skin: inner lips, paired around the middle of the mouth, and margins of the lids."""
    coarse = len(skin.points) == data.skin_count
    loop = data.lip_loops[6] if coarse else seals.fine_loop(data, data.lip_loops[6])
    x = skin.mean[loop, 0]
    left, right = (np.flatnonzero(loop == data.lip_loops[6][corner])[0] for corner in sorted(CORNERS))
    inside = np.arange(len(loop))
    below = inside[(inside > left) & (inside < right) & (np.abs(x) < 0.75 * np.abs(x).max())]
    above = np.setdiff1d(inside, inside[left : right + 1])
    paired = above[np.abs(x[below][:, None] - x[above]).argmin(1)]
    high, low = seals.split_lids(skin.points, skin.margin)
    mirror = seals.fine_mirror(data)
    return {
        "lips_inner_upper": loop[paired], "lips_inner_lower": loop[below], "lid_upper_left": high,
        "lid_lower_left": low, "lid_upper_right": mirror[high], "lid_lower_right": mirror[low],
    }  # fmt: skip
