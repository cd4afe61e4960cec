"""Lays the cage on the clay: first guess by angle and height, then smoothing along the surface."""

import numpy as np

from utterface.rigs.mannequin import layout as flow
from utterface.rigs.mannequin import surface
from utterface.rigs.mannequin.falloff import ramp
from utterface.rigs.subdivision import edges_of

# Degrees from straight ahead of each column of the grid.
ANGLES = np.array([0, 4, 9, 16, 23, 30, 37, 46, 56, 67, 79, 92, 103, 114, 125, 138, 152, 166, 180], float)
# Heights (mm) of each row in front, at the side and behind.
HEIGHTS = np.array([
    (-214, -222, -214), (-198, -206, -195), (-179, -186, -174), (-159, -160, -153), (-140, -133, -131),
    (-128, -111, -112), (-121, -95, -98), (-115, -84, -85), (-103, -78, -75), (-90, -72, -68),
    (-80, -67, -61), (-69, -62, -54), (-59, -57, -48), (-49, -53, -43), (-47, -50, -38),
    (-44, -45, -33), (-38, -35, -26), (-30, -25, -18), (-21, -15, -10), (-12, -5, -2),
    (-3, 5, 6), (6, 15, 14), (16, 25, 23), (30, 35, 32), (47, 46, 42),
    (66, 58, 51), (84, 70, 60),
], float)  # fmt: skip

# Rows that run along the jaw, from the middle to below the ear: (row, middle's height, middle's depth, end's x, y, z).
JAW_ROWS = (
    (5, -126, 50, 45, -106, -6), (6, -121.5, 73, 47, -96, 2), (7, -116, 91, 50.5, -85, 9), (8, -104, 103, 54, -77, 15),
)  # fmt: skip
JAW_COLUMNS = 9


def first_guess(layout: flow.Layout) -> np.ndarray:
    """(count, 3) mm: grid vertices on the clay by angle and height; loops and caps are still at the origin."""
    points = np.zeros((layout.count, 3))
    even = np.linspace(0, 180, flow.COLUMNS + 1)
    turn = np.radians(even + (ANGLES - even) * ramp(np.arange(flow.ROWS + 1.0), 3.0, 9.0)[:, None])
    ahead, behind = np.maximum(np.cos(turn), 0) ** 2, np.minimum(np.cos(turn), 0) ** 2
    share = np.stack([ahead, 1 - ahead - behind, behind], -1)
    height = np.einsum("rk,rck->rc", HEIGHTS, share)
    outward = np.stack([np.sin(turn), np.zeros_like(turn), np.cos(turn)], -1)
    reach = np.full(height.shape, 190.0)
    for _ in range(40):
        at = reach[..., None] * outward + np.stack([0 * height, height, np.where(height < -60, -8.0, 10.0)], -1)
        reach -= np.clip(surface.field(at)[0] * 0.8, -3, 14)
    grid = layout.grid
    points[grid[grid >= 0]] = at[grid >= 0]
    run = np.arange(JAW_COLUMNS + 1) / JAW_COLUMNS * np.pi / 2
    for row, y, z, end_x, end_y, end_z in JAW_ROWS:
        line = [end_x * np.sin(run), y + (end_y - y) * (1 - np.cos(run)) ** 1.25, end_z + (z - end_z) * np.cos(run)]
        points[grid[row, : JAW_COLUMNS + 1]] = surface.project(np.stack(line, -1))
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


def neighbour_average(layout: flow.Layout, edges: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(count, 3) mean of each vertex's neighbours; the mirror half is taken into account in the middle."""
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
    edges, _ = edges_of(layout.quads)
    for _ in range(rounds):
        average = neighbour_average(layout, edges, points)
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
