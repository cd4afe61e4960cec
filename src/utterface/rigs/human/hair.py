"""Hair on the scalp: clumps of hair as tapered cards that flow over the head, and its colour on the skin under them."""

from dataclasses import dataclass

import numpy as np

from utterface.rigs.human.pieces import HeadPiece, Skin, grid_triangles

# Hairline of the mean head seen from the side: z from front to back, and the height above which hair grows, mm.
_LINE = np.array([
    (30, 66), (12, 64), (0, 60), (-14, 54), (-28, 44), (-38, 24), (-46, 8), (-54, -14), (-66, -20), (-74, 6), (-84, 12),
    (-98, 6), (-108, -14), (-120, -44), (-150, -66), (-200, -70),
])  # fmt: skip
_CROWN = np.array([0.0, 112.0, -112.0])  # where the whorl is, mm


@dataclass(frozen=True)
class Style:
    """How a style's clumps grow.

    Attributes:
        count: clumps at high detail.
        length: (top, side, nape) mm.
        lift: (top, side) mm by which they stand off the skin.
        width: mm.
        flow: `whorl`, `side`, `back` or `parted`.
        hang: 0 clings to the head, 1 falls straight down.
        wave: mm of waviness.
        trimmed: height at which the ends are cut, mm on the mean head; None leaves them as long as they grow.
    """

    count: int
    length: tuple[float, float, float]
    lift: tuple[float, float]
    width: float
    flow: str
    hang: float = 0.0
    wave: float = 0.0
    trimmed: float | None = None


STYLES = {
    "cropped": Style(1500, (13, 9, 8), (3.2, 1.8), 4.2, "whorl"),
    "short": Style(1300, (46, 22, 16), (11.0, 4.0), 7.5, "side", 0.1, 1.5),
    "bob": Style(1000, (205, 165, 120), (11.0, 9.0), 9.0, "parted", 0.8, 3.0, trimmed=-84.0),
    "bun": Style(900, (165, 120, 85), (5.0, 3.0), 9.0, "back"),
    "curls": Style(1500, (34, 30, 22), (24.0, 17.0), 8.0, "whorl", 0.0, 7.0),
}
_PARTING = 14.0  # mm to the left, where hair is parted
_KNOT = np.array([0.0, 40.0, -190.0])  # where a bun sits, mm
_FEW = 44  # clumps at low detail


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


def hair(skin: Skin, style: str, tone: np.ndarray, few: bool = False) -> list[HeadPiece]:
    """The clumps of a style of `STYLES`; none for what is only colour.

    Args:
        skin: it grows on.
        style: its name.
        tone: (3,) sRGB.
        few: whether there are few, wide clumps.
    """
    if style not in STYLES:
        return []
    look = STYLES[style]
    rng = np.random.default_rng(5)
    above = hairline(skin.mean)
    scalp = skin.triangles[(above[skin.triangles] > -1.0).all(1)]
    count = _FEW if few else look.count
    corners, shares = _scattered(skin, scalp, count, rng, 5.0 if look.flow == "parted" else 0.0)
    clumps = _grown(skin, corners, shares, look, rng, np.unique(scalp), 5 if few else 10)
    width = look.width * rng.uniform(0.7, 1.3, count) * np.sqrt(look.count / count) ** 0.9
    points = _ribbons(clumps, width, 0.45 if look.trimmed is not None else 0.08)
    segments = clumps.shape[1]
    triangles = (grid_triangles(segments, 2) + 2 * segments * np.arange(count)[:, None, None]).reshape(-1, 3)
    uneven = 0.04 + 0.12 * (1 - float(tone.mean()))  # dark hair shows it less
    light = rng.normal(1.0, uneven, count)[:, None, None] * np.linspace(0.72, 1.12, segments)[None, :, None]
    colours = np.repeat(np.clip(tone * light, 0, 1), 2, axis=1).reshape(-1, 3)
    pieces = [HeadPiece("hair", "hair", points, triangles, colours)]
    return [*pieces, *_bun(skin, tone)] if look.flow == "back" else pieces


