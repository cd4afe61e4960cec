"""Hair: closed sheets that flow over the head, short hair under solid locks, with a colour a vertex.

A sheet is a grid: its columns begin at a whorl, a parting or a knot and end at the hairline or at the cut; its rows
follow them. Its locks are ridges, those of short hair are solids over it (`locks`): no skin shows between them and no
transparency is needed.
"""

from dataclasses import dataclass

import numpy as np

from utterface.rigs.human import locks
from utterface.rigs.human.pieces import HeadPiece, Skin, grid_triangles
from utterface.rigs.human.scalp import CENTRE, Scalp, between, polar

_CROWN = np.array([0.0, 112.0, -118.0])  # mm on the mean head: the whorl
_PARTING = np.array([[15.0, 73.0, 8.0], [13.0, 112.0, -62.0], [9.0, 111.0, -112.0]])  # from its front to the crown
_KNOT = np.array([0.0, 44.0, -178.0])
_GROOVE = 3.0  # mm of hair at the parting
_INSIDE = 6.0  # mm, thickness of hair that hangs
_FACE = np.radians(50)  # azimuth up to which hanging hair leaves the face free


@dataclass(frozen=True)
class Style:
    """How hair lies.

    Attributes:
        root: where it begins: `whorl`, `parting` or `knot`; `combed` is short hair of solid locks.
        height: (front, side, back) mm above the skin; that of combed hair is `locks.thickness`.
        ridges: how many locks there are around the head; 0 for hair too short for them.
        ridge: mm that a lock stands out.
        edge: mm of thickness at the hairline.
        curls: mm across of curls; 0 for locks.
        cut: mm of height on the mean head where it hangs to; None ends it at the hairline.
    """

    root: str
    height: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ridges: int = 0
    ridge: float = 0.0
    edge: float = 1.5
    curls: float = 0.0
    cut: float | None = None


STYLES = {
    "cropped": Style("whorl", (3.0, 2.2, 2.6), edge=0.3),
    "short": Style("combed"),
    "bob": Style("parting", (11.0, 11.0, 11.0), 34, 1.7, cut=-82.0),
    "bun": Style("knot", (6.0, 5.0, 5.0), 44, 1.5),
    "curls": Style("whorl", (31.0, 25.0, 28.0), curls=16.0),
}


def hair(skin: Skin, style: str, tone: np.ndarray, few: bool = False) -> list[HeadPiece]:
    """The hair of a style of `STYLES`; none for what is only colour on the skin.

    Args:
        skin: it grows on.
        style: its name.
        tone: (3,) sRGB.
        few: whether it has few vertices.
    """
    if style not in STYLES:
        return []
    look, scalp = STYLES[style], Scalp(skin)
    if look.root == "combed":
        return [_combed(scalp, tone, few)]
    if look.cut is not None:
        shell, light, grid = _shell(scalp, 0.18, few)  # seen from below
        under = HeadPiece("roots", "hair", shell, grid, 0.6 * tone * light[:, None])
        return [_hanging(scalp, look, look.cut, tone, few), *([] if few else [under])]
    pieces = [_lying(scalp, look, tone, few)]
    return [*pieces, _bun(skin, tone, few)] if look.root == "knot" else pieces


def _combed(scalp: Scalp, tone: np.ndarray, few: bool) -> HeadPiece:
    """Short locks over a shell."""
    shell, light, grid = _shell(scalp, 0.86, few)
    leaves = locks.combed(scalp, 116 if few else 255, 5 if few else 7, few)
    points = np.concatenate([shell, leaves.points.reshape(-1, 3)])
    light = np.concatenate([light, leaves.light.ravel()])
    light = 1 + (light - 1) * (1 - 0.45 * tone.mean())  # light hair shows less of what is between locks
    triangles = np.concatenate([grid, leaves.triangles() + len(shell)])
    return HeadPiece("hair", "hair", points, triangles, np.clip(tone * light[:, None], 0, 1))


