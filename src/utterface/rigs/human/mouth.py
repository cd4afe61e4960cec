"""Teeth, gums and tongue. Crowns stand on the arch of the data's own teeth; the tongue is the data's, refined.

Crown widths are means of permanent teeth (Wheeler's Dental Anatomy).
"""

from dataclasses import dataclass

import numpy as np

from utterface.motion import ARKIT
from utterface.rigs.human.data import HeadData
from utterface.rigs.human.pieces import SHAPES, HeadPiece, colour
from utterface.rigs.subdivision import catmull_clark

UPPER_WIDTHS = (8.6, 6.8, 7.6, 7.0, 6.8, 10.0, 9.6)
LOWER_WIDTHS = (5.6, 6.1, 6.9, 7.1, 7.2, 10.8, 10.0)
UPPER_HEIGHTS = (10.4, 9.2, 10.0, 8.6, 8.0, 7.4, 7.0)
LOWER_HEIGHTS = (8.8, 8.8, 9.8, 8.6, 8.0, 7.4, 7.0)
SHORTER = (0.0, 0.7, 0.1, 0.6, 0.8, 0.9, 0.9)  # mm by which each crown ends before the front tooth's edge
THICKNESS = (4.8, 4.6, 5.8, 7.4, 7.8, 9.4, 9.4)
DROP, LOWER_DROP = 3.6, 0.4  # mm by which crowns stand lower than the data's own teeth, so that the upper ones show
OVERJET = 2.6  # mm: lower crowns behind the upper ones
NARROWED = 0.78  # of its width that the resting tongue has between crowns thicker than the data's own
LOWER_SHADE = 0.78  # of the upper crowns' colour: lips and upper teeth stand in the light of the lower ones
JAW_FORWARD = 0.7  # of their way that lower teeth go with jawForward, so that they stay behind the lips
RINGS = ((0.0, 0.86, 0.92), (0.5, 1.0, 1.0), (0.88, 0.97, 0.62), (1.0, 0.80, 0.34))  # (height, width, thickness) shares
_ENAMEL, _NECK, _GUM, _TONGUE = colour("#ece4d4"), colour("#dccdb2"), colour("#b5666a"), colour("#b96f6c")


