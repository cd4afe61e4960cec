"""The nostrils' loops and the pins that hold the grid on the nose."""

import numpy as np

# The border of the nostril's block, once around from the sill: (x, y, z) mm.
BORDER = np.array([
    (4.2, -48.2, 105.4), (8.8, -48.6, 103.0), (13.2, -47.8, 101.0), (15.6, -46.6, 103.6),
    (13.6, -45.6, 109.4), (9.0, -45.8, 114.2), (4.8, -46.4, 115.8), (3.6, -47.6, 110.5),
])  # fmt: skip
HOLE_CENTRE = np.array([8.6, -47.0, 107.2])
# (share of the way from the border to the hole's centre, mm up, mm back) of each loop further in
DEPTHS = ((0.34, 0.6, 0.0), (0.42, 4.5, 0.8), (0.5, 13.0, 5.0))

# (row, column) of the grid → (x, y, z) mm; the clay decides the rest.
PINS = {
    (13, 0): (0, -48.5, 105), (14, 0): (0, -47.5, 112), (15, 0): (0, -44.8, 118), (16, 0): (0, -38.5, 120.5),
    (17, 0): (0, -30, 117.5), (18, 0): (0, -21, 112.5),
    (16, 1): (4.8, -40, 118.5), (16, 2): (9.8, -40.5, 114.2), (16, 3): (14.8, -41, 110.2),
    (16, 4): (17.6, -39.5, 105.5), (16, 5): (20.6, -37.5, 99),
    (17, 1): (5, -31, 115.5), (17, 2): (10, -32.5, 110.8), (17, 3): (14, -33.5, 105.5),
    (17, 4): (17.5, -34, 100.5), (17, 5): (22, -32, 95), (13, 4): (17.4, -47.6, 99.4), (14, 4): (18.4, -44.8, 102.4),
    (15, 4): (17.8, -43.2, 106.5), (13, 5): (22, -48.2, 95.5), (14, 5): (21.2, -44, 97.6), (15, 5): (21, -40.6, 98.6),
}  # fmt: skip


def loops() -> np.ndarray:
    """(4, 8, 3) mm, the border first."""
    rings = [BORDER]
    for share, up, back in DEPTHS:
        rings.append(BORDER + share * (HOLE_CENTRE - BORDER) + [0, up, -back])
    return np.stack(rings)
