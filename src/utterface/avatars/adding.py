"""Give a face without shapes those of a rig, in its own file: one mesh is written again, all else stays as it was."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from utterface.avatars import bones, landmarks
from utterface.avatars.avatar import Avatar, found, rest_weights, shape_names
from utterface.avatars.landmarks import Places
from utterface.avatars.settings import Settings
from utterface.avatars.transfer import APART, TargetFace, source_of, transferred
from utterface.errors import RigError
from utterface.gltf import Gltf, GltfEditor
from utterface.gltf.geometry import Primitive, matrices, primitive, to_world
from utterface.rigs import Rig

LEAST = 2e-5  # metres; shorter offsets take no space


@dataclass(frozen=True)
class _Mesh:
    """All primitives of a node's mesh as one surface, in the frame of the face."""

    node: int
    number: int
    parts: list[Primitive]
    to_face: np.ndarray  # (V, 4, 4)
    vertices: np.ndarray
    triangles: np.ndarray


def with_shapes(gltf: Gltf, rig: Rig, settings: Settings) -> Gltf:
    """The file with ARKit's shapes that it lacks.

    Args:
        gltf: the file.
        rig: whose shapes they are; its regions must name lips and lids.
        settings: may name landmarks by vertices of the face's mesh, counted through its materials.

    Raises:
        RigError: no landmarks can be had. GltfError, MissingExtra: geometry that cannot be read.
    """
    avatar = found(gltf, settings)
    nodes = bones.find(gltf, settings)
    mesh, places = _face(gltf, nodes, settings, avatar)
    own = _own_shapes(mesh, avatar)
    sides = landmarks.sides_of_bones(_shares(gltf, mesh), len(mesh.vertices))
    by_bones = bool(sides.any())
    if not by_bones:
        _, sides = landmarks.of_shapes(mesh.vertices, own)
    target = TargetFace(mesh.vertices, mesh.triangles, sides if sides.any() else None)
    offsets = transferred(source_of(rig, by_bones), target, landmarks.of_rig(rig, by_bones), places, own.get("jawOpen"))
    lacking = {c: each for c, each in offsets.items() if c not in avatar.drives and not c.startswith("eyeLook")}
    apart = np.linalg.norm(places["eye_left"] - places["eye_right"])
    return _added(gltf, mesh, lacking, LEAST * float(apart) / APART)


def _face(gltf: Gltf, nodes: dict[str, int], settings: Settings, avatar: Avatar) -> tuple[_Mesh, Places]:
    """The mesh of the face, and its landmarks: by the user's numbers, else by the bones of its face and its shapes."""
    facing = avatar.facing
    worlds = matrices(gltf)
    best: tuple[int, _Mesh | None, Places] = (0, None, {})
    for number, node in enumerate(gltf.items("nodes")):
        if "mesh" not in node:
            continue
        mesh = _surface(gltf, number, worlds, facing)
        if settings.landmarks:
            places = landmarks.of_numbers(mesh.vertices, settings.landmarks)
        else:
            turn = _about_y(-facing)
            eyes = {f"eye_{side}": turn @ worlds[nodes[f"{side}Eye"], :3, 3]
                    for side in ("left", "right") if f"{side}Eye" in nodes}  # fmt: skip
            places, _ = landmarks.of_shapes(mesh.vertices, _own_shapes(mesh, avatar))
            places |= landmarks.of_bones(mesh.vertices, _shares(gltf, mesh), eyes)
        known = sum(name in places for name in landmarks.REQUIRED)
        if (known, len(mesh.vertices)) > (best[0], 0 if best[1] is None else len(best[1].vertices)):
            best = known, mesh, places
    _, chosen, places = best
    missing = [name for name in landmarks.REQUIRED if name not in places]
    if chosen is None or missing:
        raise RigError(
            f"{gltf.name} has neither bones of a face nor shapes that open its mouth and shut its eyes, "
            f"to find its {', '.join(missing) or 'mouth'} by; "
            "name vertices of its mesh in [landmarks] of --avatar-settings"
        )
    return chosen, landmarks.on_midline(chosen.vertices, places) | places


