"""Locks of hair: solid leaves that overlap like tiles over a shell, each along a curve that follows the scalp."""

from dataclasses import dataclass

import numpy as np

from utterface.rigs.human.scalp import Scalp, hairline

_SECTION = np.array([(-1.0, 0.0), (-0.42, 0.9), (0.42, 0.9), (1.0, 0.0), (0.0, -0.8)])  # of a lock: across, outwards
_LIGHT = np.array([0.9, 1.0, 1.0, 0.9, 0.75])  # of its corners
_ROOF = np.array([0, 1, 3, 4])  # corners of a lock that has few
_WHORL = np.array([-6.0, 110.0, -128.0])  # mm on the mean head
_PART = 30.0  # mm to the left, where hair is parted
_STEPS = 14  # of a lock while it is grown
_OVER = -3.0  # mm past the hairline, where locks end


@dataclass(frozen=True)
class Locks:
    """Locks as grids of points.

    Attributes:
        points: (n, rows, corners, 3) mm, from root to tip, around each lock.
        light: (n, rows, corners) share of the hair's colour.
    """

    points: np.ndarray
    light: np.ndarray

    def triangles(self) -> np.ndarray:
        """(t, 3) into the points, wound so that the outside is in front."""
        count, rows, around = self.light.shape
        row, corner = np.meshgrid(np.arange(rows - 1), np.arange(around), indexing="ij")
        a, b = row * around + corner, row * around + (corner + 1) % around
        quads = np.stack([a, b, b + around, a, b + around, a + around], -1).reshape(-1, 3)
        return np.asarray((quads + rows * around * np.arange(count)[:, None, None]).reshape(-1, 3))


def combed(scalp: Scalp, count: int, rows: int, few: bool = False) -> Locks:
    """Short hair with a side parting: brushed up and over in front, down at the sides, out of the whorl behind.

    Args:
        scalp: they grow on.
        count: about how many there are.
        rows: points along each.
        few: whether they have four corners in place of five.
    """
    rng = np.random.default_rng(7)
    root = _rooted(scalp, count, rng)
    front, side = _zones(scalp.ground(root)[1])
    length = (66 + 6 * front - 14 * side) * rng.uniform(0.85, 1.15, len(root))
    width = (8.4 + 0.8 * front - 2.0 * side) * rng.uniform(0.65, 1.3, len(root)) * min(np.sqrt(300 / count), 1.3)
    line, kept = _grown(scalp, root, length, rows, rng.normal(0, 0.09, len(root)))
    share = np.linspace(0, 1, rows)
    height = thickness(scalp.ground(line)[1])
    lift = rng.normal(0, 0.5, len(root))[:, None] + np.interp(share, [0, 0.3, 0.75, 1], [-3.2, -0.4, 1.3, 0.2])
    lift = lift * np.clip(height / 7, 0.4, 1) + few * 1.2
    middle = scalp.on(line, height + lift)
    leaves = _leaves(middle, line, width * np.clip(1.3 * kept, 0.45, 1), share, rng)
    if not few:
        return leaves
    roof = leaves.points[:, :, _ROOF]
    roof[:, :, 1] = leaves.points[:, :, 1:3].mean(2)
    return Locks(roof, 0.5 + 0.5 * leaves.light[:, :, _ROOF])


def _grown(
    scalp: Scalp, root: np.ndarray, length: np.ndarray, rows: int, bend: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n, rows, 3) unit directions along locks of (n,) mm, ended at the hairline, and (n,) the share that is left."""
    way, ways, above = root, [], []
    for _ in range(_STEPS):
        radius, mean = scalp.ground(way)
        ways.append(way)
        above.append(hairline(mean) - _OVER)
        step = _flow(mean, bend)
        step -= (step * way).sum(1, keepdims=True) * way
        step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-6)
        way = way + step * (length / (_STEPS - 1) / (radius + 6))[:, None]
        way /= np.linalg.norm(way, axis=1, keepdims=True)
    left, row = np.stack(above, 1), np.arange(len(root))
    past = (left < 0).argmax(1).clip(1)  # the first step beyond the hairline, if there is any
    before, after = left[row, past - 1], left[row, past]
    end = past - 1 + np.clip(before / np.maximum(before - after, 1e-6), 0, 1)
    last = np.where((left < 0).any(1), end, _STEPS - 1).clip(1.5)
    at = np.linspace(0, 1, rows) * last[:, None]
    lower = np.minimum(at.astype(int), _STEPS - 2)
    line, row, rest = np.stack(ways, 1), row[:, None], (at - lower)[..., None]
    line = line[row, lower] * (1 - rest) + line[row, lower + 1] * rest
    return line / np.linalg.norm(line, axis=2, keepdims=True), last / (_STEPS - 1)


def thickness(mean: np.ndarray) -> np.ndarray:
    """(…) mm of combed hair over places of the mean head (…, 3)."""
    front, side = _zones(mean)
    edge = np.clip(hairline(mean.reshape(-1, 3)).reshape(mean.shape[:-1]) / 16, 0, 1)
    full = 9 + 8 * front - 5 * side
    return np.asarray(full * (0.16 + 0.84 * np.sqrt(edge * (2 - edge))))


def _zones(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(…) 0 to 1: how much places of the mean head belong to the top in front, and to sides and nape."""
    top = _smooth((mean[..., 1] - 48) / 34)
    return top * _smooth((mean[..., 2] + 105) / 70), 1 - _smooth((mean[..., 1] - 15) / 50)


