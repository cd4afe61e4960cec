"""What drives an avatar: names, expressions, bones, settings; and files that cannot talk."""

import json
import struct

import numpy as np
import pytest

from avatars.conftest import read, with_shapes
from support.avatar_files import AvatarFile, service_avatar
from utterface.avatars.avatar import Avatar
from utterface.avatars.names import VISEMES, VOWELS
from utterface.avatars.settings import Settings
from utterface.errors import ConfigError, GltfError, OutputError, RigError
from utterface.gltf import Gltf
from utterface.gltf.geometry import rotation_matrix
from utterface.motion import ARKIT, CHANNELS, Motion

OCULUS = [f"viseme_{name}" for name in "sil PP FF TH DD kk CH SS nn RR aa E I O U".split()]


def settings(**tables) -> Settings:
    return Settings.from_content(tables)


def speaking(**channels: float) -> Motion:
    return Motion(np.array([[channels.get(name, 0.0) for name in CHANNELS]]))


def test_a_service_avatar_is_driven_by_arkits_channels(service):
    assert service.mouth == "face" and service.kinds == ("ARKit",)
    assert set(ARKIT) <= set(service.channels) and set(VISEMES) <= service.parked
    assert [len(service.drives[channel]) for channel in ("jawOpen", "eyeBlinkLeft")] == [4, 4]
    assert [bone.role for bone in service.bones] == ["neck", "head"]  # gaze has shapes, so the eyes' bones rest


def test_visemes_alone_are_driven_by_fewer_weights():
    avatar = read(with_shapes(*OCULUS, "eyeBlinkLeft"))
    assert avatar.mouth == "visemes" and avatar.channels == ("eyeBlinkLeft", *VISEMES)
    opened = avatar.driven(speaking(jawOpen=0.5, eyeBlinkLeft=1))
    assert opened["viseme_aa"][0] > 0.4 and opened["eyeBlinkLeft"][0] == 1
    pressed = avatar.driven(speaking(jawOpen=0.05, mouthClose=0.05, mouthPressLeft=0.14, mouthPressRight=0.14))
    assert pressed["viseme_PP"][0] > 0.6
    assert max(pressed[name][0] for name in ("viseme_aa", "viseme_E", "viseme_O")) == 0


def test_sealed_lips_set_all_vowels_to_zero():
    avatar = read(with_shapes("Fcl_MTH_A", "Fcl_MTH_I", "Fcl_MTH_U", "Fcl_MTH_E", "Fcl_MTH_O"))
    values = np.random.default_rng(0).uniform(0, 1, (400, len(ARKIT)))
    values[:, ARKIT.index("mouthClose")] = 1.0
    motion = Motion(values, ARKIT)
    sealed = np.zeros(400, bool)
    for first, last in motion.closures():
        sealed |= (motion.times >= first) & (motion.times <= last)
    assert 10 < sealed.sum() < 390
    vowels = avatar.driven(motion).select(VOWELS)
    assert not vowels[sealed].any() and vowels[~sealed].any()


def vrm(expressions, *, names=("Fcl_A", "b", "c", "d", "e", "f"), bones=True) -> Avatar:
    file = AvatarFile()
    file.mesh("face", list(names))
    file.bones("Head", "Neck")
    return read(file.vrm0(expressions, {"head": "Head", "neck": "Neck"} if bones else {}).to_bytes())


def test_vrm_binds_count_not_names():
    avatar = vrm({"a": [(0, 3, 100)], "blink": [(0, 1, 80)], "joy": [(0, 2, 100)]})
    assert avatar.kinds == ("VRM 0 expressions",) and avatar.mouth == "vowels"
    assert [(d.target, d.gain) for d in avatar.drives["aa"]] == [(3, 1.0)]
    assert [d.gain for c in ("eyeBlinkLeft", "eyeBlinkRight") for d in avatar.drives[c]] == [0.4, 0.4]


