"""FLAME's formula: worked by hand, equal in NumPy and torch, from files as people have them."""

import pickle

import numpy as np
import pytest

from support import flame_file
from utterface.errors import RigError
from utterface.rigs.flame import FlameRig, read_flame, rotations, skin
from utterface.rigs.protocol import Rig

SIZES = {"shapes": flame_file.SHAPES, "expressions": flame_file.EXPRESSIONS}


@pytest.fixture
def model_file(tmp_path):
    np.savez(tmp_path / "flame.npz", **flame_file.arrays())
    return tmp_path / "flame.npz"


@pytest.fixture
def rig(model_file) -> FlameRig:
    return read_flame(model_file, **SIZES)


def random_values(rig: FlameRig, frames: int = 7) -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.normal(0, 0.4, (frames, len(rig.channels))).astype(np.float32)


def test_zero_gives_the_template_and_the_contract_holds(rig):
    assert isinstance(rig, Rig)
    assert rig.channels[:6] == ("expression0", "expression1", "expression2", "expression3", "expression4", "jawX")
    assert len(rig.channels) == flame_file.EXPRESSIONS + 3 + 3 + 6
    assert np.allclose(rig.vertices(np.zeros((2, len(rig.channels)))), rig.template, atol=1e-6)


def test_expressions_alone_are_linear(rig):
    values = np.zeros((1, len(rig.channels)))
    values[0, 2] = 1.5
    expected = flame_file.arrays()["v_template"] + 1.5 * flame_file.arrays()["shapedirs"][:, :, flame_file.SHAPES + 2]
    assert np.allclose(rig.vertices(values)[0], expected, atol=1e-6)


def test_a_vertex_that_follows_one_joint_turns_rigidly_around_it(tmp_path):
    arrays = flame_file.arrays() | {"posedirs": np.zeros((flame_file.COUNT, 3, 36))}
    arrays["weights"][30] = [0, 0, 1, 0, 0]  # follows the jaw alone
    np.savez(tmp_path / "flame.npz", **arrays)
    rig = read_flame(tmp_path / "flame.npz", **SIZES)
    values = np.zeros((1, len(rig.channels)))
    values[0, rig.channels.index("jawX")] = np.pi / 2
    pivot = arrays["v_template"][8:12].mean(0)
    x, y, z = arrays["v_template"][30] - pivot
    assert np.allclose(rig.vertices(values)[0, 30], pivot + np.array([x, -z, y]), atol=1e-5)


def test_correctives_follow_the_bent_joint(tmp_path):
    arrays = flame_file.arrays()
    arrays["weights"][:] = [1, 0, 0, 0, 0]  # nothing turns, so only the correctives remain
    np.savez(tmp_path / "flame.npz", **arrays)
    rig = read_flame(tmp_path / "flame.npz", **SIZES)
    values = np.zeros((1, len(rig.channels)))
    values[0, rig.channels.index("jawX")] = np.pi / 2
    bent = np.array([[0, 0, 0], [0, -1, -1], [0, 1, -1]]).ravel()  # R_x(90°) − 1; the jaw is the second joint turned
    moved = rig.vertices(values)[0] - rig.template
    assert np.allclose(moved, arrays["posedirs"][:, :, 9:18] @ bent, atol=1e-5)


def test_the_neck_carries_jaw_and_eyes(rig):
    """A model bent at the neck alone equals one whose head vertices all follow the neck."""
    values = np.zeros((1, len(rig.channels)), np.float32)
    values[0, rig.channels.index("neckY")] = 0.7
    expressions, pose = rig.split(values)
    still = rig.model.converted(lambda a: a)
    merged = still.skin.copy()
    merged[:, 1], merged[:, 2:] = merged[:, 1:].sum(1), 0
    alone = type(still)(**{**still.__dict__, "skin": merged})
    assert np.allclose(skin(np, still, expressions, pose), skin(np, alone, expressions, pose), atol=1e-6)


