"""Brows and lashes: thin tapered cards, each a hair or a few, fastened to the skin and carried by it.

Under the hairs of a brow lies a patch whose colour fades into the skin's, so that it is a brow at any distance.
"""

import numpy as np

from utterface.motion import ARKIT
from utterface.rigs.human.pieces import HeadPiece, Skin, both_sides, grid_triangles
from utterface.rigs.human.seals import split_lids

# Middle line of the left brow on the mean head from its head to its tail: x, y, half its thickness, mm; and the
# direction in which its hairs grow, degrees above outwards.
_BROW = np.array([
    (9.5, 14.6, 2.2, 80), (14.0, 15.6, 3.1, 62), (20.0, 17.2, 3.2, 40), (27.0, 18.8, 2.9, 22), (34.0, 19.4, 2.3, 4),
    (40.0, 18.4, 1.6, -14), (45.5, 15.8, 0.8, -28),
])  # fmt: skip
_SEGMENTS = 2  # of a card
_PATCH, _FEW = (28, 7), (9, 3)  # points of the patch under a brow, along and across
_DENSE = 0.62  # share of the hair's colour in its middle


def brows(skin: Skin, tones: np.ndarray, tone: np.ndarray, thickness: float, count: int) -> list[HeadPiece]:
    """Both brows of `count` cards each, and the patches under them.

    Args:
        skin: they grow on.
        tones: (F, 3) sRGB of the skin.
        tone: (3,) sRGB of the hair.
        thickness: 1 is usual.
        count: cards a side.
    """
    rng = np.random.default_rng(2)
    along = (np.arange(count) + rng.uniform(0, 1, count)) / count
    place = np.linspace(0, 1, len(_BROW))
    x, y, half, angle = (np.interp(along, place, column) for column in _BROW.T)
    across = rng.uniform(-1, 1, count)
    roots = np.stack([x, y + thickness * half * across], 1)
    corners, shares = front_hits(skin.mean, skin.triangles, roots)
    ground, outward = skin.at(corners, shares), _normals(skin, corners, shares)
    lean = np.radians(angle - 16 * across + rng.normal(0, 9, count))
    direction = np.stack([np.cos(lean), np.sin(lean), np.zeros(count)], 1)
    direction -= outward * (direction * outward).sum(1, keepdims=True)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    taper = np.interp(along, [0, 0.1, 0.75, 1], [0.75, 1, 0.85, 0.6])
    length = rng.uniform(4.0, 6.2, count) * taper
    width = rng.uniform(0.17, 0.32, count) * (0.75 + 0.25 * thickness) * np.sqrt(260 / count)
    side = np.cross(outward, direction)
    steps = np.linspace(0, 1, _SEGMENTS + 1)
    lift = np.array([-0.15, 0.5, 0.3])
    rows = []
    for step, up in zip(steps, lift, strict=True):
        middle = ground + direction * (length * step)[:, None] + outward * up
        middle[:, 1] -= length * 0.16 * step**2 * np.sign(np.sin(lean))  # they bend towards the middle line
        spread = side * (width * (1 - 0.92 * step))[:, None]
        rows += [middle - spread, middle + spread]
    points = np.stack(rows, 1).reshape(-1, 3)
    each = 2 * (_SEGMENTS + 1)
    strip = grid_triangles(_SEGMENTS + 1, 2)
    triangles = (strip + each * np.arange(count)[:, None, None]).reshape(-1, 3)
    shapes = np.repeat(skin.shapes_at(corners, shares), each, axis=1)
    shade = np.repeat(tone[None] * rng.uniform(0.8, 1.2, count)[:, None], each, axis=0)
    return [
        *_patches(skin, tones, tone, thickness, _PATCH if count > 100 else _FEW),
        *both_sides("brow", "brows", points, triangles, np.clip(shade, 0, 1), shapes),
    ]


def _patches(
    skin: Skin, tones: np.ndarray, tone: np.ndarray, thickness: float, size: tuple[int, int]
) -> list[HeadPiece]:
    """What lies under the hairs of both brows."""
    along, across = np.linspace(0, 1, size[0])[:, None], np.linspace(-1, 1, size[1])
    place = np.linspace(0, 1, len(_BROW))
    x, y, half = (np.interp(along, place, _BROW[:, k]) for k in range(3))
    spots = np.stack([x + 0 * across, y + 0.6 + 1.15 * thickness * half * across], -1).reshape(-1, 2)
    corners, shares = front_hits(skin.mean, skin.triangles, spots)
    dense = np.interp(along, [0, 0.12, 0.3, 0.8, 1], [0, 0.7, 1, 0.9, 0]) * (1 - across**2) ** 0.7
    share = _DENSE * dense.reshape(-1, 1)
    ground = (tones[corners] * shares[..., None]).sum(1)
    points = skin.at(corners, shares) + 0.22 * _normals(skin, corners, shares)
    shapes = skin.shapes_at(corners, shares)
    return both_sides("brow_patch", "brows", points, grid_triangles(*size), ground + share * (tone - ground), shapes)