def test_custom_expressions_by_arkits_names_are_a_whole_face():
    few = ["jawOpen", "mouthClose", "MouthPucker", "mouthFunnel", "mouthSmileLeft", "mouthSmileRight"]
    avatar = vrm({name: [(0, i, 100)] for i, name in enumerate(few)} | {"a": [(0, 0, 100)]})
    assert avatar.mouth == "face" and avatar.drives["mouthPucker"][0].target == 2 and "aa" in avatar.parked


def test_a_vrm_0_nods_the_way_it_faces():
    nod = speaking(headPitch=0.2)
    tops = [  # where the top of the head goes: its own +X, by the bone's rest rotation
        rotation_matrix(read(with_head(version)).bones[-1].rotations(nod)[0]) @ [1, 0, 0] for version in (None, 0)
    ]
    np.testing.assert_allclose(tops, [[0, np.cos(0.2), np.sin(0.2)], [0, np.cos(0.2), -np.sin(0.2)]], atol=1e-6)


def with_head(version: int | None) -> bytes:
    file = AvatarFile()
    file.mesh("face", ["jawOpen"])
    file.bones("Head")
    return (file if version is None else file.vrm0({"a": [(0, 0, 100)]}, {"head": "Head"})).to_bytes()


def test_eyes_turn_by_bones_where_gaze_has_no_shapes():
    file = AvatarFile()
    file.mesh("face", ["jawOpen"])
    avatar = read(file.bones("Head", "LeftEye", "RightEye").to_bytes())
    assert [bone.role for bone in avatar.bones] == ["head", "leftEye", "rightEye"]
    rest, turned = (bone.rotations(speaking(leftEyeYaw=yaw))[0] for yaw in (0, 0.3) for bone in avatar.bones[1:2])
    np.testing.assert_allclose(rest, avatar.gltf.items("nodes")[avatar.bones[1].node]["rotation"], atol=1e-6)
    assert 2 * np.arccos(abs(rest @ turned)) == pytest.approx(0.3, abs=1e-3)


def test_the_neck_takes_a_share_of_the_heads_turn(service):
    turn = speaking(headYaw=0.4)
    angles = {b.role: 2 * np.arccos(min(1, abs(float(b.rotations(speaking())[0] @ b.rotations(turn)[0]))))
              for b in service.bones}  # fmt: skip
    assert sum(angles.values()) == pytest.approx(0.4, abs=1e-3) and 0 < angles["neck"] < angles["head"]


def test_a_jaw_bone_opens_where_shapes_do_not():
    file = AvatarFile()
    file.mesh("body", ["a smile"])
    data = file.bones("Head", "Jaw").to_bytes()
    with pytest.raises(RigError, match=r"jaw = 'Jaw'"):
        read(data)
    avatar = read(data, settings(bones={"jaw": {"node": "Jaw", "axis": [0, 0, 2], "degrees": 30}}))
    jaw = avatar.bones[-1]
    full, shut = jaw.rotations(speaking(jawOpen=1)), jaw.rotations(speaking(jawOpen=0.4, mouthClose=0.4))
    rest = np.array(avatar.gltf.items("nodes")[jaw.node]["rotation"])
    assert np.degrees(2 * np.arccos(abs(full[0] @ rest))) == pytest.approx(30, abs=0.01)
    np.testing.assert_allclose(shut[0], rest, atol=1e-6)


def test_teeth_on_a_jaw_bone_follow_it_and_a_skinned_face_does_not_open_twice():
    file = AvatarFile()
    file.mesh("face", ["jawOpen"])
    data = file.bones("Jaw", "Head").to_bytes()  # the mesh hangs on the first bone
    assert not [bone for bone in read(data).bones if bone.role == "jaw"]


