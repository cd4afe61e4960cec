"""An avatar's file with a motion in it: nothing else changes, and every reader sees the weights that were meant."""

import json
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avatars.conftest import read, with_shapes
from support.avatar_files import AvatarFile, service_avatar
from support.compressed import by_draco, by_meshopt
from utterface.avatars.avatar import Avatar
from utterface.avatars.talking import NAME, to_file
from utterface.gltf import Gltf
from utterface.gltf.editor import spans
from utterface.motion import ARKIT, CHANNELS, Motion

TOOLS = Path(__file__).parents[1] / "tools"
APPENDED = {"accessors", "bufferViews", "buffers", "animations", "}"}


@pytest.fixture(scope="module")
def motion() -> Motion:
    """Six seconds with every channel different from every other."""
    t = np.arange(374)[:, None] / 60
    return Motion(0.5 + 0.4 * np.sin(2 * np.pi * (0.5 + t * (1 + np.arange(len(CHANNELS)) / 50))))


def assert_only_appended(old: Gltf, new: Gltf) -> None:
    """A1 of the checks: old bytes first, and every span of text as it was."""
    assert new.binary.startswith(old.binary) and new.rest == old.rest
    before, after = spans(old.text, old.text.index("{")), spans(new.text, new.text.index("{"))
    for key in before.keys() - APPENDED:
        assert old.text[slice(*before[key])] == new.text[slice(*after[key])], key
    for kind in ("accessors", "bufferViews", "animations"):
        assert new.items(kind)[: len(old.items(kind))] == old.items(kind)


@pytest.mark.parametrize("pack", [bytes, by_meshopt, by_draco])
def test_made_avatars_keep_every_byte(pack, motion):
    data = pack(service_avatar())
    assert_only_appended(Gltf.from_bytes(data), Gltf.from_bytes(to_file(read(data), motion)))


def test_real_avatars_keep_every_byte(real, motion):
    old = Gltf.read(real)
    assert_only_appended(old, Gltf.from_bytes(to_file(Avatar.read(real), motion)))


def validated(*files: Path) -> list[Counter[str]]:
    """The Khronos validator's messages, how often each, without where they stand."""
    if not (TOOLS / "node_modules" / "gltf-validator").is_dir() or not shutil.which("node"):
        pytest.skip("no Khronos validator; run: npm ci --prefix tests/tools")
    done = subprocess.run(["node", TOOLS / "validate.cjs", *files], capture_output=True, text=True, check=True)
    return [Counter(issue["code"] for issue in report["issues"]["messages"]) for report in json.loads(done.stdout)]


def test_the_validator_has_nothing_new_to_say(assets, motion, tmp_path):
    files = [*sorted((assets / "avatars").glob("*.[gv][lr]*")), tmp_path / "service.glb"]
    files[-1].write_bytes(by_meshopt(service_avatar()))
    pairs = []
    for file in files:
        if file.suffix != ".gltf" and "nomorph" not in file.name and "ict" not in file.name:  # ICT takes it 6 s
            (talking := tmp_path / f"talking_{file.name}").write_bytes(to_file(Avatar.read(file), motion))
            pairs += [file, talking]
    reports = validated(*pairs)
    assert len(reports) == 8
    for before, after in zip(reports[::2], reports[1::2], strict=True):
        assert not after - before


def test_six_seconds_of_four_meshes_take_60_kb(service, motion):
    grown = len(to_file(service, motion)) - len(service.gltf.to_bytes())
    assert grown <= 60_000
    (animation,) = Gltf.from_bytes(to_file(service, motion)).items("animations")
    weights = [c["sampler"] for c in animation["channels"] if c["target"]["path"] == "weights"]
    assert len(weights) == 4 and len(set(weights)) == 1
    assert len(to_file(replace(service, as_float=True), motion)) - len(service.gltf.to_bytes()) > 1.5 * grown


def test_every_mesh_with_a_driven_shape_moves():
    file = AvatarFile()
    file.mesh("head", list(ARKIT))
    file.mesh("teeth", ["jawOpen", "other"])
    file.mesh("hair", ["wind"])
    moved = read(file.to_bytes()).weights(Motion(np.eye(2, 61, ARKIT.index("jawOpen"))))
    assert set(moved) == {0, 1} and moved[1].tolist() == [[1, 0], [0, 0]]


def test_weights_rest_where_the_file_has_them():
    file = AvatarFile()
    file.mesh("head", ["jawOpen", "fat"], weights=[0.25, 0.75])
    weights = read(file.to_bytes()).weights(Motion(np.array([[0.5]]), ("jawOpen",)))[0]
    assert weights.tolist() == [[0.75, 0.75]]


def test_weights_beyond_a_fraction_are_floats():
    data = with_shapes("jawOpen")
    avatar = read(data)
    gltf = Gltf.from_bytes(to_file(avatar, Motion(np.array([[0.5]]), ("jawOpen",))))
    assert gltf.items("accessors")[-1]["componentType"] == 5123
    wide = replace(avatar, drives={"jawOpen": (replace(avatar.drives["jawOpen"][0], gain=3.0),)})
    gltf = Gltf.from_bytes(to_file(wide, Motion(np.array([[0.5]]), ("jawOpen",))))
    assert gltf.items("accessors")[-1]["componentType"] == 5126
    assert gltf.accessor(len(gltf.items("accessors")) - 1).tolist() == [[1.5]]


@pytest.mark.parametrize("name", ["mpfb_arkit52_base.glb", "ict_neutral_ictnames.glb", "valid_White_F_3_Default.glb"])
def test_three_shows_the_weights_that_were_meant(name, assets, motion, tmp_path):
    if not (TOOLS.parents[1] / "web" / "node_modules" / "three").is_dir() or not shutil.which("node"):
        pytest.skip("no three.js; run: npm ci --prefix web")
    avatar = Avatar.read(assets / "avatars" / name)
    (tmp_path / "talking.glb").write_bytes(to_file(avatar, motion))
    frames = [0, 30, 200]
    done = subprocess.run(
        ["node", TOOLS / "three_plays.mjs", tmp_path / "talking.glb", *(str(frame / 60) for frame in frames)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    played = json.loads(done.stdout)
    expected = list(avatar.weights(avatar.driven(motion)).values())
    for frame, seen in zip(frames, played["seen"], strict=True):
        assert len(seen["weights"]) == len(expected)
        for mesh, weights in zip(expected, seen["weights"], strict=True):
            np.testing.assert_allclose(weights, mesh[frame], atol=1e-4)


def test_our_reader_gives_the_motion_back(service, motion, tmp_path):
    from utterface.formats.glb_reader import read as read_motion

    (tmp_path / "talking.glb").write_bytes(to_file(service, motion))
    back = read_motion(tmp_path / "talking.glb").motion
    np.testing.assert_allclose(back.select(ARKIT), motion.select(ARKIT), atol=1e-4)
    assert Gltf.read(tmp_path / "talking.glb").items("animations")[0]["name"] == NAME
