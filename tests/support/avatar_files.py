"""Avatars as files, small and made here: meshes with named shapes, bones, VRM's tables, every way to store geometry."""

from typing import Any

import numpy as np

from utterface.gltf import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, GltfBuilder
from utterface.motion import ARKIT

VERTICES = 24


class AvatarFile(GltfBuilder):
    """A glTF binary with a node a mesh; `nodes` gives the number of each by its name."""

    def __init__(self) -> None:
        super().__init__("test")
        self.content |= {"scene": 0, "scenes": [{"nodes": []}]}
        self.nodes: dict[str, int] = {}
        self.random = np.random.default_rng(0)

    def mesh(self, name: str, targets: list[str], *, sparse: bool = False, named: bool = True, **node: Any) -> int:
        """A mesh whose shapes move each vertex somewhere else; returns its number."""
        positions = self.random.uniform(-0.1, 0.1, (VERTICES, 3)).astype(np.float32)
        offsets = self.random.uniform(-0.01, 0.01, (len(targets), VERTICES, 3)).astype(np.float32)
        corners = np.arange(VERTICES, dtype=np.uint16)
        primitive = {
            "attributes": {"POSITION": self.accessor(positions, ARRAY_BUFFER, bounds=True)},
            "indices": self.accessor(corners, ELEMENT_ARRAY_BUFFER),
        }
        if targets:
            store = (lambda x: self.sparse(x, 0.008)) if sparse else (lambda x: self.accessor(x, bounds=True))
            primitive["targets"] = [{"POSITION": store(each)} for each in offsets]
        extras = {"targetNames": targets} if named and targets else None
        number = self.add("meshes", name=name, primitives=[primitive], extras=extras)
        self.node(name, mesh=number, **node)
        return number

    def node(self, name: str, parent: str = "", **item: Any) -> int:
        """A node below another, or a root."""
        self.nodes[name] = number = self.add("nodes", name=name, **item)
        nodes = self.content["nodes"]
        above = (
            self.content["scenes"][0]["nodes"] if not parent else nodes[self.nodes[parent]].setdefault("children", [])
        )
        above.append(number)
        return number

    def bones(self, *names: str) -> "AvatarFile":
        """Hips, and below them the bones of a head; a mesh hangs on them all."""
        self.node("Hips", translation=[0, 1, 0])
        for name in names:
            side = {"L": 0.03, "R": -0.03}.get(name[0], 0.0) if "Eye" in name else 0.0
            self.node(name, "Hips", translation=[side, 0.5, 0.02], rotation=[0, 0, 0.70710678, 0.70710678])
        skin = self.add("skins", joints=[self.nodes[name] for name in names])
        item = self.content["meshes"][0]["primitives"][0]["attributes"]
        item["JOINTS_0"] = self.accessor(np.zeros((VERTICES, 4), np.uint8), ARRAY_BUFFER)
        shares = np.tile(np.array([255, 0, 0, 0], np.uint8), (VERTICES, 1))
        item["WEIGHTS_0"] = self.accessor(shares, ARRAY_BUFFER, normalized=True)
        self.content["nodes"][0]["skin"] = skin
        return self

    def vrm0(self, expressions: dict[str, list[tuple[int, int, float]]], bones: dict[str, str]) -> "AvatarFile":
        """VRM 0's tables; names that are no preset are custom."""
        presets = {"a", "i", "u", "e", "o", "blink", "blink_l", "blink_r", "joy"}
        groups = [
            {"name": name.upper() if name in presets else name, "presetName": name if name in presets else "unknown",
             "binds": [{"mesh": mesh, "index": index, "weight": weight} for mesh, index, weight in binds]}
            for name, binds in expressions.items()
        ]  # fmt: skip
        human = [{"bone": bone, "node": self.nodes[node]} for bone, node in bones.items()]
        self.content["extensionsUsed"] = ["VRM"]
        self.content["extensions"] = {
            "VRM": {"blendShapeMaster": {"blendShapeGroups": groups}, "humanoid": {"humanBones": human}}
        }
        return self


def service_avatar() -> bytes:
    """A head as avatar services make it: four meshes with the same 52 + 15 shapes, a skeleton."""
    visemes = "sil PP FF TH DD kk CH SS nn RR aa E I O U".split()
    targets = [*ARKIT, *(f"viseme_{name}" for name in visemes)]
    file = AvatarFile()
    for name in ("Wolf3D_Head", "Wolf3D_Teeth", "EyeLeft", "EyeRight"):
        file.mesh(name, targets, sparse=True)
    return file.bones("Neck", "Head", "LeftEye", "RightEye").to_bytes()