def _shell(scalp: Scalp, share: float, few: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, 3) mm, (n,) light and (t, 3) triangles of a shell up to the hairline, a share as thick as combed hair."""
    columns, rows = (44, 14) if few else (64, 16)
    turn = np.linspace(-np.pi, np.pi, columns + 1)[:-1]
    ends = scalp.ends(turn, np.array([0.0, 1, 0]))
    middle = np.broadcast_to(scalp.way(_CROWN), ends.shape)
    ways = between(middle[None], ends[None], np.linspace(1e-3, 1, rows)[:, None])
    height = np.maximum(share * locks.thickness(scalp.ground(ways)[1]), 1.3)
    height[-1] = -1.5
    light = _streaked(np.full((rows, columns), 0.84)).ravel()
    return scalp.on(ways, height).reshape(-1, 3), light, grid_triangles(rows, columns, closed=True)


def _lying(scalp: Scalp, look: Style, tone: np.ndarray, few: bool) -> HeadPiece:
    """Hair that ends at the hairline."""
    columns, rows = (36, 10) if few else (150, 64) if look.curls else (182, 36)
    turn = np.linspace(-np.pi, np.pi, columns + 1)[:-1]
    share = np.linspace(0, 1, rows)[:, None] ** 0.9
    knot = look.root == "knot"
    ends = scalp.ends(turn, scalp.way(_KNOT) if knot else np.array([0.0, 1, 0]))
    rng = np.random.default_rng(3)
    ragged = np.zeros(columns)
    if look.curls:
        ragged = 0.05 * (_curls(ends, look.curls) - 0.6)
    elif not look.ridges:
        ragged = 0.008 * np.convolve(rng.standard_normal(columns), [0.25, 0.5, 0.25], "same")
    ways = between(_roots(scalp, look, ends), ends[None], share * (1 + ragged))
    base = _blend(look.height, *_fronts(turn))
    grain = rng.standard_normal((rows, columns))
    if look.curls:
        curls, fade = _curls(ways, look.curls), np.clip(10 * (1 - share), 0, 1)
        grain = grain * np.clip(3 * share, 0, 1)
        height = base * (0.05 + 0.95 * (1 - np.clip((share - 0.3) / 0.7, 0, 1) ** 2.4) ** 0.75)
        height = height + (7 * (curls - 0.6) + 0.5 * grain) * fade
        light = 0.6 + 0.75 * curls + 0.06 * grain
    elif not look.ridges:  # too short for locks
        height, light = base * _profile(share, look.edge) + 0.25 * grain, _streaked(0.94 + 0.1 * grain)
    else:
        ridge, light = _ridges(columns, share, look)
        height = base * _profile(share, look.edge) + look.ridge * ridge * np.clip(6 * (1 - share), 0, 1)
        light = _streaked(light)
    height[0], height[-1] = height[1].mean() if look.curls else look.height[2], -1.5
    points = scalp.on(ways, height)
    material = "hair" if look.ridges else "fuzz"
    return _piece(material, points, tone * light[..., None], grid_triangles(rows, columns, closed=True), scalp)


def _roots(scalp: Scalp, look: Style, ends: np.ndarray) -> np.ndarray:
    """(n, 3) unit directions in which columns begin that end in (n, 3) directions."""
    if look.root != "parting":
        middle = scalp.way(_KNOT if look.root == "knot" else _CROWN)
        return between(np.broadcast_to(middle, ends.shape), ends, np.zeros(len(ends)))
    depth = scalp.ground(ends)[1][:, 2]
    along = np.clip((min(5.0, depth.max()) - depth) / 150, 0, 1)
    along = along * along * (3 - 2 * along)
    line = np.stack([np.interp(along, [0, 0.5, 1], _PARTING[:, k]) for k in range(3)], 1)
    return between(scalp.way(line), ends, np.zeros(len(ends)))


def _fronts(turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) how much azimuths belong to the front, and to the back."""
    turn = (turn + np.pi) % (2 * np.pi) - np.pi
    return np.exp(-((turn / 0.85) ** 4)), np.exp(-(((np.pi - np.abs(turn)) / 1.0) ** 4))


def _blend(values: tuple[float, float, float], front: np.ndarray, back: np.ndarray) -> np.ndarray:
    return np.asarray(values[0] * front + values[2] * back + values[1] * (1 - front - back))


