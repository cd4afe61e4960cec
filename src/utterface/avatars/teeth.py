"""Teeth that have no shape of their own follow the jaw: a rigid turn fitted to how jawOpen moves the face.

Separate meshes of teeth and tongue without jawOpen, and without a jaw bone that moves them, would stay behind when the
mouth opens. They get one shape, `jawOpen`, in the avatar's own file: its lower half turns as the face does at the
height of the teeth.
"""

import copy
import re
from collections.abc import Mapping

import numpy as np

from utterface.avatars.avatar import Avatar, Drive, rest_weights, shape_names
from utterface.avatars.surface import rigid
from utterface.errors import MissingExtra
from utterface.gltf import Gltf, GltfEditor
from utterface.gltf.geometry import Primitive, matrices, primitive, to_world

WORDS = frozenset({"teeth", "tooth", "tongue", "gum", "gums", "denture", "dentures"})
UPPER = frozenset({"upper", "up", "top"})
LOWER = frozenset({"lower", "down", "bottom", "tongue"})
MOST = np.radians(20.0)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
Placed = tuple[Primitive, np.ndarray, np.ndarray]  # a part, its vertices in the world, its matrices to there


def with_teeth(avatar: Avatar) -> Avatar:
    """The avatar with teeth and tongue that follow its jaw; itself where they do, or where there are none."""
    gltf = avatar.gltf
    jaw = avatar.drives.get("jawOpen", ())
    if not jaw or any(bone.role == "jaw" for bone in avatar.bones):
        return avatar
    moving = {drive.mesh for each in avatar.drives.values() for drive in each}
    still = [n for n, node in enumerate(gltf.items("nodes")) if _is_teeth(gltf, node) and node["mesh"] not in moving]
    if not still:
        return avatar
    try:
        fitted = _fitted(avatar, still)
    except MissingExtra:  # compressed, and no decoder here: the teeth stay as they are
        return avatar
    if not fitted:
        return avatar
    editor = GltfEditor(gltf)
    drives = list(jaw)
    for mesh, offsets in fitted.items():
        item = copy.deepcopy(gltf.items("meshes")[mesh])
        names = shape_names(gltf, mesh)
        for target, each in zip(item["primitives"], offsets, strict=True):
            target["targets"] = [*target.get("targets", []), {"POSITION": editor.sparse(each, 0.0)}]
        extras = item.get("extras")
        spelt = [name or f"target_{number}" for number, name in enumerate(names)]
        item["extras"] = {**(extras if isinstance(extras, dict) else {}), "targetNames": [*spelt, "jawOpen"]}
        node = next(n for n in still if gltf.items("nodes")[n]["mesh"] == mesh)
        item["weights"] = [*rest_weights(gltf, node).tolist(), 0.0]
        editor.replace("meshes", mesh, item)
        drives.append(Drive(mesh, len(names), 1.0))
    changed = Gltf.from_bytes(editor.to_bytes(), gltf.name, gltf.folder)
    return Avatar(
        changed, {**avatar.drives, "jawOpen": tuple(drives)}, avatar.mouth, avatar.kinds, avatar.bones,
        avatar.settings, avatar.facing, avatar.parked, avatar.as_float,
    )  # fmt: skip


def _words(gltf: Gltf, node: Mapping[str, object]) -> set[str]:
    names = [str(node.get("name", "")), str(gltf.item("meshes", node["mesh"]).get("name", ""))]
    return {word.lower() for name in names for word in _WORD.findall(name)}


def _is_teeth(gltf: Gltf, node: Mapping[str, object]) -> bool:
    return "mesh" in node and "weights" not in node and bool(_words(gltf, node) & WORDS)


def _fitted(avatar: Avatar, still: list[int]) -> dict[int, list[np.ndarray]]:
    """Mesh → offsets of each of its primitives at jawOpen 1, in the mesh's own space."""
    gltf, worlds = avatar.gltf, matrices(avatar.gltf)
    places = {node: _placed(gltf, node, worlds) for node in still}
    everything = np.concatenate([vertices for parts in places.values() for _, vertices, _ in parts])
    height, depth = np.median(everything[:, 1]), np.ptp(everything[:, 1])
    rest, moved = _chin(avatar, worlds, height, depth)
    if len(rest) < 4:
        return {}
    turn, shift = rigid(rest, moved, MOST)
    fitted = {}
    for node, parts in places.items():
        words = _words(gltf, gltf.items("nodes")[node])
        if words & UPPER and not words & LOWER:
            continue
        fitted[gltf.items("nodes")[node]["mesh"]] = [
            _offsets(part, vertices, to, turn, shift, -np.inf if words & LOWER else height)
            for part, vertices, to in parts
        ]
    return fitted


def _offsets(
    part: Primitive, vertices: np.ndarray, to: np.ndarray, turn: np.ndarray, shift: np.ndarray, height: float
) -> np.ndarray:
    lower = np.ones(len(vertices), bool) if height == -np.inf else vertices[:, 1] < height
    world = np.where(lower[:, None], vertices @ turn.T + shift - vertices, 0)
    return np.einsum("vab,vb->va", np.linalg.inv(to[:, :3, :3]), world).astype(np.float32)


def _chin(avatar: Avatar, worlds: np.ndarray, height: float, depth: float) -> tuple[np.ndarray, np.ndarray]:
    """What jawOpen moves well at the height of the teeth and a little below: (n, 3) in the world, at rest and moved."""
    gltf, rest, moved = avatar.gltf, [], []
    for drive in avatar.drives["jawOpen"]:
        for node, item in enumerate(gltf.items("nodes")):
            if item.get("mesh") != drive.mesh:
                continue
            for part, vertices, to in _placed(gltf, node, worlds):
                offsets = np.einsum("vab,vb->va", to[:, :3, :3], drive.gain * part.offsets[drive.target])
                lengths = np.linalg.norm(offsets, axis=1)
                near = (vertices[:, 1] < height) & (vertices[:, 1] > height - 1.5 * depth)
                chosen = near & (lengths > 0.5 * lengths.max(initial=0))
                rest.append(vertices[chosen])
                moved.append((vertices + offsets)[chosen])
    return np.concatenate(rest), np.concatenate(moved)


def _placed(gltf: Gltf, node: int, worlds: np.ndarray) -> list[Placed]:
    found = []
    for item in gltf.list_of(gltf.item("meshes", gltf.items("nodes")[node]["mesh"]), "primitives"):
        part = primitive(gltf, item)
        to = np.asarray(to_world(gltf, node, part, worlds))
        found.append(
            (part, np.einsum("vab,vb->va", to[:, :3, :3], part.positions.astype(np.float64)) + to[:, :3, 3], to)
        )
    return found
