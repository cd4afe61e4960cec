"""glTF binary: the head with its 52 named morph targets, their weights animated; head and eyes turn as nodes.

Small and read by everything: morph targets move positions only and are sparse (offsets under 0.02 mm are left out), so
players compute the normals of a moving face themselves; all materials are primitives of one mesh and share one list
of targets and one weights channel, so teeth and tongue can never stay behind. The head follows a joint of a skin; the
eyeballs turn by the eyeLook targets, so that whatever drives those moves the gaze.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from utterface import __version__
from utterface.clip import Clip
from utterface.gltf import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, GltfBuilder
from utterface.motion import ARKIT, Motion
from utterface.rigs import Joint, Part, Rig
from utterface.rigs.shading import linear_colours, normals, openness_of, tint_of

LEAST_OFFSET = 2e-5  # metres
NAME = "speech"  # of the animation
# material: (linear RGBA, roughness)
MATERIALS = {
    "skin": ((0.62, 0.36, 0.27, 1.0), 0.55),
    "rim": ((0.62, 0.36, 0.30, 1.0), 0.15),
    "sclera": ((0.80, 0.78, 0.75, 1.0), 0.25),
    "iris": ((0.10, 0.16, 0.20, 1.0), 0.4),
    "pupil": ((0.005, 0.005, 0.005, 1.0), 0.3),
    "cornea": ((0.0, 0.0, 0.0, 0.1), 0.02),  # reflections alone; white would lie over the pupil as a haze
    "teeth": ((0.80, 0.76, 0.66, 1.0), 0.3),
    "gums": ((0.45, 0.14, 0.13, 1.0), 0.4),
    "tongue": ((0.50, 0.16, 0.15, 1.0), 0.45),
    "brows": ((0.05, 0.03, 0.02, 1.0), 0.9),
    "lashes": ((0.02, 0.015, 0.01, 1.0), 0.9),
    "hair": ((0.06, 0.035, 0.02, 1.0), 0.5),
    "fuzz": ((0.06, 0.035, 0.02, 1.0), 0.95),
}
TWO_SIDED = frozenset({"brows", "lashes"})  # cards
HOLES = frozenset({"pupil"})  # of metal, which reflects no more than its own black; all else would shine grey
LIPS = np.array([0.70, 0.42, 0.42])  # of the skin's colour
SHADE = 0.75  # how much darker a vertex is that sees nothing of the sky


def write(clip: Clip, path: Path, rig: Rig) -> None:
    """A rig that speaks the clip."""
    path.write_bytes(to_glb(clip.motion, rig))


def to_glb(motion: Motion, rig: Rig) -> bytes:
    """A rig moved by a motion, as the bytes of a .glb file.

    Args:
        motion: weights by ARKit's names, angles by ours; channels it lacks stay at rest.
        rig: any rig; its joints turn.
    """
    return _Scene(rig).animated(motion)


class _Scene:
    """A rig as nodes, one mesh and a skin."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.joints = [joint for joint in rig.joints if not joint.parent]
        self.gltf = GltfBuilder(f"utterface {__version__}")
        self._add_mesh()
        self._add_nodes()

    def animated(self, motion: Motion) -> bytes:
        """The finished file with a motion in it."""
        tracks = [(self.mesh_node, "weights", motion.select(ARKIT).reshape(-1))]
        tracks += [
            (node, "rotation", quaternions(motion.select(joint.channels)))
            for joint, node in zip(self.joints, self.joint_nodes, strict=True)
        ]
        self.gltf.animation(NAME, motion.times.astype(np.float32), tracks)
        return self.gltf.to_bytes()

    def _add_mesh(self) -> None:
        """One primitive a material, each with its own vertices; all with the same targets in the same order."""
        rig = self.rig
        offsets = _offsets(rig)
        facing = normals(rig.template, rig.triangles).astype(np.float32)
        colours = _colours(rig)
        primitives = []
        for material, corners in _by_material(rig).items():
            vertices, triangles = np.unique(corners, return_inverse=True)
            indices = triangles.reshape(-1).astype(np.uint16 if len(vertices) <= 65_535 else np.uint32)
            primitives.append(
                {
                    "attributes": self._attributes(vertices, facing, colours),
                    "indices": self.gltf.accessor(indices, ELEMENT_ARRAY_BUFFER),
                    "material": self._material(material),
                    "targets": [{"POSITION": self.gltf.sparse(moved[vertices], LEAST_OFFSET)} for moved in offsets],
                }
            )
        names = {"targetNames": list(ARKIT)}
        self.gltf.add("meshes", name=rig.name, primitives=primitives, weights=[0.0] * len(ARKIT), extras=names)

    def _attributes(self, vertices: np.ndarray, facing: np.ndarray, colours: np.ndarray) -> dict[str, int]:
        gltf, template = self.gltf, np.asarray(self.rig.template, np.float32)
        attributes = {
            "POSITION": gltf.accessor(template[vertices], ARRAY_BUFFER, bounds=True),
            "NORMAL": gltf.accessor(facing[vertices], ARRAY_BUFFER),
            "COLOR_0": gltf.accessor(colours[vertices], ARRAY_BUFFER, normalized=True),
        }
        if self.joints:
            indices, shares = _skinning(self.joints, vertices)
            attributes["JOINTS_0"] = gltf.accessor(indices, ARRAY_BUFFER)
            attributes["WEIGHTS_0"] = gltf.accessor(shares, ARRAY_BUFFER, normalized=True)
        return attributes

    def _material(self, name: str) -> int:
        colour, roughness = MATERIALS.get(name, MATERIALS["skin"])
        surface = {
            "baseColorFactor": list(colour), "metallicFactor": float(name in HOLES), "roughnessFactor": roughness
        }  # fmt: skip
        if self.rig.colours is not None and colour[3] == 1 and name not in HOLES:
            surface["baseColorFactor"] = [1.0, 1.0, 1.0, 1.0]  # the vertices bring it
        mode = "BLEND" if colour[3] < 1 else None
        sides = True if name in TWO_SIDED else None
        return self.gltf.add("materials", name=name, pbrMetallicRoughness=surface, alphaMode=mode, doubleSided=sides)

    def _add_nodes(self) -> None:
        """Ground joint, the rig's joints that stand on it, and the mesh with its skin beside them."""
        pivots = [np.asarray(joint.pivot, np.float64) for joint in self.joints]
        self.joint_nodes = list(range(1, len(pivots) + 1))
        self.gltf.add("nodes", name="body", children=self.joint_nodes or None)
        for joint, pivot in zip(self.joints, pivots, strict=True):
            self.gltf.add("nodes", name=joint.name, translation=pivot.tolist())
        self.mesh_node = self.gltf.add("nodes", name=self.rig.name, mesh=0, skin=0 if self.joints else None)
        if self.joints:
            inverse = np.tile(np.eye(4, dtype=np.float32), (len(pivots) + 1, 1, 1))
            inverse[1:, 3, :3] = -np.array(pivots)  # column-major: the translation is the last row in memory
            matrices = self.gltf.accessor(inverse.reshape(-1, 16))
            self.gltf.add("skins", joints=[0, *self.joint_nodes], skeleton=0, inverseBindMatrices=matrices)
        self.gltf.content["scene"] = self.gltf.add("scenes", nodes=[0, self.mesh_node])