def _profile(share: np.ndarray, edge: float) -> np.ndarray:
    """Height from root (0) to hairline (1), of the greatest."""
    low = edge / 6
    return np.asarray(low + (1 - low) * np.interp(share, [0, 0.2, 0.55, 0.8, 1], [0.85, 1, 1, 0.72, 0]))


def _ridges(columns: int, share: np.ndarray, look: Style) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) how far locks stand out, 0 to 1, and how light they are."""
    rng = np.random.default_rng(5)
    widths = rng.uniform(0.4, 1.6, look.ridges)
    borders = np.concatenate([[0], np.cumsum(widths) / widths.sum()])
    place = np.interp(np.arange(columns) / columns, borders, np.arange(look.ridges + 1))
    lock = place.astype(int)
    stands = np.abs(np.sin(np.pi * (place - lock))) ** 0.6  # 0 between locks
    begin = rng.uniform(0, 1, look.ridges)[lock]
    drift = 0.9 * np.sin(2.2 * share + begin)  # strands within a lock run a little askew
    fine = np.abs(np.sin(np.pi * (3 * (place - lock) + drift + begin)))
    ridge = (0.8 + 0.2 * fine) * stands * (0.35 + 0.65 * share)
    light = (0.58 + 0.3 * stands + 0.12 * fine) * (0.78 + 0.34 * share) * rng.normal(1, 0.05, look.ridges)[lock]
    return ridge, light


def _curls(ways: np.ndarray, across: float) -> np.ndarray:
    """(rows, columns) 0 to 1: bumps about as wide as `across` mm."""
    rng = np.random.default_rng(5)
    count = round(4 * np.pi * 95**2 / (0.7 * across**2))
    number = np.arange(count) + 0.5
    middles = polar(np.pi * (1 + 5**0.5) * number, np.arccos(1 - 2 * number / count))  # Fibonacci's sphere
    middles += rng.normal(0, 0.22 * across / 95, middles.shape)
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    nearest = (ways.reshape(-1, 3) @ middles.T).max(1).reshape(ways.shape[:-1])
    apart = np.arccos(nearest.clip(-1, 1)) * 95 / (0.74 * across)
    return np.sqrt(np.clip(1 - apart**2, 0.15, 1))


def _streaked(light: np.ndarray) -> np.ndarray:
    """(rows, columns) light with strands: every column a little lighter or darker than its neighbours."""
    rng = np.random.default_rng(9)
    return np.asarray(light * (1 + 0.09 * np.clip(rng.standard_normal(light.shape[1]), -1.6, 1.6)))


def _hanging(scalp: Scalp, look: Style, cut: float, tone: np.ndarray, few: bool) -> HeadPiece:
    """Hair that hangs from a parting to a cut and leaves the face free: a sheet with an inside."""
    columns, upper, lower = (26, 6, 4) if few else (7 * 26, 20, 14)
    first = round(0.6 * upper)  # row from which there is an inside
    turn = np.linspace(_FACE, 2 * np.pi - _FACE, columns)
    front, back = _fronts(turn)
    share = np.linspace(0, 1, upper)[:, None]
    waist = polar(turn, np.full(columns, np.radians(98.0)))
    ridge, light = _ridges(columns, np.linspace(0, 1, upper + lower - 1)[:, None], look)
    edge = np.minimum(np.arange(columns), columns - 1 - np.arange(columns)) / columns  # from the face
    signed = (turn + np.pi) % (2 * np.pi) - np.pi
    over = np.exp(-(((np.abs(signed) - 1.6) / 0.6) ** 2))  # the ears
    out = 10 + 8 * over + 3 * back
    ways = between(_roots(scalp, look, waist), waist[None], share)
    fringe = np.exp(-((edge / 0.05) ** 2)) * np.where(signed > 0, 0.1, 0.14)  # falls over the forehead before it parts
    ways = ways - fringe[:, None] * np.sin(np.pi * share**0.8)[..., None] * np.array([0, 1.0, 0])
    ways /= np.linalg.norm(ways, axis=-1, keepdims=True)
    base = _blend(look.height, front, back)
    height = base * np.interp(share, [0, 0.1, 0.4, 1], [0.8, 0.95, 1, 1]) + (out - base) * share**2
    height[0] = _GROOVE
    height = height * (
        1 - (1 - np.clip(edge / 0.06, 0, 1) ** 0.7) * (0.9 - 0.5 * share**2)
    )  # its edge lies on the skin
    top = scalp.on(ways, height)
    middle = top[-1]
    fall = np.linspace(0, 1, lower)[1:, None, None]
    tips = np.random.default_rng(4).normal(0, 0.8, look.ridges)
    end = middle.copy()
    end[:, [0, 2]] = scalp.centre[[0, 2]] + 0.97 * (middle - scalp.centre)[:, [0, 2]]
    end[:, 1] = (
        cut
        + scalp.centre[1]
        - CENTRE[1]
        - 1.2 * ridge[-1]
        + np.interp(np.linspace(0, look.ridges, columns), np.arange(look.ridges), tips)
    )
    slope = (top[-1] - top[-2]) * (upper - 1) * 0.5
    down = middle + (end - middle) * fall + slope * fall * (1 - fall) ** 2
    inwards = np.clip(fall - 0.55, 0, 1) ** 2 * np.array([0.55, 0, 0.35])  # the ends turn in
    down = down - inwards * (down - scalp.centre)
    down[..., 2] += 11 * np.exp(-((edge / 0.07) ** 2)) * fall[..., 0] ** 1.5  # towards the chin beside the face
    outer = np.concatenate([top, down])
    away = outer - scalp.centre
    away[..., 1] *= np.concatenate([np.ones(upper), np.linspace(1, 0, lower)[1:]])[:, None]
    away /= np.linalg.norm(away, axis=-1, keepdims=True)
    thick = np.clip(edge / 0.03, 0.15, 1)[:, None]
    ridge[0] = 0
    outer = outer + look.ridge * ridge[..., None] * away * thick
    inner = outer[first:] - _INSIDE * away[first:] * thick
    colours = tone * _streaked(light)[..., None]
    return _closed(outer, inner, colours, 0.45 * colours[first:], scalp)


def _closed(outer: np.ndarray, inner: np.ndarray, colours: np.ndarray, dark: np.ndarray, scalp: Scalp) -> HeadPiece:
    """A sheet (rows, columns) and the inside of its last rows, joined at the end."""
    columns = outer.shape[1]
    points = np.concatenate([outer, inner[::-1]])
    triangles = grid_triangles(len(points), columns)
    return _piece("hair", points, np.concatenate([colours, dark[::-1]]), triangles, scalp)


def _piece(material: str, points: np.ndarray, colours: np.ndarray, triangles: np.ndarray, scalp: Scalp) -> HeadPiece:
    """A grid (rows, columns, 3) as a piece whose outside is away from the head."""
    flat = points.reshape(-1, 3)
    a, b, c = (flat[triangles[:, k]] for k in range(3))
    if (np.cross(b - a, c - a) * (a - scalp.centre)).sum() < 0:
        triangles = triangles[:, ::-1]
    return HeadPiece("hair", material, flat, triangles, np.clip(colours, 0, 1).reshape(-1, 3))


def _bun(skin: Skin, tone: np.ndarray, few: bool) -> HeadPiece:
    """A knot of hair at the back of the head."""
    crown = skin.points[np.linalg.norm(skin.mean - _KNOT, axis=1).argmin()] + [0, 4, -14]
    around, rings = (10, 5) if few else (96, 18)
    turn = np.linspace(0, 2 * np.pi, around + 1)[:-1]
    tilt = np.linspace(0.002, np.pi * 0.998, rings)[:, None]
    grid = np.stack(np.broadcast_arrays(np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)), -1)
    strand = np.abs(np.sin(4 * turn + 1.7 * tilt)) ** 0.6
    points = crown + grid * (1 + 0.07 * strand)[..., None] * [27, 25, 20]
    colours = tone * _streaked(0.66 + 0.36 * strand)[..., None]
    return HeadPiece(
        "bun",
        "hair",
        points.reshape(-1, 3),
        grid_triangles(rings, around, closed=True),
        colours.clip(0, 1).reshape(-1, 3),
    )
