"""Geometry that meshopt or Draco compressed, decoded by their own libraries (extra `avatars`).

EXT_meshopt_compression: https://github.com/KhronosGroup/glTF/tree/main/extensions/2.0/Vendor/EXT_meshopt_compression
KHR_draco_mesh_compression: https://github.com/KhronosGroup/glTF/tree/main/extensions/2.0/Khronos/KHR_draco_mesh_compression
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from utterface.errors import MissingExtra
from utterface.gltf.components import MAX_BYTES

if TYPE_CHECKING:
    from utterface.gltf.document import Gltf

COMPRESSED = ("EXT_meshopt_compression", "KHR_meshopt_compression")
DRACO = "KHR_draco_mesh_compression"
_FILTERS = {"OCTAHEDRAL": "decode_filter_oct", "QUATERNION": "decode_filter_quat", "EXPONENTIAL": "decode_filter_exp"}


def decode_view(gltf: "Gltf", packed: dict[str, Any], data: bytes) -> bytes:
    """Bytes of a buffer view.

    Args:
        gltf: the file, for its errors.
        packed: the view's extension.
        data: the compressed bytes.

    Raises:
        GltfError: data that is damaged. MissingExtra: the decoder is not installed.
    """
    meshopt = _library("meshoptimizer", gltf.name, "meshopt")
    count, stride, mode = gltf.count(packed, "count"), gltf.count(packed, "byteStride"), packed.get("mode")
    if count * stride > MAX_BYTES:
        raise gltf.damage(f"a compressed buffer view counts {count} elements")
    try:
        if mode == "ATTRIBUTES":
            raw = np.frombuffer(meshopt.decode_vertex_buffer(count, stride, data).tobytes(), np.uint8)
            name = _FILTERS.get(packed.get("filter", "NONE"))
            return (getattr(meshopt, name)(raw, count, stride) if name else raw).tobytes()
        decode = meshopt.decode_index_buffer if mode == "TRIANGLES" else meshopt.decode_index_sequence
        return decode(count, 4, data).astype({2: "<u2", 4: "<u4"}[stride]).tobytes()
    except (RuntimeError, ValueError, KeyError) as error:
        raise gltf.damage(f"a buffer view that meshopt compressed cannot be decoded ({error})") from None


def decode_primitive(gltf: "Gltf", packed: dict[str, Any]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Triangles (F, 3) and attributes by name, (V, n) each, of a primitive that Draco compressed.

    Raises:
        GltfError: data that is damaged. MissingExtra: the decoder is not installed.
    """
    draco = _library("DracoPy", gltf.name, "Draco")
    data, _ = gltf.view(packed.get("bufferView"))
    try:
        mesh = draco.decode(data)
        named = {name: mesh.get_attribute_by_unique_id(number) for name, number in packed["attributes"].items()}
        attributes = {name: np.asarray(each["data"]) for name, each in named.items()}
        return np.asarray(mesh.faces, np.int64).reshape(-1, 3), attributes
    except Exception as error:  # DracoPy raises its own kinds, some of them bare
        raise gltf.damage(f"a mesh that Draco compressed cannot be decoded ({error})") from None


def _library(module: str, name: str, kind: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise MissingExtra(f"{name} is compressed by {kind}; to read it: pip install 'utterface[avatars]'") from None
