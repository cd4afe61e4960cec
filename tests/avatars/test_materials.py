import numpy as np
import pytest

from utterface.avatars.materials import material, places
from utterface.gltf import Gltf
from utterface.gltf.geometry import primitive


def test_real_materials_with_their_pictures(assets):
    toon = Gltf.read(assets / "avatars" / "Godette_v4.vrm")
    face, logo, backpack = (material(toon, number) for number in (0, 2, 3))
    assert face.unlit and not face.two_sided and face.opaque == 0 and face.picture.startswith(b"\x89PNG")
    assert logo.two_sided and logo.opaque == 0.5 and not backpack.unlit
    skin = material(Gltf.read(assets / "avatars" / "valid_White_F_3_Default.glb"), 0)
    assert skin.roughness == 0.5 and skin.picture[8:12] == b"WEBP"
    plain = material(toon, None)
    assert not plain.is_textured and plain.picture == b""


def test_places_are_moved_as_the_material_says(assets):
    gltf = Gltf.read(assets / "avatars" / "Godette_v4.vrm")
    part = primitive(gltf, gltf.items("meshes")[0]["primitives"][0])
    assert part.uv is not None and part.uv.shape == (len(part.positions), 2)
    np.testing.assert_array_equal(places(gltf, 0, part), part.uv)
    texture = gltf.items("materials")[0]["pbrMetallicRoughness"]["baseColorTexture"]
    texture["extensions"]["KHR_texture_transform"] = {"scale": [2, 3], "offset": [0.5, 0], "rotation": np.pi / 2}
    moved = places(gltf, 0, part)
    np.testing.assert_allclose(moved, np.stack([0.5 + 3 * part.uv[:, 1], -2 * part.uv[:, 0]], 1), atol=1e-5)
    assert not places(gltf, None, part).any()


@pytest.mark.parametrize("texture", [{"index": 0, "texCoord": 1}, {"index": 1}])
def test_pictures_that_are_not_there_leave_none(assets, texture):
    gltf = Gltf.read(assets / "avatars" / "Godette_v4.vrm")
    gltf.items("textures")[1] = {}
    gltf.items("materials")[0]["pbrMetallicRoughness"]["baseColorTexture"] = texture
    seen = material(gltf, 0)
    assert seen.is_textured and seen.picture == b""