def _surface(gltf: Gltf, node: int, worlds: np.ndarray, facing: float) -> _Mesh:
    number = gltf.items("nodes")[node]["mesh"]
    parts = [primitive(gltf, item) for item in gltf.list_of(gltf.item("meshes", number), "primitives")]
    frame = np.eye(4)
    frame[:3, :3] = _about_y(-facing)
    to_face = np.concatenate([frame @ to_world(gltf, node, part, worlds) for part in parts])
    local = np.concatenate([part.positions for part in parts]).astype(np.float64)
    vertices = np.einsum("vab,vb->va", to_face[:, :3, :3], local) + to_face[:, :3, 3]
    begins = np.cumsum([0, *(len(part.positions) for part in parts)])
    triangles = np.concatenate([part.triangles + begin for part, begin in zip(parts, begins[:-1], strict=True)])
    return _Mesh(node, number, parts, to_face, vertices, triangles)


def _own_shapes(mesh: _Mesh, avatar: Avatar) -> dict[str, np.ndarray]:
    """Channel → (V, 3) what it does to the mesh, for those that landmarks are found by."""
    moving: dict[str, np.ndarray] = {}
    for channel in (*landmarks.OPENING, "eyeBlinkLeft", "eyeBlinkRight"):
        for drive in avatar.drives.get(channel, ()):
            if drive.mesh == mesh.number and all(drive.target < len(part.offsets) for part in mesh.parts):
                local = drive.gain * np.concatenate([part.offsets[drive.target] for part in mesh.parts])
                moved = np.einsum("vab,vb->va", mesh.to_face[:, :3, :3], local)
                moving[channel] = moving.get(channel, 0) + moved
    return {channel: offsets for channel, offsets in moving.items() if offsets.any()}


def _shares(gltf: Gltf, mesh: _Mesh) -> dict[str, np.ndarray]:
    """Name of each joint → (V,) how much it moves each vertex."""
    skin = gltf.items("nodes")[mesh.node].get("skin")
    if skin is None:
        return {}
    joints = gltf.list_of(gltf.item("skins", skin), "joints")
    names = [str(gltf.item("nodes", joint).get("name", "")) for joint in joints]
    dense = np.zeros((len(mesh.vertices), len(joints)))
    begin = 0
    for part in mesh.parts:
        if part.joints is not None and part.shares is not None:
            rows = np.arange(begin, begin + len(part.positions))
            for column in range(4):
                np.add.at(dense, (rows, part.joints[:, column]), part.shares[:, column])
        begin += len(part.positions)
    return dict(zip(names, dense.T, strict=True))


def _added(gltf: Gltf, mesh: _Mesh, offsets: dict[str, np.ndarray], least: float) -> Gltf:
    item: dict[str, Any] = copy.deepcopy(gltf.items("meshes")[mesh.number])
    names = shape_names(gltf, mesh.number)
    if names and _is_animated(gltf, mesh.number):
        raise RigError(f"{gltf.name} has animations of its shapes, which more shapes would break; remove them first")
    editor = GltfEditor(gltf)
    inverse = np.linalg.inv(mesh.to_face[:, :3, :3])
    size = float(np.abs(np.linalg.det(mesh.to_face[:, :3, :3])).mean()) ** (1 / 3)
    begin = 0
    for part, target in zip(mesh.parts, item["primitives"], strict=True):
        rows = slice(begin, begin + len(part.positions))
        begin = rows.stop
        local = [np.einsum("vab,vb->va", inverse[rows], each[rows]).astype(np.float32) for each in offsets.values()]
        more = [{"POSITION": editor.sparse(each, least / size)} for each in local]
        target["targets"] = [*target.get("targets", []), *more]
    extras = item.get("extras")
    spelt = [name or f"target_{number}" for number, name in enumerate(names)]
    item["extras"] = {**(extras if isinstance(extras, dict) else {}), "targetNames": [*spelt, *offsets]}
    item["weights"] = [*rest_weights(gltf, mesh.node).tolist(), *[0.0] * len(offsets)]
    editor.replace("meshes", mesh.number, item)
    for number, node in enumerate(gltf.items("nodes")):
        if node.get("mesh") == mesh.number and "weights" in node:
            editor.replace("nodes", number, {**node, "weights": [*node["weights"], *[0.0] * len(offsets)]})
    return Gltf.from_bytes(editor.to_bytes(), gltf.name, gltf.folder)


def _is_animated(gltf: Gltf, mesh: int) -> bool:
    targets = [channel.get("target", {}) for each in gltf.items("animations") for channel in each.get("channels", [])]
    moved = [target.get("node") for target in targets if target.get("path") == "weights"]
    return any(gltf.item("nodes", node).get("mesh") == mesh for node in moved)


def _about_y(angle: float) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
