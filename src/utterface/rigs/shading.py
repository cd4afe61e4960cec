"""How much of the sky each vertex of a face sees: what makes eye sockets, nostrils and lips read without textures."""

from functools import lru_cache

import numpy as np

from utterface.rigs.protocol import Rig

DIRECTIONS = 64
CELLS = 224  # of the depth pictures, along each side
MOUTH_DEPTH = 0.03  # metres behind the front teeth where light ends
BIAS = 0.009  # of the head's size; what lies less deep counts as seen


def openness_of(rig: Rig) -> np.ndarray:
    """(V,) float32 `openness` of a rig's template: its own where it brings one, else computed, once a template."""
    if rig.openness is not None:
        return rig.openness
    template, triangles = np.ascontiguousarray(rig.template), np.ascontiguousarray(rig.triangles)
    return _computed(template.tobytes(), template.dtype.str, triangles.tobytes(), triangles.dtype.str)


def tint_of(rig: Rig) -> np.ndarray:
    """(V,) float32 share of the lips' red; zeros for a rig that tints nothing."""
    return np.zeros(len(rig.template), np.float32) if rig.tint is None else np.asarray(rig.tint)


def linear_colours(rig: Rig) -> np.ndarray | None:
    """(V, 3) linear light of the rig's colours, 0 to 1; None where it has none."""
    if rig.colours is None:
        return None
    linear: np.ndarray = np.where(rig.colours <= 0.04045, rig.colours / 12.92, ((rig.colours + 0.055) / 1.055) ** 2.4)
    return linear


@lru_cache(maxsize=8)
def _computed(template: bytes, real: str, triangles: bytes, whole: str) -> np.ndarray:
    measured = openness(np.frombuffer(template, real).reshape(-1, 3), np.frombuffer(triangles, whole).reshape(-1, 3))
    measured.setflags(write=False)
    return measured


def openness(template: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Share of the surroundings that each vertex sees, weighted by the cosine to its normal: ambient occlusion.

    Depth pictures from directions all around (a Fibonacci sphere), drawn as points a cell apart, stand in for rays: a
    vertex sees a direction where nothing lies in front of it in that picture.

    Args:
        template: (V, 3) metres.
        triangles: (F, 3) vertex numbers.

    Returns:
        (V,) float32, 1 = nothing in the way.
    """
    facing = normals(template, triangles)
    points = _scattered(template, triangles)
    size = float(np.ptp(template, axis=0).max())
    seen = np.zeros(len(template))
    total = np.full(len(template), 1e-6)
    for direction in _sphere(DIRECTIONS):
        cosine = np.maximum(facing @ direction, 0)
        total += cosine
        seen += cosine * _lit(template, points, direction, size)
    return (seen / total).astype(np.float32)


def mouth_openness(template: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """(V,) float32 openness of what lies behind the lips, for the vertices `inside` (V,) bool; 0 elsewhere.

    At rest teeth and tongue see nothing at all, and they are looked at only when the mouth is open: then light comes
    from the front and fades with the depth.
    """
    z = template[:, 2]
    front = float(z[inside].max(initial=0))
    lit = np.interp(z, [front - MOUTH_DEPTH, front], [0.1, 0.8])
    return np.where(inside, lit, 0).astype(np.float32)


def _lit(template: np.ndarray, points: np.ndarray, direction: np.ndarray, size: float) -> np.ndarray:
    """(V,) 0…1: whether each vertex is in view from a direction, smooth over the bias."""
    side = np.cross(direction, [0.3, 0.9, 0.2] if abs(direction[1]) < 0.9 else [1.0, 0, 0])
    side /= np.linalg.norm(side)
    axes = np.stack([side, np.cross(direction, side)], 1)
    centre = template.mean(0)

    def cell(xyz: np.ndarray) -> np.ndarray:
        place = ((xyz - centre) @ axes / size / 1.5 + 0.5) * CELLS
        ij = np.clip(place, 0, CELLS - 1).astype(np.int64)
        return ij[:, 0] * CELLS + ij[:, 1]

    nearest = np.full(CELLS * CELLS, -np.inf)
    np.maximum.at(nearest, cell(points), points @ direction)
    behind = nearest[cell(template)] - template @ direction
    return np.clip(2 - behind / (BIAS * size), 0, 1)


def _scattered(template: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Vertices, and the middles of triangles and of their edges: dense enough to leave no holes in a depth picture."""
    a, b, c = (template[triangles[:, k]] for k in range(3))
    return np.concatenate([template, (a + b + c) / 3, (a + b) / 2, (b + c) / 2, (c + a) / 2])


def _sphere(count: int) -> np.ndarray:
    """(count, 3) unit vectors spread evenly."""
    i = np.arange(count) + 0.5
    y = 1 - 2 * i / count
    turn = np.pi * (1 + 5**0.5) * i
    ring = np.sqrt(1 - y * y)
    return np.stack([ring * np.cos(turn), y, ring * np.sin(turn)], 1)


def normals(template: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(V, 3) float64 unit normals of the vertices (V, 3), triangles (F, 3) weighted by their area."""
    a, b, c = (template[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    summed = np.zeros_like(template, dtype=np.float64)
    for k in range(3):
        for axis in range(3):
            summed[:, axis] += np.bincount(triangles[:, k], across[:, axis], minlength=len(template))
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.where(length > 1e-20, summed / np.maximum(length, 1e-20), [0.0, 0.0, 1.0])
