"""A rig as pictures: camera, light and antialiasing, in linear light, without a GPU."""

from dataclasses import dataclass

import numpy as np

from utterface.rigs import Rig
from utterface.video import shot
from utterface.video.raster import NOTHING, Grid, areas, plane, raster
from utterface.video.shot import Shot, unit

SAMPLES = 3  # along each side of a pixel where edges are
_BLOCK = 8  # pixels along each side, that hide together
_PIXELS = 16_384  # at once, so that they stay in a processor's cache
_LEAST = 1e-6  # pixels² of a triangle
_JUMP = 0.007  # metres in depth between neighbours that make an edge
_SKY, _GROUND = np.array(shot.SKY, np.float32), np.array(shot.GROUND, np.float32)


@dataclass(frozen=True)
class Picture:
    """A frame.

    Attributes:
        colour: (3, pixels) float32 linear light, multiplied by the cover.
        cover: (pixels,) float32, 0 where the background shows, 1 where the face does.
    """

    colour: np.ndarray
    cover: np.ndarray


class Painter(Shot):
    """Draws a rig, frame by frame: light at vertices, colours between them, pixels on edges by nine samples."""

    def __init__(self, rig: Rig, width: int, height: int) -> None:
        super().__init__(rig, width, height)
        self.grid = Grid(width, height)
        _, self.row, self.column = self.grid.samples()
        self.eye = self.of(shot.EYES)
        self.cards = self.of(shot.CARDS)
        self.seen = np.zeros(len(self.triangles), bool)  # triangles that the last frame showed

    def draw(self, vertices: np.ndarray) -> Picture:
        """One frame of (V, 3) vertices."""
        points, facing = self.camera.project(vertices), self.normals(vertices)
        own, triangles = points[self.source], self.triangles.copy()
        area = areas(own, triangles)
        away = np.flatnonzero(self.cards & (area < 0))
        triangles[away] = triangles[away, ::-1]
        area[away] *= -1
        front, corners, shown = self._shown(own, triangles, np.flatnonzero(area > _LEAST))
        self.seen[:] = False
        at = np.flatnonzero(shown != NOTHING)
        self.seen[front[shown[at]]] = True
        triangles, part = triangles[front], self.part[front]
        colours = np.zeros((len(own), 3), np.float32)
        needed = np.zeros(len(own), bool)
        needed[triangles] = True
        needed = np.flatnonzero(needed)
        colours[needed] = self._lit(facing[self.source[needed]], needed)
        picture = Picture(np.zeros((3, len(shown)), np.float32), (shown != NOTHING).astype(np.float32))
        coloured = colours[triangles]
        picture.colour[:, at] = _shaded(shown[at], plane(corners, coloured), self.row[at], self.column[at])
        edges = _edges(shown.reshape(self.height, self.width), corners[:, :, 2].mean(1), part)
        self._smooth(picture, edges, corners, coloured)
        eyes = np.append(self.eye[front], False)[shown]
        for place in self.glints(points, facing):
            self._glint(picture, eyes, place)
        return picture

    def _lit(self, facing: np.ndarray, which: np.ndarray) -> np.ndarray:
        """(n, 3) float32 linear colours of some cut vertices with (n, 3) normals."""
        open_ = self.open[which]
        light = (_GROUND + (facing[:, 1:2] / 2 + 0.5) * (_SKY - _GROUND)) * open_
        shine = np.zeros((len(facing), 1), np.float32)
        for place, colour in shot.LIGHTS:
            way = unit(place)
            amount = np.maximum((facing @ way.astype(np.float32) + shot.WRAP) / (1 + shot.WRAP), 0)[:, None]
            light += amount * (np.array(colour, np.float32) * (0.35 + 0.65 * open_))
            spot = np.maximum(facing @ unit(way + shot.TO_CAMERA).astype(np.float32), 0)
            shine[:, 0] += spot**shot.SHINE * np.float32(max(colour))
        lit: np.ndarray = self.albedo[which] * light + shot.GLOSS * self.gloss[which] * open_ * shine
        return lit

    def _shown(
        self, own: np.ndarray, triangles: np.ndarray, front: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Triangles that may show, their corners, and (pixels,) which of them each pixel shows, or `NOTHING`.

        What the last frame showed is drawn first; of the others, those that it does not hide wholly: a triangle is
        hidden that lies behind everything in every block of pixels that it touches.
        """
        first, others = front[self.seen[front]], front[~self.seen[front]]
        corners = own[triangles[first]]
        shown, nearest = raster(corners, self.grid, self.column)
        if len(first):
            others = others[_unhidden(own[triangles[others]], nearest.reshape(self.height, self.width))]
        added = own[triangles[others]]
        more, nearer = raster(added, self.grid, self.column)
        front, corners = np.concatenate([first, others]), np.concatenate([corners, added])
        return front, corners, np.where(nearer > nearest, more + len(first), shown)

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
        pixel, row, column = grid.samples()
        shown, _ = raster(fine, grid, column)
        at = np.flatnonzero(shown != NOTHING)
        values = _shaded(shown[at], plane(fine, colours[near]), row[at], column[at])
        drawn, pixel, part = np.flatnonzero(edges), pixel[at], 1 / SAMPLES**2
        colour = np.stack([np.bincount(pixel, each, len(drawn)) for each in values]) * part
        cover = np.bincount(pixel, minlength=len(drawn)) * part
        inside = _surrounded(picture.cover.reshape(edges.shape))[edges]
        missing = np.where(inside, 1 - cover, 0)
        picture.colour[:, drawn] = colour + missing * picture.colour[:, drawn]
        picture.cover[drawn] = cover + missing

    def _glint(self, picture: Picture, eyes: np.ndarray, place: np.ndarray) -> None:
        """The first light on a cornea: a soft spot where it reflects to the camera, on pixels that show an eye."""
        x, y = place
        radius = shot.GLINT_MM / 1000 * self.camera.scale
        near = int(np.ceil(2 * radius))
        columns = np.arange(max(int(x) - near, 0), min(int(x) + near + 1, self.width))
        rows = np.arange(max(int(y) - near, 0), min(int(y) + near + 1, self.height))[:, None]
        spot = np.exp(-2 * ((columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2) / radius**2)
        pixels = (rows * self.width + columns).ravel()
        picture.colour[:, pixels] += (shot.GLINT * spot.ravel() * eyes[pixels]).astype(np.float32)


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
    blocks = _blocks(nearest, np.minimum, -np.inf)
    x0, x1, y0, y1, z1 = _bounds(corners, blocks.shape)
    behind = np.minimum.reduce([blocks[y0, x0], blocks[y0, x1], blocks[y1, x0], blocks[y1, x1]])
    return np.flatnonzero((z1 >= behind) | (np.maximum(x1 - x0, y1 - y0) > 1))


def _blocks(picture: np.ndarray, join: np.ufunc, outside: float) -> np.ndarray:
    """An (H, W) picture with the pixels of each block joined to one."""
    height, width = picture.shape
    padded = np.pad(picture, ((0, -height % _BLOCK), (0, -width % _BLOCK)), constant_values=outside)
    lines = join.reduce(padded.reshape(-1, _BLOCK, padded.shape[1]), 1)
    joined: np.ndarray = join.reduce(lines.reshape(len(lines), -1, _BLOCK), 2)
    return joined


def _bounds(corners: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """First and last block, across and down, of triangles, and how near they come."""
    x, y, z = np.ascontiguousarray(corners.transpose(2, 1, 0))
    ends = ((x.min(0), shape[1]), (x.max(0), shape[1]), (y.min(0), shape[0]), (y.max(0), shape[0]))
    return *(np.clip(each // _BLOCK, 0, most - 1).astype(np.intp) for each, most in ends), z.max(0)


def _surrounded(cover: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels that are covered, and so are their neighbours."""
    padded = np.pad(cover > 0, 1, mode="edge")
    shifts = [
        padded[1 + y : padded.shape[0] - 1 + y, 1 + x : padded.shape[1] - 1 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)
    ]
    return np.logical_and.reduce(shifts)


def _touching(edges: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Triangles that touch a block with a pixel of an edge."""
    blocks = _blocks(edges, np.logical_or, False)
    counts = np.zeros((blocks.shape[0] + 1, blocks.shape[1] + 1), np.intp)
    counts[1:, 1:] = blocks.cumsum(1).cumsum(0)
    x0, x1, y0, y1, _ = _bounds(corners, blocks.shape)
    return np.flatnonzero(counts[y1 + 1, x1 + 1] - counts[y0, x1 + 1] - counts[y1 + 1, x0] + counts[y0, x0])


def _shaded(shown: np.ndarray, planes: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """(3, n) float32 colours of samples by the triangles that they show, whose planes are (F, 3, 3)."""
    planes = np.ascontiguousarray(planes.transpose(1, 2, 0))
    colours = np.empty((3, len(shown)), np.float32)
    for begin in range(0, len(shown), _PIXELS):
        part = np.s_[begin : begin + _PIXELS]
        x, y, number = column[part] + np.float32(0.5), row[part] + np.float32(0.5), shown[part]
        for channel, (base, across, down) in enumerate(planes.transpose(1, 0, 2)):
            colour = base[number]
            colour += across[number] * x
            colour += down[number] * y
            np.maximum(colour, 0, out=colours[channel, part])
    return colours
