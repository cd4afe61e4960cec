import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.representations.modules import as_module

MASKED = "[network]\nwidth = 16\nheads = 2\ninner = 32\nlayers = 2\nclusters = 4\nunit_layer = 1\n"
CODEC = "[network]\nchannels = 4\nfeatures = 16\ncodebooks = 3\nsize = 16\n"
TOKENIZER = (
    "[network]\nwidth = 16\nheads = 2\ninner = 32\nbelow = 1\nabove = 1\nlevels = [5, 4]\npast = 20\nfuture = 2\n"
)


@pytest.fixture
def named(trained):
    """Trains what a name needs and gives the whole name."""

    def name(kind: str) -> str:
        if kind == "masked":
            return f"checkpoint:{trained('masked', 'masked_accuracy', MASKED, 'targets.sounds=6')}@1"
        if kind.startswith("codec"):
            return f"checkpoint:{trained('codec', 'mel_fit', CODEC)}@2{kind.removeprefix('codec')}"
        return f"checkpoint:{trained('tokenizer', 'phone_accuracy', TOKENIZER)}" if kind == "tokenizer" else kind

    return name


def sounds(count: int) -> np.ndarray:
    """(count, 1.2 s) of noise that swells."""
    t = np.arange(19_200) / 16000
    noise = np.random.default_rng(1).standard_normal((count, len(t)))
    return (0.1 * noise * np.sin(7 * t)).astype(np.float32)


@pytest.mark.parametrize("kind", ["mel", "masked", "codec", "codec,concat", "tokenizer", "ours:animator"])
def test_the_module_says_what_the_representation_says(named, kind):
    representation = open_representation(named(kind))
    heard, about = sounds(2), representation.about
    with torch.inference_mode():
        vectors = as_module(representation, False)(torch.from_numpy(heard)).numpy()
    expected = np.stack([representation.encode(samples).values for samples in heard])
    assert vectors.shape == (2, round(1.2 * about.frame_rate), about.dimension)
    assert np.abs(vectors - expected).max() < 1e-4
    if about.codebooks:
        units = as_module(representation, True)(torch.from_numpy(heard)).numpy()
        expected = np.stack([representation.units(samples).values.reshape(len(units[0]), -1) for samples in heard])
        assert units.dtype == np.int64 and np.array_equal(units, expected)
        assert len(np.unique(units)) > 1


@pytest.mark.parametrize("kind", ["mel", "masked"])
def test_clusters_are_assigned_and_looked_up(named, kind, tmp_path):
    fit_codebook(open_representation(named(kind)), sounds(6), 8).save(tmp_path / "k.safetensors")
    representation = open_representation(f"{named(kind)}#{tmp_path / 'k.safetensors'}")
    (heard,) = sounds(1)
    batch = torch.from_numpy(heard[None])
    units = as_module(representation, True)(batch)[0].numpy()
    assert np.array_equal(units[:, 0], representation.units(heard).values) and len(np.unique(units)) > 2
    vectors = as_module(representation, False)(batch)[0].numpy()
    assert np.abs(vectors - representation.encode(heard).values).max() < 1e-5


def test_what_a_bundle_cannot_hold_is_named():
    with pytest.raises(ConfigError, match="a bundle cannot hold mfcc; train on mel"):
        as_module(open_representation("mfcc"), False)


def test_the_lab_hears_any_representation_window_by_window():
    mfcc, heard = open_representation("mfcc"), sounds(2)
    vectors = as_module(mfcc, False, exported=False)(torch.from_numpy(heard)).numpy()
    assert np.array_equal(vectors, np.stack([mfcc.encode(samples).values for samples in heard]))
    with pytest.raises(ConfigError, match="mfcc has no units"):
        as_module(mfcc, True, exported=False)(torch.from_numpy(heard))