@dataclass(frozen=True)
class Arch:
    """A dental arch seen from above: points (9, 3) mm from the middle to the left molars, along the edges."""

    points: np.ndarray

    def at(self, distance: np.ndarray, inset: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(n, 2) x, z, (n, 2) outward unit vectors and (n,) heights at `distance` mm from the middle."""
        fine = np.linspace(0, 1, 200)
        place = np.linspace(0, 1, len(self.points))
        x, y, z = (np.interp(fine, place, _rounded(self.points[:, k])) for k in range(3))
        run = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
        ahead, behind = (
            np.stack([np.interp(d, run, x), np.interp(d, run, z)], -1)
            for d in (distance + 1.5, np.maximum(distance - 1.5, 0))
        )
        tangent = ahead - behind
        tangent /= np.maximum(np.linalg.norm(tangent, axis=-1, keepdims=True), 1e-9)
        outward = np.stack([-tangent[:, 1], tangent[:, 0]], -1)
        middle = np.stack([np.interp(distance, run, x), np.interp(distance, run, z)], -1)
        return middle - inset * outward, outward, np.interp(distance, run, y)


def _rounded(values: np.ndarray) -> np.ndarray:
    """Corners of the coarse arch cut a little."""
    padded = np.r_[values[0], values, values[-1]]
    return np.r_[values[0], (0.2 * padded[:-2] + 0.6 * padded[1:-1] + 0.2 * padded[2:])[1:]]


def pieces(data: HeadData, points: np.ndarray, mean: np.ndarray, around: int = 8) -> list[HeadPiece]:
    """Teeth, gums and tongue of a coarse head (n, 3) mm; `mean` (n, 3) mm is that of the mean person."""
    made = []
    for name, upper, quads in (("upper", True, data.upper_teeth), ("lower", False, data.lower_teeth)):
        vertices = np.unique(quads)
        arch = Arch(_edge(mean[vertices], points[vertices], upper))
        moves = np.zeros((SHAPES, 4, 3)) if upper else _affine(points[vertices], data.units[:, vertices])
        moves[ARKIT.index("jawForward")] *= JAW_FORWARD
        crowns, faces, shade = _row(arch, upper, around)
        both = np.concatenate([crowns, crowns * [-1, 1, 1]])
        wound = np.concatenate([faces, faces[:, ::-1] + len(crowns)])
        enamel = (_NECK + (_ENAMEL - _NECK) * np.r_[shade, shade][:, None]) * (1 if upper else LOWER_SHADE)
        made.append(HeadPiece(f"teeth_{name}", "teeth", both, wound, enamel, _moved(both, moves)))
        gum, faces = _gum(arch, upper)
        made.append(HeadPiece(f"gums_{name}", "gums", gum, faces, np.tile(_GUM, (len(gum), 1)), _moved(gum, moves)))
    return [*made, _tongue(data, points)]


def _edge(mean: np.ndarray, points: np.ndarray, upper: bool) -> np.ndarray:
    """(9, 3) mm: the edge of the data's teeth on the left, from the middle backwards."""
    left = np.flatnonzero(mean[:, 0] > -0.1)
    chosen = left[np.argsort(mean[left, 1] * (1 if upper else -1))[:9]]
    return np.asarray(points[chosen[np.argsort(-mean[chosen, 2])]])


def _affine(points: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(52, 4, 3): the affine map that each unit makes of the lower teeth's places, as displacement."""
    places = np.column_stack([points, np.ones(len(points))])
    return np.stack([np.linalg.lstsq(places, unit, rcond=None)[0] for unit in units])


def _moved(points: np.ndarray, maps: np.ndarray) -> np.ndarray:
    return np.asarray(np.column_stack([points, np.ones(len(points))]) @ maps)


def _tooth(
    where: np.ndarray, outward: np.ndarray, width: float, thick: float, edge: float, gum: float, around: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One crown as rings from the gum to the edge, closed there; shares of enamel."""
    turn = 2 * np.pi * (np.arange(around) + 0.5) / around
    cos, sin = np.cos(turn), np.sin(turn)
    across, deep = np.sign(cos) * np.abs(cos) ** 0.6, np.sign(sin) * np.abs(sin) ** 0.6
    along = np.array([outward[1], -outward[0]])
    vertices = []
    for height, wide, fat in RINGS:
        flat = where + (0.5 * width * wide * across)[:, None] * along
        # the outer face stays in place while the tooth thins towards its edge
        flat = flat + (thick * (0.5 * fat * deep - 0.5 + (1 - fat) * 0.28))[:, None] * outward
        vertices.append(np.stack([flat[:, 0], np.full(around, gum + height * (edge - gum)), flat[:, 1]], -1))
    triangles = []
    up = edge > gum
    for ring in range(len(RINGS) - 1):
        for k in range(around):
            a, b = ring * around + k, ring * around + (k + 1) % around
            c, d = a + around, b + around
            triangles += [(a, d, b), (a, c, d)] if up else [(a, b, d), (a, d, c)]
    last = (len(RINGS) - 1) * around
    for k in range(1, around - 1):
        triangles.append((last, last + k + 1, last + k) if up else (last, last + k, last + k + 1))
    shade = np.repeat([0.0, 0.7, 1.0, 1.0], around)
    return np.concatenate(vertices), np.array(triangles), shade


def _row(arch: Arch, upper: bool, around: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seven teeth of the left side: (n, 3) mm, triangles, (n,) shares of enamel."""
    widths, heights = (UPPER_WIDTHS, UPPER_HEIGHTS) if upper else (LOWER_WIDTHS, LOWER_HEIGHTS)
    middle, count = 0.0, 0
    parts = []
    for number, (width, height) in enumerate(zip(widths, heights, strict=True)):
        place = np.array([middle + width / 2])
        where, outward, level = arch.at(place, 0.0 if upper else OVERJET)
        middle += width
        edge = (
            level[0] - DROP + SHORTER[number] if upper else level[0] - LOWER_DROP - 0.5 * number - 0.6 * SHORTER[number]
        )
        gum = edge + height if upper else edge - height
        thick = THICKNESS[number] * (1 if upper else 0.9)
        vertices, faces, shade = _tooth(where[0], outward[0], width * 0.99, thick, edge, gum, around)
        parts.append((vertices, faces + count, shade))
        count += len(vertices)
    points, triangles, shades = (np.concatenate(each) for each in zip(*parts, strict=True))
    return points, triangles, shades


def _gum(arch: Arch, upper: bool) -> tuple[np.ndarray, np.ndarray]:
    """The gum over one jaw, left and right: (n, 3) mm, triangles; a gutter along the arch."""
    sign = 1.0 if upper else -1.0
    stations = np.linspace(0, 54, 12)
    where, outward, level = arch.at(stations, 0.0 if upper else OVERJET)
    line = level + (8.9 - DROP if upper else -7.4 - LOWER_DROP)
    thick = np.interp(stations, [0, 12, 30, 54], [4.8, 5.6, 8.2, 9.6])
    profile = ((0.1, 0.0), (0.5, 1.4), (0.2, 4.2), (-4.0, 5.4), (-1.35, 1.0), (-1.1, -0.4))
    rings = []
    for out, up in profile:
        # thicknesses are given in mm for the outer wall and in shares of the tooth for the inner one
        shift = np.full_like(thick, out) if out > -1.0 else (out * thick if out > -2 else -0.6 * thick)
        flat = where + shift[:, None] * outward
        rings.append(np.stack([flat[:, 0], line + sign * up, flat[:, 1]], -1))
    half = np.stack(rings, 1)
    half[0, :, 0] = 0
    whole = np.concatenate([half[:0:-1] * [-1, 1, 1], half])
    n, m = whole.shape[:2]
    triangles = []
    for a in range(n - 1):
        for b in range(m - 1):
            p, q, r, s = a * m + b, (a + 1) * m + b, (a + 1) * m + b + 1, a * m + b + 1
            triangles += [(p, q, r), (p, r, s)] if upper else [(p, r, q), (p, s, r)]
    return whole.reshape(-1, 3), np.array(triangles)


def _tongue(data: HeadData, points: np.ndarray) -> HeadPiece:
    used, quads = np.unique(data.tongue, return_inverse=True)
    refined = catmull_clark(quads.reshape(-1, 4), len(used))
    placed = refined.apply(points[used])
    flat = data.units[:, used].transpose(1, 0, 2).reshape(len(used), -1)
    shapes = refined.apply(flat).reshape(-1, SHAPES, 3).transpose(1, 0, 2).copy()
    placed = _behind_teeth(placed, shapes)
    quads = refined.quads
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return HeadPiece("tongue", "tongue", placed, triangles, np.tile(_TONGUE, (len(placed), 1)), shapes)


def _behind_teeth(tongue: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """(k, 3) mm of a tongue that rests within the lower crowns; tongueOut of (52, k, 3) mm `shapes` ends as before."""
    placed = tongue * [NARROWED, 1, 1] - [0, 0, OVERJET]
    shapes[ARKIT.index("tongueOut")] += tongue - placed
    return np.asarray(placed)


def simple_pieces(data: HeadData, points: np.ndarray) -> list[HeadPiece]:
    """Teeth and tongue as the data has them: arches without single crowns, for few vertices."""
    parts = (
        ("teeth_upper", "teeth", data.upper_teeth, 0.8 * _ENAMEL, -DROP),
        ("teeth_lower", "teeth", data.lower_teeth, 0.8 * _ENAMEL, -LOWER_DROP),
        ("tongue", "tongue", data.tongue, _TONGUE, 0.0),
    )  # fmt: skip
    made = []
    for name, material, quads, tone, drop in parts:
        used, local = np.unique(quads, return_inverse=True)
        local = local.reshape(-1, 4)
        triangles = np.concatenate([local[:, [0, 1, 2]], local[:, [0, 2, 3]]])
        placed, shapes = points[used] + [0, drop, 0], data.units[:, used].copy()
        if name == "tongue":
            placed = _behind_teeth(placed, shapes)
        made.append(HeadPiece(name, material, placed, triangles, np.tile(tone, (len(used), 1)), shapes))
    return made
