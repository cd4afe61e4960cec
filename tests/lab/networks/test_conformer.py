import pytest
import torch

from utterface.lab.networks.conformer import Conformer


@pytest.fixture
def conformer() -> Conformer:
    torch.manual_seed(0)
    return Conformer(width=16, heads=2, inner=24, layers=2, kernel=5).eval()


def test_any_length_passes_and_every_frame_hears_every_frame(conformer):
    for count in (1, 3, 40):
        assert conformer(torch.randn(2, count, 16)).shape == (2, count, 16)
    x = torch.randn(1, 40, 16, requires_grad=True)
    conformer(x)[0, 3].square().sum().backward()  # a plain sum is nothing after a normalisation
    assert (x.grad.abs().sum(2) > 0).all()


def test_positions_are_relative(conformer):
    """In the middle of a long steady stretch nothing tells where the stretch began."""
    lull = torch.randn(1, 1, 16).expand(1, 60, 16)
    answer = conformer(lull)
    assert torch.allclose(answer[0, 20], answer[0, 40], atol=1e-3)
    assert not torch.allclose(answer[0, 0], answer[0, 40], atol=1e-2)  # it ends at the edge


def test_order_matters(conformer):
    x = torch.randn(1, 20, 16)
    assert not torch.allclose(conformer(x.flip(1)).flip(1), conformer(x), atol=1e-3)


def test_the_convolution_sees_its_kernel_alone(conformer):
    block = conformer.blocks[0].convolution
    x = torch.randn(1, 21, 16, requires_grad=True)
    block(x)[0, 10].square().sum().backward()
    near = (x.grad.abs().sum(2) > 0)[0].nonzero().flatten().tolist()
    assert near == [8, 9, 10, 11, 12]


def test_half_precision_keeps_the_answer(conformer):
    x = torch.randn(2, 20, 16)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        half = conformer(x).float()
    whole = conformer(x)
    assert 0 < (half - whole).abs().max() < 0.1 * whole.abs().max()
