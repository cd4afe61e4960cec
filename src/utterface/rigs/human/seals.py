"""Lips that rest sealed and lids that meet: what refinement and identity part is brought together again.

Contact is measured along the mouth or the lid, a column every half millimetre, and half of what is missing is added to
either side, all of it near the contact and less further away. Everything is left and right alike.
"""

from dataclasses import dataclass

import numpy as np

from utterface.motion import ARKIT
from utterface.rigs.human.data import CORNERS, LOWER_LOOP, UPPER_LOOP, HeadData

CELL = 0.5  # mm, of columns along the mouth and of depth
OVERLAP = 0.08  # mm by which sealed lips overlap, so that nothing shows between them
_LIP_SHARES = (0.15, 0.4, 0.7, 0.9, 1.0, 1.0, 1.0, 0.7)  # of a correction that each loop of the lips takes
_LID_SHARES = (0.35, 1.0, 1.0)
_SMOOTH = (2.0, 2.0, 2.0, 1.2, 1.2, 0.7, 0.7, 0.4, 0.4)  # mm along the mouth, of each round
_LEAST_DEPTH = 3  # cells behind each other that a column needs of both sides
_MIDDLE = 12.0  # mm to either side of the middle of the mouth
_BITE = 4.7  # mm that one lip may stand before the other and still close on it
_CLOSE = 0.4  # weight of jawOpen and mouthClose at which their seal is corrected
# Shapes at which the lips neither part nor overlap, together where they come in pairs, and the weight at which.
_SEALED = (
    (1.0, ("mouthSmileLeft", "mouthSmileRight")), (1.0, ("mouthFrownLeft", "mouthFrownRight")), (1.0, ("mouthPucker",)),
    (1.0, ("mouthLeft",)), (1.0, ("mouthRight",)), (1.0, ("mouthRollLower",)), (0.7, ("mouthRollUpper",)),
    (1.0, ("cheekPuff",)),
)  # fmt: skip
_DENSE = np.array([(i, j) for i in range(9) for j in range(9 - i)]) / 8.0  # places in a triangle


@dataclass(frozen=True)
class Contact:
    """Two sides that touch: fine vertices' shares of a correction, and the triangles that touch.

    Attributes:
        upper, lower: (F,) shares, 0 away from the contact.
        upper_triangles, lower_triangles: (k, 3) fine vertices.
    """

    upper: np.ndarray
    lower: np.ndarray
    upper_triangles: np.ndarray
    lower_triangles: np.ndarray


def lips(data: HeadData, coarse: bool = False) -> Contact:
    """The lips of the refined skin, or of the coarse one."""
    upper, lower = np.zeros(data.skin_count), np.zeros(data.skin_count)
    for loop, share in zip(data.lip_loops, _LIP_SHARES, strict=True):
        upper[loop[UPPER_LOOP]], lower[loop[LOWER_LOOP]] = share, share
        for corner in CORNERS:
            upper[loop[corner]] = lower[loop[corner]] = 0.5 * share
    shares = np.stack([upper, lower], 1)
    fine, quads = (shares, data.skin) if coarse else (data.refinement.apply(shares), data.refinement.quads)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    sides = [triangles[(fine[triangles, side] > 0.55).all(1)] for side in (0, 1)]
    return Contact(fine[:, 0], fine[:, 1], *sides)


def gaps(points: np.ndarray, pair: Contact) -> tuple[np.ndarray, np.ndarray]:
    """(k,) mm where columns stand along x, and (k,) mm between the sides there: least over the depth, < 0 overlaps."""
    upper, lower = (_samples(points, triangles) for triangles in (pair.upper_triangles, pair.lower_triangles))
    both = np.concatenate([upper, lower])
    low = np.floor(both[:, [0, 2]].min(0) / CELL)
    size = (np.ceil(both[:, [0, 2]].max(0) / CELL) - low).astype(int) + 1

    def cells(samples: np.ndarray) -> np.ndarray:
        place = np.round(samples[:, [0, 2]] / CELL - low).astype(int)
        return place[:, 0] * size[1] + place[:, 1]

    above, below = np.full(size.prod(), np.inf), np.full(size.prod(), -np.inf)
    np.minimum.at(above, cells(upper), upper[:, 1])
    np.maximum.at(below, cells(lower), lower[:, 1])
    between = (above - below).reshape(size)
    depth = np.isfinite(between).sum(1)
    gap, known = between.min(1), depth >= max(1, min(_LEAST_DEPTH, int(depth.max())))
    return CELL * (np.arange(size[0]) + low[0])[known], gap[known]


