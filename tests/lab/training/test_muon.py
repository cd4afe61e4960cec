"""Muon's matrices, and AdamW's rest."""

import numpy as np
import pytest
import torch
from torch import nn

from utterface.errors import ConfigError
from utterface.lab.training.muon import Muon, orthogonal


def _network() -> nn.Module:
    torch.manual_seed(0)
    return nn.ModuleDict({"blocks": nn.Linear(6, 10), "heads": nn.Linear(10, 3)})


def _loss(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return (network["heads"](network["blocks"](x).relu()) - x[:, :3]).square().mean()


@pytest.mark.parametrize("shape", [(5, 5), (4, 30), (30, 4)])
def test_all_directions_are_alike(shape: tuple[int, int]) -> None:
    u, _, v = np.linalg.svd(np.random.default_rng(1).normal(size=shape), full_matrices=False)
    lopsided = u @ np.diag(np.geomspace(1, 0.05, min(shape))) @ v
    found = orthogonal(torch.tensor(lopsided, dtype=torch.float32)).double().numpy()
    inner = u.T @ found @ v.T
    assert ((np.diag(inner) > 0.6) & (np.diag(inner) < 1.25)).all()
    assert np.abs(inner - np.diag(np.diag(inner))).max() < 1e-3


def test_large_matrices_are_taken_in_blocks_of_columns():
    matrix = torch.tensor(np.random.default_rng(2).normal(size=(200, 300)), dtype=torch.float32)
    matrix[:, :128] *= 1e-3  # what one moment says less loudly counts as much
    found = orthogonal(matrix)
    assert found.shape == (200, 300)
    for block in found.split(128, 1):
        values = torch.linalg.svdvals(block)
        assert values.min() > 0.6 and values.max() < 1.25
    assert torch.allclose(found[:, 256:], orthogonal(matrix[:, 256:]), atol=1e-5)


@pytest.mark.parametrize("shape", [(384, 384), (192, 576), (128, 384), (40, 576), (384, 64)])
def test_every_matrix_moves_as_far_as_adamw_would_move_it(shape: tuple[int, int]) -> None:
    network = nn.ModuleDict({"blocks": nn.Linear(shape[1], shape[0], bias=False)})
    weight = network["blocks"].weight
    before = weight.detach().clone()
    weight.grad = torch.tensor(np.random.default_rng(3).normal(size=shape), dtype=torch.float32)
    Muon(network, 0.1, 0.0, ["blocks"]).step()
    assert 0.15 < float((weight - before).detach().square().mean().sqrt()) / 0.1 < 0.22


def test_nothing_stays_nothing() -> None:
    assert not orthogonal(torch.zeros(3, 4)).any()


def test_the_first_step_by_hand() -> None:
    network = nn.ModuleDict({"blocks": nn.Linear(2, 1, bias=False)})
    with torch.no_grad():
        network["blocks"].weight.copy_(torch.tensor([[1.0, 2.0]]))
    network["blocks"].weight.grad = torch.tensor([[3.0, 4.0]])
    Muon(network, 0.1, 0.5, ["blocks"]).step()
    value = 1.0
    for _ in range(5):
        value = 3.4445 * value - 4.775 * value**3 + 2.0315 * value**5
    step = 0.1 * 0.2 * 2**0.5 * value
    expected = [[0.95 * 1 - step * 0.6, 0.95 * 2 - step * 0.8]]
    np.testing.assert_allclose(network["blocks"].weight.detach(), expected, atol=1e-5)


def test_all_else_moves_as_by_adamw() -> None:
    ours, theirs = _network(), _network()
    x = torch.randn(8, 6)
    one, other = Muon(ours, 1e-2, 0.1, ["blocks"]), torch.optim.AdamW(theirs.parameters(), 1e-2, weight_decay=0.1)
    for optimiser, network in ((one, ours), (other, theirs)):
        _loss(network, x).backward()
        optimiser.step()
    assert not torch.equal(ours["blocks"].weight, theirs["blocks"].weight)
    for name in ("blocks.bias", "heads.weight", "heads.bias"):
        assert torch.equal(ours.get_parameter(name), theirs.get_parameter(name))


def test_without_names_it_is_adamw() -> None:
    ours, theirs = _network(), _network()
    x = torch.randn(8, 6)
    one, other = Muon(ours, 1e-2, 0.1, []), torch.optim.AdamW(theirs.parameters(), 1e-2, weight_decay=0.1)
    for optimiser, network in ((one, ours), (other, theirs)):
        for _ in range(3):
            optimiser.zero_grad()
            _loss(network, x).backward()
            optimiser.step()
    assert all(torch.equal(p, theirs.get_parameter(name)) for name, p in ours.named_parameters())


def test_it_learns_and_goes_on_from_its_state() -> None:
    x = torch.randn(64, 6)

    def run(network: nn.Module, optimiser: Muon, steps: int) -> float:
        for _ in range(steps):
            optimiser.zero_grad()
            loss = _loss(network, x)
            loss.backward()
            optimiser.step()
        return float(loss.detach())

    whole, halves = _network(), _network()
    first = float(_loss(whole, x).detach())
    assert run(whole, Muon(whole, 2e-2, 0.0, ["blocks"]), 40) < 0.3 * first
    early, late = Muon(halves, 2e-2, 0.0, ["blocks"]), Muon(halves, 2e-2, 0.0, ["blocks"])
    run(halves, early, 20)
    late.load_state_dict(early.state_dict())
    run(halves, late, 20)
    assert all(torch.equal(p, halves.get_parameter(name)) for name, p in whole.named_parameters())


def test_a_name_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="no matrix of the network begins with 'block_'"):
        Muon(_network(), 1e-2, 0.0, ["blocks", "block_"])
