"""A piece of the head on its way into the rig: a mesh with a material, colours and what the shapes do to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utterface.motion import ARKIT

SHAPES = len(ARKIT)


@dataclass(frozen=True)
class HeadPiece:
    """One part of the rig.

    Attributes:
        name, material: of the part.
        points: (k, 3) mm.
        triangles: (t, 3) into the points.
        colours: (k, 3) sRGB, 0 to 1.
        shapes: (52, k, 3) mm; None where no shape moves it.
        carrier: joint that carries it; empty for the skin, which bends at the neck.
    """

    name: str
    material: str
    points: np.ndarray
    triangles: np.ndarray
    colours: np.ndarray
    shapes: np.ndarray | None = None
    carrier: str = "head"


@dataclass
class Skin:
    """The skin, which pieces are fastened to.

    Attributes:
        points: (F, 3) mm.
        triangles: (T, 3).
        shapes: (52, F, 3) mm.
        mean: (F, 3) mm of the mean head, on which places such as the hairline are described.
        normals: (F, 3) unit vectors.
        margin: (m,) loop of vertices along the margin of the left lids.
    """

    points: np.ndarray
    triangles: np.ndarray
    shapes: np.ndarray
    mean: np.ndarray
    normals: np.ndarray
    margin: np.ndarray

    def at(self, corners: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """(k, 3) mm: points in triangles, by (k, 3) corners and (k, 3) shares."""
        return np.asarray((self.points[corners] * shares[..., None]).sum(1))

    def shapes_at(self, corners: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """(52, k, 3) mm: what the shapes do to points in triangles."""
        return np.asarray((self.shapes[:, corners] * shares[..., None]).sum(2))


def colour(text: str) -> np.ndarray:
    """(3,) sRGB 0 to 1 of `#rrggbb`."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def ramp_colour(stops: Sequence[tuple[float, str]], at: np.ndarray | float) -> np.ndarray:
    """(…, 3) sRGB between stops of a scale."""
    places = [place for place, _ in stops]
    table = np.array([colour(text) for _, text in stops])
    return np.stack([np.interp(at, places, table[:, k]) for k in range(3)], -1)


def grid_triangles(rows: int, columns: int, closed: bool = False) -> np.ndarray:
    """Triangles of a grid of points, row after row, wound row × column; `closed` joins each row's ends."""
    steps = columns if closed else columns - 1
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(steps), indexing="ij")
    a, b = row * columns + column, row * columns + (column + 1) % columns
    c, d = a + columns, b + columns
    return np.concatenate([np.stack([a, d, b], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])


def both_sides(
    name: str, material: str, points: np.ndarray, triangles: np.ndarray, colours: np.ndarray, shapes: np.ndarray
) -> list[HeadPiece]:
    """A piece of the left side and its mirror image."""
    return [
        HeadPiece(f"{name}_left", material, points, triangles, colours, shapes),
        HeadPiece(f"{name}_right", material, points * [-1, 1, 1], triangles[:, ::-1], colours, mirrored_shapes(shapes)),
    ]


def mirrored_shapes(shapes: np.ndarray) -> np.ndarray:
    """(52, k, 3) of a left piece → those of its mirror image: left and right change places."""
    swap = {"Left": "Right", "Right": "Left"}
    order = []
    for name in ARKIT:
        side = next((s for s in swap if name.endswith(s)), "")
        order.append(ARKIT.index(name[: len(name) - len(side)] + swap[side]) if side else ARKIT.index(name))
    return np.asarray(shapes[order] * [-1, 1, 1])
