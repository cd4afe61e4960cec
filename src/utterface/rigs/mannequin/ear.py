"""The outer ear: loops from its root over the back, the helix, the groove and the antihelix into the concha."""

import numpy as np

from utterface.rigs.mannequin import surface

AROUND = 18
CENTRE = np.array([0.0, -15.0, -6.0])  # height and depth of the ear's middle; x comes from the clay
LEAN_BACK, STAND_OFF = 11.0, 15.0  # degrees: top of the ear backwards; rear edge away from the head
FLARE = 0.15  # how much wider the head is further up

# Outline of the helix and lobe, (forward, up) mm from the middle, once around from the front of the lobe backwards.
OUTLINE = np.array([
    (7.5, -26), (2, -30.5), (-5, -29.5), (-10.5, -23), (-14, -14), (-16.8, -4), (-18.6, 7), (-18.3, 17), (-14.5, 25.5),
    (-7.5, 30.6), (0.5, 31.6), (7.5, 28.8), (12.2, 23), (13.8, 16), (13.2, 9), (12.2, 2), (12.0, -6), (11, -16),
]) * 0.95  # fmt: skip
FREE = np.array(
    [0.15, 0.45, 0.75, 0.95, 1, 1, 1, 1, 1, 1, 0.95, 0.75, 0.45, 0.2, 0.05, 0, 0, 0]
)  # 1 where the rim is free
LOBE = np.array([0.9, 1, 1, 0.6, 0.15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.5])  # 1 on the lobe
TRAGUS = np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.75, 1, 0.35])
CONCHA = np.array([1.5, -5.5])  # middle of the bowl
BOWL = (7.6, 10.5)  # its half width and half height


def loops() -> np.ndarray:
    """(7, 18, 3) mm: root, back, rim, fold, groove, antihelix, bowl; loop 0, the border, is the grid's."""
    angle = np.arctan2(OUTLINE[:, 1] - CONCHA[1], OUTLINE[:, 0] - CONCHA[0])
    bowl = CONCHA + np.stack([BOWL[0] * np.cos(angle), BOWL[1] * np.sin(angle)], -1)
    free, lobe, tragus = FREE, LOBE, TRAGUS
    rooted = OUTLINE * [0.62, 0.86] + [3.5, 0]
    root = np.where(free[:, None] > 0, OUTLINE + (rooted - OUTLINE) * free[:, None], OUTLINE * [1.12, 1.03])

    def between(share: np.ndarray | float) -> np.ndarray:
        return OUTLINE + (bowl - OUTLINE) * np.broadcast_to(share, free.shape)[:, None]

    groove = free * (1 - lobe)
    rows = [
        (root, 0.0 * free),
        (OUTLINE + (root - OUTLINE) * 0.30, 1.0 + 4.0 * free),
        (OUTLINE, 1.0 + 6.0 * free + 2.0 * tragus),
        (between(0.14 + 0.12 * tragus), 1.6 + 7.6 * free - 1.2 * lobe + 4.6 * tragus),
        (between(0.34 + 0.10 * tragus), 1.0 + 1.2 * groove + 4.6 * lobe * free + 5.0 * tragus + 1.0 * lobe),
        (between(0.58), 0.4 + 7.8 * groove + 4.6 * lobe * free + 0.5 * tragus),
        (between(0.84), -5.5 + 1.5 * groove + 4.5 * lobe - 0.5 * tragus),
    ]
    side = surface.project(np.array([[75.0, CENTRE[1], CENTRE[2] + 12.0]]), steps=6)[0, 0]
    return np.stack([place(flat, high, side) for flat, high in rows])


def place(flat: np.ndarray, high: np.ndarray, side: float) -> np.ndarray:
    """(n, 3) mm world from (n, 2) forward/up in the ear's plane, (n,) outward and the x of the head's side."""
    lean, off = np.radians(LEAN_BACK), np.radians(STAND_OFF)
    forward = flat[:, 0] * np.cos(lean) - flat[:, 1] * np.sin(lean)
    up = flat[:, 0] * np.sin(lean) + flat[:, 1] * np.cos(lean)
    hinge = 13.0  # the plane turns away from the head about its front edge
    back = np.minimum(forward - hinge, 0)
    x = side + high * np.cos(off) - back * np.sin(off) + FLARE * up + 0.3
    z = CENTRE[2] + np.where(forward > hinge, forward, hinge + back * np.cos(off)) + high * np.sin(off)
    return np.stack([x, CENTRE[1] + up, z], -1)


def root_on_skin(points: np.ndarray) -> np.ndarray:
    """Root vertices (18, 3) brought onto the clay sideways."""
    points = points.copy()
    for _ in range(30):
        points[:, 0] -= np.clip(surface.field(points)[0], -2, 2) * 0.9
    return points
