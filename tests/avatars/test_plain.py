"""Plain copies: the same geometry under the same numbers, in one binary that needs no decoder."""

import base64
import json

import numpy as np
import pytest

from avatars.conftest import read
from support.avatar_files import service_avatar
from support.compressed import by_draco, by_meshopt
from utterface.avatars.plain import is_plain, to_plain
from utterface.errors import GltfError
from utterface.gltf import Gltf
from utterface.gltf.geometry import primitive


def parts(gltf: Gltf):
    return [primitive(gltf, item) for mesh in gltf.items("meshes") for item in mesh["primitives"]]


@pytest.mark.parametrize("pack", [by_meshopt, by_draco])
def test_geometry_stays_and_extensions_go(pack):
    packed = Gltf.from_bytes(pack(service_avatar()))
    plain = Gltf.from_bytes(to_plain(packed))
    assert is_plain(plain) and not is_plain(packed)
    assert "compression" not in plain.text and len(plain.items("buffers")) == 1
    for old, new in zip(parts(packed), parts(plain), strict=True):
        np.testing.assert_array_equal(old.positions, new.positions)
        np.testing.assert_array_equal(old.triangles, new.triangles)
        np.testing.assert_array_equal(old.offsets, new.offsets)
    assert read(to_plain(packed)).channels == read(pack(service_avatar())).channels


def test_real_quantised_geometry_stays(assets):
    packed = Gltf.read(assets / "avatars" / "valid_White_F_3_Default.glb")
    plain = Gltf.from_bytes(to_plain(packed))
    for old, new in zip(parts(packed)[1:], parts(plain)[1:], strict=True):  # all but the body, which is large
        np.testing.assert_array_equal(old.positions, new.positions)
        np.testing.assert_array_equal(old.offsets, new.offsets)
    assert plain.content["extensionsRequired"] == ["EXT_texture_webp", "KHR_mesh_quantization"]


def test_what_lies_beside_a_file_comes_inside(tmp_path):
    whole = Gltf.from_bytes(service_avatar())
    content = json.loads(whole.text)
    content["buffers"][0]["uri"] = "the%20data.bin"
    content["images"] = [{"uri": "skin.png"}, {"uri": "data:image/webp;base64," + base64.b64encode(b"webp").decode()}]
    (tmp_path / "the data.bin").write_bytes(whole.binary)
    (tmp_path / "skin.png").write_bytes(b"\x89PNG")
    (tmp_path / "me.gltf").write_text(json.dumps(content))
    plain = Gltf.from_bytes(to_plain(Gltf.read(tmp_path / "me.gltf")))
    skin, other = plain.items("images")
    assert plain.view(skin["bufferView"])[0] == b"\x89PNG" and other["mimeType"] == "image/webp"
    np.testing.assert_array_equal(parts(plain)[0].positions, parts(whole)[0].positions)
    for uri in ("../secret.png", "/etc/passwd", "https://example.org/a.png", "none.png"):
        content["images"] = [{"uri": uri}]
        (tmp_path / "me.gltf").write_text(json.dumps(content))
        with pytest.raises(GltfError, match=r"outside itself|beside it|unknown kind"):
            to_plain(Gltf.read(tmp_path / "me.gltf"))
