"""`utterface solve`, there and back."""

import numpy as np
import pytest

from utterface.cli import main
from utterface.cli.solve import strengths_of
from utterface.clip import Clip
from utterface.errors import ConfigError
from utterface.formats import read
from utterface.motion import CHANNELS, HEAD, Motion

WEIGHTS = ("jawOpen", "mouthClose", "mouthPucker", "eyeBlinkLeft", "browInnerUp", "cheekPuff")


@pytest.fixture
def face(tmp_path):
    """Nine frames of a head that talks and turns."""
    values = np.zeros((9, len(CHANNELS)), np.float32)
    rng = np.random.default_rng(0)
    values[:, [CHANNELS.index(name) for name in WEIGHTS]] = rng.uniform(0.1, 0.9, (9, len(WEIGHTS)))
    values[:, [CHANNELS.index(name) for name in HEAD]] = rng.uniform(-0.2, 0.2, (9, 3))
    Clip.from_motion(Motion(values, frame_rate=24.0)).save(tmp_path / "face.npz")
    return tmp_path / "face.npz"


@pytest.mark.parametrize("kind", ["npy", "pc2", "mdd"])
def test_weights_to_vertices_and_back(face, tmp_path, capsys, kind):
    moved, back = tmp_path / f"moved.{kind}", tmp_path / "back.csv"
    assert main(["solve", str(face), "--to", "vertices", "-o", str(moved)]) == 0
    rate = [] if kind == "mdd" else ["--frame-rate", "24"]
    assert main(["solve", str(moved), *rate, "-o", str(back)]) == 0
    said = capsys.readouterr().out
    assert "9 frames at 24 a second" in said and f"wrote {moved}" in said
    wanted, got = read(face).motion, read(back).motion
    assert got.frame_rate == 24
    assert np.abs(got.select(WEIGHTS) - wanted.select(WEIGHTS)).mean() < 0.01


def test_an_avatar_is_a_rig(face, assets, tmp_path, capsys):
    avatar = str(assets / "avatars" / "mpfb_arkit52_base.glb")
    moved, back = tmp_path / "moved.pc2", tmp_path / "back.npz"
    assert main(["solve", str(face), "--to", "vertices", "--rig", avatar, "-o", str(moved)]) == 0
    assert main(["solve", str(moved), "--rig", avatar, "--frame-rate", "24", "--still", "-o", str(back)]) == 0
    assert np.abs(read(back).motion.select(WEIGHTS) - read(face).motion.select(WEIGHTS)).max() < 1e-3
    assert main(["solve", str(moved), "-o", str(back)]) == 2
    assert "give a rig of the same mesh" in capsys.readouterr().err


def test_strengths_change_the_weights(face, tmp_path):
    moved = tmp_path / "moved.npy"
    main(["solve", str(face), "--to", "vertices", "-o", str(moved)])
    sums = []
    for options in ([], ["--l2", "20"], ["--preset", "audio2face"], ["--preset", "audio2face", "--l2", "0"]):
        assert main(["solve", str(moved), *options, "-o", str(tmp_path / "a.npz")]) == 0
        sums.append(read(tmp_path / "a.npz").motion.values.sum())
    assert sums[1] < sums[0] and sums[2] < sums[3] and len(set(sums)) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no.npy", "-o", "a.csv"], "no such file"),
        (["FACE", "-o", "a.csv"], "--flame"),
        (["FACE", "--to", "vertices", "-o", "a.csv"], "give .npy, .pc2 or .mdd"),
        (["FACE", "--to", "vertices", "--rig", "no.npz", "-o", "a.npy"], "no such file"),
        (["FACE", "--to", "vertices", "--rig", "no.glb", "-o", "a.npy"], "no.glb"),
        (["no.npy", "-o", "a.fbx"], "no format is called .fbx"),
    ],
)
def test_mistakes_are_one_line(face, tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert main(["solve", *(str(face) if word == "FACE" else word for word in arguments)]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["face.npz"]


def test_negative_strengths_are_refused():
    with pytest.raises(ConfigError, match="--temporal must be 0 or more"):
        strengths_of("plain", {"l1": 0.5, "temporal": -1.0})
    assert strengths_of("audio2face", {"l1": None, "l2": 0.0}).l2 == 0