def lashes(skin: Skin, centre: np.ndarray, tone: np.ndarray, count: int) -> list[HeadPiece]:
    """Lashes of both eyes: `count` on an upper lid and 0.6 times as many, shorter ones on the lower."""
    upper, lower = split_lids(skin.points, skin.margin)
    made = []
    for name, line, number, length in (("upper", upper, count, 7.2), ("lower", lower, int(0.6 * count), 3.0)):
        made += _lashes(f"lashes_{name}", skin, line, centre, tone, number, length, 1.0 if name == "upper" else -1.0)
    return made


def _lashes(
    name: str, skin: Skin, line: np.ndarray, centre: np.ndarray, tone: np.ndarray, count: int, longest: float, up: float
) -> list[HeadPiece]:
    rng = np.random.default_rng(3)
    share = 0.06 + 0.9 * (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count
    place = share * (len(line) - 1)
    first = np.minimum(place.astype(int), len(line) - 2)
    corners = np.stack([line[first], line[first + 1], line[first + 1]], 1)
    shares = np.stack([1 - (place - first), place - first, np.zeros(count)], 1)
    root = skin.at(corners, shares)
    out = root - centre
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    root = root + 0.35 * out
    fan = 1.15 * (share - 0.42) + rng.normal(0, 0.08, count)
    clump = 0.12 * np.sin(share * count * np.pi / 3.5)
    length = longest * (0.5 + 0.5 * np.sin(np.pi * np.clip(0.15 + 0.75 * share, 0, 1))) * rng.uniform(0.82, 1.08, count)
    steps = np.linspace(0, 1, _SEGMENTS + 1)
    along = skin.points[line[first + 1]] - skin.points[line[first]]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    width = 0.19 * np.sqrt(60 / count)
    rows = []
    for step in steps:
        forward = out * (0.95 * step)
        bend = np.stack([(fan + clump) * step, np.full(count, up * (0.05 * step + 0.62 * step**2)), 0.12 + 0 * fan], 1)
        bend[:, 2] *= step
        middle = root + (forward + bend) * length[:, None] * 0.85
        spread = along * (width * (1 - 0.93 * step))
        rows += [middle - spread, middle + spread]
    points = np.stack(rows, 1).reshape(-1, 3)
    each = 2 * (_SEGMENTS + 1)
    triangles = (grid_triangles(_SEGMENTS + 1, 2) + each * np.arange(count)[:, None, None]).reshape(-1, 3)
    moves = np.repeat(skin.shapes_at(corners, shares), each, axis=1)
    roots = np.repeat(skin.at(corners, shares), each, axis=0)
    shapes = _turned_with_lid(points, roots, moves, centre)
    return both_sides(name, "lashes", points, triangles, np.tile(tone, (len(points), 1)), shapes)


def _turned_with_lid(points: np.ndarray, roots: np.ndarray, moves: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """(52, k, 3): lashes go with their roots and, where the lid of the left eye moves, turn about the eye with it."""
    shapes = moves.copy()
    root, local = roots - centre, points - roots
    for number, name in enumerate(ARKIT):
        if not name.startswith("eye") or name.endswith("Right"):
            continue
        moved = root + moves[number]
        angle = np.arctan2(moved[:, 1], moved[:, 2]) - np.arctan2(root[:, 1], root[:, 2])
        cos, sin = np.cos(angle), np.sin(angle)
        shapes[number, :, 1] += local[:, 1] * cos + local[:, 2] * sin - local[:, 1]
        shapes[number, :, 2] += local[:, 2] * cos - local[:, 1] * sin - local[:, 2]
    return shapes


def front_hits(points: np.ndarray, triangles: np.ndarray, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Foremost triangle in front of each (n, 2) place: (n, 3) corners and (n, 3) shares."""
    low, high = xy.min(0) - 8, xy.max(0) + 8
    middle = points[triangles].mean(1)
    near = triangles[((middle[:, :2] > low) & (middle[:, :2] < high)).all(1) & (middle[:, 2] > -60)]
    a, b, c = (points[near[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    p = xy[:, None] - a[None, :, :2]
    with np.errstate(divide="ignore", invalid="ignore"):
        v = (p[..., 0] * ac[:, 1] - p[..., 1] * ac[:, 0]) / area
        w = (ab[:, 0] * p[..., 1] - ab[:, 1] * p[..., 0]) / area
    inside = (area > 1e-6) & (v >= -1e-9) & (w >= -1e-9) & (v + w <= 1 + 1e-9)
    depth = np.where(inside, a[:, 2] + v * ab[:, 2] + w * ac[:, 2], -np.inf)
    best = depth.argmax(1)
    row = np.arange(len(xy))
    v, w = v[row, best], w[row, best]
    return near[best], np.stack([1 - v - w, v, w], 1)


def _normals(skin: Skin, corners: np.ndarray, shares: np.ndarray) -> np.ndarray:
    normal = (skin.normals[corners] * shares[..., None]).sum(1)
    return np.asarray(normal / np.linalg.norm(normal, axis=1, keepdims=True))
