"""The scalp: where hair grows, how far the skin is from the middle of the head, where the hairline runs."""

import numpy as np

from utterface.rigs.human.pieces import Skin

# Hairline of the mean head seen from the side: z from front to back, and the height above which hair grows, mm.
_LINE = np.array([
    (30, 66), (12, 64), (0, 60), (-14, 54), (-28, 44), (-38, 24), (-46, 8), (-54, -14), (-66, -20), (-74, 6), (-84, 12),
    (-98, 6), (-108, -14), (-120, -44), (-150, -66), (-200, -70),
])  # fmt: skip
CENTRE = np.array([0.0, 15.0, -78.0])  # mm, from which the whole scalp can be seen
_NEAR = 12  # points of the skin that tell where it is in a direction
_SOFT = 0.04  # radians, over which their number makes it smooth
_FARTHEST = np.radians(150)  # from straight up, where hair still grows


def hairline(mean: np.ndarray) -> np.ndarray:
    """(F,) mm above the hairline of the mean head; negative where no hair grows."""
    x, y, z = mean.T
    recess = 8 * np.exp(-(((np.abs(x) - 38) / 14) ** 2)) * (z > -30)  # at the temples
    return np.asarray(y - np.interp(-z, -_LINE[:, 0], _LINE[:, 1]) - recess)


def shadow(mean: np.ndarray, softness: float = 9.0) -> np.ndarray:
    """(F,) 0 to 1: how much of the skin's colour is that of hair growing on it."""
    jitter = 2.0 * np.sin(0.9 * mean[:, 0] + 0.4 * mean[:, 2]) * np.cos(0.7 * mean[:, 1])
    t = np.clip((hairline(mean) + jitter) / softness, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


class Scalp:
    """The skin in polar coordinates around the middle of the head, smoothed; ears and face are left out.

    Args:
        skin: of any identity.
    """

    def __init__(self, skin: Skin) -> None:
        mean = skin.mean
        ear = (np.abs(mean[:, 0]) > 74) & (mean[:, 1] < 26) & (mean[:, 2] < -58) & (mean[:, 2] > -124)
        own = (hairline(mean) > -30) & (mean[:, 1] > -90) & (np.linalg.norm(mean - CENTRE, axis=1) > 60) & ~ear
        self.centre = CENTRE + (skin.points - mean)[own & (hairline(mean) > 0)].mean(0)
        arms = skin.points[own] - self.centre
        self._radius = np.linalg.norm(arms, axis=1)
        self._ways = (arms / self._radius[:, None]).astype(np.float32)
        self._mean = mean[own]
        self.ears = float(np.abs(skin.points[ear, 0]).max())

    def ground(self, ways: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(…) mm from the centre to the skin in (…, 3) unit directions, and (…, 3) that place on the mean head."""
        flat = ways.reshape(-1, 3).astype(np.float32)
        cosine = flat @ self._ways.T
        near = np.argpartition(-cosine, _NEAR, axis=1)[:, :_NEAR]
        weight = 1 / (2 - 2 * np.take_along_axis(cosine, near, 1).clip(-1, 1) + _SOFT**2)
        weight /= weight.sum(1, keepdims=True)
        radius, mean = (weight * self._radius[near]).sum(1), (weight[..., None] * self._mean[near]).sum(1)
        return radius.reshape(ways.shape[:-1]), mean.reshape(ways.shape)

    def on(self, ways: np.ndarray, height: np.ndarray | float) -> np.ndarray:
        """(…, 3) mm: points (…) mm above the skin in (…, 3) unit directions."""
        return np.asarray(self.centre + ways * (self.ground(ways)[0] + height)[..., None])

    def way(self, points: np.ndarray) -> np.ndarray:
        """(…, 3) unit directions to points of the mean head."""
        arms = points - CENTRE
        return np.asarray(arms / np.linalg.norm(arms, axis=-1, keepdims=True))

    def ends(self, turn: np.ndarray, axis: np.ndarray) -> np.ndarray:
        """(n, 3) unit directions to the hairline, from an axis (3,) outwards at azimuths (n,) radians.

        Azimuth 0 is in front for an axis that points up, and above for one that points back; left is positive.
        """
        turns, tilt = np.linspace(-np.pi, np.pi, 97)[:-1], np.linspace(0.2, _FARTHEST, 90)
        frame = _frame(axis)
        mean = self.ground(polar(turns[:, None], tilt) @ frame)[1]
        inside = hairline(mean.reshape(-1, 3)).reshape(mean.shape[:2]) > 0
        last = tilt[np.where(inside.all(1), len(tilt) - 1, (~inside).argmax(1))]
        smooth = np.convolve(np.concatenate([last[-3:], last, last[:3]]), np.array([1, 4, 6, 8, 6, 4, 1]) / 30, "valid")
        return np.asarray(polar(turn, np.interp(turn, turns, smooth, period=2 * np.pi)) @ frame)


def _frame(axis: np.ndarray) -> np.ndarray:
    """(3, 3) rows: left, the unit axis, and what is in front of both."""
    axis = axis / np.linalg.norm(axis)
    left = np.array([1.0, 0, 0]) - axis[0] * axis
    left /= np.linalg.norm(left)
    return np.stack([left, axis, np.cross(left, axis)])


def polar(turn: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """(…, 3) unit directions by azimuth (0 in front, positive to the left) and angle from straight up, radians."""
    return np.stack(np.broadcast_arrays(np.sin(turn) * np.sin(tilt), np.cos(tilt), np.cos(turn) * np.sin(tilt)), -1)


def between(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(…, 3) unit directions on the arc from one to the other (Shoemake 1985)."""
    angle = np.arccos((one * other).sum(-1, keepdims=True).clip(-1, 1)).clip(1e-6)
    share = share[..., None]
    return np.asarray((np.sin((1 - share) * angle) * one + np.sin(share * angle) * other) / np.sin(angle))
