"""glTF under construction; what is built is read back in test_document.py."""

import numpy as np

from utterface.gltf import FLOAT, UNSIGNED_BYTE, GltfBuilder


def test_integers_of_one_byte_keep_their_component_type():
    builder = GltfBuilder("test")
    builder.accessor(np.arange(6, dtype=np.float32).reshape(2, 3), bounds=True)
    builder.accessor(np.array([0, 51, 255], np.uint8), normalized=True)
    assert [item["componentType"] for item in builder.content["accessors"]] == [FLOAT, UNSIGNED_BYTE]