def _scattered(
    skin: Skin, triangles: np.ndarray, count: int, rng: np.random.Generator, parting: float
) -> tuple[np.ndarray, np.ndarray]:
    """Places spread by area, the same for every identity: (n, 3) corners and shares; `parting` times denser there."""
    a, b, c = (skin.mean[triangles[:, k]] for k in range(3))
    beside = ((a[:, 0] - _PARTING) / 9) ** 2
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) * (1 + parting * np.exp(-beside) * (a[:, 1] > 50))
    run = np.cumsum(area) / area.sum()
    chosen = np.searchsorted(run, (np.arange(count) + rng.uniform(0, 1, count)) / count)
    u, v = rng.uniform(0, 1, (2, count))
    flip = u + v > 1
    u, v = np.where(flip, 1 - u, u), np.where(flip, 1 - v, v)
    return triangles[np.minimum(chosen, len(triangles) - 1)], np.stack([1 - u - v, u, v], 1)


def _flow(place: np.ndarray, look: Style) -> np.ndarray:
    """(n, 3) unit directions in which hair grows, before it is laid along the skin."""
    away = place - _CROWN
    if look.flow == "side":
        front = np.clip((place[:, 2:] + 75) / 60, 0, 1) * (place[:, 1:2] > 25)
        away = away * [0.55, 0.9, 1] * (1 - front) + front * np.array([55.0, 18.0, -60.0])
    elif look.flow == "back":
        away = np.array([0, 40.0, -195.0]) - place
    elif look.flow == "parted":
        side = np.where(place[:, :1] > _PARTING, 1.0, -1.0)
        apart = np.interp(place[:, 2:], [-160, -110], [6, 58])  # less at the back, where both halves meet
        away = np.concatenate([apart * side, -45 + 0 * side, np.interp(place[:, 2:], [-70, -30, 10], [4, -45, -70])], 1)
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9))


def _grown(
    skin: Skin,
    corners: np.ndarray,
    shares: np.ndarray,
    look: Style,
    rng: np.random.Generator,
    scalp: np.ndarray,
    most: int,
) -> np.ndarray:
    """(n, segments, 3) mm: middle lines of the clumps, laid over the head."""
    count = len(corners)
    place = skin.at(corners, shares)
    mean = (skin.mean[corners] * shares[..., None]).sum(1)
    edge = np.clip((hairline(skin.mean)[corners] * shares).sum(1) / 26, 0, 1)  # short at the hairline
    top = np.clip((mean[:, 1] - 30) / 50, 0, 1)
    nape = np.clip((-mean[:, 2] - 110) / 40, 0, 1) * (1 - top)
    length = look.length[0] * top + (1 - top) * (look.length[1] * (1 - nape) + look.length[2] * nape)
    length = length * rng.uniform(0.82, 1.1, count) * (0.55 + 0.45 * edge if look.hang < 0.5 else 0.94 + 0.06 * edge)
    lift = (look.lift[0] * top + look.lift[1] * (1 - top)) * (0.3 + 0.7 * edge) * rng.uniform(0.75, 1.15, count)
    long = look.length[0] > 60
    segments = most if long else 5
    step = (length / (segments - 1))[:, None]
    ground, outward = skin.points[scalp], skin.normals[scalp]
    phase, rows, at = rng.uniform(0, 7, count), [], place - 0.6 * _nearest(place, ground, outward)[1]
    direction = _flow(place, look)
    for number in range(segments):
        share = number / (segments - 1)
        rows.append(at)
        _, normal, height = _nearest(at, ground, outward)
        along = (1 - 0.35) * direction + 0.35 * _flow(at, look)
        along = along + look.hang * min(1.6 * share + 0.15, 1.0) * np.array([0, -2.4 if look.hang > 0.5 else -1.15, 0])
        if look.trimmed is not None and share > 0.45:  # the ends turn in towards the neck
            along = along + 0.55 * (share - 0.45) * np.array([-1, 0, 0]) * np.sign(at[:, :1])
        inward = (
            np.minimum((along * normal).sum(1, keepdims=True), 0.0)
            if look.hang > 0.5
            else (along * normal).sum(1, keepdims=True)
        )
        direction = along - inward * normal
        direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
        at = at + step * direction
        _, normal, height = _nearest(at, ground, outward)
        rise = lift * np.sin(np.pi * min(0.12 + 0.55 * (share + 1 / segments) / 0.75, 0.62))
        wanted = rise + look.wave * np.sin(phase + 5 * share) * 0.5
        correction = wanted - height if look.hang < 0.5 else np.maximum(wanted - height, 0)
        at = at + correction[:, None] * normal
        if look.hang > 0.5:  # beside the face it falls behind the cheek
            front = np.interp(at[:, 1], [-40, 10, 60], [-52, -38, 40])
            at[:, 2] -= 0.6 * np.maximum(at[:, 2] - front, 0)
        if look.wave:
            side = np.cross(normal, direction)
            at = at + side * (0.35 * look.wave * np.sin(2.2 * phase + 6.0 * share))[:, None] * share
    clumps = np.stack(rows, 1)
    return clumps if look.trimmed is None else _cut(clumps, look.trimmed + rng.normal(0, 2.5, count))


