"""An avatar's shapes as a `Rig`: what its channels do to vertices, for videos, vertex caches and the solver."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from utterface.avatars import bones, materials
from utterface.avatars.avatar import Avatar
from utterface.errors import RigError
from utterface.gltf import Gltf
from utterface.gltf.geometry import Primitive, matrices, primitive, rotation_matrix, to_world
from utterface.motion import Motion
from utterface.rigs.protocol import Joint, Material, Part

_TURN = ("headYaw", "headPitch", "headRoll")


@dataclass(frozen=True)
class AvatarRig:
    """All meshes of an avatar at rest in the world, its face toward +Z.

    Shapes add up, and the head turns on its bone; jaws and eyes that turn by bones stay still.

    Attributes:
        name, template, triangles, channels, parts, joints: see `Rig`.
        shapes: (K, V, 3) float32 metres at weight 1, of the first K channels.
        materials: by name, what the parts look like.
        uv: (V, 2) float32 places on the pictures of the materials.
        regions, tint, openness, colours: none.
    """

    name: str
    template: np.ndarray
    triangles: np.ndarray
    channels: tuple[str, ...]
    parts: tuple[Part, ...]
    joints: tuple[Joint, ...]
    shapes: np.ndarray
    materials: dict[str, Material]
    uv: np.ndarray
    regions: dict[str, np.ndarray] = field(default_factory=dict)
    tint: np.ndarray | None = None
    openness: np.ndarray | None = None
    colours: np.ndarray | None = None

    @classmethod
    def of(cls, avatar: Avatar) -> "AvatarRig":
        """The rig of an avatar; RigError where none of its meshes has triangles."""
        gltf, worlds = avatar.gltf, matrices(avatar.gltf)
        nodes = bones.find(gltf, avatar.settings)
        angle = bones.facing(gltf, nodes, worlds)
        flip = rotation_matrix(np.array([0, -np.sin(angle / 2), 0, np.cos(angle / 2)]))
        channels = tuple(channel for channel in avatar.channels if channel in avatar.drives)
        pieces = [
            _Placed(avatar, channels, number, item, worlds, flip, nodes.get("head"))
            for number, node in enumerate(gltf.items("nodes")) if "mesh" in node
            for item in gltf.list_of(gltf.item("meshes", node["mesh"]), "primitives")
        ]  # fmt: skip
        pieces = [piece for piece in pieces if len(piece.triangles)]
        if not pieces:
            raise RigError(f"{gltf.name} has no triangles to show")
        begins = np.cumsum([0, *(len(piece.positions) for piece in pieces)])
        faces = np.cumsum([0, *(len(piece.triangles) for piece in pieces)])
        follow = np.concatenate([piece.follow for piece in pieces])
        joints: tuple[Joint, ...] = ()
        if "head" in nodes and follow.any():
            joints = (Joint("head", flip @ worlds[nodes["head"]][:3, 3], _TURN, follow),)
        return cls(
            name=Path(gltf.name).name,
            template=np.concatenate([piece.positions for piece in pieces]),
            triangles=np.concatenate(
                [piece.triangles + begin for piece, begin in zip(pieces, begins, strict=False)]
            ).astype(np.int32),
            channels=(*channels, *(_TURN if joints else ())),
            parts=tuple(
                Part(f"{number}", piece.material, slice(int(faces[number]), int(faces[number + 1])))
                for number, piece in enumerate(pieces)
            ),
            joints=joints,
            shapes=np.concatenate([piece.offsets for piece in pieces], 1),
            materials={piece.material: materials.material(gltf, piece.number) for piece in pieces},
            uv=np.concatenate([piece.uv for piece in pieces]),
        )

    def vertices(self, values: np.ndarray) -> np.ndarray:
        """(T, C) values of `channels` → (T, V, 3) float32 metres; zero values give the template."""
        values = np.asarray(values, np.float32)
        if values.ndim != 2 or values.shape[1] != len(self.channels):
            raise RigError(f"{self.name} takes (frames, {len(self.channels)} channels), got {values.shape}")
        count = len(self.shapes)
        moved = values[:, :count] @ self.shapes.reshape(count, -1)
        vertices: np.ndarray = self.template + moved.reshape(len(values), *self.template.shape)
        for joint in self.joints:
            yaw, pitch, roll = values[:, count:].T
            turns = rotation_matrix(bones.euler(np.stack([pitch, -yaw, roll], 1))) - np.eye(3)
            arm = vertices - joint.pivot.astype(np.float32)
            vertices += joint.follow[:, None] * (arm @ turns.transpose(0, 2, 1).astype(np.float32))
        return vertices


def shown(avatar: Avatar, motion: Motion) -> tuple[AvatarRig, Motion]:
    """An avatar's rig, and a motion in its channels: tuned, and reduced to visemes or vowels where it has no more."""
    rig, driven = AvatarRig.of(avatar), avatar.driven(motion)
    columns = [(driven if c in driven.channels else motion).select([c]) for c in rig.channels]
    return rig, replace(motion, values=np.concatenate(columns, 1), channels=rig.channels)


class _Placed:
    """One primitive of one node, in the world."""

    def __init__(
        self,
        avatar: Avatar,
        channels: tuple[str, ...],
        node: int,
        item: dict[str, Any],
        worlds: np.ndarray,
        flip: np.ndarray,
        head: int | None,
    ) -> None:
        gltf, mesh = avatar.gltf, avatar.gltf.items("nodes")[node]["mesh"]
        part = primitive(gltf, item)
        world = to_world(gltf, node, part, worlds)
        linear = flip @ world[:, :3, :3]
        place = np.einsum("vij,vj->vi", linear, part.positions) + world[:, :3, 3] @ flip.T
        self.positions, self.triangles = place.astype(np.float32), part.triangles
        self.number = item.get("material")
        self.material = f"material {self.number}"
        self.uv = materials.places(gltf, self.number, part)
        self.follow = _follow(gltf, node, part, head)
        self.offsets = np.zeros((len(channels), *part.positions.shape), np.float32)
        for row, channel in enumerate(channels):
            for drive in avatar.drives[channel]:
                if drive.mesh == mesh and drive.target < len(part.offsets):
                    self.offsets[row] += drive.gain * np.einsum("vij,vj->vi", linear, part.offsets[drive.target])


def _follow(gltf: Gltf, node: int, part: Primitive, head: int | None) -> np.ndarray:
    """(V,) float32, how much each vertex goes with the head: by its skin, or by what it hangs on."""
    count = len(part.positions)
    if head is None:
        return np.zeros(count, np.float32)
    parents = gltf.parents()

    def under(number: int | None) -> bool:
        while number is not None and number != head:
            number = parents[number]
        return number == head

    skin = gltf.items("nodes")[node].get("skin")
    if skin is None or part.joints is None or part.shares is None:
        return np.full(count, under(node), np.float32)
    carried = np.array([under(joint) for joint in gltf.list_of(gltf.item("skins", skin), "joints")])
    follow: np.ndarray = (part.shares * carried[part.joints]).sum(1).clip(0, 1).astype(np.float32)
    return follow