def test_numpy_and_torch_agree_and_torch_differentiates(rig):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    values = random_values(rig)
    tensors = rig.model.converted(torch.as_tensor)
    inputs = torch.tensor(values, requires_grad=True)
    placed = skin(torch, tensors, *rig.split(inputs, torch))
    assert np.abs(placed.detach().numpy() - rig.vertices(values)).max() < 1e-6
    (torch.autograd.grad(placed.square().sum(), inputs)[0].isfinite().all().item()) or pytest.fail("no gradient")
    rest = torch.zeros(1, len(rig.channels), requires_grad=True)
    (gradient,) = torch.autograd.grad(skin(torch, tensors, *rig.split(rest, torch)).square().sum(), rest)
    assert gradient.isfinite().all() and gradient.abs().max() > 0


def test_rotations_are_scipys(rig):
    spatial = pytest.importorskip("scipy.spatial.transform", reason="SciPy is not installed")
    vectors = np.concatenate([np.random.default_rng(0).normal(0, 1.5, (50, 3)), np.zeros((1, 3)), np.eye(3) * 1e-4])
    expected = spatial.Rotation.from_rotvec(vectors).as_matrix()
    assert np.allclose(rotations(np, rig.model, vectors.astype(np.float32)), expected, atol=1e-6)


def test_long_motion_is_skinned_in_batches_to_the_same_numbers(rig):
    values = random_values(rig, 600)
    assert np.allclose(rig.vertices(values)[500:503], rig.vertices(values[500:503]), atol=1e-7)
    assert rig.vertices(values[:0]).shape == (0, flame_file.COUNT, 3)


def test_identity_moves_face_and_joints(rig):
    arrays = flame_file.arrays()
    identity = np.array([1.0, -2.0])
    other = rig.with_identity(identity)
    expected = arrays["v_template"] + arrays["shapedirs"][:, :, :2] @ identity
    assert np.allclose(other.template, expected, atol=1e-6)
    assert np.allclose(other.model.joints, arrays["J_regressor"] @ expected, atol=1e-6)
    assert np.allclose(other.with_identity(np.zeros(6)).template, rig.template)
    with pytest.raises(RigError, match="up to 6 shape coefficients"):
        rig.with_identity(np.zeros(7))


def test_pickled_models_with_sparse_regressors_read_as_the_npz(tmp_path, rig):
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    arrays = flame_file.arrays()
    arrays["J_regressor"] = sparse.csc_matrix(arrays["J_regressor"])
    (tmp_path / "generic_model.pkl").write_bytes(pickle.dumps(arrays | {"bs_style": "lbs"}, 2))
    other = read_flame(tmp_path / "generic_model.pkl", **SIZES)
    values = random_values(rig)
    assert np.array_equal(other.vertices(values), rig.vertices(values))


def test_regions_come_from_the_users_lists(tmp_path, model_file):
    (tmp_path / "lve.txt").write_text("3, 1")
    assert read_flame(model_file, [tmp_path / "lve.txt"], **SIZES).regions["lve"].tolist() == [1, 3]
    (tmp_path / "lve.txt").write_text("3, 4999")
    with pytest.raises(RigError, match="another topology"):
        read_flame(model_file, [tmp_path / "lve.txt"], **SIZES)


def test_what_is_no_flame_is_refused(tmp_path, model_file):
    arrays = flame_file.arrays()
    for changed, message in [
        ({k: a for k, a in arrays.items() if k != "posedirs"}, "posedirs missing"),
        (arrays | {"weights": arrays["weights"][:-1]}, "do not fit together"),
        (arrays | {"v_template": arrays["v_template"] * 1000}, "save the model in metres"),
    ]:
        np.savez(tmp_path / "broken.npz", **changed)
        with pytest.raises(RigError, match=message):
            read_flame(tmp_path / "broken.npz", **SIZES)
    with pytest.raises(RigError, match="300 shapes"):
        read_flame(model_file)
    with pytest.raises(RigError, match="cannot read"):
        read_flame(tmp_path / "absent.npz")
