"""The nostrils' loops and the pins that hold the grid on the nose."""

import numpy as np

# The border of the nostril's block, once around from the sill: (x, y, z) mm.
BORDER = np.array([
    (4.2, -48.6, 105.4), (8.8, -48.6, 102.6), (13.4, -47.6, 100.8), (16.0, -46.4, 103.6),
    (14.4, -45.4, 109.2), (9.4, -46.0, 114.2), (4.8, -47.2, 115.6), (3.6, -48.4, 110.5),
])  # fmt: skip
HOLE_CENTRE = np.array([9.0, -47.0, 107.2])
# (share of the way from the border to the hole's centre, mm up, mm back) of each loop further in
DEPTHS = ((0.30, 0.5, 0.0), (0.40, 4.5, 0.8), (0.5, 14.0, 5.0))

# (row, column) of the grid → (x, y, z) mm; the clay decides the rest.
PINS = {
    (13, 0): (0, -49.0, 105), (14, 0): (0, -48.6, 112), (15, 0): (0, -46.4, 117.8), (16, 0): (0, -39, 120.7),
    (17, 0): (0, -30, 117.8), (18, 0): (0, -21, 112.5), (16, 1): (4.8, -40, 118.7), (16, 2): (9.8, -39.5, 114.6),
    (16, 3): (15.0, -39.4, 110.4), (16, 4): (18.2, -37.8, 105.0), (16, 5): (21.4, -34.8, 97.8),
    (17, 1): (5, -31, 115.8), (17, 2): (9.6, -31.4, 110.8), (17, 3): (13.2, -31.6, 105.5),
    (17, 4): (17.0, -30.8, 100.3), (17, 5): (22, -29, 94.5), (13, 4): (17.8, -47.2, 98.8),
    (14, 4): (19.0, -43.8, 102.4), (15, 4): (18.6, -41.8, 106.5), (13, 5): (21.6, -48.4, 95.2),
    (14, 5): (21.8, -43.6, 96.4), (15, 5): (22, -39.4, 97.2),
}  # fmt: skip


def loops() -> np.ndarray:
    """(4, 8, 3) mm, the border first."""
    rings = [BORDER]
    for share, up, back in DEPTHS:
        rings.append(BORDER + share * (HOLE_CENTRE - BORDER) + [0, up, -back])
    return np.stack(rings)
