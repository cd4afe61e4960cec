"""A rig as renderers want it: the camera, the lights, and its vertices with what colours them."""

import numpy as np

from utterface.formats.glb import LIPS, MATERIALS, SHADE, TWO_SIDED
from utterface.rigs import Part, Rig
from utterface.rigs.protocol import Material
from utterface.rigs.shading import openness_of, tint_of
from utterface.video.raster import normals
from utterface.video.textures import SKIN, texels_of

DISTANCE = 5.0  # of the camera, in heights of the head
MARGIN = 1.16  # of the picture, in heights of the head
EYES = frozenset({"sclera", "iris", "pupil"})
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
        materials: of the parts that are drawn; `surfaces` what they look like.
        texels, sheets: of their pictures, see `textures.texels_of`.
        uv: (n, 2) float32 places of cut vertices on the pictures.
        albedo, gloss, open: (n, 3) linear colour, (n, 1) how much a cut vertex shines, (n, 1) how much light
            reaches it.
        unlit: (n, 1) bool, cut vertices that show their colour whatever the light.
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
        known = {name: Material(*each, two_sided=name in TWO_SIDED) for name, each in MATERIALS.items()}
        known |= getattr(rig, "materials", {})
        self.surfaces = [known.get(name, known["skin"]) for name in self.materials]
        self.texels, self.sheets = texels_of(self.surfaces)
        places = getattr(rig, "uv", None)
        self.uv = np.zeros((len(self.source), 2), np.float32) if places is None else places[self.source]
        self._colour()
        self._faces = np.ascontiguousarray(rig.triangles, np.int32)

    def _split(self, corners: list[np.ndarray]) -> None:
        """Vertices of each part's own, so that colours end where parts do."""
        own = [np.unique(each, return_inverse=True) for each in corners]
        self.counts = [len(vertices) for vertices, _ in own]
        begins = np.cumsum([0, *self.counts])
        self.source = np.concatenate([vertices for vertices, _ in own])
        triangles = [at.reshape(-1, 3) + begin for (_, at), begin in zip(own, begins, strict=False)]
        self.triangles = np.concatenate(triangles)
        self.part = np.repeat(np.arange(len(corners)), [len(each) for each in corners])

    def _colour(self) -> None:
        colours = np.array([surface.colour[:3] for surface in self.surfaces], np.float32)
        unread = np.array([surface.is_textured for surface in self.surfaces]) & (self.sheets[:, 2] == 0)
        colours[unread] *= np.asarray(SKIN, np.float32)
        own = getattr(self.rig, "colours", None)  # sRGB at the vertices, of rigs that have them
        if own is None:
            tint = tint_of(self.rig)[self.source, None]
            self.albedo = self._spread(colours) * (1 + tint * np.float32(np.subtract(LIPS, 1)))
        else:
            self.albedo = np.asarray(own, np.float32)[self.source] ** np.float32(GAMMA)
        self.gloss = self._spread(np.array([[1 - surface.roughness] for surface in self.surfaces], np.float32))
        self.unlit = self._spread(np.array([[surface.unlit] for surface in self.surfaces]))
        self.open = 1 - np.float32(SHADE) * (1 - openness_of(self.rig)[self.source, None])

    def _spread(self, values: np.ndarray) -> np.ndarray:
        """A value a part to its cut vertices."""
        return np.repeat(values, self.counts, 0)

    @property
    def thin(self) -> np.ndarray:
        """(F,) bool: triangles that show their backs too."""
        flags: np.ndarray = np.array([surface.two_sided for surface in self.surfaces])[self.part]
        return flags

    def of(self, materials: frozenset[str]) -> np.ndarray:
        """(F,) bool: triangles of some materials."""
        flags: np.ndarray = np.isin(self.materials, list(materials))[self.part]
        return flags

    def normals(self, vertices: np.ndarray) -> np.ndarray:
        """(V, 3) float32 unit normals."""
        facing: np.ndarray = normals(np.ascontiguousarray(vertices, np.float32), self._faces)
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
