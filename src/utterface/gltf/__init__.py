"""glTF 2.0, read, built and edited in one place: chunks, accessors, nodes, meshes, compressed geometry, animations.

Specification: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

from utterface.gltf.builder import GltfBuilder
from utterface.gltf.components import (
    ARRAY_BUFFER,
    BYTE,
    ELEMENT_ARRAY_BUFFER,
    FLOAT,
    SHORT,
    UNSIGNED_BYTE,
    UNSIGNED_INT,
    UNSIGNED_SHORT,
)
from utterface.gltf.document import Gltf
from utterface.gltf.editor import GltfEditor

__all__ = [
    "ARRAY_BUFFER",
    "BYTE",
    "ELEMENT_ARRAY_BUFFER",
    "FLOAT",
    "SHORT",
    "UNSIGNED_BYTE",
    "UNSIGNED_INT",
    "UNSIGNED_SHORT",
    "Gltf",
    "GltfBuilder",
    "GltfEditor",
]
