"""Brows and lashes: small shells that ride on the skin."""

from dataclasses import dataclass

import numpy as np

from utterface.rigs.mannequin import proportions as at

# Middle line of a brow from its head to its tail: x, height above the pupils, half thickness (mm).
BROW = np.array([
    (9.5, 18.0, 0.9), (12.5, 18.9, 2.3), (17, 20.4, 2.9), (22, 21.8, 2.7), (27, 22.9, 2.4),
    (32, 23.5, 2.1), (37, 23.2, 1.6), (41.5, 21.8, 1.0), (46, 19.4, 0.3),
])  # fmt: skip
UPPER_LASHES, LOWER_LASHES = 20, 8
UPPER_LENGTH, LOWER_LENGTH = 5.8, 2.6


@dataclass(frozen=True)
class Rider:
    """Vertices that ride on skin.

    Attributes:
        vertices: (n, 3) mm.
        triangles: (f, 3).
        corners, shares: (n, 3) skin vertices each rides on, and how much each counts.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    corners: np.ndarray
    shares: np.ndarray


def _front_hits(skin: np.ndarray, triangles: np.ndarray, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Foremost triangle in front of each (n, 2) point: corners (n, 3), shares (n, 3), and unit normals (n, 3)."""
    a, b, c = (skin[triangles[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    facing = area > 1e-6
    corners, shares, normals = [], [], []
    for x, y in xy:
        px, py = x - a[:, 0], y - a[:, 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            v = (px * ac[:, 1] - py * ac[:, 0]) / area
            w = (ab[:, 0] * py - ab[:, 1] * px) / area
        hit = np.flatnonzero(facing & (v >= -1e-9) & (w >= -1e-9) & (v + w <= 1 + 1e-9))
        depth = a[hit, 2] + v[hit] * ab[hit, 2] + w[hit] * ac[hit, 2]
        best = hit[np.argmax(depth)]
        corners.append(triangles[best])
        shares.append([1 - v[best] - w[best], v[best], w[best]])
        across = np.cross(ab[best], ac[best])
        normals.append(across / np.linalg.norm(across))
    return np.array(corners), np.array(shares), np.array(normals)


def brow(skin: np.ndarray, triangles: np.ndarray) -> Rider:
    """The left brow as a low ridge on the skin (V, 3) mm."""
    t = np.linspace(0, 1, 13)
    given = np.linspace(0, 1, len(BROW))
    line = np.stack([np.interp(t, given, BROW[:, k]) for k in range(3)], -1)
    slope = np.gradient(line[:, :2], axis=0)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    across = np.stack([-slope[:, 1], slope[:, 0]], -1)
    rows = [line[:, :2] + share * line[:, 2:] * across for share in (-1.0, -0.4, 0.45, 1.0)]
    corners, shares, normals = _front_hits(skin, triangles, np.concatenate(rows))
    ground = np.einsum("nk,nkd->nd", shares, skin[corners])
    lift = np.repeat([-0.25, 0.75, 0.8, -0.25], len(t))
    taper = np.tile(np.interp(t, [0, 0.12, 0.8, 1], [0.2, 1, 0.9, 0.2]), 4)
    vertices = ground + (np.where(lift > 0, lift * taper, lift))[:, None] * normals
    n = len(t)
    quads = [(r * n + k, r * n + k + 1, (r + 1) * n + k + 1, (r + 1) * n + k) for r in range(3) for k in range(n - 1)]
    faces = [f for a, b, c, d in quads for f in ((a, b, c), (a, c, d))]
    return Rider(vertices, np.array(faces), corners, shares)


def lashes(skin: np.ndarray, margin: np.ndarray, upper: bool) -> Rider:
    """Left lashes rooted on the outer margin loop: `margin` (n,) skin vertices from inner to outer corner."""
    number, length = (UPPER_LASHES, UPPER_LENGTH) if upper else (LOWER_LASHES, LOWER_LENGTH)
    line = skin[margin]
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    begin, end = (0.08, 0.97) if upper else (0.2, 0.95)
    vertices: list[np.ndarray] = []
    triangles: list[tuple[int, int, int]] = []
    corners: list[list[int]] = []
    shares: list[list[float]] = []
    for i in range(number):
        share = begin + (end - begin) * (i + 0.5) / number
        where = share * run[-1]
        k = int(np.clip(np.searchsorted(run, where) - 1, 0, len(run) - 2))
        f = (where - run[k]) / (run[k + 1] - run[k])
        root = line[k] * (1 - f) + line[k + 1] * f
        along = (line[k + 1] - line[k]) / np.linalg.norm(line[k + 1] - line[k])
        out = root - at.EYE_CENTRE
        out = out / np.linalg.norm(out)
        fan = 1.3 * (share - 0.42)
        sign = 1.0 if upper else -1.0
        first = out * 0.8 + np.array([0.5 * fan, 0.25 * sign, 0.2])
        second = out * 0.35 + np.array([0.75 * fan, 1.0 * sign, 0.2])
        size = length * (0.55 + 0.45 * np.sin(np.pi * min(share + 0.12, 1.0))) * (0.94 + 0.12 * ((i * 7) % 5) / 4)
        middle = root + 0.45 * size * first / np.linalg.norm(first)
        tip = middle + 0.55 * size * second / np.linalg.norm(second)
        width = 0.16 if upper else 0.10
        start = len(vertices)
        vertices += [
            root - width * along,
            root + width * along,
            middle - 0.6 * width * along,
            middle + 0.6 * width * along,
            tip,
        ]
        triangles += [(start, start + 1, start + 3), (start, start + 3, start + 2), (start + 2, start + 3, start + 4)]
        corners += [[margin[k], margin[k + 1], margin[k + 1]]] * 5
        shares += [[1 - f, f, 0.0]] * 5
    return Rider(np.array(vertices), np.array(triangles), np.array(corners), np.array(shares))
