"""The built-in head as a rig: 52 shapes, then the turn of eyes and head."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from utterface.errors import RigError
from utterface.motion import ARKIT, HEAD
from utterface.rigs.human.identity import Identity
from utterface.rigs.protocol import Joint, Part

YAW_PER_LOOK, PITCH_PER_LOOK = 0.605, 0.555  # radians at full eyeLook weight, as in a real Live Link take


def _refuse(identity: Identity) -> "HeadRig":
    raise RigError("this head was not built from an identity")


_FEW = 3  # shapes in use up to which the others are left out of the sum


@dataclass(frozen=True)
class HeadRig:
    """A `Rig` on MakeHuman's mesh.

    Attributes:
        name: shown to people.
        template: (V, 3) float32 metres.
        triangles: (F, 3) int32.
        parts: runs of triangles with their material; the skin first.
        regions: named vertex sets; lips and lids are paired one to one.
        shapes: (52, V, 3) float32 metres, displacement at weight 1, in the order of `ARKIT`.
        joints: the eyes, then the head; each turns its vertices after the shapes are added. The head turns by its
            channels; the eyes turn by the eyeLook weights, as `YAW_PER_LOOK` and `PITCH_PER_LOOK` say.
        tint: (V,) float32, how much each vertex belongs to the lips.
        colours: (V, 3) float32 sRGB, 0 to 1.
        identity: whose face it is.
        detail: `high`, or `low` for few vertices.
        openness: (V,) float32 as `rigs.shading` measures it.
        channels: ARKit's 52 weights, then head yaw, pitch and roll in radians.
        remade: makes the rig of another identity.
    """

    name: str
    template: np.ndarray
    triangles: np.ndarray
    parts: tuple[Part, ...]
    regions: dict[str, np.ndarray]
    shapes: np.ndarray
    joints: tuple[Joint, ...]
    tint: np.ndarray
    colours: np.ndarray
    identity: Identity
    detail: str = "high"
    openness: np.ndarray | None = None
    channels: tuple[str, ...] = field(default=(*ARKIT, *HEAD))
    remade: Callable[[Identity], "HeadRig"] = field(default=_refuse, repr=False, compare=False)

    def vertices(self, values: np.ndarray) -> np.ndarray:
        """(T, C) values of `channels` → (T, V, 3) float32 metres; zero values give the template.

        Raises:
            RigError: `values` has another number of channels.
        """
        values = np.asarray(values, np.float32)
        if values.ndim != 2 or values.shape[1] != len(self.channels):
            raise RigError(f"{self.name} takes (frames, {len(self.channels)} channels), got {values.shape}")
        weights, shapes = np.ascontiguousarray(values[:, : len(self.shapes)]), self.shapes
        used = np.flatnonzero(weights.any(0))
        if len(used) <= _FEW:  # a shape by itself is looked at often
            weights, shapes = weights[:, used], shapes[used]
        flat = weights @ shapes.reshape(len(shapes), self.template.size)
        vertices = self.template + flat.reshape(len(values), *self.template.shape)
        for joint in self.joints:
            turn(vertices, joint, joint_angles(joint, values, self.channels))
        return vertices

    def with_identity(self, identity: Identity) -> "HeadRig":
        """The same rig on another face."""
        return self.remade(identity)


def joint_angles(joint: Joint, values: np.ndarray, channels: tuple[str, ...]) -> np.ndarray:
    """(T, 3) yaw, pitch, roll in radians of a joint for (T, C) values; eyes take theirs from the eyeLook weights."""
    at = {name: values[:, i] for i, name in enumerate(channels)}
    if joint.name == "head":
        return np.stack([at[name] for name in HEAD], 1)
    side, toward_right = ("Left", 1.0) if joint.name == "leftEye" else ("Right", -1.0)
    yaw = toward_right * YAW_PER_LOOK * (at[f"eyeLookIn{side}"] - at[f"eyeLookOut{side}"])
    pitch = PITCH_PER_LOOK * (at[f"eyeLookDown{side}"] - at[f"eyeLookUp{side}"])
    return np.stack([yaw, pitch, np.zeros_like(yaw)], 1)


def turn(vertices: np.ndarray, joint: Joint, angles: np.ndarray) -> None:
    """Turns (T, V, 3) `vertices` in place about a joint by (T, 3) yaw, pitch, roll in radians."""
    moving = np.flatnonzero(np.any(angles != 0, axis=1))
    touched = np.flatnonzero(joint.follow > 0)
    if not len(moving) or not len(touched):
        return
    where = np.ix_(moving, touched)
    pivot = joint.pivot.astype(np.float32)
    turns = (rotations(angles[moving].astype(np.float64)) - np.eye(3)).astype(np.float32)
    arm = vertices[where] - pivot
    vertices[where] += joint.follow[touched, None] * (arm @ turns.transpose(0, 2, 1))


def rotations(angles: np.ndarray) -> np.ndarray:
    """(T, 3) yaw, pitch, roll → (T, 3, 3) matrices R_y(−yaw) · R_x(pitch) · R_z(roll)."""
    y, x, z = (angles * (-1, 1, 1)).T
    (cy, cx, cz), (sy, sx, sz) = np.cos([y, x, z]), np.sin([y, x, z])
    return np.stack(
        [
            cy * cz + sy * sx * sz, sy * sx * cz - cy * sz, sy * cx,
            cx * sz, cx * cz, -sx,
            cy * sx * sz - sy * cz, sy * sz + cy * sx * cz, cy * cx,
        ],
        -1,
    ).reshape(-1, 3, 3)  # fmt: skip
