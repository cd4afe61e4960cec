import numpy as np
import pytest
import torch

from utterface.lab.losses.motion import LipGap, MotionLossConfig, gap_loss, motion_losses
from utterface.motion import Motion
from utterface.rigs.lips import LipRig

KNOWN = torch.ones(1, 4, dtype=torch.bool)


def track(*values: float) -> torch.Tensor:
    return torch.tensor(values)[None, :, None]


def test_losses_by_hand():
    parts = motion_losses(track(0, 1, 0, 0), track(0, 0, 0, 0), KNOWN, MotionLossConfig(1.0, 2.0, 4.0))
    assert {k: float(v) for k, v in parts.items()} == pytest.approx(
        {"weights": 1 / 4, "velocity": 2 * 2 / 3, "acceleration": 4 * 3 / 2}
    )


def test_a_fast_reference_may_be_followed():
    wanted = track(0, 1, 0, 1)
    offset = motion_losses(wanted + 0.5, wanted, KNOWN, MotionLossConfig())
    assert float(offset["weights"]) == pytest.approx(0.5)
    assert float(offset["velocity"]) == float(offset["acceleration"]) == 0


def test_frames_beyond_the_end_cost_nothing():
    known = torch.tensor([[True, True, True, False]])
    parts = motion_losses(track(0, 0, 0, 9), track(0, 0, 0, 0), known, MotionLossConfig())
    assert all(float(v) == 0 for v in parts.values())
    nothing = motion_losses(track(0, 0, 0, 9), track(0, 0, 0, 0), known & False, MotionLossConfig())
    assert all(float(v) == 0 for v in nothing.values())


def test_no_weight_no_loss():
    config = MotionLossConfig(velocity=0.0, acceleration=0.0)
    assert motion_losses(track(0, 1), track(0, 0), KNOWN[:, :2], config).keys() == {"weights"}


def test_huber_is_the_square_near_nothing():
    config = MotionLossConfig(1.0, 0.0, 0.0, huber=1.0)
    result = motion_losses(track(0.4, 3.0), track(0, 0), KNOWN[:, :2], config)["weights"]
    expected = torch.nn.functional.huber_loss(track(0.4, 3.0), track(0, 0))
    assert torch.isclose(result, expected)


def test_the_gap_is_that_of_the_rig():
    lips = LipRig(("jawOpen", "mouthClose"), np.array([20.0, -16.0]))
    channels = ("mouthClose", "browInnerUp", "jawOpen")
    values = np.random.default_rng(0).random((5, 3)).astype(np.float32)
    result = LipGap(lips, channels)(torch.from_numpy(values)).numpy()
    assert result == pytest.approx(lips.gap_mm(Motion(values, channels, 30.0)), abs=1e-5)


def test_closed_lips_weigh_more_in_the_gap():
    wanted = torch.tensor([[0.0, 8.0]])
    assert float(gap_loss(wanted + 1, wanted, KNOWN[:, :2], closing=3.0)) == pytest.approx((3 + 1) / 2)
