"""Other faces: anthropometric parameters that bend the space the mean head lives in.

A parameter is given in standard deviations. It adds smooth pushes and stretches of space, so that whatever lay together
stays together: lips keep their seal, lids their eyeball, teeth their place behind the lips. Around each eye the bend is
held to a shift and an even scaling, because an eyeball is round on everybody. Shapes stretch with the overall size of
head and eyes. Widths of one standard deviation follow Farkas, Anthropometry of the Head and Face (2nd ed.,
1994), adults of both sexes: face width 5, face height 6, jaw width 6, nose width 2.3, mouth width 3.4, pupils 3.5 mm.
"""

from dataclasses import dataclass

import numpy as np

from utterface.rigs.mannequin import proportions as at
from utterface.rigs.mannequin.falloff import ramp

EYE_HELD, EYE_FREE = 18.0, 30.0  # mm from the eye's centre: rigid up to here, bent with the rest from there on


@dataclass(frozen=True)
class Push:
    """Moves space by `move` mm around `centre`, fading like a bell with `radius` mm; paired off the middle."""

    centre: tuple[float, float, float]
    radius: tuple[float, float, float]
    move: tuple[float, float, float]

    def at(self, points: np.ndarray) -> np.ndarray:
        total = _bell(points, self.centre, self.radius)[..., None] * np.array(self.move)
        if self.centre[0]:
            other = _bell(points * [-1, 1, 1], self.centre, self.radius)[..., None]
            total = total + other * np.array(self.move) * [-1, 1, 1]
        return total


@dataclass(frozen=True)
class Stretch:
    """Scales space by 1 + `rate` about `centre` (in the middle), fading like a bell with `radius` mm."""

    centre: tuple[float, float, float]
    radius: tuple[float, float, float]
    rate: tuple[float, float, float]

    def at(self, points: np.ndarray) -> np.ndarray:
        bell = _bell(points, self.centre, self.radius)[..., None]
        return bell * (points - np.array(self.centre)) * np.array(self.rate)


def _bell(points: np.ndarray, centre: tuple[float, float, float], radius: tuple[float, float, float]) -> np.ndarray:
    return np.exp(-0.5 * (((points - np.array(centre)) / np.array(radius)) ** 2).sum(-1))


