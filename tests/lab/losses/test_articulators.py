from dataclasses import replace

import numpy as np
import pytest
import torch

from utterface.articulation import ARTICULATORS, render
from utterface.lab.batches.articulators import ArticulatorBatch
from utterface.lab.losses.articulators import LossConfig, losses
from utterface.lab.losses.lips import ArticulatedGap, head_lips
from utterface.lab.networks.animator import AnimatorOutput, phone_labels


def answered(batch: ArticulatorBatch, delay: int) -> AnimatorOutput:
    """The perfect answer, `delay` frames late; what comes earlier is nonsense."""

    def late(x):
        return torch.cat([torch.full_like(x[:, :delay], 9.0), x[:, : x.shape[1] - delay]], 1)

    phones = 20.0 * torch.nn.functional.one_hot(batch.phones, len(phone_labels())).float()
    sure = [late(40 * x - 20) for x in (batch.closure, batch.silence)]
    tokens = late(batch.tokens.clamp(min=1e-9).log())
    return AnimatorOutput(late(batch.articulators), *sure, late(phones), tokens, late(batch.expression))


def batch(tokens: int = 0) -> ArticulatorBatch:
    torch.manual_seed(0)
    coin = (torch.rand(2, 2, 30) < 0.3).float()
    return ArticulatorBatch(
        torch.zeros(2, 30 * 320), torch.rand(2, 30, 11), torch.randint(0, 50, (2, 30)), *coin,
        torch.rand(2, 30, tokens).softmax(2), torch.ones(2),
        controls=torch.zeros(2, 0), strength=torch.ones(2, 1), expression=torch.zeros(2, 30, 0),
    )  # fmt: skip


def test_the_right_answer_at_the_right_time_costs_nothing():
    b = batch()
    parts = losses(answered(b, 3), b, 3, LossConfig(smoothing=0.0))
    assert all(float(v) < 1e-3 for v in parts.values())
    wrong_time = losses(answered(b, 3), b, 2, LossConfig(smoothing=0.0))
    assert all(float(wrong_time[k]) > 0.1 for k in parts)


def test_closures_weigh_more_and_distrusted_clips_less():
    b = batch()
    output = answered(b, 3)
    output.articulators[:, 3:] += 0.1
    even = losses(output, b, 3, LossConfig(closing=1.0))["articulators"]
    heavy = losses(output, b, 3, LossConfig(closing=5.0))["articulators"]
    assert heavy > 1.5 * even
    b.weight[:] = 0.5
    assert torch.isclose(losses(output, b, 3, LossConfig(closing=1.0))["articulators"], even / 2)


def test_the_lip_gap_costs_its_millimetres_and_closures_more():
    """A jaw that opens too far by so much that the head's lips part by known millimetres."""
    b = replace(batch(), articulators=torch.zeros(2, 30, len(ARTICULATORS)))
    output = answered(b, 3)
    output.articulators[..., ARTICULATORS.index("jaw")] += 0.5
    asked = [np.zeros((1, len(ARTICULATORS)), np.float32) for _ in range(2)]
    asked[1][:, ARTICULATORS.index("jaw")] = 0.5
    closed, open_ = (head_lips().gap_mm(render(a))[0] for a in asked)
    gap, lighter = ArticulatedGap(head_lips()), LossConfig(lip_gap=0.1, closing=1.0)
    even = losses(output, b, 3, lighter, gap)["lip_gap"]
    assert float(even) == pytest.approx(0.1 * (open_ - closed), rel=1e-4)
    share = b.closure[:, :27].mean()
    heavy = losses(output, b, 3, replace(lighter, closing=3.0), gap)["lip_gap"]
    assert torch.isclose(heavy, even * (1 + 2 * share))
    assert "lip_gap" not in losses(output, b, 3, LossConfig(), gap)


def test_lips_are_compared_at_the_strength_that_was_requested():
    """Articulators that strength has scaled part the lips as `render` has them at that strength."""
    b = replace(batch(), strength=torch.tensor([[1.5], [0.5]]))
    plain = b.articulators.clone()
    for name in ("jaw", "aperture", "rounding", "spread"):
        b.articulators[..., ARTICULATORS.index(name)] *= b.strength
    silent = replace(b, articulators=b.articulators.clone())
    silent.articulators[..., ARTICULATORS.index("rest")] = 1.0  # at rest the gap is 0 at any strength
    config, gap = LossConfig(lip_gap=1.0, closing=1.0), ArticulatedGap(head_lips())
    result = losses(answered(b, 3), silent, 3, config, gap)["lip_gap"]
    wanted = [head_lips().gap_mm(render(a[:27].numpy(), strength=s)) for a, s in zip(plain, (1.5, 0.5), strict=True)]
    assert float(result) == pytest.approx(np.abs(wanted).mean(), rel=1e-3)


def test_what_moods_add_is_compared():
    b = replace(batch(), expression=torch.rand(2, 30, 4))
    right, wrong = answered(b, 3), answered(b, 3)
    wrong.expression[:, 3:] += 0.1
    config = LossConfig(expression=10.0)
    assert float(losses(right, b, 3, config)["expression"]) == 0
    assert float(losses(wrong, b, 3, config)["expression"]) == pytest.approx(0.1, rel=1e-3)


def test_a_teacher_is_followed_frame_by_frame_and_its_blanks_weigh_least():
    b, config = batch(tokens=4), LossConfig()
    right = answered(b, 3)
    least = float(losses(right, b, 3, config)["teacher"])
    likely = b.tokens[:, :27]
    spoken = 1 + 4 * (1 - likely[..., -1])
    entropy = -(likely * likely.log()).sum(2)
    assert least == pytest.approx(float((entropy * spoken).sum() / spoken.sum()), rel=1e-5)
    assert float(losses(right, b, 2, config)["teacher"]) > least + 0.01
    assert "teacher" not in losses(answered(batch(), 3), batch(), 3, config)
