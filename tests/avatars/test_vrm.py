"""VRM's tables of both versions."""

from support.avatar_files import AvatarFile
from utterface.avatars import vrm
from utterface.gltf import Gltf


def test_the_real_files(assets):
    godette = Gltf.read(assets / "avatars" / "Godette_v4.vrm")
    assert vrm.version(godette) == 0
    assert {"head": 5, "neck": 4, "hips": 1}.items() <= vrm.human_bones(godette).items()
    assert vrm.expressions(godette)["joy"] == [(0, 9, 0.5), (0, 10, 0.25)]
    assert vrm.channels(godette)["oh"] == [(0, 9, 1.0)] and len(vrm.channels(godette)) == 5 + 2 + 4
    cube = Gltf.read(assets / "avatars" / "vrm_cube.gltf")
    assert vrm.version(cube) == 1 and vrm.human_bones(cube)["leftEye"] == 17
    assert vrm.channels(cube) == {
        "aa": [(2, 1, 3.0)],
        "eyeBlinkLeft": [(1, 1, -0.75)],
        "eyeBlinkRight": [(1, 1, -0.75)],
    }


def test_other_files_have_none_of_it():
    file = AvatarFile()
    file.mesh("face", ["jawOpen"])
    gltf = Gltf.from_bytes(file.to_bytes())
    assert vrm.version(gltf) is None and vrm.human_bones(gltf) == {} and vrm.channels(gltf) == {}
    odd = Gltf.from_bytes(b'{"extensions": {"VRM": {"humanoid": 3, "blendShapeMaster": []}}}')
    assert vrm.human_bones(odd) == {} and vrm.channels(odd) == {}
