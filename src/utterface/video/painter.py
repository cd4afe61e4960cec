"""A rig as pictures: camera, light and antialiasing, in linear light, without a GPU."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from utterface.formats.glb import LIPS, MATERIALS, SHADE
from utterface.rigs import Part, Rig
from utterface.rigs.shading import openness_of, tint_of
from utterface.video.raster import NOTHING, Grid, fronts, plane, raster

DISTANCE = 5.0  # of the camera, in heights of the head
MARGIN = 1.16  # of the picture, in heights of the head
SAMPLES = 3  # along each side of a pixel where edges are
_EYES = frozenset({"sclera", "iris", "pupil"})
_CARDS = frozenset({"brows", "lashes", "hair"})  # thin, with two sides
_CLEAR = frozenset({"cornea"})  # what is drawn as a glint alone
# direction to a light, and its linear colour
_LIGHTS = (
    ((0.45, 0.55, 0.85), (1.02, 0.97, 0.90)),
    ((-0.85, 0.1, 0.55), (0.20, 0.23, 0.29)),
    ((-0.35, 0.6, -0.75), (0.42, 0.44, 0.50)),
)
_SKY, _GROUND = np.array([0.36, 0.38, 0.42]), np.array([0.16, 0.14, 0.13])
_GAMMA = 2.2  # of sRGB, nearly
_WRAP = 0.18  # how far light reaches around a form
_GLOSS, _SHINE = 0.12, 24  # how much shines, and how narrowly
_TO_CAMERA = np.array([0.0, 0.0, 1.0])
_GLINT_MM = 1.1
_BLOCK = 8  # pixels along each side, that hide together
_HAIR_EVERY = 3  # frames
_JUMP = 0.007  # metres in depth between neighbours that make an edge


@dataclass(frozen=True)
class Picture:
    """A frame.

    Attributes:
        colour: (3, pixels) float32 linear light, multiplied by the cover.
        cover: (pixels,) float32, 0 where the background shows, 1 where the face does.
    """

    colour: np.ndarray
    cover: np.ndarray


class Camera:
    """Where a rig is looked at from: the front, its head filling the height of a picture."""

    def __init__(self, rig: Rig, width: int, height: int) -> None:
        head = next((np.asarray(j.follow) > 0.5 for j in rig.joints if not j.parent), np.ones(len(rig.template), bool))
        low, high = rig.template[head].min(0), rig.template[head].max(0)
        self.size = float(high[1] - low[1])
        self.centre = (low + high) / 2
        self.scale = min(height, width * 1.1) / (MARGIN * self.size)
        self.middle = np.array([width / 2, height / 2])

    def project(self, vertices: np.ndarray) -> np.ndarray:
        """(V, 3) metres → (V, 3) float32: x and y in pixels, then how near, in metres."""
        place = vertices - self.centre
        away = DISTANCE * self.size
        x, y = (place[:, :2] * (away / (away - place[:, 2]) * self.scale)[:, None]).T
        return np.stack([self.middle[0] + x, self.middle[1] - y, place[:, 2]], 1).astype(np.float32)


class Painter:
    """Draws a rig, frame by frame: light at vertices, colours between them, pixels on edges by nine samples."""

    def __init__(self, rig: Rig, width: int, height: int) -> None:
        self.rig, self.width, self.height = rig, width, height
        self.camera = Camera(rig, width, height)
        self.grid = Grid(width, height)
        _, self.row, self.column = self.grid.samples()
        parts = rig.parts or (Part("skin", "skin", slice(None)),)
        drawn = [part for part in parts if part.material not in _CLEAR]
        self.corneas = [np.unique(rig.triangles[part.triangles]) for part in parts if part.material in _CLEAR]
        self.eyes = [number for number, part in enumerate(drawn) if part.material in _EYES]
        cards = [number for number, part in enumerate(drawn) if part.material in _CARDS]
        self._split([rig.triangles[part.triangles] for part in drawn])
        known: Mapping[str, tuple[tuple[float, ...], float]] = {**MATERIALS, **getattr(rig, "materials", {})}
        self._colour([known.get(part.material, MATERIALS["skin"]) for part in drawn])
        self.seen = np.zeros(0, np.int64)  # triangles that the last frame showed
        self.drawn = 0  # frames
        self.cards = np.flatnonzero(np.isin(self.part, cards))
        self.hair = [number for number, part in enumerate(drawn) if part.material == "hair"]
        self.order = np.argsort(rig.triangles.ravel(), kind="stable")
        self.used, self.starts = np.unique(rig.triangles.ravel()[self.order], return_index=True)

    def _split(self, corners: list[np.ndarray]) -> None:
        """Vertices of each part's own, so that colours end where parts do."""
        own = [np.unique(each, return_inverse=True) for each in corners]
        self.counts = [len(vertices) for vertices, _ in own]
        begins = np.cumsum([0, *self.counts])
        self.source = np.concatenate([vertices for vertices, _ in own])
        triangles = [at.reshape(-1, 3) + begin for (_, at), begin in zip(own, begins, strict=False)]
        self.triangles = np.concatenate(triangles)
        self.part = np.repeat(np.arange(len(corners)), [len(each) for each in corners])

    def _colour(self, materials: list[tuple[tuple[float, ...], float]]) -> None:
        albedo = np.repeat([colour[:3] for colour, _ in materials], self.counts, 0)
        own = getattr(self.rig, "colours", None)  # sRGB at the vertices, of rigs that have them
        if own is None:
            self.albedo = albedo * (1 + tint_of(self.rig)[self.source, None] * (LIPS - 1))
        else:
            self.albedo = np.asarray(own, np.float64)[self.source] ** _GAMMA
        self.gloss = np.repeat([1 - roughness for _, roughness in materials], self.counts)[:, None]
        self.open = 1 - SHADE * (1 - openness_of(self.rig)[self.source, None])

    def draw(self, vertices: np.ndarray) -> Picture:
        """One frame of (V, 3) vertices."""
        points = self.camera.project(vertices)
        facing = self._normals(vertices)
        colours = self._lit(facing[self.source])
        own, triangles = points[self.source], self.triangles.copy()
        away = np.delete(self.cards, fronts(own[triangles[self.cards]]))
        triangles[away] = triangles[away, ::-1]
        corners = own[triangles]
        front, shown = self._shown(corners, fronts(corners))
        flags = np.zeros(len(front) + 1, bool)  # the last is NOTHING's
        flags[shown] = True
        self.seen = np.sort(front[flags[:-1]])
        corners, colours, part = corners[front], colours[triangles[front]], self.part[front]
        picture = Picture(np.zeros((3, len(shown)), np.float32), (shown != NOTHING).astype(np.float32))
        at = np.flatnonzero(shown != NOTHING)
        picture.colour[:, at] = _shaded(shown[at], plane(corners, colours), self.row[at], self.column[at])
        depth = np.where(np.isin(part, self.hair), 0, corners[:, :, 2].mean(1))
        self._smooth(picture, _edges(shown.reshape(self.height, self.width), depth, part), corners, colours)
        eyes = np.append(np.isin(part, self.eyes), False)[shown]
        for cornea in self.corneas:
            self._glint(picture, eyes, points[cornea], facing[cornea])
        return picture

    def _normals(self, vertices: np.ndarray) -> np.ndarray:
        """(V, 3) float32 unit normals, as `rigs.shading.normals` has them, in a tenth of the time."""
        a, b, c = (vertices[self.rig.triangles[:, k]] for k in range(3))
        across = np.cross(b - a, c - a).astype(np.float32)
        summed = np.zeros((len(vertices), 3), np.float32)
        summed[self.used] = np.add.reduceat(across[self.order // 3], self.starts, 0)
        facing: np.ndarray = summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-20)
        return facing

    def _lit(self, facing: np.ndarray) -> np.ndarray:
        """(n, 3) float32 linear colours."""
        light = (_GROUND + (facing[:, 1:2] / 2 + 0.5) * (_SKY - _GROUND)) * self.open
        shine = np.zeros((len(facing), 1))
        for place, colour in _LIGHTS:
            way = _unit(np.array(place))
            amount = np.clip((facing @ way + _WRAP) / (1 + _WRAP), 0, None)[:, None]
            light = light + amount * (np.array(colour) * (0.35 + 0.65 * self.open))
            shine[:, 0] += np.clip(facing @ _unit(way + _TO_CAMERA), 0, None) ** _SHINE * max(colour)
        return (self.albedo * light + _GLOSS * self.gloss * self.open * shine).astype(np.float32)

    def _shown(self, corners: np.ndarray, front: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Triangles that may show, and (pixels,) int32 which of them each pixel shows at its middle, or `NOTHING`.

        What the last frame showed is drawn first; of the others, those that it does not hide wholly: a triangle is
        hidden that lies behind everything in every block of pixels that it touches. Hair, which is many layers, is
        looked through again every third frame only.
        """
        first = np.intersect1d(self.seen, front, assume_unique=True)
        shown, nearest = raster(corners[first], self.grid, self.column)
        others = np.setdiff1d(front, first, assume_unique=True)
        if self.drawn % _HAIR_EVERY:
            others = others[~np.isin(self.part[others], self.hair)]
        self.drawn += 1
        others = others[_unhidden(corners[others], nearest.reshape(self.height, self.width))]
        more, nearer = raster(corners[others], self.grid, self.column)
        return np.concatenate([first, others]), np.where(nearer > nearest, more + len(first), shown)

    def _smooth(self, picture: Picture, edges: np.ndarray, corners: np.ndarray, colours: np.ndarray) -> None:
        """Draw the pixels of (H, W) bool edges again, by many samples each.

        Samples between triangles that were taken for hidden have the colour of their pixel, unless the background shows
        beside it.
        """
        near = _touching(edges, corners)
        if not len(near):
            return
        fine = corners[near] * np.array([SAMPLES, SAMPLES, 1], np.float32)
        grid = Grid.some(edges, SAMPLES)
        number, row, column = grid.samples()
        shown, _ = raster(fine, grid, column)
        at = np.flatnonzero(shown != NOTHING)
        values = np.zeros((4, grid.count), np.float32)
        values[:3, at] = _shaded(shown[at], plane(fine, colours[near]), row[at], column[at])
        values[3, at] = 1
        drawn = np.flatnonzero(edges)
        colour, cover = values[:3, number].mean(2), values[3, number].mean(1)
        inside = _surrounded(picture.cover.reshape(edges.shape))[edges]
        missing = np.where(inside, 1 - cover, 0)
        picture.colour[:, drawn] = colour + missing * picture.colour[:, drawn]
        picture.cover[drawn] = cover + missing

    def _glint(self, picture: Picture, eyes: np.ndarray, points: np.ndarray, facing: np.ndarray) -> None:
        """The first light on a cornea: a soft spot where it reflects to the camera, on pixels that show an eye."""
        x, y = points[(facing @ (_unit(np.array(_LIGHTS[0][0])) + _TO_CAMERA)).argmax(), :2]
        radius = _GLINT_MM / 1000 * self.camera.scale
        near = int(np.ceil(2 * radius))
        columns = np.arange(max(int(x) - near, 0), min(int(x) + near + 1, self.width))
        rows = np.arange(max(int(y) - near, 0), min(int(y) + near + 1, self.height))[:, None]
        spot = np.exp(-2 * ((columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2) / radius**2)
        pixels = (rows * self.width + columns).ravel()
        picture.colour[:, pixels] += (0.9 * spot.ravel() * eyes[pixels]).astype(np.float32)


def _unit(vector: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit


def _edges(shown: np.ndarray, nearness: np.ndarray, part: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels beside one of another part or another depth, for (F,) triangles by number."""
    deep, own = np.append(nearness, -1e3).astype(np.float32)[shown], np.append(part, -1).astype(np.int16)[shown]
    edges = np.zeros(shown.shape, bool)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        jump = (np.abs(deep[one] - deep[other]) > _JUMP) | (own[one] != own[other])
        edges[one] |= jump
        edges[other] |= jump
    return edges


def _unhidden(corners: np.ndarray, nearest: np.ndarray) -> np.ndarray:
    """Numbers of triangles that reach before something, or touch many blocks, in (H, W) what is nearest already."""
    height, width = nearest.shape
    tiles = np.pad(nearest, ((0, -height % _BLOCK), (0, -width % _BLOCK)), constant_values=-np.inf)
    rows, columns = tiles.shape[0] // _BLOCK, tiles.shape[1] // _BLOCK
    blocks = tiles.reshape(rows, _BLOCK, columns, _BLOCK).min((1, 3))
    last = (columns - 1, rows - 1)
    x0, y0 = np.clip(corners[:, :, :2].min(1) // _BLOCK, 0, last).astype(np.int32).T
    x1, y1 = np.clip(corners[:, :, :2].max(1) // _BLOCK, 0, last).astype(np.int32).T
    behind = np.minimum.reduce([blocks[y0, x0], blocks[y0, x1], blocks[y1, x0], blocks[y1, x1]])
    many = np.maximum(x1 - x0, y1 - y0) > 1
    return np.flatnonzero((corners[:, :, 2].max(1) >= behind) | many)


def _surrounded(cover: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels that are covered, and so are their neighbours."""
    padded = np.pad(cover > 0, 1, mode="edge")
    shifts = [
        padded[1 + y : padded.shape[0] - 1 + y, 1 + x : padded.shape[1] - 1 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)
    ]
    return np.logical_and.reduce(shifts)


def _touching(edges: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Triangles whose box holds a pixel of an edge."""
    height, width = edges.shape
    counts = np.zeros((height + 1, width + 1), np.int32)
    counts[1:, 1:] = edges.cumsum(1, np.int32).cumsum(0, np.int32)
    x, y = corners[:, :, 0], corners[:, :, 1]
    x0, x1 = (np.clip(v, 0, width).astype(np.int32) for v in (np.floor(x.min(1)), np.ceil(x.max(1))))
    y0, y1 = (np.clip(v, 0, height).astype(np.int32) for v in (np.floor(y.min(1)), np.ceil(y.max(1))))
    return np.flatnonzero(counts[y1, x1] - counts[y0, x1] - counts[y1, x0] + counts[y0, x0])


def _shaded(shown: np.ndarray, planes: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """(3, n) float32 colours of samples by the triangles that they show, whose planes are (F, 3, 3)."""
    x, y = column.astype(np.float32) + 0.5, row.astype(np.float32) + 0.5
    base, across, down = np.ascontiguousarray(planes.transpose(1, 2, 0))
    return np.stack([
        np.maximum(base[i][shown] + across[i][shown] * x + down[i][shown] * y, 0) for i in range(3)
    ])  # fmt: skip
