"""A copy of a file that any reader opens: one binary, nothing compressed, nothing outside.

Blender refuses files that meshopt compressed, and pages have no decoder of Draco. Numbers, names, extras and materials
stay; what changes is where bytes lie.
"""

import base64
import copy
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import GltfError
from utterface.gltf import Gltf, GltfBuilder
from utterface.gltf.components import COMPONENTS
from utterface.gltf.compression import COMPRESSED, DRACO, decode_primitive

_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


def is_plain(gltf: Gltf, keeps: tuple[str, ...] = ()) -> bool:
    """Whether a file is one binary and, but for the extensions named, not compressed."""
    used = set(gltf.list_of(gltf.content, "extensionsUsed")) - set(keeps)
    outside = [item for kind in ("buffers", "images") for item in gltf.items(kind) if "uri" in item]
    return gltf.packed and not outside and not used & {*COMPRESSED, DRACO}


def to_plain(gltf: Gltf) -> bytes:
    """The copy.

    Raises:
        GltfError: damaged, or data that lies elsewhere. MissingExtra: a decoder is not installed.
    """
    builder = GltfBuilder("")
    builder.content = copy.deepcopy(gltf.content)
    draco = _draco_views(gltf)
    for number, view in enumerate(builder.content.get("bufferViews", [])):
        raw = bytes(4) if number in draco else gltf.view(number)[0]
        builder.data += bytes(-len(builder.data) % 4)
        view |= {"buffer": 0, "byteOffset": len(builder.data), "byteLength": len(raw)}
        _drop(view, *COMPRESSED)
        builder.data += raw
    for mesh in builder.content.get("meshes", []):
        for item in mesh["primitives"]:
            packed = item.get("extensions", {}).get(DRACO)
            if packed:
                _unpack(gltf, builder, item, packed)
    for image in builder.content.get("images", []):
        if "uri" in image:
            _embed(gltf, builder, image)
    for key in ("extensionsUsed", "extensionsRequired"):
        kept = [name for name in builder.content.get(key, []) if name not in (*COMPRESSED, DRACO)]
        builder.content.pop(key, None)
        if kept:
            builder.content[key] = kept
    return builder.to_bytes()


def _draco_views(gltf: Gltf) -> set[int]:
    """Buffer views that only hold Draco's streams."""
    parts = [part for mesh in gltf.items("meshes") for part in gltf.list_of(mesh, "primitives")]
    packed = [part.get("extensions", {}).get(DRACO) for part in parts]
    return {each["bufferView"] for each in packed if each}


def _unpack(gltf: Gltf, builder: GltfBuilder, item: dict[str, Any], packed: dict[str, Any]) -> None:
    triangles, attributes = decode_primitive(gltf, packed)
    accessors = builder.content["accessors"]
    read = {item["attributes"][name]: values for name, values in attributes.items()}
    if "indices" in item:
        read[item["indices"]] = triangles.reshape(-1, 1)
    for number, values in read.items():
        accessor = accessors[number]
        rows = np.asarray(values).reshape(len(values), -1).astype(COMPONENTS[accessor["componentType"]])
        width = rows.shape[1] * rows.itemsize
        padded = np.pad(rows.view(np.uint8).reshape(len(rows), width), ((0, 0), (0, -width % 4 if width > 2 else 0)))
        accessor |= {"bufferView": builder.view(padded), "count": len(rows)}
        accessor.pop("byteOffset", None)
        if padded.shape[1] != width:
            builder.content["bufferViews"][accessor["bufferView"]]["byteStride"] = padded.shape[1]
    _drop(item, DRACO)


def _embed(gltf: Gltf, builder: GltfBuilder, image: dict[str, Any]) -> None:
    uri = str(image.pop("uri"))
    if uri.startswith("data:"):
        head, _, text = uri.partition(",")
        kind, data = head[5:].partition(";")[0], base64.b64decode(text)
    else:
        kind, data = _KINDS.get(Path(uri).suffix.lower(), ""), gltf.outside(uri)
        if not kind:
            raise GltfError(f"{gltf.name} has a texture of an unknown kind, {uri[:80]}; export it as one .glb file")
    image |= {"bufferView": builder.view(np.frombuffer(data, np.uint8)), "mimeType": kind}


def _drop(item: dict[str, Any], *names: str) -> None:
    extensions = {name: value for name, value in item.get("extensions", {}).items() if name not in names}
    item.pop("extensions", None)
    if extensions:
        item["extensions"] = extensions
