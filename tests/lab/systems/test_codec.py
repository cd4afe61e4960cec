import math
from pathlib import Path

import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.representations import open_representation
from utterface.lab.systems.codec import distillation_loss
from utterface.lab.systems.registry import make_system
from utterface.lab.training.recipe import read_recipe

RECIPES = Path(__file__).parents[3] / "recipes"
TABLES = """
[network]
channels = 2
features = 8
codebooks = 3
size = 16
width = 8
inner = 16
blocks = 1
[losses]
windows = [256, 512]
"""


@pytest.fixture
def sound():
    return np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)


def test_distillation_by_hand():
    taught = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
    assert distillation_loss(3 * taught, taught).item() == pytest.approx(math.log(1 + math.exp(-1)))
    assert distillation_loss(-taught, taught).item() == pytest.approx(math.log(1 + math.e))
    assert distillation_loss(taught.flip(1), taught).item() == pytest.approx(math.log(2))


def test_training_units_and_sound(trained, sound):
    checkpoint = trained("codec", "mel_fit", TABLES)
    codec = open_representation(f"checkpoint:{checkpoint}")
    units = codec.units(sound)
    assert units.values.shape == (25, 3)
    assert codec.about.codebooks == (16, 16, 16)
    assert codec.about.bitrate == 600
    assert codec.about.look_ahead == pytest.approx(0.0125)
    assert codec.encode(sound).values.shape == (25, 8)
    assert codec.decode(units).shape == (8000,)
    one = open_representation(f"checkpoint:{checkpoint}@1")
    np.testing.assert_array_equal(one.units(sound).values, units.values[:, 0])
    apart = open_representation(f"checkpoint:{checkpoint}@2,concat").encode(sound).values
    assert apart.shape == (25, 16)
    np.testing.assert_allclose(apart[:, :8], one.encode(sound).values, atol=1e-6)
    assert codec.decode(one.units(sound)).shape == (8000,)
    for option in ("4", "0", "1,mean"):
        with pytest.raises(ConfigError):
            open_representation(f"checkpoint:{checkpoint}@{option}")


def test_a_teacher_speaks_to_the_first_codebook(trained, sound):
    checkpoint = trained("codec", "taught", TABLES + 'teacher = "mfcc"\n')
    codec = open_representation(f"checkpoint:{checkpoint}@1")
    assert codec.network.taught.out_features == 39
    assert codec.units(sound).values.shape == (25,)


def test_the_shipped_recipe_stays_small():
    network = make_system(read_recipe(RECIPES / "codec.toml")).network
    assert sum(p.numel() for p in network.parameters()) <= 5e6
    assert network.frame_rate == 50
