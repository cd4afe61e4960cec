"""What the jaw and lip channels do: displacements of the half cage in millimetres.

Every shape is described by what the lips' seam does along u (0 in the middle, 1 at the corner) on the upper and the
lower lip; the loops around follow by the shares in `FOLLOW`, and the skin beyond bends like a plate.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utterface.rigs.mannequin import mouth
from utterface.rigs.mannequin import proportions as at
from utterface.rigs.mannequin.falloff import Plate, bump, ramp
from utterface.rigs.mannequin.layout import Layout

JAW_OPENING = np.radians(17.5)
TONGUE_JAW = 0.34  # share of jawOpen that lets the tongue out
GLIDE = np.array([0.0, -0.5, 7.0])  # mm that the condyles slide forward at full opening
# How far each loop, from just outside the lip to the end of the bag, goes with the seam.
FOLLOW = {1: 0.58, 2: 0.84, 3: 0.93, 4: 0.99, 5: 1.0, 6: 1.0, 7: 1.0, 8: 0.95, 12: 0.0}


@dataclass
class Ground:
    """What shapes are made from: the half cage, its plate and the jaw's pull on each vertex."""

    layout: Layout
    points: np.ndarray
    plate: Plate
    jaw: np.ndarray

    @property
    def lips(self) -> np.ndarray:
        return self.layout.loops["mouth"]

    def far(self, centre: np.ndarray, reach: float) -> np.ndarray:
        """Vertices outside the mouth's loops and further than `reach` mm from `centre`."""
        distance = np.linalg.norm((self.points - centre) * [1, 1, 0.7], axis=1)
        outside = distance > reach
        outside[self.layout.loops["mouth"][1:].ravel()] = False
        outside[self.layout.caps["mouth"].ravel()] = True
        return np.flatnonzero(outside)


def jaw_pull(layout: Layout, points: np.ndarray, plate: Plate) -> np.ndarray:
    """(count,) how much of the jaw's turn each vertex of the skin makes: 1 at the chin, 0 from the nose up."""
    lips = layout.loops["mouth"]
    u, side = mouth.half()
    corner = 0.42
    along = np.where(side < 0, 1 - (1 - corner) * u**3.2, np.where(side > 0, corner * u**3.2, corner))
    pins: dict[int, float] = {}
    for loop in range(2, 9):
        pins.update(zip(lips[loop], along, strict=True))
    lower = ramp(-side * np.cos(u * np.pi / 2), -0.35, 0.35)
    for loop in range(9, 13):
        pins.update(zip(lips[loop], lower, strict=True))
    p = points
    inside = np.zeros(layout.count, bool)
    inside[np.concatenate([lips[1:].ravel(), layout.caps["mouth"].ravel()])] = True
    chin = (p[:, 1] < -96) & (p[:, 1] > -118) & (p[:, 2] > 60 + 0.4 * p[:, 0]) & ~inside
    still = (p[:, 1] > -46) & ~inside | (p[:, 1] < -158) | (p[:, 2] < -14)
    still |= (p[:, 1] > -50) & (np.abs(p[:, 0]) < 22) & ~inside
    pins.update(dict.fromkeys(np.flatnonzero(chin), 1.0))
    pins.update(dict.fromkeys(np.flatnonzero(still & ~inside), 0.0))
    pins.update(dict.fromkeys(layout.loops["ear"].ravel(), 0.0))
    where = np.array(list(pins))
    pull = plate.spread(where, np.array([[pins[v]] for v in where]))[:, 0]
    return np.clip(pull, 0, 1)


def hinge(points: np.ndarray, pull: np.ndarray, angle: float = JAW_OPENING) -> np.ndarray:
    """Displacement of points (n, 3) mm that follow the jaw by `pull` (n,) as it opens by `angle` rad."""
    local = points - at.CONDYLE
    turned = local.copy()
    turned[:, 1] = local[:, 1] * np.cos(angle) - local[:, 2] * np.sin(angle)
    turned[:, 2] = local[:, 2] * np.cos(angle) + local[:, 1] * np.sin(angle)
    turned += GLIDE * (angle / JAW_OPENING)
    return pull[:, None] * (turned - local)


Seam = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def lip_shape(
    ground: Ground,
    upper: np.ndarray,
    lower: np.ndarray,
    reach: float = 48.0,
    loops: dict[int, np.ndarray] | None = None,
    lining: tuple[float, float, float] = (0.72, 0.35, 0.1),
) -> np.ndarray:
    """(count, 3) mm from what the seam does.

    `upper`, `lower`: (9, 3) from the middle to the corner (their last rows agree). `loops` adds (17, 3) to a loop.
    `lining` says how far the bag's wall follows behind the lips.
    """
    seam = np.vstack([lower, upper[-2::-1]])
    pins: dict[int, np.ndarray] = {}
    far = ground.far(np.array([0.0, -70.0, 90.0]), reach)
    pins.update(dict.fromkeys(far, np.zeros(3)))
    for loop, share in (FOLLOW | dict(zip((9, 10, 11), lining, strict=True))).items():
        move = seam * share + (loops[loop] if loops and loop in loops else 0.0)
        pins.update(zip(ground.lips[loop], move, strict=True))
    pins.update(dict.fromkeys(np.setdiff1d(ground.layout.caps["mouth"], ground.lips[-1]), np.zeros(3)))
    where = np.array(list(pins))
    return ground.plate.spread(where, np.array([pins[v] for v in where]))


