"""glTF files: what is built is read back, and damage of any kind is one error."""

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from utterface.errors import GltfError
from utterface.gltf import FLOAT, Gltf, GltfBuilder


def packed(content: dict[str, Any], data: bytes = b"") -> bytes:
    """Content as it stands, as a .glb file."""
    builder = GltfBuilder("test")
    builder.content |= content
    builder.data += data
    return builder.to_bytes()


def small() -> GltfBuilder:
    """One accessor of each kind: floats, bytes as fractions, sparse over zeros."""
    builder = GltfBuilder("test")
    builder.accessor(np.arange(6, dtype=np.float32).reshape(2, 3), bounds=True)
    builder.accessor(np.array([0, 51, 255], np.uint8), normalized=True)
    offsets = np.zeros((5, 3), np.float32)
    offsets[3] = 1, 2, 3
    builder.sparse(offsets, 1e-3)
    builder.sparse(np.zeros((4, 3), np.float32), 1e-3)
    return builder


def test_accessors_come_back():
    gltf = Gltf.from_bytes(small().to_bytes())
    np.testing.assert_array_equal(gltf.accessor(0), [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_allclose(gltf.accessor(1)[:, 0], [0, 0.2, 1])
    np.testing.assert_array_equal(np.flatnonzero(gltf.accessor(2)), [9, 10, 11])
    assert gltf.accessor(2)[3].tolist() == [1, 2, 3]
    assert gltf.accessor(3).shape == (4, 3) and not gltf.accessor(3).any()
    assert gltf.items("accessors")[0]["max"] == [3, 4, 5]


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [(np.int8, [-128, -127, 127], [-1, -1, 1]), (np.int16, [-32768, 0, 32767], [-1, 0, 1]), (np.uint16, [65535], [1])],
)
def test_integers_as_fractions(kind, raw, expected):
    builder = GltfBuilder("test")
    number = builder.accessor(np.array(raw, kind))
    gltf = Gltf.from_bytes(builder.to_bytes())
    assert gltf.accessor(number)[:, 0].tolist() == raw
    np.testing.assert_allclose(gltf.accessor(number, fractions=True)[:, 0], expected)


def test_interleaved_accessors_are_read():
    data = np.arange(8, dtype="<f4").tobytes()
    views = [{"buffer": 0, "byteLength": 32, "byteStride": 16}]
    accessor = {"bufferView": 0, "byteOffset": 8, "componentType": FLOAT, "count": 2, "type": "VEC2"}
    gltf = Gltf.from_bytes(packed({"bufferViews": views, "accessors": [accessor]}, data))
    assert gltf.accessor(0).tolist() == [[2, 3], [6, 7]]


def test_a_file_that_was_not_edited_is_the_same_bytes():
    text = b'{ "asset":{"version":"2.0"}, "extras":{"a":1E-5, "a":2} } '
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", 4, b"BIN\0") + b"abcd"
    body += struct.pack("<I4s", 4, b"MINE") + b"efgh"
    data = struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body
    gltf = Gltf.from_bytes(data)
    assert gltf.text == text.decode() and gltf.binary == b"abcd" and gltf.to_bytes() == data


def test_json_that_is_filled_up_with_zeros_is_read():
    text = b'{"asset":{"version":"2.0"}}'
    text += bytes(-len(text) % 4 + 4)
    data = struct.pack("<4sII", b"glTF", 2, 20 + len(text)) + struct.pack("<I4s", len(text), b"JSON") + text
    assert Gltf.from_bytes(data).content["asset"]["version"] == "2.0"


def test_parents_and_target_names():
    gltf = Gltf.from_bytes(packed({"nodes": [{"children": [2]}, {}, {"children": [1]}]}))
    assert gltf.parents() == [None, 2, 0]
    assert gltf.target_names({"extras": {"targetNames": ["jawOpen"]}}) == ["jawOpen"]
    assert gltf.target_names({"extras": "none"}) == []


@pytest.mark.parametrize("length", range(0, len(small().to_bytes()), 97))
def test_truncated_files_are_refused(length):
    with pytest.raises(GltfError, match=r"damaged|no glTF"):
        Gltf.from_bytes(small().to_bytes()[:length])


@pytest.mark.parametrize(
    "content",
    [
        {"nodes": [{"children": [1]}, {"children": [0]}]},
        {"nodes": [{"children": [0]}]},
        {"nodes": [{"children": [2]}, {"children": [2]}, {}]},
        {"nodes": [{"children": [7]}]},
        {"nodes": [{"children": 1}]},
        {"nodes": 3},
    ],
    ids=["cycle", "itself", "two parents", "no such child", "no list", "no nodes"],
)
def test_nodes_that_are_no_tree_are_refused(content):
    with pytest.raises(GltfError, match="damaged"):
        Gltf.from_bytes(packed(content))


def wrong_length(content: dict[str, Any]) -> None:
    content["bufferViews"][0]["byteLength"] = 1 << 20


def huge_count(content: dict[str, Any]) -> None:
    content["accessors"][3]["count"] = 1 << 40


def far_sparse_index(content: dict[str, Any]) -> None:
    content["accessors"][2]["count"] = 2


def sparse_without_values(content: dict[str, Any]) -> None:
    del content["accessors"][2]["sparse"]["values"]


def sparse_places_that_are_floats(content: dict[str, Any]) -> None:
    content["accessors"][2]["sparse"]["indices"]["componentType"] = 5126


def count_that_is_text(content: dict[str, Any]) -> None:
    content["accessors"][0]["count"] = "2"


def unknown_component(content: dict[str, Any]) -> None:
    content["accessors"][0]["componentType"] = 1


def far_view(content: dict[str, Any]) -> None:
    content["accessors"][0]["bufferView"] = 99


def small_stride(content: dict[str, Any]) -> None:
    content["bufferViews"][0]["byteStride"] = 4


def outside(content: dict[str, Any]) -> None:
    content["buffers"][0]["uri"] = "/etc/passwd"


def meshopt(content: dict[str, Any]) -> None:
    view = {"buffer": 0, "byteLength": 24, "byteStride": 12, "count": 2, "mode": "ATTRIBUTES"}
    content["bufferViews"][0]["extensions"] = {"EXT_meshopt_compression": view}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (wrong_length, "damaged"), (huge_count, "counts"), (far_sparse_index, "damaged"),
        (sparse_without_values, "lacks"), (sparse_places_that_are_floats, "sparse accessor replaces"),
        (count_that_is_text, "not a count"), (unknown_component, "type"),
        (far_view, r"no bufferViews\[99\]"), (small_stride, "damaged"), (outside, "outside itself"),
        (meshopt, "cannot be decoded"),
    ],
)  # fmt: skip
def test_damaged_accessors_are_refused(damage: Callable[[dict[str, Any]], None], words: str):
    whole = Gltf.from_bytes(small().to_bytes())
    content = json.loads(whole.text)
    damage(content)
    damaged = Gltf("x.glb", "", content, whole.binary)
    with pytest.raises(GltfError, match=words) as error:
        for number in range(4):
            damaged.accessor(number)
    assert "\n" not in str(error.value)


def test_other_versions_and_json_that_is_none_are_refused():
    data = bytearray(small().to_bytes())
    data[4] = 1
    with pytest.raises(GltfError, match="version 1"):
        Gltf.from_bytes(bytes(data))
    nested = b"[" * 200_000
    body = struct.pack("<I4s", len(nested), b"JSON") + nested
    for text in (nested, b"[]  ", b"\xff\xff\xff\xff"):
        body = struct.pack("<I4s", len(text), b"JSON") + text
        with pytest.raises(GltfError, match="damaged"):
            Gltf.from_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body)
