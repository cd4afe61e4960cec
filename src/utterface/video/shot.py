"""A rig as renderers want it: the camera, the lights, and its vertices with what colours them."""

from collections.abc import Mapping

import numpy as np

from utterface.formats.glb import LIPS, MATERIALS, SHADE
from utterface.rigs import Part, Rig
from utterface.rigs.shading import openness_of, tint_of

DISTANCE = 5.0  # of the camera, in heights of the head
MARGIN = 1.16  # of the picture, in heights of the head
EYES = frozenset({"sclera", "iris", "pupil"})
CARDS = frozenset({"brows", "lashes"})  # thin, with two sides
CLEAR = frozenset({"cornea"})  # what is drawn as a glint alone
# direction to a light, and its linear colour
LIGHTS = (
    ((0.45, 0.55, 0.85), (1.02, 0.97, 0.90)),
    ((-0.85, 0.1, 0.55), (0.20, 0.23, 0.29)),
    ((-0.35, 0.6, -0.75), (0.42, 0.44, 0.50)),
)
SKY, GROUND = (0.36, 0.38, 0.42), (0.16, 0.14, 0.13)
WRAP = 0.18  # how far light reaches around a form
GLOSS, SHINE = 0.12, 24  # how much shines, and how narrowly
GLINT, GLINT_MM = 0.9, 1.1  # light of the spot on a cornea, and its radius
TO_CAMERA = np.array([0.0, 0.0, 1.0])
GAMMA = 2.2  # of sRGB, nearly


class Camera:
    """Where a rig is looked at from: the front, its head filling the height of a picture."""

    def __init__(self, rig: Rig, width: int, height: int) -> None:
        head = next((np.asarray(j.follow) > 0.5 for j in rig.joints if not j.parent), np.ones(len(rig.template), bool))
        low, high = rig.template[head].min(0), rig.template[head].max(0)
        self.size = float(high[1] - low[1])
        self.centre = (low + high) / 2
        self.scale = min(height, width * 1.1) / (MARGIN * self.size)
        self.middle = np.array([width / 2, height / 2])
        self.away = DISTANCE * self.size

    def project(self, vertices: np.ndarray) -> np.ndarray:
        """(V, 3) metres → (V, 3) float32: x and y in pixels, then how near, in metres."""
        place = vertices - self.centre
        x, y = (place[:, :2] * (self.away / (self.away - place[:, 2]) * self.scale)[:, None]).T
        return np.stack([self.middle[0] + x, self.middle[1] - y, place[:, 2]], 1).astype(np.float32)


class Shot:
    """A rig before a camera. Renderers draw its vertices cut apart where materials meet.

    Attributes:
        rig, width, height, camera: what is drawn, pixels.
        source: (n,) number of the rig's vertex that each cut vertex is.
        triangles: (F, 3) into the cut vertices.
        part: (F,) number of the part of each triangle, into `materials`.
        materials: of the parts that are drawn.
        albedo, gloss, open: (n, 3) linear colour, (n, 1) how much a cut vertex shines, (n, 1) how much light
            reaches it.
        corneas: vertices of the rig on each cornea, which shows as a glint alone.
    """

    def __init__(self, rig: Rig, width: int, height: int) -> None:
        self.rig, self.width, self.height = rig, width, height
        self.camera = Camera(rig, width, height)
        parts = rig.parts or (Part("skin", "skin", slice(None)),)
        drawn = [part for part in parts if part.material not in CLEAR]
        self.materials = [part.material for part in drawn]
        self.corneas = [np.unique(rig.triangles[part.triangles]) for part in parts if part.material in CLEAR]
        self._split([rig.triangles[part.triangles] for part in drawn])
        known: Mapping[str, tuple[tuple[float, ...], float]] = {**MATERIALS, **getattr(rig, "materials", {})}
        self._colour([known.get(name, MATERIALS["skin"]) for name in self.materials])
        self._columns = [np.ascontiguousarray(rig.triangles[:, k], np.intp) for k in range(3)]

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
            self.albedo = np.float32(albedo) * (
                1 + tint_of(self.rig)[self.source, None] * np.float32(np.subtract(LIPS, 1))
            )
        else:
            self.albedo = np.asarray(own, np.float32)[self.source] ** np.float32(GAMMA)
        self.gloss = np.repeat(np.array([1 - roughness for _, roughness in materials], np.float32), self.counts)[
            :, None
        ]
        self.open = 1 - np.float32(SHADE) * (1 - openness_of(self.rig)[self.source, None])

    def of(self, materials: frozenset[str]) -> np.ndarray:
        """(F,) bool: triangles of some materials."""
        flags: np.ndarray = np.isin(self.materials, list(materials))[self.part]
        return flags

    def normals(self, vertices: np.ndarray) -> np.ndarray:
        """(V, 3) float32 unit normals, as `rigs.shading.normals` has them, in a fraction of the time."""
        x, y, z = np.ascontiguousarray(vertices.T, np.float32)
        a, b, c = self._columns
        (ux, vx), (uy, vy), (uz, vz) = ((each[b] - each[a], each[c] - each[a]) for each in (x, y, z))
        summed = np.zeros((len(vertices), 3), np.float32)
        for axis, across in enumerate((uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx)):
            weights = across.astype(np.float64)
            summed[:, axis] = sum(np.bincount(column, weights, len(vertices)) for column in self._columns)
        facing: np.ndarray = summed / np.maximum(np.sqrt(np.einsum("ij,ij->i", summed, summed)), 1e-20)[:, None]
        return facing

    def glints(self, points: np.ndarray, facing: np.ndarray) -> list[np.ndarray]:
        """Places in the picture, x and y, where each cornea reflects the first light to the camera."""
        half = unit(LIGHTS[0][0]) + TO_CAMERA
        return [points[cornea[(facing[cornea] @ half).argmax()], :2] for cornea in self.corneas]


def unit(vector: np.ndarray | tuple[float, ...]) -> np.ndarray:
    """A vector of length 1."""
    array = np.asarray(vector, np.float64)
    shortened: np.ndarray = array / np.linalg.norm(array)
    return shortened
