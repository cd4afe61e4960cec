"""Spreads what a few handles do over the skin, as smoothly as a thin plate would, around mouth and eyes."""

import numpy as np

from utterface.rigs.mannequin.layout import Layout
from utterface.rigs.subdivision import edges_of


class Plate:
    """The half cage as an elastic plate; `spread` bends it through pinned values.

    The energy is the squared graph Laplacian with 1 / length weights, so that spacing of the cage matters little.
    """

    def __init__(self, layout: Layout, points: np.ndarray, stiffness: float = 0.02):
        count = layout.count
        edges, _ = edges_of(layout.quads)
        length = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
        middle = np.zeros(count, bool)
        middle[layout.middle] = True
        weight = 1 / np.maximum(length, 0.8)
        weight[middle[edges].all(1)] *= 0.5  # shared with the mirror image
        laplacian = np.zeros((count, count))
        laplacian[edges[:, 0], edges[:, 1]] = laplacian[edges[:, 1], edges[:, 0]] = -weight
        laplacian[np.arange(count), np.arange(count)] = -laplacian.sum(1)
        area = np.zeros(count)
        np.add.at(area, edges.ravel(), np.repeat(length**2, 2))
        self.energy = laplacian @ (laplacian / area[:, None]) + stiffness * 0.01 * laplacian
        self.count = count

    def spread(self, pinned: np.ndarray, values: np.ndarray) -> np.ndarray:
        """(count, D) smooth field through `values` (n, D) at vertices `pinned` (n,)."""
        values = np.asarray(values, float)
        field = np.zeros((self.count, *values.shape[1:]))
        field[pinned] = values
        free = np.setdiff1d(np.arange(self.count), pinned)
        field[free] = np.linalg.solve(self.energy[np.ix_(free, free)], -self.energy[np.ix_(free, pinned)] @ values)
        return field


def ramp(value: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 before `start`, 1 after `end`, twice smooth in between; `start` may exceed `end`."""
    t = np.clip((np.asarray(value, float) - start) / (end - start), 0, 1)
    return t**3 * (t * (6 * t - 15) + 10)


def bump(points: np.ndarray, centre: tuple[float, float, float], radius: tuple[float, float, float]) -> np.ndarray:
    """(n,) smooth 1 at `centre` to 0 at `radius` mm away along each axis."""
    distance = np.linalg.norm((points - np.array(centre)) / np.array(radius), axis=-1)
    return 1 - ramp(distance, 0.0, 1.0)