def test_settings_override_names():
    data = with_shapes(*ARKIT, "MyOpen", "MySmile")
    given = settings(
        map={"jawOpen": [["MyOpen", 0.5], "MySmile"], "tongueOut": []},
        tune={"gain": {"mouthPucker": 0.5, "eyeWide": 2}, "offset": {"eyeWide": 0.1}},
    )
    avatar = read(data, given)
    assert [(d.target, d.gain) for d in avatar.drives["jawOpen"]] == [(52, 0.5), (53, 1.0)]
    assert "tongueOut" not in avatar.channels
    driven = avatar.driven(speaking(mouthPucker=0.8, eyeWideLeft=0.2, eyeWideRight=0.9))
    assert driven["mouthPucker"][0] == pytest.approx(0.4) and driven["eyeWideLeft"][0] == pytest.approx(0.5)
    assert driven["eyeWideRight"][0] == 1
    with pytest.raises(ConfigError, match="no shape 'Myopen'; did you mean MyOpen"):
        read(data, settings(map={"jawOpen": "Myopen"}))
    with pytest.raises(ConfigError, match="no node 'Skull'"):
        read(data, settings(bones={"head": "Skull"}))


def test_shapes_without_names_have_numbers():
    file = AvatarFile()
    file.mesh("face", ["x", "y"], named=False)
    avatar = read(file.to_bytes(), settings(map={"jawOpen": "face#1"}))
    assert [(d.mesh, d.target) for d in avatar.drives["jawOpen"]] == [(0, 1)]


def broken(data: bytes) -> dict[str, bytes]:
    json_at = data.index(b'"meshes"')
    return {
        "cut": data[: len(data) // 2],
        "length": data[:8] + struct.pack("<I", len(data) * 2) + data[12:],
        "json": data[:json_at] + b"}" + data[json_at + 1 :],
        "empty": b"",
        "fbx": b"Kaydara FBX Binary  \x00\x1a\x00",
        "html": b"<!doctype html>",
        "list": b"[1, 2]",
    }


@pytest.mark.parametrize("kind", list(broken(b'glTF\2\0\0\0 "meshes"')))
def test_broken_files_are_one_error(kind):
    with pytest.raises(GltfError) as error:
        read(broken(service_avatar())[kind])
    assert "\n" not in str(error.value) and "export it" in str(error.value)


def test_files_without_a_face_are_one_error():
    with pytest.raises(RigError, match="no mesh"):
        read(json.dumps({"asset": {"version": "2.0"}}).encode())
    with pytest.raises(RigError, match=r"none of its 2 shapes.*--add-shapes"):
        read(with_shapes("sleepy", "weep"))
    with pytest.raises(RigError, match=r"no shapes.*--add-shapes"):
        read(with_shapes())


def test_too_many_and_too_few_weights_are_no_damage():
    for weights, expected in (([0.5] * 5, [0.5, 0.5]), ([0.5], [0.5, 0])):
        file = AvatarFile()
        file.mesh("face", ["jawOpen", "fat"], weights=weights)
        assert read(file.to_bytes()).weights(speaking())[0].tolist() == [expected]
    file = AvatarFile()
    file.mesh("face", ["jawOpen"], weights="none")
    with pytest.raises(GltfError, match="no numbers"):
        read(file.to_bytes()).weights(speaking())


def test_damaged_tables_of_vrm_are_one_error():
    for bind in ((0, 9, 100), (4, 0, 100), ("0", 0, 100)):
        with pytest.raises(GltfError):
            vrm({"a": [bind]})


def test_the_file_stays_of_its_kind(tmp_path, service):
    with pytest.raises(OutputError, match=r"write -o talking\.glb"):
        service.check_place(tmp_path / "talking.gltf")
    content = json.loads(Gltf.from_bytes(with_shapes("jawOpen")).text)
    content["buffers"][0]["uri"] = "me.bin"
    (tmp_path / "me.gltf").write_text(json.dumps(content))
    (tmp_path / "other").mkdir()
    avatar = Avatar.read(tmp_path / "me.gltf")
    avatar.check_place(tmp_path / "talking.gltf")
    with pytest.raises(OutputError, match=r"me\.bin beside it"):
        avatar.check_place(tmp_path / "other" / "talking.gltf")
