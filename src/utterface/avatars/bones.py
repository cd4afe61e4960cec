"""Nodes that turn with a face: head, neck, eyes, jaw.

A bone's local rotation is `before · R · after`, where R turns the face in its own frame (+Y up, looking to +Z) by its
channels, R = R_y · R_x · R_z, and `before` and `after` are constants of the bone that hold its rest pose.
"""

from dataclasses import dataclass

import numpy as np

from utterface.avatars import vrm
from utterface.avatars.settings import ROLES, BoneSetting, Settings
from utterface.errors import ConfigError
from utterface.gltf import Gltf
from utterface.gltf.geometry import matrices
from utterface.motion import Motion

JAW_DEGREES = 20.0  # at jawOpen 1
JAW_ASIDE = 5.0  # degrees at jawLeft 1
NECK_SHARE = 0.35  # of the head's turn, where there is a neck
_NODES = {  # role: names of nodes, normalised as `_key` does
    "head": {"head", "bip01head", "bip001head", "ccbasehead", "jbipchead", "headbone"},
    "neck": {"neck", "bip01neck", "bip001neck", "ccbasenecktwist01", "jbipcneck", "necklower", "neck1", "neck01"},
    "jaw": {"jaw", "mjaw", "bip01mjaw", "ccbasejawroot", "jawroot", "lowerjaw", "jawbone", "jawmaster"},
    "leftEye": {"lefteye", "eyeleft", "bip01leye", "ccbaseleye", "jadjlfaceeye", "leye"},
    "rightEye": {"righteye", "eyeright", "bip01reye", "ccbasereye", "jadjrfaceeye", "reye"},
}
Turn = tuple[str, float, float, float]  # channel, radians about x, y, z per unit


@dataclass(frozen=True)
class Bone:
    """A node that channels turn.

    Attributes:
        role: `head`, `neck`, `jaw`, `leftEye` or `rightEye`.
        node: its number.
        turns: what turns it.
        before, after: (4,) quaternions x, y, z, w around the turn.
    """

    role: str
    node: int
    turns: tuple[Turn, ...]
    before: np.ndarray
    after: np.ndarray

    def rotations(self, motion: Motion) -> np.ndarray:
        """(T, 4) float32 local rotations."""
        angles = motion.select([channel for channel, *_ in self.turns]) @ np.array([turn[1:] for turn in self.turns])
        return product(product(self.before, euler(angles)), self.after).astype(np.float32)


def find(gltf: Gltf, settings: Settings) -> dict[str, int]:
    """Node of each role that the file has: by the settings, by VRM's human bones, or by its name."""
    nodes, human = gltf.items("nodes"), vrm.human_bones(gltf)
    found: dict[str, int] = {}
    joints = {joint for skin in gltf.items("skins") for joint in gltf.list_of(skin, "joints")}
    for role in ROLES:
        if role in settings.bones:
            if settings.bones[role].node:
                found[role] = _named(gltf, role, settings.bones[role].node)
        elif role in human:
            found[role] = human[role]
        elif not human:
            named = [n for n, node in enumerate(nodes) if _key(node) in _NODES[role] and _carries(gltf, n, joints)]
            if named:
                found[role] = next((n for n in named if n in joints), named[0])
    return {role: node for role, node in found.items() if "matrix" not in nodes[node]}  # which nothing may animate


def head_and_eyes(gltf: Gltf, nodes: dict[str, int], settings: Settings, with_eyes: bool) -> list[Bone]:
    """Bones that follow head and eye angles."""
    frame = _Frame(gltf, nodes)
    shares = {"neck": NECK_SHARE, "head": 1 - NECK_SHARE} if {"head", "neck"} <= nodes.keys() else {"head": 1.0}
    bones = []
    for role, share in shares.items():
        if role in nodes:
            gains = [share * settings.gains.get(channel, 1.0) for channel in ("headYaw", "headPitch", "headRoll")]
            turns = _turns(("headYaw", "headPitch", "headRoll"), gains)
            bones.append(frame.bone(role, nodes[role], turns, settings.bones.get(role)))
    for role in ("leftEye", "rightEye") if with_eyes else ():
        if role in nodes:
            turns = _turns((f"{role}Yaw", f"{role}Pitch", f"{role}Roll"), [1.0] * 3)
            bones.append(frame.bone(role, nodes[role], turns, settings.bones.get(role)))
    return bones


def jaw(gltf: Gltf, nodes: dict[str, int], settings: Settings, lips_close: bool) -> Bone:
    """The jaw's bone.

    Args:
        gltf: the file.
        nodes: as `find` gives them, with a jaw.
        settings: may name an axis and degrees.
        lips_close: whether a shape closes the lips over an open jaw; else a closed mouth is a closed jaw.
    """
    given = settings.bones.get("jaw", BoneSetting(""))
    full = np.radians(JAW_DEGREES if given.degrees is None else given.degrees)
    if given.axis is not None:
        axis = np.array(given.axis) / np.linalg.norm(given.axis)
        turns = [("jawOpen", *(axis * full).tolist())]
        closing = [("mouthClose", *(-axis * full).tolist())]
    else:
        aside = float(np.radians(JAW_ASIDE))
        turns = [("jawOpen", float(full), 0.0, 0.0), ("jawLeft", 0.0, aside, 0.0), ("jawRight", 0.0, -aside, 0.0)]
        closing = [("mouthClose", float(-full), 0.0, 0.0)]
    return _Frame(gltf, nodes).bone("jaw", nodes["jaw"], [*turns, *([] if lips_close else closing)], given)


