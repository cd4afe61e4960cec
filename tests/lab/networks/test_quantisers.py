import numpy as np
import pytest
import torch

from utterface.lab.networks.quantisers import FiniteScalar, ResidualVQ, VectorQuantiser


def plain(codes) -> VectorQuantiser:
    """A quantiser whose projections change nothing."""
    quantiser = VectorQuantiser(2, len(codes), 2)
    with torch.no_grad():
        for layer in (quantiser.enter, quantiser.leave):
            layer.weight.copy_(torch.eye(2))
            layer.bias.zero_()
        quantiser.codes.copy_(torch.tensor(codes))
    return quantiser.eval()


def test_the_nearest_code_by_angle_and_its_loss_by_hand():
    quantiser = plain([[1.0, 0.0], [0.0, 2.0]])
    x = torch.tensor([[[3.0, 1.0], [0.0, 1.0]]], requires_grad=True)
    said = quantiser(x)
    assert said.units.tolist() == [[0, 1]]
    torch.testing.assert_close(said.vectors, torch.tensor([[[1.0, 0.0], [0.0, 2.0]]]))
    error = ((2**2 + 1**2) + (0 + 1**2)) / 4
    assert said.loss.item() == pytest.approx(1.25 * error, rel=1e-4)
    said.vectors.sum().backward()
    torch.testing.assert_close(x.grad, torch.ones(1, 2, 2))  # straight through


def test_codes_and_inputs_move_towards_each_other():
    quantiser = plain([[1.0, 0.0], [0.0, 2.0]])
    x = torch.tensor([[[3.0, 0.0]]], requires_grad=True)
    quantiser(x).loss.backward()
    assert x.grad[0, 0, 0] > 0  # downhill is towards the code
    assert quantiser.codes.grad[0, 0] < 0
    assert (quantiser.codes.grad[1] == 0).all()


def test_each_quantiser_codes_what_is_left():
    quantiser = ResidualVQ(2, 2, 2, 2).eval()
    quantiser.quantisers[0], quantiser.quantisers[1] = plain([[4.0, 0.0], [0.0, 4.0]]), plain([[1.0, 0.0], [0.0, 1.0]])
    x = torch.tensor([[[4.0, 1.0], [1.5, 5.0]]])
    said, first = quantiser(x)
    assert said.units.tolist() == [[[0, 1], [1, 0]]]  # left over: (0, 1) and (1.5, 1)
    torch.testing.assert_close(first, torch.tensor([[[4.0, 0.0], [0.0, 4.0]]]))
    torch.testing.assert_close(said.vectors, torch.tensor([[[4.0, 1.0], [1.0, 4.0]]]))
    torch.testing.assert_close(quantiser.look_up(said.units), said.vectors)
    fewer, _ = quantiser(x, 1)
    torch.testing.assert_close(fewer.vectors, first)
    torch.testing.assert_close(quantiser.look_up(fewer.units), fewer.vectors)


def test_codes_begin_at_inputs_and_idle_ones_go_back_to_them():
    torch.manual_seed(0)
    quantiser = VectorQuantiser(2, 8, 2).train()
    near = torch.tensor([5.0, 5.0]) + 0.1 * torch.randn(4, 20, 2)
    with torch.no_grad():
        inputs = quantiser.level(quantiser.enter(near).flatten(0, 1))
        quantiser(near)
    assert all((inputs == code).all(1).any() for code in quantiser.codes)
    assert len(quantiser(near).units.unique()) > 4  # though all inputs lie in one direction
    quantiser.use[3] = 0.01
    with torch.no_grad():
        quantiser.codes[3] = 99.0
        before = quantiser.codes.clone()
        quantiser(near)
    moved = (quantiser.codes != before).any(1)
    assert moved.tolist() == [i == 3 for i in range(8)]
    quantiser.eval()
    quantiser.use.zero_()
    quantiser(near)
    assert (quantiser.use == 0).all()  # nothing moves once trained


def test_in_training_some_items_do_with_fewer():
    torch.manual_seed(0)
    quantiser = ResidualVQ(4, 8, 4, 2).train()
    x = torch.randn(64, 3, 4)
    said, _ = quantiser(x)
    whole = quantiser.look_up(said.units)
    same = torch.isclose(said.vectors, whole, atol=1e-5).all(2).all(1)
    assert 0.3 < same.float().mean() < 0.95


def test_finite_scalars_by_hand():
    quantiser = FiniteScalar((3, 5))
    assert quantiser.size == 15
    x = torch.tensor([[[-9.0, -9.0], [0.0, 0.0], [9.0, 9.0], [0.1, 0.55]]])
    said = quantiser(x)
    assert said.vectors.tolist() == [[[-1, -1], [0, 0], [1, 1], [0, 0.5]]]  # tanh(0.55) · 2.002 = 1.002
    assert said.units.tolist() == [[0, 1 + 3 * 2, 2 + 3 * 4, 1 + 3 * 3]]
    assert said.loss == 0


def test_even_levels_reach_from_minus_one_to_below_one():
    quantiser = FiniteScalar((4,))
    said = quantiser(torch.linspace(-6, 6, 200)[None, :, None])
    assert sorted(set(said.vectors.flatten().tolist())) == [-1.0, -0.5, 0.0, 0.5]
    assert set(said.units.flatten().tolist()) == {0, 1, 2, 3}
    assert (np.diff(said.units.flatten().numpy()) >= 0).all()
    assert said.vectors[0, 99:101].abs().max() == 0  # nothing in, the middle level out


def test_finite_scalars_look_up_what_they_said_and_pass_gradients():
    torch.manual_seed(0)
    quantiser = FiniteScalar((3, 4, 5))
    x = torch.randn(2, 50, 3, requires_grad=True)
    said = quantiser(x)
    torch.testing.assert_close(quantiser.look_up(said.units), said.vectors)
    said.vectors.sum().backward()
    assert (x.grad > 0).all()