U = 1 - np.abs(np.arange(9) - 8) / 8  # middle to corner


def profile(middle: tuple[float, float, float], corner: tuple[float, float, float], power: float = 2.0) -> np.ndarray:
    """(9, 3) mm along half a lip, from what its middle does to what the corner does."""
    share = (np.sin(U * np.pi / 2) ** power)[:, None]
    return np.array(middle) * (1 - share) + np.array(corner) * share


def build(ground: Ground) -> dict[str, np.ndarray]:
    """Symmetric (count, 3) displacements; names without Left or Right are split later."""
    shapes: dict[str, np.ndarray] = {}
    points = ground.points
    outside = np.ones((len(points), 1))
    outside[ground.lips[2:].ravel()] = 0
    outside[ground.layout.caps["mouth"].ravel()] = 0

    def lips(name: str, upper: tuple, lower: tuple, corner: tuple, power: float = 2.0, **more: object) -> None:
        shapes[name] = lip_shape(ground, profile(upper, corner, power), profile(lower, corner, power), **more)  # type: ignore[arg-type]

    opening = hinge(points, ground.jaw)
    lips("_open", (0, 1.4, 0.3), (0, -1.6, -0.3), (-2.6, 0, 1.0))
    shapes["jawOpen"] = opening + shapes.pop("_open")
    drop = shapes["jawOpen"][ground.lips[mouth.SEAM]]
    upper, lower = drop[:7:-1], drop[:9]
    meet = upper + (lower - upper) * np.array([0.26, 0.26, 0.0])  # the lower lip does most of the way, and forward
    meet[-1] = 0.5 * (upper[-1] + lower[-1])
    together = meet - 0.35 * upper[-1] * (U[:, None] ** 2)
    shapes["mouthClose"] = lip_shape(ground, together - upper, together - lower, reach=52, lining=(0.45, 0.05, 0.0))
    shapes["jawForward"] = ground.jaw[:, None] * np.array([0, -0.6, 6.5])
    lips("mouthFunnel", (0, 5.0, 6.5), (0, -6.0, 6.0), (-7.5, -0.3, 5.0))
    lips("mouthPucker", (0, 0.0, 6.0), (0, 0.0, 6.0), (-8.0, 0.0, 6.5), power=1.0)
    lips("mouthSmile", (0, 0.5, -1.5), (0, 0.5, -1.5), (6.5, 6.2, -5.0), power=2.5, reach=66)
    shapes["mouthSmile"] += outside * bump(points, (39, -42, 72), (28, 26, 34))[:, None] * [1.6, 2.6, 2.4]
    lips("mouthFrown", (0, 0.2, 0), (0, 0.2, 0), (0.5, -6.0, -1.5), power=2.8)
    lips("mouthDimple", (0, 0, -0.8), (0, 0, -0.8), (3.5, 0.8, -4.0), power=2.4)
    lips("mouthStretch", (0, 0.3, -1.0), (0, -1.0, -1.0), (6.0, -3.2, -4.0), power=2.2)
    lips("mouthShrugLower", (0, 3.2, 1.5), (0, 3.4, 1.8), (0, 0.3, 0.3))
    lips("mouthShrugUpper", (0, 2.4, 1.8), (0, 2.4, 1.4), (0, 0.2, 0.2))
    lips("mouthLowerDown", (0, 0, 0), (0, -6.5, 0.6), (0.6, -1.0, 0), power=1.8)
    lips("mouthUpperUp", (0, 5.5, 0.4), (0, 0, 0), (0.4, 1.0, 0), power=1.8)
    lips("mouthPress", (0, -0.2, -0.6), (0, 0.2, -0.6), (0.6, 0.2, -1.0), loops=_rolled(1, 1, 0.28))
    lips("mouthRollLower", (0, 0, -0.4), (0, 0.2, -0.8), (-0.4, 0, -0.3), loops=_rolled(0, 1, 0.8))
    lips("mouthRollUpper", (0, -0.2, -0.8), (0, 0.0, -0.4), (-0.4, 0, -0.3), loops=_rolled(1, 0, 0.8))
    lips("tongueOut", (0, 3.0, 0.5), (0, -5.2, 1.0), (-1.0, 0, 0))
    shapes["tongueOut"] += TONGUE_JAW * shapes["jawOpen"]
    return shapes


def _rolled(upper: float, lower: float, amount: float) -> dict[int, np.ndarray]:
    """Loops between border and seam tucked over the teeth; `amount` 1 hides the red."""
    u, side = mouth.half()
    share = amount * np.where(side > 0, upper, np.where(side < 0, lower, 0.0)) * np.cos(u * np.pi / 2)
    moves = {}
    for loop, toward, back in (
        (2, 1.6, 0.6),
        (3, 3.6, 1.6),
        (4, 2.2, 3.0),
        (5, 0.5, 2.2),
        (6, 0.0, 1.0),
        (7, 0.0, 0.6),
    ):
        moves[loop] = share[:, None] * np.stack([0 * u, -side * toward, 0 * u - back], -1)
    return moves
