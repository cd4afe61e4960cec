import torch

from utterface.lab.animator.feed import Batch
from utterface.lab.animator.losses import LossConfig, losses
from utterface.lab.animator.network import Output, phone_labels


def answered(batch: Batch, delay: int) -> Output:
    """The perfect answer, `delay` frames late; what comes earlier is nonsense."""

    def late(x):
        return torch.cat([torch.full_like(x[:, :delay], 9.0), x[:, : x.shape[1] - delay]], 1)

    phones = 20.0 * torch.nn.functional.one_hot(batch.phones, len(phone_labels())).float()
    sure = [late(40 * x - 20) for x in (batch.closure, batch.silence)]
    return Output(late(batch.articulators), *sure, late(phones))


def batch() -> Batch:
    torch.manual_seed(0)
    coin = (torch.rand(2, 2, 30) < 0.3).float()
    return Batch(torch.zeros(2, 30 * 320), torch.rand(2, 30, 11), torch.randint(0, 50, (2, 30)), *coin, torch.ones(2))


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
