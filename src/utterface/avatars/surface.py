"""Surfaces as arrays: normals, nearest vertices, pieces, smooth warps between landmarks. NumPy alone."""

from heapq import heapify, heappop, heappush

import numpy as np

_ROWS = 512  # of a block of distances


def normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(V, 3) unit normals, weighted by area; zero where a vertex has no triangle."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    facing = np.cross(b - a, c - a)
    total = np.zeros_like(vertices, np.float64)
    for corner in range(3):
        np.add.at(total, triangles[:, corner], facing)
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-15))


def nearest(of: np.ndarray, among: np.ndarray, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Distances and numbers, (n, count) each, of the rows of `among` nearest to each row of `of`."""
    count = min(count, len(among))
    squares = (among**2).sum(1)
    numbers = np.empty((len(of), count), np.int64)
    for begin in range(0, len(of), _ROWS):
        rows = of[begin : begin + _ROWS]
        far = squares - 2 * rows @ among.T
        if count == 1:
            numbers[begin : begin + _ROWS, 0] = far.argmin(1)
            continue
        chosen = np.argpartition(far, count - 1, axis=1)[:, :count]
        order = np.argsort(np.take_along_axis(far, chosen, 1), axis=1)
        numbers[begin : begin + _ROWS] = np.take_along_axis(chosen, order, 1)
    return np.linalg.norm(of[:, None] - among[numbers], axis=2), numbers


def welded(vertices: np.ndarray) -> np.ndarray:
    """(V,) a number for each place: vertices that seams of textures split have the same."""
    size = max(float(np.ptp(vertices, axis=0).max()), 1e-9)
    places = np.round(vertices / (1e-5 * size)).astype(np.int64)
    return np.unique(places, axis=0, return_inverse=True)[1].reshape(-1)


def pieces(places: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(V,) a number for each connected piece, of vertices whose places are welded."""
    least = np.arange(places.max(initial=-1) + 1)
    corners = places[triangles]
    while True:
        low = least[corners].min(1)
        before = least.copy()
        for corner in range(3):
            np.minimum.at(least, corners[:, corner], low)
        least = least[least]
        if np.array_equal(before, least):
            return np.asarray(least[places])


def nearer(
    vertices: np.ndarray, places: np.ndarray, triangles: np.ndarray, among: np.ndarray, marks: np.ndarray
) -> np.ndarray:
    """(V,) mark of the marked vertex that each is joined to over the shortest edges; 0 where none is.

    Args:
        vertices, places, triangles: the surface, and its vertices' places as `welded` numbers them.
        among: (V,) bool, vertices that paths may go through.
        marks: (V,) int, 0 for vertices without a mark.
    """
    first = np.full(int(places.max(initial=-1)) + 1, -1)
    first[places[among]] = np.flatnonzero(among)
    corners = places[triangles[among[triangles].all(1)]]
    joined: dict[int, set[int]] = {}
    for a, b, c in corners.tolist():
        for one, others in ((a, (b, c)), (b, (a, c)), (c, (a, b))):
            joined.setdefault(one, set()).update(others)
    found: dict[int, int] = {}
    queue = [(0.0, int(places[v]), int(marks[v])) for v in np.flatnonzero(among & (marks != 0))]
    heapify(queue)
    while queue:
        far, at, mark = heappop(queue)
        if at in found:
            continue
        found[at] = mark
        for other in joined.get(at, ()):
            if other not in found:
                step = float(np.linalg.norm(vertices[first[at]] - vertices[first[other]]))
                heappush(queue, (far + step, other, mark))
    return np.array(
        [found.get(place, 0) if inside else 0 for place, inside in zip(places.tolist(), among, strict=True)]
    )


class Warp:
    """A smooth map of space that takes points to points: linear radial functions and an affine part."""

    def __init__(self, points: np.ndarray, places: np.ndarray, slack: float = 0.0) -> None:
        kept = np.unique(np.round(points, 6), axis=0, return_index=True)[1]
        self.centres = points[kept]
        count = len(kept)
        affine = np.hstack([np.ones((count, 1)), self.centres])
        system = np.zeros((count + 4, count + 4))
        system[:count, :count] = -_distances(self.centres, self.centres) + slack * np.eye(count)
        system[:count, count:], system[count:, :count] = affine, affine.T
        self.factors = np.linalg.lstsq(system, np.vstack([places[kept], np.zeros((4, 3))]), rcond=None)[0]

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """(n, 3) → (n, 3)."""
        basis = np.hstack([-_distances(points, self.centres), np.ones((len(points), 1)), points])
        return np.asarray(basis @ self.factors)

    def jacobians(self, points: np.ndarray, step: float) -> np.ndarray:
        """(n, 3, 3) how the map turns and stretches around each point."""
        steps = [(self(points + step * axis) - self(points - step * axis)) / (2 * step) for axis in np.eye(3)]
        return np.stack(steps, -1)


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0)))


def smoothed(offsets: np.ndarray, places: np.ndarray, triangles: np.ndarray, rounds: int) -> np.ndarray:
    """(K, V, 3) offsets, each round halfway to the mean of the neighbours; split vertices stay together."""
    count = int(places.max(initial=-1)) + 1
    corners = places[triangles]
    edges = np.unique(np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]), 1), axis=0)
    edges = edges[edges[:, 0] != edges[:, 1]]
    degree = np.bincount(edges.ravel(), minlength=count)
    members = np.bincount(places, minlength=count)
    out = np.empty_like(offsets)
    for number, each in enumerate(offsets):
        values = np.stack([np.bincount(places, each[:, axis], count) for axis in range(3)], 1) / members[:, None]
        for _ in range(rounds):
            around = np.stack(
                [
                    np.bincount(edges[:, 0], values[edges[:, 1], axis], count)
                    + np.bincount(edges[:, 1], values[edges[:, 0], axis], count)
                    for axis in range(3)
                ],
                1,
            )
            values = np.where(degree[:, None] > 0, (values + around / np.maximum(degree, 1)[:, None]) / 2, values)
        out[number] = values[places]
    return out


def rigid(points: np.ndarray, moved: np.ndarray, most: float) -> tuple[np.ndarray, np.ndarray]:
    """Rotation (3, 3) and translation (3,) that take points nearest to where they moved; at most `most` radians."""
    middle, after = points.mean(0), moved.mean(0)
    left, _, right = np.linalg.svd((points - middle).T @ (moved - after))
    turn = right.T @ np.diag([1, 1, np.sign(np.linalg.det(right.T @ left.T))]) @ left.T
    angle = float(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1)))
    if angle > most:
        turn = _turn(turn, angle, most)
    return turn, after - turn @ middle


def _turn(turn: np.ndarray, angle: float, wanted: float) -> np.ndarray:
    """The same axis with another angle."""
    axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]) / (2 * np.sin(angle))
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + np.sin(wanted) * cross + (1 - np.cos(wanted)) * cross @ cross)
