"""Catmull–Clark subdivision as a linear map, so that shapes refine exactly as the surface does."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Refinement:
    """One level of subdivision of an open quad mesh.

    Attributes:
        quads: (4 Q, 4) int32 of the finer mesh, wound as the coarse ones.
        rows, columns, shares: fine value = sum of share × coarse value; three (N,) arrays sorted by row.
        edges: (E, 2) coarse ends of each edge; its fine vertex is `coarse count + edge number`.
        count: fine vertices = coarse + E + Q.
    """

    quads: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    shares: np.ndarray
    edges: np.ndarray
    count: int

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N, D) coarse values → (count, D) fine ones."""
        starts = np.flatnonzero(np.r_[True, np.diff(self.rows) > 0])
        return np.add.reduceat(values[self.columns] * self.shares[:, None], starts, axis=0)


def edges_of(quads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(E, 2) unique edges, lower index first, and (Q, 4) the edge number of each quad side."""
    sides = np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2)
    edges, number = np.unique(np.sort(sides, 1), axis=0, return_inverse=True)
    return edges, number.reshape(quads.shape)


def catmull_clark(quads: np.ndarray, count: int) -> Refinement:
    """Rules of Catmull and Clark (1978) for a mesh of `count` vertices; boundaries refine as cubic B-splines."""
    quads = np.asarray(quads, np.int64)
    edges, edge_of = edges_of(quads)
    centre_of = count + len(edges) + np.arange(len(quads))
    uses = np.bincount(edge_of.ravel(), minlength=len(edges))
    rim_edge = uses == 1
    entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def add(row: np.ndarray, column: np.ndarray, share: np.ndarray | float) -> None:
        row, column = np.broadcast_arrays(row, column)
        entries.append((row.ravel(), column.ravel(), np.broadcast_to(share, row.shape).ravel()))

    add(centre_of[:, None], quads, 0.25)
    middle = count + np.arange(len(edges))
    add(middle[:, None], edges, np.where(rim_edge, 0.5, 0.25)[:, None])
    inner = ~rim_edge[edge_of]
    for side in range(4):
        quad = np.flatnonzero(inner[:, side])
        add(count + edge_of[quad, side][:, None], quads[quad], 1 / 16)
    rim = np.zeros(count, bool)
    rim[edges[rim_edge].ravel()] = True
    valence = np.bincount(edges.ravel(), minlength=count).astype(float)
    point = np.flatnonzero(~rim & (valence > 0))
    add(point, point, (valence[point] - 3) / valence[point] + 1 / valence[point])
    for a, b in ((0, 1), (1, 0)):
        keep = ~rim[edges[:, a]]
        add(edges[keep, a], edges[keep, b], 1 / valence[edges[keep, a]] ** 2)
    for side in range(4):
        keep = ~rim[quads[:, side]]
        add(quads[keep, side][:, None], quads[keep], 1 / (4 * valence[quads[keep, side]] ** 2)[:, None])
    point = np.flatnonzero(rim)
    add(point, point, 0.75)
    for a, b in ((0, 1), (1, 0)):
        add(edges[rim_edge, a], edges[rim_edge, b], 0.125)
    rows, columns, shares = (np.concatenate(part) for part in zip(*entries, strict=True))
    total = count + len(edges) + len(quads)
    key, where = np.unique(rows.astype(np.int64) * count + columns, return_inverse=True)
    summed = np.bincount(where, shares)
    fine = np.concatenate(
        [np.stack([quads[:, k], middle[edge_of[:, k]], centre_of, middle[edge_of[:, k - 1]]], 1) for k in range(4)]
    )
    return Refinement(fine.astype(np.int32), key // count, key % count, summed, edges, total)
