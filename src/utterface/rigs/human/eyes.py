"""Eyeballs that turn about their centres, the wet rim along the lower lid, and the caruncle in the inner corner."""

import numpy as np

from utterface.motion import ARKIT
from utterface.rigs.human.data import HeadData
from utterface.rigs.human.pieces import HeadPiece, Skin, both_sides, colour, grid_triangles
from utterface.rigs.human.seals import split_lids

IRIS = 0.365  # radius of the iris and of the pupil, in radii of the ball
PUPIL = 0.135
CORNEA = 0.055  # how far the cornea stands out
CLEARANCE = 0.12  # mm between the ball and the lids that slide on it
_WHITE, _CORNER_WHITE = colour("#ece7e1"), colour("#dcb6a8")
_PINK = colour("#c98a80")


def ball_of(data: HeadData, points: np.ndarray, skin: Skin) -> tuple[np.ndarray, float]:
    """(3,) mm centre and the radius of the left eyeball: as large as the lids leave room for, shutting or open."""
    corner = points[data.left_eye]
    centre = (corner.max(0) + corner.min(0)) / 2
    margin = skin.margin
    blink = skin.shapes[ARKIT.index("eyeBlinkLeft")]
    room = [np.linalg.norm(skin.points[margin] + w * blink[margin] - centre, axis=1).min() for w in (0, 0.3, 0.6, 1)]
    return centre, float(min(room)) - CLEARANCE


def balls(
    data: HeadData, points: np.ndarray, skin: Skin, tint: str, around: int
) -> tuple[list[HeadPiece], np.ndarray, float]:
    """Pieces of both eyeballs, (3,) mm centre of the left one, and their radius.

    Args:
        data, points: the coarse head.
        skin: refined.
        tint: colour of the iris, `#rrggbb`.
        around: vertices around each ring.
    """
    centre, radius = ball_of(data, points, skin)
    pieces = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for name, (vertices, triangles, colours) in _ball(colour(tint), around, around < 20).items():
            placed = (radius * vertices + centre) * [sign, 1, 1]
            wound = triangles if sign > 0 else triangles[:, ::-1]
            pieces.append(HeadPiece(f"{name}_{side}", name, placed, wound, colours, carrier=f"{side}Eye"))
    return pieces, centre, radius


def _ball(tint: np.ndarray, around: int, few: bool) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Part → points in radii about the centre looking to +Z, triangles, colours."""
    limbus = np.arcsin(IRIS)
    angles = np.concatenate([np.radians([115, 95, 78, 62, 48, 38, 31]), [limbus * 1.16, limbus * 1.05, limbus * 0.97]])
    rings = np.stack([np.sin(angles), np.cos(angles)], 1)
    flat = float(np.cos(limbus))
    reach = np.clip((angles - limbus) / (1.4 - limbus), 0, 1)[:, None]
    white = _WHITE + (_CORNER_WHITE - _WHITE) * reach**1.3
    white[-3:] = [0.75 * _WHITE + 0.25 * 0.6 * tint, 0.45 * _WHITE + 0.55 * 0.5 * tint, 0.4 * tint]
    shares = np.array([1.02, 0.93, 0.82, 0.7, 0.58, 0.47, PUPIL / IRIS])
    depth = flat - 0.035 * (1 - shares)
    iris = np.stack([IRIS * shares, depth], 1)
    tones = np.array([0.3, 0.62, 0.95, 1.15, 1.2, 1.0, 0.55])[:, None] * tint
    warm = np.array([0, 0, 0, 0, 0.12, 0.3, 0.3])[:, None]
    tones = tones * (1 - warm) + warm * np.minimum(colour("#7a5630"), 1) * (0.4 + tint.mean())
    turn = 2 * np.pi * np.arange(around) / around
    fibres = 1 + 0.16 * np.sin(5 * turn + 1) * np.sin(11 * turn) + 0.1 * np.sin(17 * turn + 0.7)
    iris_colours = np.clip(tones[:, None] * fibres[None, :, None], 0, 1)
    iris_colours[0] = tones[0]
    pupil = np.array([[PUPIL, flat - 0.037], [0.0, flat - 0.05]])
    share = np.linspace(1, 0, 6)
    lens = np.arcsin(IRIS * 1.06 * share)
    bulge = 1.002 + CORNEA * (1 - share**2)
    cornea = np.stack([np.sin(lens) * bulge, np.cos(lens) * bulge], 1)
    some, ring, lens_rings = ([2, 4, 6, 8, 9], [0, 2, 5, 6], [0, 2, 5]) if few else (slice(None),) * 3
    return {
        "sclera": _turned(rings[some], white[some], around),
        "iris": _turned(iris[ring], iris_colours[ring], around),
        "pupil": _turned(pupil, np.full((2, 3), 0.012), around),
        "cornea": _turned(cornea[lens_rings], np.zeros((len(cornea[lens_rings]), 3)), around),
    }


def _turned(profile: np.ndarray, colours: np.ndarray, around: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A profile (r, 2) of radius and depth, from behind forwards, turned about +Z, with its colours."""
    turn = 2 * np.pi * np.arange(around) / around
    radius, depth = profile[:, :1], profile[:, 1:]
    points = np.stack(
        [radius * np.cos(turn), radius * np.sin(turn), np.broadcast_to(depth, (len(profile), around))], -1
    )
    if colours.ndim == 2:
        colours = np.broadcast_to(colours[:, None], points.shape)
    return points.reshape(-1, 3), grid_triangles(len(profile), around, closed=True)[:, ::-1], colours.reshape(-1, 3)


def wet_rims(skin: Skin, centre: np.ndarray, radius: float, tone: np.ndarray, few: bool = False) -> list[HeadPiece]:
    """The tear line along the lower lids and a caruncle in each inner corner, fastened to the lids; `few` has none."""
    _, lower = split_lids(skin.points, skin.margin)
    rim = skin.points[lower]
    out = rim - centre
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    rows = []
    for reach, lift in ((0.75, -0.25), (0.25, 0.1), (0.12, 0.55), (-0.25, 0.95)):
        row = centre + out * (radius + reach)
        row[:, 1] += lift
        rows.append(row)
    points = np.concatenate(rows)
    triangles = grid_triangles(len(rows), len(lower))
    shapes = np.tile(skin.shapes[:, lower], (1, len(rows), 1))
    pink = np.tile(0.35 * tone + 0.65 * _PINK, (len(points), 1))
    pieces = both_sides("rim", "rim", points, triangles, pink, shapes)
    if few:
        return pieces
    inner = lower[:1]
    place = skin.points[inner[0]] + [1.6, -0.1, 0]
    place = centre + (place - centre) * (radius + 0.1) / np.linalg.norm(place - centre)
    around = np.linspace(0, 2 * np.pi, 9)[:-1]
    rings = [(np.cos(a), np.sin(a)) for a in np.radians([0, 40, 70])]
    bump = [
        place + np.stack([2.0 * r * np.cos(around), 1.15 * r * np.sin(around), 0.0 * around + 0.75 * h], 1)
        for r, h in rings
    ]
    bump.append(np.tile(place + np.array([0, 0, 0.8]), (8, 1)))
    bud = np.concatenate(bump)
    moved = np.repeat(skin.shapes[:, inner], len(bud), axis=1)
    red = np.tile(0.3 * tone + 0.7 * colour("#b9706a"), (len(bud), 1))
    return pieces + both_sides("caruncle", "rim", bud, grid_triangles(4, 8, closed=True)[:, ::-1], red, moved)
