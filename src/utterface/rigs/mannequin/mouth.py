"""The lips and the bag behind them: loops from the muzzle over the red of the lips and the seam to the throat."""

import numpy as np

from utterface.rigs.mannequin import proportions as at
from utterface.rigs.mannequin import surface

AROUND = 17  # half a loop, from its lower to its upper middle
CORNER = 8
OUTSIDE, BORDER, RED, ROLL, SEAM, CONTACT, LINING, VESTIBULE = 2, 3, 4, 5, 6, 7, 8, 9  # what each loop is


def half() -> tuple[np.ndarray, np.ndarray]:
    """(17,) u from 0 in the middle to 1 at the corner; (17,) +1 on the upper, -1 on the lower lip, 0 at the corner."""
    k = np.arange(AROUND)
    return 1 - np.abs(k - CORNER) / CORNER, np.sign(k - CORNER).astype(float)


def seam() -> np.ndarray:
    """(17, 3) mm, the line where the lips meet; upper and lower half coincide."""
    u, _ = half()
    x = at.MOUTH_HALF_WIDTH * np.sin(u * np.pi / 2)
    share = x / at.MOUTH_HALF_WIDTH
    y = at.SEAM_HEIGHT + 0.5 * np.sin(np.pi * share) ** 2 + 0.8 * share**3 - 0.5 * np.exp(-((x / 5) ** 2))
    z = surface.depth(x, y) - 1.2 - 0.3 * share
    return np.stack([x, y, z], -1)


def loops() -> np.ndarray:
    """(12, 17, 3) mm: every loop but the border."""
    u, side = half()
    line = seam()
    full = np.cos(u * np.pi / 2)  # 1 in the middle, 0 at the corner
    width = np.sin(u * np.pi / 2)

    def ring(wider: float, above: np.ndarray, below: np.ndarray, lift: float | np.ndarray) -> np.ndarray:
        x = line[:, 0] * (1 + wider / at.MOUTH_HALF_WIDTH * width**4)
        y = line[:, 1] + np.where(side > 0, above, np.where(side < 0, -below, 0.0))
        return np.stack([x, y, surface.depth(x, y) + lift], -1)

    x = line[:, 0]
    bow = np.exp(-(((x - 6.0) / 4.5) ** 2)) - 0.55 * np.exp(-((x / 3.0) ** 2))
    upper_red = at.UPPER_LIP * np.clip(full, 0, 1) ** 1.1 + 1.5 * bow * full
    lower_red = at.LOWER_LIP * np.clip(full, 0, 1) ** 1.1
    upper_lift, lower_lift = 3.2 * full**0.7, 3.4 * full**0.7
    lift = np.where(side > 0, upper_lift, lower_lift)
    around = ring(8.0, upper_red + 7.5 * full**0.6, lower_red + 8.5 * full**0.6, 0.0)
    outside = ring(3.6, upper_red + 1.5 * full**0.5 + 0.3, lower_red + 1.8 * full**0.5 + 0.2, 0.6 * full)
    border = ring(1.5, upper_red, lower_red, 0.45 * lift)
    red = ring(0.8, 0.52 * upper_red, 0.55 * lower_red, 0.1 + lift)
    roll = ring(0.4, 0.16 * upper_red, 0.18 * lower_red, 0.6 * lift - 0.2)
    contact = line.copy()
    contact[:, 2] -= 3.2
    contact[:, 0] *= 0.985
    bag = [_bag(line, u, side, *row) for row in BAG]
    return np.stack([around, outside, border, red, roll, line, contact, *bag])


# (z behind the contact in the middle, height above, depth below, half width, how much it follows the dental arch)
BAG = (
    (3.2, 4.5, 4.5, 25.0, 1.0),
    (4.6, 14.5, 16.0, 28.5, 0.9),
    (26.0, 18.0, 21.0, 31.0, 0.6),
    (44.0, 17.5, 21.0, 31.0, 0.15),
    (58.0, 13.0, 19.0, 22.0, 0.0),
)


def _bag(
    line: np.ndarray,
    u: np.ndarray,
    side: np.ndarray,
    back: float,
    up: float,
    down: float,
    half_width: float,
    arch: float,
) -> np.ndarray:
    """One loop of the lining: half an ellipse, further back at the sides where it follows the teeth."""
    angle = u * np.pi / 2
    x = half_width * np.sin(angle)
    y = at.SEAM_HEIGHT + np.where(side > 0, up, -down) * np.cos(angle) ** 0.7 * (side != 0)
    z = line[0, 2] - back - arch * 15.0 * np.sin(angle) ** 2.2
    return np.stack([x, y, z], -1)
