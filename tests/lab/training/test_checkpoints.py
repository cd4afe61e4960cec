"""What a checkpoint gives back; how a run uses it: test_train.py."""

import pytest
import torch
from torch import nn

from utterface.errors import ConfigError, ModelError
from utterface.lab.training.checkpoints import begin_from, load_average, restore, save_checkpoint, trained_seconds

RECIPE = {"system": "x", "train": {"rate": 0.1, "steps": 3}, "data": {"shares": {"a": 1.0}, "corpora": ("a",)}}


def _trained() -> tuple[nn.Linear, torch.optim.AdamW]:
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    optimiser = torch.optim.AdamW(network.parameters(), 0.1)
    for _ in range(3):
        optimiser.zero_grad()
        network(torch.ones(1, 3)).square().sum().backward()
        optimiser.step()
    return network, optimiser


def test_everything_comes_back(tmp_path):
    network, optimiser = _trained()
    average = {k: v / 2 for k, v in network.state_dict().items()}
    path = tmp_path / "x.safetensors"
    save_checkpoint(path, RECIPE, 3, 0.25, average, network, optimiser, 12.5)
    fresh = nn.Linear(3, 2)
    begun = torch.optim.AdamW(fresh.parameters(), 0.1)
    followed = {k: torch.zeros_like(v) for k, v in fresh.state_dict().items()}
    now = {**RECIPE, "train": {"rate": 0.2, "steps": 9}, "data": {"shares": {"b": 1.0}, "corpora": ["a"]}}
    result = restore(path, now, fresh, followed, begun)
    assert result == (3, 0.25, 12.5, ("data.shares.a", "data.shares.b", "train.rate")) and trained_seconds(path) == 12.5
    assert all(torch.equal(v, network.state_dict()[k]) for k, v in fresh.state_dict().items())
    assert all(torch.equal(v, average[k]) for k, v in followed.items())
    for of, other in ((network, optimiser), (fresh, begun)):
        other.zero_grad()
        of(torch.ones(1, 3)).square().sum().backward()
        other.step()
    assert torch.equal(network.weight, fresh.weight)
    assert [p.name for p in tmp_path.iterdir()] == ["x.safetensors"]


def test_another_network_is_refused_and_fitting_weights_begin_it(tmp_path):
    network, optimiser = _trained()
    path = tmp_path / "x.safetensors"
    save_checkpoint(path, RECIPE, 3, 0.0, dict(network.state_dict()), network, optimiser)
    other = nn.Linear(5, 2)
    with pytest.raises(ConfigError, match="another network"):
        restore(path, RECIPE, other, dict(other.state_dict()), torch.optim.AdamW(other.parameters()))
    assert begin_from(str(path), other).startswith("1 of 2 weights") and torch.equal(other.bias, network.bias)
    with pytest.raises(ConfigError, match="no weight of this network"):
        begin_from(str(path), nn.Linear(7, 7))


def test_what_is_no_checkpoint_is_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"no safetensors at all")
    with pytest.raises(ModelError, match=r"x\.safetensors"):
        load_average(path)