def _samples(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    u, v = _DENSE[:, 0][:, None, None], _DENSE[:, 1][:, None, None]
    return np.asarray(a + u * (b - a) + v * (c - a)).reshape(-1, 3)


def closing(points: np.ndarray, pair: Contact) -> np.ndarray:
    """(F, 3) mm that brings the sides of a pair together, without more overlap than `OVERLAP`."""
    added = np.zeros_like(points)
    for width in _SMOOTH:
        moved = points + added
        x, gap = gaps(moved, pair)
        if not len(x):  # the lips do not face each other at all
            break
        wanted = _along(x, gap + OVERLAP, moved[:, 0], width)
        added[:, 1] += 0.5 * wanted * (pair.lower - pair.upper)
    return added


def facing(points: np.ndarray, pair: Contact) -> np.ndarray:
    """(F, 3) mm that brings sides together in depth where one stands so far before the other that they miss it."""
    upper, lower = (points[np.unique(triangles)] for triangles in (pair.upper_triangles, pair.lower_triangles))
    ahead = [side[np.abs(side[:, 0]) < _MIDDLE, 2].max() for side in (upper, lower)]
    excess = np.sign(ahead[0] - ahead[1]) * max(abs(ahead[0] - ahead[1]) - _BITE, 0.0)
    added = np.zeros_like(points)
    added[:, 2] = 0.5 * excess * (pair.lower - pair.upper)
    return added


def _along(x: np.ndarray, values: np.ndarray, at: np.ndarray, spread: float) -> np.ndarray:
    """Values at columns x, smoothed and made even, at other places."""
    grid = np.arange(0, np.abs(x).max() + CELL, CELL)
    even = 0.5 * (np.interp(grid, x, values) + np.interp(-grid, x, values))
    whole = np.concatenate([even[:0:-1], even])
    width = np.arange(-8, 9) * CELL
    kernel = np.exp(-0.5 * (width / spread) ** 2)
    padded = np.pad(whole, 8, mode="edge")
    smooth = np.convolve(padded, kernel / kernel.sum(), "valid")
    return np.interp(np.abs(at), grid, smooth[len(grid) - 1 :])


def seal_lips(points: np.ndarray, shapes: np.ndarray, pair: Contact) -> np.ndarray:
    """(F, 3) mm with the lips sealed; `shapes` (52, F, 3) mm, which leave them so, are corrected in place."""
    points = points + facing(points, pair)
    sealed = points + closing(points, pair)
    jaw, close = ARKIT.index("jawOpen"), ARKIT.index("mouthClose")
    posed = sealed + _CLOSE * (shapes[jaw] + shapes[close])
    shapes[close] += closing(posed, pair) / _CLOSE
    for weight, group in _SEALED:
        numbers = [ARKIT.index(name) for name in group]
        shapes[numbers] += closing(sealed + weight * shapes[numbers].sum(0), pair) / (weight * len(group))
    return sealed


def meet_lids(points: np.ndarray, shapes: np.ndarray, data: HeadData) -> None:
    """Corrects eyeBlinkLeft and eyeBlinkRight, (52, F, 3) mm in place, so that the margins just meet at 1."""
    margins = [fine_loop(data, loop) for loop in data.lid_loops]
    upper, lower = split_lids(points, margins[1])
    shares = np.zeros((data.skin_count, 2))
    for loop, share in zip(data.lid_loops, _LID_SHARES, strict=True):
        for side, part in enumerate(split_lids(points, loop)):
            shares[part, side] = share
    fine = data.refinement.apply(shares)
    left, right = ARKIT.index("eyeBlinkLeft"), ARKIT.index("eyeBlinkRight")
    for _ in range(4):
        posed = points + shapes[left]
        gap = height_of(posed[upper], posed[lower, 0]) - posed[lower, 1]
        rest = height_of(points[upper], points[lower, 0]) - points[lower, 1]
        middle = np.interp(np.linspace(0.15, 0.85, 15), np.linspace(0, 1, len(lower)), gap / np.maximum(rest, 0.5))
        shapes[left] *= 1 / (1 - float(np.median(middle)))  # the whole lid stops where it meets the other
    for _ in range(8):
        posed = points + shapes[left]
        x = posed[lower, 0]
        gap = height_of(posed[upper], x) - posed[lower, 1]
        order = np.argsort(x)
        wanted = np.interp(posed[:, 0], x[order], gap[order])
        shapes[left][:, 1] += 0.5 * wanted * (fine[:, 1] - fine[:, 0])
    mirror = fine_mirror(data)
    shapes[right] = shapes[left][mirror] * [-1, 1, 1]


def height_of(curve: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Heights of a curve (k, 3) at places x."""
    order = np.argsort(curve[:, 0])
    return np.interp(x, curve[order, 0], curve[order, 1])


def split_lids(points: np.ndarray, loop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A loop of the left lids → its upper and its lower vertices, each with both corners, from inside to outside."""
    inner, outer = int(points[loop, 0].argmin()), int(points[loop, 0].argmax())
    turned = np.roll(loop, -inner)
    at = (outer - inner) % len(loop)
    one, other = turned[: at + 1], np.r_[turned[at:], turned[0]][::-1]
    return (one, other) if points[one, 1].mean() > points[other, 1].mean() else (other, one)


def fine_loop(data: HeadData, loop: np.ndarray) -> np.ndarray:
    """Refined vertices along a closed coarse loop: each vertex, then the middle of the edge to the next."""
    low, high = np.sort(np.stack([loop, np.roll(loop, -1)]), axis=0)
    key = data.refinement.edges[:, 0] * data.skin_count + data.refinement.edges[:, 1]  # in order
    middles = data.skin_count + np.searchsorted(key, low * data.skin_count + high)
    return np.stack([loop, middles], 1).ravel()


def fine_mirror(data: HeadData) -> np.ndarray:
    """(F,) the mirror image of each vertex of the refined skin."""
    mirror, count, edges = data.mirror[: data.skin_count], data.skin_count, data.refinement.edges
    low, high = np.sort(mirror[edges], axis=1).T
    over = np.searchsorted(edges[:, 0] * count + edges[:, 1], low * count + high)
    rows = np.sort(mirror[data.skin], axis=1)
    order, found = np.lexsort(np.sort(data.skin, axis=1).T), np.lexsort(rows.T)
    faces = np.empty(len(data.skin), np.int64)
    faces[found] = order
    return np.concatenate([mirror, count + over, count + len(edges) + faces])
