"""The nostrils' loops and the pins that hold the grid on the nose and under the jaw."""

import numpy as np

# The border of the nostril's block, once around from the sill: (x, y, z) mm.
BORDER = np.array([
    (4.4, -47.2, 105.0), (8.8, -47.6, 103.2), (13.2, -46.6, 100.6), (15.2, -44.0, 103.2),
    (13.6, -41.2, 109.2), (9.2, -42.0, 114.2), (4.8, -43.2, 116.2), (3.8, -45.4, 110.5),
])  # fmt: skip
HOLE_CENTRE = np.array([8.3, -45.6, 107.0])
# (share of the way from the border to the hole's centre, mm up, mm back) of each loop further in
DEPTHS = ((0.38, 0.3, 0.0), (0.5, 3.0, 0.6), (0.55, 8.0, 2.5))

# (row, column) of the grid → (x, y, z) mm; the clay decides the rest.
PINS = {
    (13, 0): (0, -48.5, 105), (14, 0): (0, -45.5, 112), (15, 0): (0, -39.5, 120), (16, 0): (0, -31, 117.5),
    (17, 0): (0, -22, 112.5), (15, 1): (4.8, -43.2, 116.2), (16, 1): (5, -32, 115), (17, 1): (5, -22, 109.5),
    (16, 2): (10.0, -33, 110), (16, 3): (14.5, -32.5, 103.5), (14, 4): (18.2, -42.5, 99), (15, 4): (18.0, -35, 99.5),
    (13, 4): (17.5, -48.5, 98), (16, 4): (18.5, -27, 96),
    (5, 0): (0, -128, 46), (6, 0): (0, -120, 70), (7, 0): (0, -116, 92), (8, 0): (0, -104, 102),
    (7, 3): (19, -113, 85), (7, 5): (32, -106, 66), (7, 7): (44, -94, 40), (7, 9): (50, -82, 14),
    (8, 3): (19, -103, 93), (6, 3): (17, -120, 68), (6, 5): (30, -116, 52),
}  # fmt: skip


def loops() -> np.ndarray:
    """(4, 8, 3) mm, the border first."""
    rings = [BORDER]
    for share, up, back in DEPTHS:
        rings.append(BORDER + share * (HOLE_CENTRE - BORDER) + [0, up, -back])
    return np.stack(rings)
