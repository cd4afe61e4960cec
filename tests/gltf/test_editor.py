"""Editing in place: what is not added stays as it was, in text and bytes."""

import json
import struct

import numpy as np
import pytest

from support.avatar_files import service_avatar
from utterface.errors import GltfError
from utterface.gltf import Gltf, GltfEditor
from utterface.gltf.editor import spans

TEXT = """{ "asset" : {"version":"2.0"},
  "extras":{"a":1E-5, "a":2, "b":"\\u00e9 \\" ] }"},
  "nodes":[ {"name":"head"} ] ,"accessors":[],"buffers":[{"uri":"data:,", "byteLength":0}]}"""


def grown(gltf: Gltf) -> Gltf:
    editor = GltfEditor(gltf)
    editor.animation("speech", np.arange(3, dtype=np.float32), [(0, "rotation", np.eye(4, dtype=np.float32)[:3])])
    return Gltf.from_bytes(editor.to_bytes())


def test_spans_find_every_value():
    found = spans(TEXT, 0)
    assert [TEXT[slice(*found[key])] for key in ("asset", "accessors", "}")] == ['{"version":"2.0"}', "[]", "}"]
    assert TEXT[slice(*found["extras"])] == '{"a":1E-5, "a":2, "b":"\\u00e9 \\" ] }"}'
    nodes = spans(TEXT, found["nodes"][0])
    assert TEXT[slice(*nodes["0"])] == '{"name":"head"}' and TEXT[slice(*nodes["]"])] == "]"


def test_text_that_is_not_added_stays():
    new = grown(Gltf.from_bytes(TEXT.encode()))
    assert not new.packed
    for key in ("asset", "extras", "nodes"):
        old = slice(*spans(TEXT, 0)[key])
        assert new.text[slice(*spans(new.text, 0)[key])] == TEXT[old]
    assert len(new.items("buffers")) == 2 and new.items("buffers")[0] == {"uri": "data:,", "byteLength": 0}
    assert new.accessor(1).tolist() == np.eye(4)[:3].tolist()


def test_the_old_bin_chunk_begins_the_new_one_and_other_chunks_follow():
    data = service_avatar()
    body = data[12:] + struct.pack("<I4s", 4, b"MINE") + b"efgh"
    old = Gltf.from_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body)
    new = grown(old)
    assert new.binary.startswith(old.binary) and new.rest == old.rest != b""
    assert new.items("buffers")[0]["byteLength"] == len(new.binary)
    assert new.content["meshes"] == old.content["meshes"]
    assert new.accessor(len(old.items("accessors")))[:, 0].tolist() == [0, 1, 2]


def test_an_editor_without_additions_gives_the_file_again():
    data = service_avatar()
    assert GltfEditor(Gltf.from_bytes(data)).to_bytes() == data
    assert GltfEditor(Gltf.from_bytes(TEXT.encode())).to_bytes() == TEXT.encode()


def test_an_empty_object_takes_what_is_added():
    new = grown(Gltf.from_bytes(b"{}"))
    assert len(new.items("animations")) == 1 and new.accessor(0).size == 3


def test_one_item_can_be_replaced():
    old = Gltf.from_bytes(service_avatar())
    editor = GltfEditor(old)
    editor.replace("meshes", 1, {**old.items("meshes")[1], "name": "Zähne\ud800"})
    new = Gltf.from_bytes(editor.to_bytes())
    assert new.items("meshes")[1]["name"] == "Zähne\ud800"
    assert new.items("meshes")[0] == old.items("meshes")[0] and new.items("meshes")[2:] == old.items("meshes")[2:]
    with pytest.raises(GltfError, match="no meshes"):
        editor.replace("meshes", 9, {})


def test_tracks_of_equal_values_share_their_sampler():
    editor = GltfEditor(Gltf.from_bytes(b"{}"))
    same = np.arange(6, dtype=np.uint16)
    tracks = [(0, "weights", same), (1, "weights", same.copy()), (2, "weights", same + 1)]
    editor.animation("speech", np.arange(3, dtype=np.float32), tracks)
    (animation,) = Gltf.from_bytes(editor.to_bytes()).items("animations")
    assert [channel["sampler"] for channel in animation["channels"]] == [0, 0, 1] and len(animation["samplers"]) == 2
    assert json.loads(editor.to_bytes())["accessors"][1]["normalized"] is True