WIDE = 400.0  # a radius that does not fade
# What one standard deviation up does. Left is +x; everything is even in x.
PARAMETERS: dict[str, tuple[Push | Stretch, ...]] = {
    "face_width": (Stretch((0, -30, 40), (WIDE, 60, 70), (0.038, 0, 0)),),
    "face_height": (Stretch((0, 0, 60), (WIDE, 95, 90), (0, 0.055, 0)),),
    "head_width": (Stretch((0, 50, -10), (WIDE, 55, 90), (0.038, 0, 0)),),
    "head_height": (Stretch((0, 20, 0), (WIDE, 90, WIDE), (0, 0.045, 0)),),
    "head_depth": (Stretch((0, 30, 20), (WIDE, 90, 120), (0, 0, 0.035)),),
    "forehead_slope": (Push((0, 62, 88), (60, 30, 40), (0, 0, -2.6)),),
    "jaw_width": (Push((47, -78, 20), (26, 28, 34), (2.8, 0, 0)),),
    "jaw_drop": (Push((46, -84, 14), (28, 24, 30), (0, -3.0, 0)),),
    "chin_height": (Push((0, -112, 90), (32, 17, 40), (0, -3.2, 0)),),
    "chin_protrusion": (Push((0, -104, 95), (26, 17, 34), (0, 0, 2.8)),),
    "chin_width": (Push((17, -106, 90), (15, 14, 26), (2.0, 0, -0.4)),),
    "cheekbones": (Push((46, -20, 62), (20, 17, 26), (1.8, 0.4, 1.4)),),
    "cheek_fullness": (Push((40, -56, 58), (20, 22, 28), (2.2, 0, 1.4)),),
    "nose_length": (Push((0, -42, 112), (22, 16, 24), (0, -2.2, 0.3)),),
    "nose_width": (Stretch((0, -42, 104), (30, 13, 18), (0.075, 0, 0)),),
    "nose_bridge": (Push((0, -8, 102), (11, 19, 22), (0, 0, 1.7)),),
    "nose_protrusion": (Push((0, -37, 116), (16, 14, 18), (0, 0, 1.8)),),
    "nose_tip_turn": (Push((0, -39, 119), (14, 9, 14), (0, 1.6, 0.2)),),
    "mouth_width": (Stretch((0, -68, 95), (34, 16, 34), (0.068, 0, 0)),),
    "upper_lip": (
        Stretch((0, -68, 106), (30, 6.5, 22), (0, 0.10, 0)),
        Push((0, -63.5, 106), (18, 5, 9), (0, 0.35, 0.6)),
    ),
    "lower_lip": (
        Stretch((0, -68, 106), (30, 6.5, 22), (0, 0.10, 0)),
        Push((0, -73, 106), (18, 5, 9), (0, -0.35, 0.6)),
    ),
    "lip_protrusion": (Push((0, -68, 100), (30, 15, 26), (0, 0, 1.2)),),
    "eye_size": (),  # scales the eye itself, see `EYE_SCALE`
    "eye_spacing": (Push((32, 0, 76), (22, 26, 40), (1.4, 0, 0)),),
    "eye_depth": (Push((33, 0, 78), (20, 16, 30), (0, 0, -1.1)),),
    "brow_ridge": (Push((24, 18, 88), (24, 9, 20), (0, -0.4, 1.5)), Push((0, 20, 95), (14, 9, 16), (0, 0, 0.7))),
    "brow_height": (Push((27, 21, 86), (26, 10, 26), (0, 1.7, 0)),),
    "ear_size": (Stretch((0, -15, -4), (WIDE, 40, 24), (0, 0.06, 0.06)),),
    "neck_width": (Stretch((0, -165, -20), (WIDE, 42, WIDE), (0.05, 0, 0.04)),),
    "age": (),
    "masculinity": (),
}
NAMES = tuple(PARAMETERS)
# What scales motion too; the rest only moves things, so that full lips do not make the jaw drop further.
SCALING = ("face_width", "face_height", "head_width", "head_height", "head_depth", "eye_size")
# Normal draws are hardly ever longer than this (99.9th percentile of chi with as many degrees of freedom): who asks for
# a face that is extreme in everything at once gets the nearest one of that length in the same direction.
LONGEST = 7.8
LIMIT = 2.4  # standard deviations that a parameter and the axes together reach
EYE_SCALE = {"eye_size": 0.035}
# Axes that run along several others: what one standard deviation adds to each.
AXES: dict[str, dict[str, float]] = {
    "age": {
        "nose_length": 0.7, "ear_size": 0.8, "upper_lip": -0.8, "lower_lip": -0.6, "cheek_fullness": -0.7,
        "brow_height": -0.7, "jaw_drop": 0.5, "eye_depth": 0.5, "mouth_width": 0.3, "eye_size": -0.3,
    },
    "masculinity": {
        "jaw_width": 0.8, "jaw_drop": 0.6, "chin_height": 0.7, "chin_width": 0.6, "brow_ridge": 0.9, "nose_width": 0.4,
        "nose_length": 0.4, "nose_protrusion": 0.5, "upper_lip": -0.4, "lower_lip": -0.4, "brow_height": -0.7,
        "neck_width": 1.0, "cheek_fullness": -0.5, "face_height": 0.4, "face_width": 0.4, "eye_size": -0.4,
        "forehead_slope": 0.6,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Warp:
    """How one identity bends space. Built from (I,) standard deviations."""

    amounts: dict[str, float]

    @classmethod
    def from_vector(cls, vector: np.ndarray) -> "Warp":
        vector = np.asarray(vector, np.float64)
        vector = vector * min(1.0, LONGEST / max(float(np.linalg.norm(vector)), 1e-9))
        given = dict(zip(NAMES, vector.tolist(), strict=True))
        amounts = dict(given)
        for axis, along in AXES.items():
            for name, share in along.items():
                amounts[name] += share * given[axis]
        return cls({name: LIMIT * float(np.tanh(amount / LIMIT)) for name, amount in amounts.items()})

    def of_motion(self) -> "Warp":
        """What of this warp scales motion."""
        return Warp({name: amount if name in SCALING else 0.0 for name, amount in self.amounts.items()})

    @property
    def eye_scale(self) -> float:
        return 1 + sum(rate * self.amounts[name] for name, rate in EYE_SCALE.items())

    def bend(self, points: np.ndarray) -> np.ndarray:
        """(n, 3) mm displacement of space, eyes not yet held."""
        total = np.zeros_like(points)
        for name, parts in PARAMETERS.items():
            if self.amounts[name]:
                for part in parts:
                    total += self.amounts[name] * part.at(points)
        return total

    def apply(self, points: np.ndarray) -> np.ndarray:
        """(n, 3) mm → where they go, mm."""
        points = np.asarray(points, np.float64)
        moved = self.bend(points)
        for sign in (1.0, -1.0):
            centre = at.EYE_CENTRE * [sign, 1, 1]
            shift = self.bend(centre[None])[0]
            away = points - centre
            near = 1 - ramp(np.linalg.norm(away * [1, 1, 0.8], axis=-1), EYE_HELD, EYE_FREE)[..., None]
            moved = moved * (1 - near) + near * (shift + (self.eye_scale - 1) * away)
        return points + moved

    def slope(self, points: np.ndarray, step: float = 0.2) -> np.ndarray:
        """(n, 3, 3) how space around each point is stretched and turned: d new / d old."""
        columns = [(self.apply(points + step * a) - self.apply(points - step * a)) / (2 * step) for a in np.eye(3)]
        return np.stack(columns, -1)
