"""glTF under construction; what is built is read back in test_document.py."""

import numpy as np
import pytest

from utterface.gltf import FLOAT, UNSIGNED_BYTE, GltfBuilder


def test_integers_of_one_byte_keep_their_component_type():
    builder = GltfBuilder("test")
    builder.accessor(np.arange(6, dtype=np.float32).reshape(2, 3), bounds=True)
    builder.accessor(np.array([0, 51, 255], np.uint8), normalized=True)
    assert [item["componentType"] for item in builder.content["accessors"]] == [FLOAT, UNSIGNED_BYTE]


def test_the_clock_of_an_animation_has_bounds_and_equal_values_share_a_sampler():
    builder = GltfBuilder("test")
    times, values = np.array([0.0, 0.5, 1.0], np.float32), np.array([0.0, 0.2, 0.4], np.float32)
    builder.animation("talk", times, [(0, "weights", values), (1, "weights", values), (2, "weights", 2 * values)])
    (animation,) = builder.content["animations"]
    assert [channel["sampler"] for channel in animation["channels"]] == [0, 0, 1]
    clock = builder.content["accessors"][animation["samplers"][0]["input"]]
    assert (clock["min"], clock["max"]) == ([0.0], [1.0])


@pytest.mark.parametrize(("width", "shape"), [(1, "SCALAR"), (3, "VEC3"), (4, "VEC4")])
def test_rows_name_their_shape(width, shape):
    builder = GltfBuilder("test")
    builder.accessor(np.zeros((2, width) if width > 1 else 2, np.float32))
    assert builder.content["accessors"][0]["type"] == shape


def test_integers_of_an_animation_are_fractions_and_floats_are_not():
    builder = GltfBuilder("test")
    times, values = np.array([0.0, 1.0], np.float32), np.array([0.0, 0.5], np.float32)
    packed = np.round(values * 65535).astype(np.uint16)
    builder.animation("talk", times, [(0, "weights", values), (1, "weights", packed)])
    outputs = [sampler["output"] for sampler in builder.content["animations"][0]["samplers"]]
    assert [builder.content["accessors"][i].get("normalized", False) for i in outputs] == [False, True]
