import pytest
import torch

from utterface.articulation import ARTICULATORS
from utterface.errors import ConfigError
from utterface.lab.animator.system import make, network_config
from utterface.lab.train import read_recipe


def test_a_recipe_describes_the_network(recipe):
    config = network_config(read_recipe(recipe))
    assert config.articulators == ARTICULATORS
    assert config.taps == ((-1, 0, 1), (-2, -1, 0))
    with pytest.raises(ConfigError, match=r"\[network\] has no key 'wide'"):
        network_config(read_recipe(recipe, ["network.wide=3"]))


def test_losses_are_a_function_of_batch_and_seed(recipe):
    system = make(read_recipe(recipe, ["network.dropout=0.0"]))
    batch = next(system.batches(0, 1))
    first, again, other = (system.losses(system.network, batch, (0, step)) for step in (3, 3, 4))
    assert first.keys() == {"articulators", "velocity", "closure", "silence", "phones"}
    assert torch.equal(first["phones"], again["phones"])
    assert not torch.equal(first["phones"], other["phones"])


def test_a_worker_makes_the_same_batches(recipe):
    plain = make(read_recipe(recipe)).batches(2, 1)
    worked = make(read_recipe(recipe, ["data.workers=1"])).batches(2, 1)
    for _ in range(3):
        assert torch.equal(next(plain).samples, next(worked).samples)


def test_validation_needs_held_out_speakers(recipe):
    system = make(read_recipe(recipe, ['data.held_out=["test"]']))
    with pytest.raises(ConfigError, match=r"no clips of .*test"):
        system.validate(system.network)
