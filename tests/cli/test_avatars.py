"""`utterface animate` with a face of the user's own."""

import pytest

from support.avatar_files import AvatarFile, service_avatar
from utterface.cli import main
from utterface.gltf import Gltf


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me.glb").write_bytes(service_avatar())
    return tmp_path


@pytest.fixture
def hello(request):
    return str(request.config.rootpath / "examples" / "hello.flac")


def test_an_avatar_talks(folder, hello, capsys):
    command = ["animate", hello, "--model", "animator", "--avatar", "me.glb", "-o", "talking.glb", "-o", "take.csv"]
    assert main(command) == 0
    assert "wrote talking.glb" in capsys.readouterr().out and (folder / "take.csv").is_file()
    old, new = Gltf.read(folder / "me.glb"), Gltf.read(folder / "talking.glb")
    assert new.binary.startswith(old.binary) and len(new.items("animations")) == 1
    assert new.accessor(len(new.items("accessors")) - 4).max() > 0.2


def test_a_vrm_gets_a_vrma_beside_it(folder, hello, capsys):
    """three-vrm stops what a .vrm itself animates, so hosts of VRM play the .vrma."""
    file = AvatarFile()
    file.mesh("face", ["a", "i", "u", "e", "o"])
    vowels = {name: [(0, i, 100)] for i, name in enumerate("aiueo")}
    (folder / "me.vrm").write_bytes(file.bones("Head").vrm0(vowels, {"head": "Head"}).to_bytes())
    assert main(["animate", hello, "--model", "animator", "--avatar", "me.vrm", "-o", "talking.vrm"]) == 0
    assert "talking.vrma in hosts of VRM" in capsys.readouterr().err
    (inside,) = Gltf.read(folder / "talking.vrm").items("animations")
    assert {channel["target"]["path"] for channel in inside["channels"]} == {"weights", "rotation"}
    beside = Gltf.read(folder / "talking.vrma")
    aa = beside.content["extensions"]["VRMC_vrm_animation"]["expressions"]["preset"]["aa"]["node"]
    (animation,) = beside.items("animations")
    sampler = next(c["sampler"] for c in animation["channels"] if c["target"]["node"] == aa)
    assert beside.accessor(animation["samplers"][sampler]["output"])[:, 0].max() > 0.3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--avatar", "me.glb", "-o", "take.csv"], "--avatar changes nothing in take.csv"),
        (["--avatar", "me.glb", "-o", "talking.gltf"], "write -o talking.glb"),
        (["--avatar", "none.glb", "-o", "talking.glb"], "cannot read none.glb"),
        (["--avatar", "me.fbx", "-o", "talking.glb"], "FBX, which is not read; export it as .glb"),
        (["--avatar", "cut.glb", "-o", "talking.glb"], "damaged"),
        (["--avatar", "still.glb", "-o", "talking.glb"], "no face to move"),
        (["-o", "talking.vrm"], "name it with --avatar"),
        (["--float", "-o", "talking.glb"], "--float belongs to --avatar"),
        (["--avatar-settings", "me.toml", "-o", "talking.glb"], "--avatar-settings belongs to --avatar"),
    ],
)
def test_mistakes_are_one_line_and_nothing_is_written(folder, hello, arguments, words, capsys):
    (folder / "me.fbx").write_bytes(b"Kaydara FBX Binary  ")
    (folder / "cut.glb").write_bytes(service_avatar()[:5000])
    still = AvatarFile()
    still.mesh("face", ["sleepy"])
    (folder / "still.glb").write_bytes(still.to_bytes())
    assert main(["animate", hello, *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1
    assert not [path for path in folder.iterdir() if path.stem in ("talking", "take")]
