import math
from pathlib import Path

import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.losses.spectral import spectral_loss
from utterface.lab.networks.codec import CodecConfig, CodecNetwork
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


def test_spectral_loss_by_hand():
    wanted = torch.randn(1, 4000, generator=torch.Generator().manual_seed(0))
    assert spectral_loss(wanted, wanted, 256) == 0
    assert spectral_loss(2 * wanted, wanted, 256).item() == pytest.approx(1 + math.log(2), rel=1e-3)
    assert spectral_loss(-wanted, wanted, 256) == 0  # spectra hold no sign


def test_distillation_by_hand():
    taught = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
    assert distillation_loss(3 * taught, taught).item() == pytest.approx(math.log(1 + math.exp(-1)))
    assert distillation_loss(-taught, taught).item() == pytest.approx(math.log(1 + math.e))
    assert distillation_loss(taught.flip(1), taught).item() == pytest.approx(math.log(2))


def test_frames_decode_to_the_samples_they_stand_for():
    torch.manual_seed(0)
    network = CodecNetwork(CodecConfig(channels=2, features=8, codebooks=2, size=16, width=8, blocks=1)).eval()
    assert (network.frame_rate, network.start) == (50, 0.01)
    sound = torch.randn(1, 6400) * 0.1
    other = sound.clone()
    other[0, 4800:] = 0
    with torch.inference_mode():
        latent, changed = network.latent(sound), network.latent(other)
        assert latent.shape == (1, 20, 8)
        early = network.start + torch.arange(20) / 50 + network.look_ahead <= 0.3
        assert early.sum() == 14
        assert torch.equal(latent[:, early], changed[:, early])
        said, now = network.decode(latent), network.decode(changed)
    reach = network.decoder.reach * network.decoder.config.hop
    torch.testing.assert_close(said[:, : 4800 - reach], now[:, : 4800 - reach], atol=1e-6, rtol=1e-5)
    assert not torch.allclose(said[:, 4800:], now[:, 4800:], atol=1e-4)
    assert network(sound[:, :3000]).samples.shape == (1, 3000)


def test_half_precision_hears_the_same():
    torch.manual_seed(0)
    network = CodecNetwork(CodecConfig(codebooks=1, size=16, width=16, blocks=1)).eval()
    sound = torch.randn(2, 6400) * 0.1
    with torch.inference_mode():
        plain = network.latent(sound)
        with torch.autocast("cpu", torch.bfloat16):
            half = network.latent(sound)
            said = network.decode(plain)
        wanted = network.decode(plain)
    torch.testing.assert_close(half, plain)
    assert (said - wanted).norm() < 0.05 * wanted.norm()


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