def _nearest(at: np.ndarray, ground: np.ndarray, outward: np.ndarray, full: bool = False) -> tuple[np.ndarray, ...]:
    """Nearest of the scalp's points (k, 3) with its normal and the height over it, smoothed over the nearest four."""
    square = (at**2).sum(1)[:, None] - 2 * at @ ground.T + (ground**2).sum(1)
    best = np.argpartition(square, 4, axis=1)[:, :4]
    weight = 1 / (np.take_along_axis(square, best, 1).clip(0) + 4.0)
    weight /= weight.sum(1, keepdims=True)
    point = (ground[best] * weight[..., None]).sum(1)
    normal = (outward[best] * weight[..., None]).sum(1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return point, normal, ((at - point) * normal).sum(1)


def _cut(clumps: np.ndarray, height: np.ndarray) -> np.ndarray:
    """(n, segments, 3) with every clump that reaches below its (n,) height ended there, its segments spread anew."""
    count = clumps.shape[1]
    below = clumps[..., 1] < height[:, None]
    first = np.where(below.any(1), below.argmax(1), count - 1).clip(1)
    row = np.arange(len(clumps))
    above, under = clumps[row, first - 1, 1], clumps[row, first, 1]
    part = np.where(below.any(1), ((above - height) / np.maximum(above - under, 1e-6)).clip(0, 1), 1.0)
    at = np.linspace(0, 1, count) * (first - 1 + part)[:, None]
    lower = np.minimum(at.astype(int), count - 2)
    share = (at - lower)[..., None]
    return np.asarray(clumps[row[:, None], lower] * (1 - share) + clumps[row[:, None], lower + 1] * share)


def _ribbons(clumps: np.ndarray, width: np.ndarray, tip: float) -> np.ndarray:
    """(n · segments · 2, 3) mm: strips along middle lines, flat on the head; `tip` is their width at the end."""
    centre = np.array([0.0, 15.0, -88.0])
    along = np.gradient(clumps, axis=1)
    out = clumps - centre
    side = np.cross(out, along)
    side /= np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-9)
    share = np.linspace(0, 1, clumps.shape[1])
    profile = np.interp(share, [0, 0.25, 0.7, 1], [0.6, 1.0, max(0.85, tip), tip])
    spread = 0.5 * side * (width[:, None] * profile[None])[..., None]
    return np.stack([clumps - spread, clumps + spread], 2).reshape(-1, 3)


def _bun(skin: Skin, tone: np.ndarray) -> list[HeadPiece]:
    """A knot of hair at the back of the head."""
    crown = skin.points[np.linalg.norm(skin.mean - _KNOT, axis=1).argmin()] + [0, 4, -12]
    turn = np.linspace(0, 2 * np.pi, 25)[:-1]
    rings = np.linspace(0.05, np.pi * 0.97, 13)
    grid = np.stack(
        [
            np.sin(rings)[:, None] * np.cos(turn),
            np.sin(rings)[:, None] * np.sin(turn),
            np.cos(rings)[:, None] + 0 * turn,
        ],
        -1,
    )
    swirl = 1 + 0.06 * np.sin(4 * turn[None] + 5 * rings[:, None])
    points = crown + grid * swirl[..., None] * [27, 25, 19]
    light = 0.8 + 0.3 * np.sin(4 * turn[None] + 5 * rings[:, None])
    colours = np.clip(tone * light[..., None], 0, 1)
    return [
        HeadPiece("bun", "hair", points.reshape(-1, 3), grid_triangles(13, 24, closed=True), colours.reshape(-1, 3))
    ]
