import numpy as np
import pytest

from support import flame_file
from utterface.errors import ConfigError, MotionError, OutputError
from utterface.formats import vertices
from utterface.rigs import flame


@pytest.fixture
def moved() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (6, 5, 3)).astype(np.float32)


@pytest.mark.parametrize("shape", [(6, 5, 3), (6, 15)])
def test_arrays(tmp_path, moved, shape):
    np.save(tmp_path / "a.npy", moved.reshape(shape))
    read, rate = vertices.read(tmp_path / "a.npy", 5)
    np.testing.assert_array_equal(read, moved)
    assert rate == 30 and vertices.read(tmp_path / "a.npy", 5, 25.0)[1] == 25


def test_what_is_written_is_read(tmp_path, moved):
    vertices.write(tmp_path / "a.npy", moved)
    np.testing.assert_array_equal(vertices.read(tmp_path / "a.npy", 5)[0], moved)
    with pytest.raises(OutputError, match=r"give \.npy"):
        vertices.write(tmp_path / "a.txt", moved)


@pytest.mark.parametrize("names", [("expression", "jaw_pose", "fps"), ("expressions", "poses", "mocap_frame_rate")])
def test_coefficients_of_flame_by_the_names_of_corpora(tmp_path, monkeypatch, names):
    np.savez(tmp_path / "model.npz", **flame_file.arrays())
    small = flame.read_flame(tmp_path / "model.npz", (), flame_file.EXPRESSIONS, flame_file.SHAPES)
    monkeypatch.setattr(vertices, "read_flame", lambda path: small)
    rng = np.random.default_rng(1)
    expressions, jaw = rng.normal(0, 1, (4, 3)), rng.normal(0, 0.2, (4, 3))
    poses = np.zeros((4, 165))
    poses[:, 66:69] = jaw
    stored = dict(zip(names, (expressions, poses if names[1] == "poses" else jaw, np.float64(25)), strict=True))
    np.savez(tmp_path / "clip.npz", **stored)
    read, rate = vertices.read(tmp_path / "clip.npz", flame_file.COUNT, flame=tmp_path / "model.npz")
    values = np.zeros((4, len(small.channels)), np.float32)
    values[:, :3], at = expressions, small.channels.index("jawX")
    values[:, at : at + 3] = jaw
    np.testing.assert_allclose(read, small.vertices(values), atol=1e-6)
    assert rate == 25


def test_coefficients_need_a_model(tmp_path):
    np.savez(tmp_path / "clip.npz", expression=np.zeros((2, 3)))
    with pytest.raises(ConfigError, match="--flame"):
        vertices.read(tmp_path / "clip.npz", 5)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.npy", b""), ("a.npy", b"\x93NUMPY\x01\x00garbage"), ("a.txt", b"1 2 3"), ("a.pc2", b"POINT"), ("b.mdd", b"")],
)
def test_bad_files_are_refused_in_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MotionError) as error:
        vertices.read(tmp_path / name, 5)
    assert "\n" not in str(error.value) and name in str(error.value)


@pytest.mark.parametrize(
    "array", [np.zeros((0, 5, 3)), np.zeros((4, 14)), np.zeros(3), np.array(["a"]), np.zeros((2, 5, 3), int)]
)
def test_arrays_of_another_kind_are_refused(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(MotionError, match=r"a\.npy"):
        vertices.read(tmp_path / "a.npy", 5)


@pytest.mark.parametrize(
    "stored",
    [{"other": np.zeros((2, 3))}, {"expression": np.zeros((2, 101))}, {"expression": np.zeros(3)},
     {"expression": np.zeros((2, 3)), "jaw": np.zeros((3, 3))}, {"expression": np.array(["a"])}],
    ids=str,
)  # fmt: skip
def test_coefficients_that_do_not_fit_are_refused(tmp_path, stored):
    np.savez(tmp_path / "a.npz", **stored)
    with pytest.raises(MotionError, match=r"a\.npz"):
        vertices.read(tmp_path / "a.npz", 5, flame=tmp_path / "model.pkl")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(MotionError, match="no such file"):
        vertices.read(tmp_path / "a.npy", 5)
