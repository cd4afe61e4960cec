"""What the head's tests share: poses, how deep points lie under a surface, and where a surface cuts itself."""

import numpy as np
from scipy.spatial import cKDTree

from utterface.rigs.human.rig import HeadRig


def pose(rig: HeadRig, **weights: float) -> np.ndarray:
    """(V, 3) float64 millimetres; a name without a side counts for both."""
    values = np.zeros((1, len(rig.channels)), np.float32)
    for name, weight in weights.items():
        for channel in (name,) if name in rig.channels else (f"{name}Left", f"{name}Right"):
            values[0, rig.channels.index(channel)] = weight
    return rig.vertices(values)[0].astype(np.float64) * 1000


def skin_triangles(rig: HeadRig) -> np.ndarray:
    return rig.triangles[rig.parts[0].triangles]


def part_vertices(rig: HeadRig, *names: str) -> np.ndarray:
    """Vertex numbers of the parts whose name starts with one of `names`."""
    runs = [rig.triangles[part.triangles].ravel() for part in rig.parts if part.name.startswith(names)]
    return np.unique(np.concatenate(runs))


def normals_of(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(F, 3) unit normals."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    return across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-15)


def areas_of(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    return 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)


def closest_on_triangles(points: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """(…, 3) nearest point of each triangle to each point, all of one broadcast shape (Ericson, Real-Time Collision
    Detection, 5.1.5, by regions)."""
    ab, ac, ap = b - a, c - a, points - a

    def dot(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        return (p * q).sum(-1)

    d1, d2 = dot(ab, ap), dot(ac, ap)
    d3, d4 = dot(ab, points - b), dot(ac, points - b)
    d5, d6 = dot(ab, points - c), dot(ac, points - c)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    total = np.where(np.abs(va + vb + vc) < 1e-30, 1e-30, va + vb + vc)
    v, w = vb / total, vc / total
    result = a + v[..., None] * ab + w[..., None] * ac

    def put(where: np.ndarray, value: np.ndarray) -> None:
        result[where] = value[where]

    def share(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
        return np.clip(top / np.where(np.abs(bottom) < 1e-30, 1e-30, bottom), 0, 1)[..., None]

    put((va <= 0) & (d4 - d3 >= 0) & (d5 - d6 >= 0), b + share(d4 - d3, (d4 - d3) + (d5 - d6)) * (c - b))
    put((vb <= 0) & (d2 >= 0) & (d6 <= 0), a + share(d2, d2 - d6) * ac)
    put((vc <= 0) & (d1 >= 0) & (d3 <= 0), a + share(d1, d1 - d3) * ab)
    put((d6 >= 0) & (d5 <= d6), np.broadcast_to(c, result.shape))
    put((d3 >= 0) & (d4 <= d3), np.broadcast_to(b, result.shape))
    put((d1 <= 0) & (d2 <= 0), np.broadcast_to(a, result.shape))
    return result


def depth_under(points: np.ndarray, vertices: np.ndarray, triangles: np.ndarray, candidates: int = 12) -> np.ndarray:
    """(n,) how far each point lies behind the nearest triangle, in the unit of `vertices`; negative in front of it.

    Behind is judged by the sum of the normals of all triangles that share the nearest place, so that edges and corners
    are told rightly.
    """
    middles = vertices[triangles].mean(1)
    _, near = cKDTree(middles).query(points, k=candidates)
    a, b, c = (vertices[triangles[near, k]] for k in range(3))
    closest = closest_on_triangles(points[:, None], a, b, c)
    away = points[:, None] - closest
    distance = np.linalg.norm(away, axis=-1)
    best = distance.min(1)
    tie = distance <= best[:, None] + 1e-9 + 1e-4 * best[:, None]
    along = (away * normals_of(vertices, triangles)[near]).sum(-1)
    strongest = np.where(tie, np.abs(along), -1).argmax(1)
    side = along[np.arange(len(points)), strongest]
    return -np.sign(side) * best


def deepest_cut(vertices: np.ndarray, triangles: np.ndarray, reach: float) -> tuple[float, np.ndarray]:
    """How deep a surface cuts itself, in the unit of `vertices`, and where (n, 3) its edges pierce it.

    An edge that pierces a triangle with which it shares no vertex cuts as deep as its nearer end lies beyond it.
    `reach` bounds the distance between the middles of triangles looked at.
    """
    middles = vertices[triangles].mean(1)
    pairs = cKDTree(middles).query_pairs(reach, output_type="ndarray")
    shared = (triangles[pairs[:, 0]][:, :, None] == triangles[pairs[:, 1]][:, None, :]).any((1, 2))
    pairs = pairs[~shared]
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    normals = normals_of(vertices, triangles)
    deepest, where = 0.0, [np.zeros((0, 3))]
    for k in range(3):
        p, q = vertices[triangles[pairs[:, 0], k]], vertices[triangles[pairs[:, 0], (k + 1) % 3]]
        corner = vertices[triangles[pairs[:, 1]]]
        n = normals[pairs[:, 1]]
        dp, dq = ((p - corner[:, 0]) * n).sum(1), ((q - corner[:, 0]) * n).sum(1)
        crossing = np.flatnonzero(dp * dq < 0)
        share = dp[crossing] / (dp[crossing] - dq[crossing])
        hit = p[crossing] + share[:, None] * (q - p)[crossing]
        inside = np.ones(len(crossing), bool)
        for side in range(3):
            start, end = corner[crossing, side], corner[crossing, (side + 1) % 3]
            inside &= (np.cross(end - start, hit - start) * n[crossing]).sum(1) > 0
        depth = np.minimum(np.abs(dp), np.abs(dq))[crossing][inside]
        if len(depth):
            deepest = max(deepest, float(depth.max()))
            where.append(hit[inside][depth > 0.0])
    return deepest, np.concatenate(where)


def cover(points: np.ndarray, vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(n,) how far in front of each point, along +z, the foremost triangle lies; -inf where there is none."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    p = points[:, None, :2]
    turn = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    turn = np.where(np.abs(turn) < 1e-12, np.inf, turn)
    v = ((p - a[:, :2])[..., 0] * (c - a)[:, 1] - (p - a[:, :2])[..., 1] * (c - a)[:, 0]) / turn
    w = ((b - a)[:, 0] * (p - a[:, :2])[..., 1] - (b - a)[:, 1] * (p - a[:, :2])[..., 0]) / turn
    depth = a[:, 2] + v * (b - a)[:, 2] + w * (c - a)[:, 2]
    inside = (v >= 0) & (w >= 0) & (v + w <= 1)
    return np.where(inside, depth, -np.inf).max(1) - points[:, 2]