class _Frame:
    """Rest pose of a file, and where its face looks."""

    def __init__(self, gltf: Gltf, nodes: dict[str, int]) -> None:
        self.gltf, self.worlds, self.parents = gltf, matrices(gltf), gltf.parents()
        self.facing = facing(gltf, nodes, self.worlds)

    def bone(self, role: str, node: int, turns: list[Turn], given: BoneSetting | None) -> Bone:
        own = np.array(self.gltf.items("nodes")[node].get("rotation", (0, 0, 0, 1)), np.float64)
        if given is not None and given.axis is not None:  # about an axis of the bone's own
            return Bone(role, node, tuple(turns), own, np.array((0.0, 0, 0, 1)))
        parent = self.parents[node]
        above = np.array((0.0, 0, 0, 1)) if parent is None else quaternion_of(self.worlds[parent][:3, :3])
        face = euler(np.array([[0.0, self.facing, 0]]))[0]
        before = product(inverse(above), face)
        return Bone(role, node, tuple(turns), before, product(inverse(before), own))


def facing(gltf: Gltf, nodes: dict[str, int], worlds: np.ndarray) -> float:
    """Radians about +Y from +Z to where the face looks: by VRM's version, else by which side the left eye is on."""
    version = vrm.version(gltf)
    if version is not None:
        return np.pi if version == 0 else 0.0
    if not {"leftEye", "rightEye"} <= nodes.keys():
        return 0.0
    aside = worlds[nodes["leftEye"], :3, 3] - worlds[nodes["rightEye"], :3, 3]
    angle = float(np.arctan2(-aside[2], aside[0]))
    return round(angle / (np.pi / 2)) * (np.pi / 2) if np.hypot(aside[0], aside[2]) > 1e-6 else 0.0


def euler(angles: np.ndarray) -> np.ndarray:
    """(T, 3) radians about x, y, z → (T, 4) quaternions of R_y · R_x · R_z."""
    half = np.asarray(angles, np.float64) / 2
    zero = np.zeros(len(half))
    x, y, z = (
        np.stack([*(np.sin(half[:, i]) if i == axis else zero for axis in range(3)), np.cos(half[:, i])], 1)
        for i in range(3)
    )
    return product(product(y, x), z)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Quaternion products, (…, 4) each: first b, then a."""
    ax, ay, az, aw = np.moveaxis(a, -1, 0)
    bx, by, bz, bw = np.moveaxis(b, -1, 0)
    return np.stack(
        [
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ],
        -1,
    )


def inverse(quaternion: np.ndarray) -> np.ndarray:
    """Of unit quaternions (…, 4)."""
    return quaternion * (-1.0, -1.0, -1.0, 1.0)


def quaternion_of(matrix: np.ndarray) -> np.ndarray:
    """(4,) of the rotation in a (3, 3) matrix that may scale, too."""
    left, _, right = np.linalg.svd(matrix)
    rotation = left @ right
    if np.linalg.det(rotation) < 0:
        rotation = -rotation
    # the eigenvector that Bar-Itzhack's matrix keeps: stable for every rotation
    a = rotation
    k = np.array([
        [a[0, 0] - a[1, 1] - a[2, 2], a[1, 0] + a[0, 1], a[2, 0] + a[0, 2], a[2, 1] - a[1, 2]],
        [a[1, 0] + a[0, 1], a[1, 1] - a[0, 0] - a[2, 2], a[2, 1] + a[1, 2], a[0, 2] - a[2, 0]],
        [a[2, 0] + a[0, 2], a[2, 1] + a[1, 2], a[2, 2] - a[0, 0] - a[1, 1], a[1, 0] - a[0, 1]],
        [a[2, 1] - a[1, 2], a[0, 2] - a[2, 0], a[1, 0] - a[0, 1], a[0, 0] + a[1, 1] + a[2, 2]],
    ])  # fmt: skip
    return np.asarray(np.linalg.eigh(k)[1][:, -1])


def _turns(channels: tuple[str, str, str], gains: list[float]) -> list[Turn]:
    yaw, pitch, roll = channels
    return [(yaw, 0.0, -gains[0], 0.0), (pitch, gains[1], 0.0, 0.0), (roll, 0.0, 0.0, gains[2])]


def _key(node: dict[str, object]) -> str:
    from utterface.avatars.names import normalised

    return normalised(str(node.get("name", "")).split(":")[-1].replace(".", "_").replace(" ", "_"))


def _carries(gltf: Gltf, node: int, joints: set[int]) -> bool:
    """Whether turning a node turns a part of a figure: it is a joint, or carries meshes without being one."""
    if node in joints:
        return True
    below, carried = [node], False
    while below:
        item = gltf.items("nodes")[below.pop()]
        carried |= "mesh" in item
        below += gltf.list_of(item, "children")
    return carried and "mesh" not in gltf.items("nodes")[node]


def _named(gltf: Gltf, role: str, name: str) -> int:
    names = [str(node.get("name", "")) for node in gltf.items("nodes")]
    if name not in names:
        raise ConfigError(f"{gltf.name} has no node {name!r} for the {role}; `utterface inspect` lists what it has")
    return names.index(name)
