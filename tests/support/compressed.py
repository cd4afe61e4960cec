"""Avatars compressed by meshopt and Draco, from plain ones."""

import copy
from typing import Any

import DracoPy
import meshoptimizer
import numpy as np

from utterface.gltf import Gltf, GltfBuilder
from utterface.gltf.geometry import primitive


def by_meshopt(data: bytes) -> bytes:
    """Every accessor of vectors in a view that meshopt compressed, with a fallback buffer that is nowhere."""
    gltf, builder = Gltf.from_bytes(data), GltfBuilder("test")
    builder.content = copy.deepcopy(gltf.content)
    required = [*builder.content.get("extensionsRequired", []), "EXT_meshopt_compression"]
    builder.content |= {"extensionsRequired": required, "extensionsUsed": required}
    accessors = gltf.items("accessors")
    vectors = {a["bufferView"] for a in accessors if a["type"] == "VEC3" and "bufferView" in a}
    for number, view in enumerate(builder.content["bufferViews"]):
        begin, length = view["byteOffset"], view["byteLength"]
        raw = gltf.binary[begin : begin + length]
        builder.data += bytes(-len(builder.data) % 4)
        if number in vectors:
            packed = meshoptimizer.encode_vertex_buffer(np.frombuffer(raw, np.float32).reshape(-1, 3), length // 12, 12)
            view["extensions"] = {"EXT_meshopt_compression": {
                "buffer": 0, "byteOffset": len(builder.data), "byteLength": len(packed), "byteStride": 12,
                "count": length // 12, "mode": "ATTRIBUTES",
            }}  # fmt: skip
            view["buffer"] = 1
            raw = bytes(packed)
        else:
            view["byteOffset"] = len(builder.data)
        builder.data += raw
    fallback = {"byteLength": len(gltf.binary), "extensions": {"EXT_meshopt_compression": {"fallback": True}}}
    return _with_buffers(builder, [{"byteLength": len(builder.data)}, fallback])


def by_draco(data: bytes) -> bytes:
    """Positions and triangles of every mesh in Draco's own stream; morph targets stay plain, as they must."""
    gltf, builder = Gltf.from_bytes(data), GltfBuilder("test")
    builder.content = copy.deepcopy(gltf.content)
    builder.data += gltf.binary
    builder.content |= {"extensionsUsed": [DRACO], "extensionsRequired": [DRACO]}
    for mesh in builder.content["meshes"]:
        for item in mesh["primitives"]:
            part = primitive(gltf, item)
            packed = DracoPy.encode(part.positions, part.triangles, quantization_bits=20, preserve_order=True)
            view = builder.view(np.frombuffer(packed, np.uint8))
            item["extensions"] = {DRACO: {"bufferView": view, "attributes": {"POSITION": 0}}}
            for number in (item["attributes"]["POSITION"], item["indices"]):
                builder.content["accessors"][number].pop("bufferView")
    return _with_buffers(builder, [{"byteLength": len(builder.data)}])


DRACO = "KHR_draco_mesh_compression"


def _with_buffers(builder: GltfBuilder, buffers: list[dict[str, Any]]) -> bytes:
    whole = Gltf.from_bytes(builder.to_bytes())
    return Gltf("", _dumps(whole.content | {"buffers": buffers}), {}, bytes(builder.data)).to_bytes()


def _dumps(content: dict[str, Any]) -> str:
    import json

    return json.dumps(content)
