import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from utterface.lab.batches.crops import Crop
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.networks.animator import phone_labels
from utterface.lab.networks.tokenizer import collapse
from utterface.lab.representations import open_representation
from utterface.lab.systems.registry import make_system
from utterface.lab.systems.tokenizer import TokenizerSystem, ctc_loss
from utterface.lab.training.recipe import read_recipe

RECIPES = Path(__file__).parents[3] / "recipes"
TABLES = """
[network]
width = 16
heads = 2
inner = 32
below = 1
above = 1
levels = [3, 4]
past = 5
future = 1
"""


def test_ctc_sums_over_all_paths():
    torch.manual_seed(0)
    logits, phones = torch.randn(1, 4, 3), torch.tensor([[1, 0, -1, -1]])
    shares = logits[0].softmax(1).numpy()
    paths = [p for p in itertools.product(range(3), repeat=4) if collapse(list(p)) == [1, 0]]
    expected = -math.log(sum(np.prod([shares[t, label] for t, label in enumerate(path)]) for path in paths)) / 4
    assert ctc_loss(logits, phones).item() == pytest.approx(expected, rel=1e-5)


def test_crops_are_asked_for_their_phones(toy):
    system = TokenizerSystem({"data": {"root": str(toy), "shares": {"toy": 1.0}}})
    clip = read_corpus(toy / "toy").clips[0]
    asked = system.arrays(Crop(clip, 0.4, clip.samples()[6400:16000]))
    spans = clip.phones()[2:5]
    labels = phone_labels()
    assert [labels[i] for i in asked["phones"][:3]] == [s.label for s in spans]
    assert (asked["phones"][3:] == -1).all()
    times = 0.4 + 0.015 + np.arange(15) / 25
    expected = [next(s.label for s in spans if s.start <= t < s.end) for t in times]
    assert [labels[i] for i in asked["frames"]] == expected
    fast = system.arrays(Crop(clip, 0.4, clip.samples()[6400:16000], 1.25))  # what sounds at t was said at 0.4 + 1.25 t
    times = 0.4 + 1.25 * (0.015 + np.arange(15) / 25)
    assert [labels[i] for i in fast["frames"]] == [
        next(s.label for s in clip.phones() if s.start <= t < s.end) for t in times
    ]


def test_training_and_tokens(trained):
    checkpoint = trained("tokenizer", "phone_accuracy", TABLES)
    tokenizer = open_representation(f"checkpoint:{checkpoint}")
    sound = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    units, vectors = tokenizer.units(sound), tokenizer.encode(sound)
    assert tokenizer.about.codebooks == (12,)
    assert units.values.shape == (25,)
    assert vectors.values.shape == (25, 2)
    assert units.values.max() < 12
    assert (units.frame_rate, units.start) == (25, 0.015)
    assert tokenizer.about.bitrate == pytest.approx(25 * math.log2(12))


def test_the_shipped_recipe_stays_small():
    network = make_system(read_recipe(RECIPES / "tokenizer.toml")).network
    assert sum(p.numel() for p in network.parameters()) <= 5e6
