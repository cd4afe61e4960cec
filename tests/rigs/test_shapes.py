import numpy as np
import pytest

from utterface.errors import RigError
from utterface.rigs import Rig, solve
from utterface.rigs.shapes import read_shapes


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {name: rng.normal(0, 0.01, (30, 3)) for name in ("JawOpen", "mouthPucker", "tongueUp")}
    return {
        "neutral": rng.normal(0, 0.1, (30, 3)),
        "poseNames": np.array([b"neutral", *map(str.encode, shapes)]),
        **shapes,
    }


def test_shapes_by_arkits_names_make_a_rig_that_can_be_solved_for(tmp_path):
    np.savez(tmp_path / "bs.npz", **arrays())
    rig = read_shapes(tmp_path / "bs.npz")
    assert isinstance(rig, Rig) and rig.channels == ("jawOpen", "mouthPucker")
    weights = np.array([[0.2, 0.7], [1.0, 0.0]], np.float32)
    vertices = rig.vertices(weights)
    np.testing.assert_allclose(vertices[1] - rig.template, arrays()["JawOpen"], atol=1e-6)
    np.testing.assert_allclose(solve(rig, vertices, still=True).weights, weights, atol=1e-4)


@pytest.mark.parametrize(
    "changed",
    [{"neutral": None}, {"poseNames": None}, {"JawOpen": np.zeros((29, 3)), "mouthPucker": np.zeros((29, 3))},
     {"poseNames": np.array(["tongueUp"])}, {"neutral": np.zeros(4)}],
    ids=" ".join,
)  # fmt: skip
def test_other_archives_are_refused(tmp_path, changed):
    stored = {name: array for name, array in (arrays() | changed).items() if array is not None}
    np.savez(tmp_path / "bs.npz", **stored)
    with pytest.raises(RigError, match="bs"):
        read_shapes(tmp_path / "bs.npz")


def test_no_file_and_no_archive(tmp_path):
    with pytest.raises(RigError, match="no such file"):
        read_shapes(tmp_path / "bs.npz")
    (tmp_path / "bs.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(RigError):
        read_shapes(tmp_path / "bs.npz")
