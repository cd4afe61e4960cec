import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.networks.motion_prior import CodeBook, FrameNorm, MotionPrior, MotionPriorConfig

SMALL = {"width": 16, "layers": 1, "heads": 2, "inner": 16, "codes": 8, "code": 8}


@pytest.mark.parametrize("frames", [4, 5, 8])
@pytest.mark.parametrize("flatten", ["frame", "time"])
def test_what_a_code_stands_for(flatten, frames):
    book = CodeBook(MotionPriorConfig(**SMALL, flatten=flatten))
    z = torch.arange(frames * 16, dtype=torch.float32).reshape(1, frames, 16)
    flat = book.flat(z)
    wanted = z.numpy()[0].T.reshape(-1, 8) if flatten == "time" else z.numpy()[0].reshape(-1, 8)
    assert np.array_equal(flat[0], wanted)
    assert torch.equal(book.shaped(flat, frames), z)


def test_the_released_row_is_one_channel_over_128_frames():
    book = CodeBook(MotionPriorConfig(flatten="time"))
    z = torch.randn(1, 200, 256)
    assert torch.equal(book.flat(z)[0, 0], z[0, :128, 0])


def test_codes_are_the_nearest_and_gradients_pass_straight():
    book = CodeBook(MotionPriorConfig(**SMALL))
    z = torch.randn(2, 3, 16, requires_grad=True)
    codes = book(z)
    apart = torch.cdist(book.flat(z), book.codes)
    assert torch.equal(codes.units, apart.argmin(-1))
    assert torch.allclose(codes.vectors, codes.nearest, atol=1e-6)
    codes.vectors.sum().backward()
    assert torch.equal(z.grad, torch.ones_like(z))


def test_sampling_draws_by_temperature():
    book = CodeBook(MotionPriorConfig(**SMALL))
    z = torch.randn(1, 40, 16)
    drawn = [book(z, 5.0, torch.Generator().manual_seed(seed)).units for seed in (1, 1, 2)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert torch.equal(book(z, 1e-4, torch.Generator().manual_seed(1)).units, book(z).units)


@pytest.mark.parametrize("kind", ["instance", "layer"])
def test_norms_do_not_read_padding(kind):
    x, known = torch.randn(1, 6, 4), torch.tensor([[True] * 4 + [False] * 2])
    other = x.clone()
    other[:, 4:] = 99
    norm = FrameNorm(kind)
    assert torch.allclose(norm(x, known)[:, :4], norm(other, known)[:, :4])


def test_it_learns_to_rebuild_and_revives_codes():
    torch.manual_seed(0)
    prior = MotionPrior(MotionPriorConfig(**SMALL, norm="layer", revive=0.5, dropout=0.0), 3)
    motion = torch.rand(4, 1, 3).expand(-1, 6, -1)
    known = torch.ones(4, 6, dtype=torch.bool)
    optimiser, errors = torch.optim.Adam(prior.parameters(), 5e-3), []
    for _ in range(60):
        predicted, codes = prior(motion, known)
        loss = (predicted - motion).abs().mean()
        optimiser.zero_grad()
        (loss + codes.loss).backward()
        optimiser.step()
        errors.append(loss.item())
    assert errors[-1] < 0.4 * errors[0]


@pytest.mark.parametrize("wrong", [{"flatten": "codes"}, {"norm": "batch"}, {"code": 7}, {"heads": 3}])
def test_sizes_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ConfigError):
        MotionPriorConfig(**{**SMALL, **wrong})
