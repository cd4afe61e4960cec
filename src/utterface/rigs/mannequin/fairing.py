"""Lays the cage on the clay: first guess by angle and height, then smoothing along the surface."""

import numpy as np

from utterface.rigs.mannequin import layout as flow
from utterface.rigs.mannequin import surface
from utterface.rigs.subdivision import edges_of

# Degrees from straight ahead of each column of the grid.
ANGLES = np.array([0, 4, 9, 16, 23, 30, 37, 46, 56, 67, 79, 92, 103, 114, 125, 138, 152, 166, 180], float)
# Heights (mm) of each row in front, at the side and behind.
HEIGHTS = np.array([
    (-214, -222, -214), (-199, -208, -196), (-181, -188, -176), (-161, -162, -155), (-143, -135, -133),
    (-130, -112, -113), (-121, -95, -98), (-114, -83, -85), (-102, -77, -75), (-88, -71, -67),
    (-79, -66, -60), (-69, -61, -53), (-59, -56, -47), (-49, -51, -41), (-45, -45, -34),
    (-38, -35, -27), (-30, -25, -19), (-21, -15, -11), (-12, -5, -3), (-3, 5, 5),
    (6, 15, 13), (16, 25, 22), (29, 34, 31), (44, 44, 40), (60, 54, 48),
    (76, 63, 55), (89, 71, 60),
], float)  # fmt: skip


def first_guess(layout: flow.Layout) -> np.ndarray:
    """(count, 3) mm: grid vertices on the clay by angle and height; loops and caps are still at the origin."""
    points = np.zeros((layout.count, 3))
    turn = np.radians(ANGLES)
    ahead, behind = np.maximum(np.cos(turn), 0) ** 2, np.minimum(np.cos(turn), 0) ** 2
    share = np.stack([ahead, 1 - ahead - behind, behind])
    height = HEIGHTS @ share
    outward = np.stack([np.sin(turn), np.zeros_like(turn), np.cos(turn)], -1)
    reach = np.full(height.shape, 190.0)
    for _ in range(60):
        at = reach[..., None] * outward + np.stack([0 * height, height, np.where(height < -60, -8.0, 10.0)], -1)
        reach -= np.clip(surface.field(at) * 0.7, -3, 12)
    grid = layout.grid
    points[grid[grid >= 0]] = at[grid >= 0]
    rim = np.array([layout.crown[0, 0]])
    del rim
    _fill(points, layout.crown)
    points[layout.crown[:, 1:-1].ravel()] = surface.project(points[layout.crown[:, 1:-1].ravel()] + [0, 25, 0], steps=8)
    points[layout.middle, 0] = 0
    return points


def _fill(points: np.ndarray, grid: np.ndarray) -> None:
    """Blends a half grid's inner vertices from its border; its last row lies in the middle plane."""
    depth = grid.shape[1] - 1
    for b in range(1, depth):
        across = b / depth
        side = points[grid[0, b]]
        ends = points[grid[-1, 0]] * (1 - across) + points[grid[-1, -1]] * across
        middle = np.array([0, ends[1] + 40 * np.sin(np.pi * across), ends[2]])
        for a in range(1, grid.shape[0]):
            share = a / (grid.shape[0] - 1)
            points[grid[a, b]] = side * (1 - share) + middle * share


def neighbour_average(layout: flow.Layout, points: np.ndarray) -> np.ndarray:
    """(count, 3) mean of each vertex's neighbours; the mirror half is taken into account in the middle."""
    edges, _ = edges_of(layout.quads)
    total = np.zeros_like(points)
    number = np.zeros(len(points))
    in_middle = np.zeros(len(points), bool)
    in_middle[layout.middle] = True
    for a, b in ((0, 1), (1, 0)):
        here, there = edges[:, a], edges[:, b]
        twice = np.where(in_middle[here] & ~in_middle[there], 2.0, 1.0)
        np.add.at(total, here, twice[:, None] * points[there])
        np.add.at(number, here, twice)
    average = total / np.maximum(number, 1)[:, None]
    average[in_middle, 0] = 0
    return average


def relax(
    layout: flow.Layout, points: np.ndarray, on_skin: np.ndarray, free: np.ndarray, anchor: np.ndarray, rounds: int
) -> np.ndarray:
    """Evens out spacing: vertices in `on_skin` glide on the clay, those in `free` float, the rest stay.

    `anchor` (count,) in 0…1 pulls a vertex back to where it was given.
    """
    home = points.copy()
    points = points.copy()
    for _ in range(rounds):
        average = neighbour_average(layout, points)
        moving = np.concatenate([on_skin, free])
        target = points[moving] + 0.6 * (average[moving] - points[moving])
        target += anchor[moving, None] * (home[moving] - target)
        points[moving] = target
        points[on_skin] = surface.project(points[on_skin], steps=1, reach=3.0)
        middle = np.intersect1d(on_skin, layout.middle)
        points[middle, 0] = 0
    points[on_skin] = surface.project(points[on_skin], steps=3, reach=2.0)
    points[layout.middle, 0] = 0
    return points
