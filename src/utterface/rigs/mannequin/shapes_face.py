"""What brows, lids, cheeks and nose do: displacements of the half cage in millimetres."""

import numpy as np

from utterface.rigs.mannequin import eyes
from utterface.rigs.mannequin import proportions as at
from utterface.rigs.mannequin.falloff import bump
from utterface.rigs.mannequin.shapes_mouth import Ground

CLOSED_LINE = -2.6  # where the lids meet, in mm from the eye's centre, in the middle


def lid_turn(ground: Ground, upper: float | np.ndarray, lower: float | np.ndarray, fold: float = 0.35) -> np.ndarray:
    """(count, 3) mm: the lids' loops turned about the eye by angles (rad, up positive) at each loop position.

    Loops from the margin to the inside go all the way, those out to the orbit less and less.
    """
    _, side = eyes.corner_to_corner()
    angle = np.where(side > 0, upper, np.where(side < 0, lower, 0.0))
    move = np.zeros((ground.layout.count, 3))
    shares = {7: 1.0, 6: 1.0, 5: 1.0, 4: 0.86, 3: 0.34, 2: 0.10, 1: 0.02}
    for loop, share in shares.items():
        vertices = ground.layout.loops["eye"][loop]
        local = ground.points[vertices] - at.EYE_CENTRE
        move[vertices] = eyes.turned(local, share * angle) - local
    return move


def build(ground: Ground) -> dict[str, np.ndarray]:
    """Symmetric (count, 3) displacements, split into Left and Right later."""
    shapes: dict[str, np.ndarray] = {}
    p = ground.points
    s, _ = eyes.corner_to_corner()
    rim = p[ground.layout.loops["eye"][6]] - at.EYE_CENTRE
    elevation = np.arctan2(rim[:, 1], rim[:, 2])
    line = at.CANTHAL_TILT * s - 0.3 + (CLOSED_LINE + 0.3) * np.clip(1 - s**2, 0, 1)
    shut = eyes.on_lid(rim[:, 0], line)
    closing = np.arctan2(shut[:, 1], shut[:, 2]) - elevation
    shapes["eyeBlink"] = lid_turn(ground, closing, closing)
    arc = np.clip(1 - s**2, 0, 1) ** 0.8
    shapes["eyeWide"] = lid_turn(ground, np.radians(9) * arc, np.radians(-3) * arc)
    shapes["eyeSquint"] = lid_turn(ground, np.radians(-5) * arc, np.radians(10) * arc)
    shapes["eyeLookUp"] = lid_turn(ground, np.radians(8) * arc, np.radians(4) * arc)
    shapes["eyeLookDown"] = lid_turn(ground, np.radians(-20) * arc, np.radians(-5) * arc)
    near = bump(p, (31.5, 0, 82), (17, 12, 20))[:, None]
    shapes["eyeLookOut"] = near * [0.7, 0, 0]
    shapes["eyeLookIn"] = near * [-0.7, 0, 0]

    inside = np.zeros(ground.layout.count, bool)
    inside[ground.lips[5:].ravel()] = True
    inside[ground.layout.loops["eye"][3:].ravel()] = True
    skin = np.where(inside, 0.0, 1.0)[:, None]
    inner, outer = bump(p, (10, 19, 94), (26, 26, 40))[:, None], bump(p, (40, 22, 80), (28, 24, 40))[:, None]
    middle = bump(p, (26, 20, 90), (34, 24, 40))[:, None]
    shapes["browDown"] = skin * (middle * [-1.6, -4.5, 0.6] + inner * [-1.0, -2.0, 0.8])
    shapes["browInnerUp"] = skin * inner * [0.2, 7.0, 0.0]
    shapes["browOuterUp"] = skin * outer * [0.0, 6.5, -0.6]
    shapes["cheekPuff"] = skin * bump(p, (38, -66, 66), (34, 32, 42))[:, None] * [8.0, 0, 5.0]
    shapes["cheekSquint"] = skin * bump(p, (36, -22, 80), (26, 22, 34))[:, None] * [0.6, 4.6, 1.6]
    shapes["noseSneer"] = skin * (
        bump(p, (15, -38, 102), (13, 18, 20))[:, None] * [0.8, 4.0, -0.6]
        + bump(p, (8, -4, 98), (12, 16, 20))[:, None] * [-0.4, 1.2, 0.8]
    )
    return shapes