def _smooth(share: np.ndarray) -> np.ndarray:
    share = np.clip(share, 0, 1)
    return np.asarray(share * share * (3 - 2 * share))


def _flow(mean: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """(n, 3) directions in which combed hair lies at (n, 3) places; `bend` (n,) is how far each strays."""
    front, side = (share[:, None] for share in _zones(mean))
    away = mean - _WHORL
    away = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    left = _smooth((mean[:, :1] - _PART + 5) / 10)
    over = left * np.array([0.75, -0.5, -0.45]) + (1 - left) * np.array([-0.72, 0.45, -0.62])
    down = np.array([0.0, -1.0, -0.25]) + _smooth((mean[:, 2:] + 75) / 50) * np.array([0.0, 0.25, -0.75])
    flow = away * (1 - front) * (1 - side) + over * front + down * side * (1 - front)
    stray = np.cross(flow, mean - np.array([0.0, 15.0, -78.0]))
    stray /= np.maximum(np.linalg.norm(stray, axis=1, keepdims=True), 1e-6)
    return np.asarray(flow / np.maximum(np.linalg.norm(flow, axis=1, keepdims=True), 1e-6) + bend[:, None] * stray)


def _rooted(scalp: Scalp, count: int, rng: np.random.Generator) -> np.ndarray:
    """(n, 3) unit directions of roots, spread over the scalp, denser where locks part and in front."""
    number = np.arange(8 * count) + 0.5
    y, turn = 1 - 2 * number / len(number), np.pi * (1 + 5**0.5) * number  # Fibonacci's sphere
    ways = np.stack([np.sqrt(1 - y * y) * np.sin(turn), y, np.sqrt(1 - y * y) * np.cos(turn)], 1)
    ways = rng.permutation(ways)
    mean = scalp.ground(ways)[1]
    above, (front, side) = hairline(mean), _zones(mean)
    edge = np.exp(-((above / 12) ** 2)) * (mean[:, 2] > -35)
    parting = front * np.exp(-(((mean[:, 0] - _PART) / 9) ** 2))
    whorl = np.exp(-((np.linalg.norm(mean - _WHORL, axis=1) / 22) ** 2))
    dense = 1 - 0.2 * side + 1.4 * np.maximum.reduce([edge, parting, whorl])
    apart = np.sqrt(4.2 / (count * dense))  # radians
    chosen: list[int] = []
    for i in np.flatnonzero((above > 1.0) & (mean[:, 1] > -56)):
        if not chosen or np.linalg.norm(ways[chosen] - ways[i], axis=1).min() > apart[i]:
            chosen.append(int(i))
    return np.asarray(ways[chosen])


def _leaves(
    middle: np.ndarray, line: np.ndarray, width: np.ndarray, share: np.ndarray, rng: np.random.Generator
) -> Locks:
    """Locks around middle lines (n, rows, 3) mm, whose outside is along (n, rows, 3) unit directions.

    Args:
        middle, line: see above.
        width: (n,) mm, half of it.
        share: (rows,) 0 at the root to 1 at the tip.
        rng: for how light they are.
    """
    along = np.gradient(middle, axis=1)
    side = np.cross(along, line)
    side /= np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-6)
    out = np.cross(side, along)
    out /= np.maximum(np.linalg.norm(out, axis=2, keepdims=True), 1e-6)
    taper = np.interp(share, [0, 0.3, 0.6, 0.85, 1], [0.4, 1.0, 0.95, 0.6, 0.05])
    across = width[:, None, None, None] * taper[None, :, None, None] * _SECTION[:, :1] * side[:, :, None]
    bulge = 0.17 * width[:, None, None, None] * np.sqrt(taper)[None, :, None, None] * _SECTION[:, 1:] * out[:, :, None]
    tone = rng.normal(1, 0.05, (len(width), 1, 1)) * np.interp(share, [0, 0.45, 1], [0.76, 0.98, 1.03])[:, None]
    strand = _LIGHT * (1 + rng.normal(0, 0.09, (len(width), 1, 5)))
    return Locks(middle[:, :, None] + across + bulge, tone * strand)
