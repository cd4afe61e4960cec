"""Check S1: weights come back from vertices, with and without noise, in time, whatever the order of the frames."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from utterface.errors import MotionError, RigError
from utterface.formats import read
from utterface.motion import ARKIT
from utterface.rigs import Joint, solver
from utterface.rigs.solver import OPTIMAL, Strengths, bounded, solve


@dataclass
class Blob:
    """A rig of random shapes."""

    channels: tuple[str, ...] = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "cheekPuff", "headYaw")
    joints: tuple[Joint, ...] = ()
    name: str = "blob"
    template: np.ndarray = field(default_factory=lambda: np.random.default_rng(1).normal(0, 0.08, (60, 3)))
    shapes: np.ndarray = field(default_factory=lambda: np.random.default_rng(2).normal(0, 0.004, (5, 60, 3)))

    def __post_init__(self) -> None:
        self.shapes[4] = 0
        self.shapes[:, :20] = 0  # what no shape moves

    def vertices(self, values: np.ndarray) -> np.ndarray:
        return self.template + np.tensordot(values, self.shapes, 1)


@pytest.fixture
def blob() -> Blob:
    return Blob()


@pytest.fixture
def weights() -> np.ndarray:
    values = np.random.default_rng(3).uniform(0, 1, (40, 5))
    values[:, 4] = 0
    values[values < 0.3] = 0
    return values


@pytest.mark.parametrize(("noise_mm", "most"), [(0.0, 1e-3), (0.1, 5e-3)])
@pytest.mark.parametrize("mesh", ["mpfb_arkit52_base", "ict_neutral_ictnames"])
def test_a_real_capture_comes_back_from_vertices(assets, mesh, noise_mm, most):
    import make_reduction

    shapes, _ = make_reduction.shapes_of(assets / "avatars" / f"{mesh}.glb")
    names = {name.replace("_L", "Left").replace("_R", "Right"): name for name in shapes}
    channels = tuple(channel for channel in ARKIT if channel in names)
    offsets = np.stack([shapes[names[channel]] for channel in channels])
    rig = Blob(channels, name=mesh, template=np.random.default_rng(0).normal(0, 0.08, offsets.shape[1:]))
    rig.shapes = offsets
    capture = read(assets / "motion" / "alex_rom_3.csv").motion
    weights = np.clip(capture.select(channels)[::40], 0, 1)
    vertices = rig.vertices(weights) + np.random.default_rng(1).normal(
        0, noise_mm / 1000, (len(weights), *rig.template.shape)
    )
    solution = solve(rig, vertices, still=True)
    assert solution.channels == channels and solution.optimality < OPTIMAL
    assert np.abs(solution.weights - weights).mean() <= most
    assert solution.error_mm.max() <= 2 * noise_mm + 1e-3


def test_bounds_hold_and_nothing_closer_lies_within_them(blob, weights):
    vertices = blob.vertices(1.6 * weights - 0.2)
    solution = solve(blob, vertices, still=True)
    assert solution.channels == blob.channels[:4]
    assert solution.weights.min() >= 0 and solution.weights.max() <= 1
    flat = blob.shapes[:4].reshape(4, -1)
    for row in range(0, 40, 8):
        best = lsq_linear(flat.T, (vertices[row] - blob.template).ravel(), (0, 1), method="bvls")
        np.testing.assert_allclose(solution.weights[row], best.x, atol=1e-4)


def test_frames_in_any_order_give_the_same(blob, weights):
    order = np.random.default_rng(4).permutation(len(weights))
    vertices = blob.vertices(weights) + np.random.default_rng(5).normal(0, 1e-3, (40, 60, 3))
    whole, shuffled = solve(blob, vertices).weights, solve(blob, vertices[order]).weights
    np.testing.assert_allclose(shuffled, whole[order], atol=1e-5)


def test_a_turned_and_moved_head_is_laid_back(blob, weights):
    from scipy.spatial.transform import Rotation

    turns = Rotation.from_euler("YXZ", np.random.default_rng(6).uniform(-0.4, 0.4, (40, 3)))
    vertices = np.einsum("tij,tvj->tvi", turns.as_matrix(), blob.vertices(weights)) + np.array([0.1, 0.02, -0.3])
    np.testing.assert_allclose(solve(blob, vertices).weights, weights[:, :4], atol=1e-3)
    assert np.abs(solve(blob, vertices, still=True).weights - weights[:, :4]).max() > 0.1


def test_strengths_do_what_they_say(blob, weights):
    noisy = blob.vertices(weights) + np.random.default_rng(7).normal(0, 2e-3, (40, 60, 3))

    def weights_by(**strengths: float) -> np.ndarray:
        return solve(blob, noisy, Strengths(**strengths), still=True).weights

    plain = weights_by()
    assert weights_by(l2=3.5).sum() < plain.sum() and weights_by(l1=3).sum() < plain.sum()
    apart = np.abs(plain[:, 1] - plain[:, 2]).mean()
    assert np.abs(np.diff(weights_by(symmetry=100)[:, 1:3], axis=1)).mean() < 0.2 * apart
    assert np.abs(np.diff(weights_by(temporal=1), axis=0)).mean() < 0.7 * np.abs(np.diff(plain, axis=0)).mean()


def test_the_temporal_term_is_minimised_too():
    rng = np.random.default_rng(8)
    gram, right, strength = np.diag([2.0, 1.0]) + 0.3, rng.normal(0.5, 0.5, (6, 2)), 0.7
    weights, optimality = bounded(gram, right, (0.0, 1.0), strength)
    steps = np.kron(np.diff(np.eye(6), axis=0), np.eye(2))
    whole = np.kron(np.eye(6), gram) + strength * steps.T @ steps
    root = np.linalg.cholesky(whole).T
    best = lsq_linear(root, np.linalg.solve(root.T, right.ravel()), (0, 1), method="bvls", tol=1e-12)
    assert optimality < OPTIMAL
    np.testing.assert_allclose(weights.ravel(), best.x, atol=1e-4)


def test_shapes_that_are_alike_share_what_they_do():
    gram = np.array([[1.0, -1.0], [-1.0, 1.0]]) + 1e-9 * np.eye(2)
    weights, _ = bounded(gram, np.array([[0.4, -0.4]]))
    assert abs(weights[0, 0] - weights[0, 1] - 0.4) < 1e-3


@pytest.mark.parametrize(
    ("vertices", "words"),
    [
        (np.zeros((3, 59, 3)), "blob has 60 vertices"),
        (np.zeros((3, 60)), "the motion is of the shape"),
        (np.full((3, 60, 3), np.nan), "NaN"),
    ],
)
def test_vertices_that_do_not_fit_are_refused(blob, vertices, words):
    with pytest.raises(MotionError, match=words):
        solve(blob, vertices)


def test_a_rig_without_shapes_is_refused(blob):
    blob.channels = tuple(f"shape{i}" for i in range(5))
    with pytest.raises(RigError, match="no shape by ARKit's names"):
        solver.solve(blob, np.zeros((3, 60, 3)))
