"""meshopt and Draco give back what was compressed; damage and missing decoders are one error."""

import sys

import numpy as np
import pytest

from support.avatar_files import AvatarFile
from support.compressed import by_draco, by_meshopt
from utterface.errors import GltfError, MissingExtra
from utterface.gltf import Gltf
from utterface.gltf.geometry import primitive


@pytest.fixture
def plain() -> bytes:
    file = AvatarFile()
    file.mesh("head", ["jawOpen", "mouthClose"])
    return file.to_bytes()


def first(gltf: Gltf):
    return primitive(gltf, gltf.items("meshes")[0]["primitives"][0])


def test_meshopt_is_exact(plain):
    packed = by_meshopt(plain)
    assert b"EXT_meshopt" in packed
    old, new = first(Gltf.from_bytes(plain)), first(Gltf.from_bytes(packed))
    np.testing.assert_array_equal(old.positions, new.positions)
    np.testing.assert_array_equal(old.offsets, new.offsets)
    np.testing.assert_array_equal(old.triangles, new.triangles)


def test_draco_keeps_the_order_of_vertices(plain):
    old, new = first(Gltf.from_bytes(plain)), first(Gltf.from_bytes(by_draco(plain)))
    np.testing.assert_allclose(old.positions, new.positions, atol=1e-5)
    np.testing.assert_array_equal(old.offsets, new.offsets)
    assert len(new.triangles) == len(old.triangles)


@pytest.mark.parametrize("pack", [by_meshopt, by_draco])
def test_damage_and_a_missing_decoder_are_one_error(plain, pack, monkeypatch):
    gltf = Gltf.from_bytes(pack(plain))
    broken = Gltf(gltf.name, gltf.text, gltf.content, b"\xff" * len(gltf.binary))
    with pytest.raises(GltfError, match="cannot be decoded"):
        first(broken)
    for module in ("meshoptimizer", "DracoPy"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=r"utterface\[avatars\]"):
        first(gltf)
