"""The lids: loops from the orbit's rim over the crease and the margin to the inside of the lid."""

import numpy as np

from utterface.rigs.mannequin import proportions as at
from utterface.rigs.mannequin import surface

AROUND = 20
OUTER, INNER = 8, 18  # loop positions of the eye's corners
UPPER = np.arange(17, 8, -1)  # loop positions from the inner to the outer corner, paired with
LOWER = np.r_[19, 0:8]
MARGIN = 6  # the loop that the lids meet with


def corner_to_corner() -> tuple[np.ndarray, np.ndarray]:
    """(20,) s from -1 at the inner to 1 at the outer corner; (20,) +1 on the upper, -1 on the lower lid, 0 between."""
    k = np.arange(AROUND)
    step = (k - INNER) % AROUND  # 0 at the inner corner, 10 at the outer
    upper = step > 10
    run = np.where(upper, AROUND - step, step) / 10
    s = -np.cos(np.pi * run)
    return s, np.where(upper, 1.0, np.where((step == 0) | (step == 10), 0.0, -1.0))


def margin(
    s: np.ndarray, side: np.ndarray, upper: float = at.UPPER_LID_HEIGHT, lower: float = at.LOWER_LID_HEIGHT
) -> np.ndarray:
    """(n, 2) x and y, relative to the eye's centre, of the open lid margin."""
    x = at.FISSURE_HALF_WIDTH * s
    tilt = at.CANTHAL_TILT * s - 0.3
    bow = np.clip(1 - s**2, 0, 1)
    high = upper * bow**0.62 * (1 - 0.16 * s)
    low = -lower * bow**0.75 * (1 + 0.16 * s)
    return np.stack([x, tilt + np.where(side > 0, high, np.where(side < 0, low, 0.0))], -1)


def on_lid(x: np.ndarray, y: np.ndarray, lift: float | np.ndarray = 0.0) -> np.ndarray:
    """(n, 3) mm relative to the eye's centre: in front of (x, y) on the lids' ellipsoid, grown by `lift`."""
    reach = at.LID_REACH + np.asarray(lift)[..., None]
    inside = 1 - (x / reach[..., 0]) ** 2 - (y / reach[..., 1]) ** 2
    return np.stack(np.broadcast_arrays(x, y, reach[..., 2] * np.sqrt(np.maximum(inside, 0.02))), -1)


def turned(points: np.ndarray, angle: np.ndarray, lift: np.ndarray | float = 0.0) -> np.ndarray:
    """Lid points (n, 3), relative to the eye's centre, turned up by `angle` (rad) about x and lifted off that axis."""
    radius = np.hypot(points[:, 1], points[:, 2])
    elevation = np.arctan2(points[:, 1], points[:, 2]) + angle
    radius = radius + lift
    return np.stack([points[:, 0], radius * np.sin(elevation), radius * np.cos(elevation)], -1)


def loops() -> np.ndarray:
    """(7, 20, 3) mm: orbit, fold, crease, lid, outer margin, margin, inside; loop 0, the border, is the grid's."""
    s, side = corner_to_corner()
    rim = margin(s, side)
    inner = on_lid(rim[:, 0], rim[:, 1])
    open_ = np.sqrt(np.clip(1 - s**2, 0, 1))  # 0 at the corners
    sign = np.where(side >= 0, 1.0, -1.0)

    def ring(angle_up: float, angle_down: float, lift: float, widen: float) -> np.ndarray:
        angle = np.radians(np.where(side > 0, angle_up, np.where(side < 0, -angle_down, 0.0))) * (0.25 + 0.75 * open_)
        points = turned(inner, angle, lift * (0.35 + 0.65 * open_))
        points[:, 0] += widen * s * np.abs(s) ** 3
        points[:, 2] -= 0.45 * widen * np.abs(s) ** 6
        return points

    inside = ring(14, 12, 0.6, -0.5)
    # at the corners the inside of the lid reaches back to the eyeball, so that no gap shows the inside of the head
    back = np.stack([0.83 * inner[:, 0], inner[:, 1], np.full(AROUND, -7.0)], -1)
    corner = ((1 - open_) ** 1.2)[:, None]
    inside = inside * (1 - corner) + back * corner
    clear = at.EYE_RADIUS + at.CORNEA_RISE + 0.15 + 4.6 * corner * (1 - corner)
    least = clear / np.linalg.norm(inside, axis=1, keepdims=True)
    inside *= np.maximum(least, 1)
    outer = ring(1.5, 1.5, 1.3, 0.9)
    lid = ring(9, 8, 1.7, 2.0)
    crease = ring(17.0, 19, -0.5, 3.4)
    fold = ring(20.0, 34, 3.7, 5.0)
    centre = at.EYE_CENTRE
    height = np.where(side > 0, 13.0, 13.5)
    orbit = (
        np.stack([19.5 * s, at.CANTHAL_TILT * s + sign * (side != 0) * height * open_, np.full(AROUND, 18.0)], -1)
        + centre
    )
    orbit[:, 2] = surface.depth(orbit[:, 0], orbit[:, 1])
    fold_world = fold + centre
    blend = np.where(side > 0, 0.22, 0.65)[:, None]
    fold_world = fold_world * (1 - blend) + orbit * blend
    return np.stack([orbit, fold_world, *(p + centre for p in (crease, lid, outer, inner, inside))])
