import numpy as np
import pytest
import torch

from utterface import rigs
from utterface.articulation import ARTICULATORS, render
from utterface.lab.losses.lips import ArticulatedGap, head_lips
from utterface.motion import CHANNELS, Motion
from utterface.rigs.lips import LOWER, UPPER, lip_gap


@pytest.fixture
def said() -> np.ndarray:
    """(200, A) anything, a little beyond 0…1 too."""
    return np.random.default_rng(0).uniform(-0.2, 1.2, (200, len(ARTICULATORS))).astype(np.float32)


@pytest.mark.parametrize("strength", [0.5, 1.0, 1.5])
def test_it_is_the_gap_of_the_vertices_that_the_runtime_moves(said, strength):
    head = rigs.head()
    motion = render(said, strength=strength)
    result = ArticulatedGap(head_lips())(torch.from_numpy(said), strength).numpy()
    assert np.abs(result - head_lips().gap_mm(motion)).max() < 1e-4
    moved = head.vertices(motion.select(head.channels)).astype(np.float64)
    seen = 1000 * lip_gap(moved, np.asarray(head.template, np.float64), head.regions[UPPER], head.regions[LOWER])
    assert np.abs(result - seen).max() < 1e-2  # float32 vertices


def test_an_expression_opens_the_lips_by_its_weights(said):
    channels = ("mouthSmileLeft", "jawOpen")
    added = np.random.default_rng(1).uniform(0, 0.2, (200, 2)).astype(np.float32)
    values = render(said).values.copy()
    values[:, [CHANNELS.index(name) for name in channels]] += added
    result = ArticulatedGap(head_lips(), channels)(torch.from_numpy(said), 1.0, torch.from_numpy(added)).numpy()
    assert np.abs(result - head_lips().gap_mm(Motion(values))).max() < 1e-4


def test_a_loss_on_it_closes_lips_that_are_apart():
    x = torch.tensor([[0.3 * (name in ("jaw", "seal")) for name in ARTICULATORS]], requires_grad=True)
    ArticulatedGap(head_lips())(x).sum().backward()
    slope = dict(zip(ARTICULATORS, x.grad[0].tolist(), strict=True))
    assert slope["jaw"] > 1 and slope["seal"] < -1  # millimetres a unit