def _by_material(rig: Rig) -> dict[str, np.ndarray]:
    """Material → (F, 3) triangles of all parts that have it; a rig without parts is skin all over."""
    parts: Sequence[Part] = rig.parts or (Part("skin", "skin", slice(None)),)
    triangles: dict[str, list[np.ndarray]] = {}
    for part in parts:
        triangles.setdefault(part.material, []).append(rig.triangles[part.triangles])
    return {material: np.concatenate(pieces) for material, pieces in triangles.items()}


def _colours(rig: Rig) -> np.ndarray:
    """(V, 4) uint16 RGBA that multiplies the material's colour: shade in hollows, and the rig's own colours.

    A rig without colours has its lips tinted.
    """
    light = 1 - SHADE * (1 - openness_of(rig))[:, None]
    own = linear_colours(rig)
    shown = 1 + tint_of(rig)[:, None] * (LIPS - 1) if own is None else own
    linear = np.pad(np.clip(shown * light, 0, 1), ((0, 0), (0, 1)), constant_values=1)
    return np.round(65535 * linear).astype(np.uint16)


def _offsets(rig: Rig) -> list[np.ndarray]:
    """(V, 3) float32 a channel of ARKit's, zero where the rig lacks it."""
    offsets = []
    for channel in ARKIT:
        values = np.zeros((1, len(rig.channels)), np.float32)
        if channel in rig.channels:
            values[0, rig.channels.index(channel)] = 1
        offsets.append((rig.vertices(values)[0] - rig.template).astype(np.float32))
    return offsets


def _skinning(joints: Sequence[Joint], vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """((n, 4) uint8 joint numbers, (n, 4) uint8 shares that sum to 255); number 0 is the ground."""
    follow = np.stack([np.asarray(joint.follow, np.float64)[vertices] for joint in joints], 1)
    shares = np.concatenate([1 - follow.sum(1, keepdims=True), follow], 1).clip(0, 1)
    most = np.argsort(-shares, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(shares, most, 1)
    whole = np.round(255 * kept / kept.sum(1, keepdims=True)).astype(np.int64)
    whole[:, 0] += 255 - whole.sum(1)
    indices = np.where(whole > 0, most, 0)
    width = 4 - indices.shape[1]
    pad = ((0, 0), (0, width))
    return np.pad(indices, pad).astype(np.uint8), np.pad(whole, pad).astype(np.uint8)


def quaternions(angles: np.ndarray) -> np.ndarray:
    """(T, 3) yaw, pitch, roll → (T, 4) float32 x, y, z, w of R_y(−yaw) · R_x(pitch) · R_z(roll)."""
    half = angles.astype(np.float64) * (-0.5, 0.5, 0.5)
    (sy, sx, sz), (cy, cx, cz) = np.sin(half).T, np.cos(half).T
    return np.stack(
        [
            cy * sx * cz + sy * cx * sz,
            sy * cx * cz - cy * sx * sz,
            cy * cx * sz - sy * sx * cz,
            cy * cx * cz + sy * sx * sz,
        ],
        1,
    ).astype(np.float32)
