from pathlib import Path

import numpy as np
import pytest
import torch

from utterface import speech
from utterface.errors import ModelError
from utterface.lab.networks.vocoder import Vocoder
from utterface.lab.systems.registry import make_system
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import read_recipe

RECIPES = Path(__file__).parents[3] / "recipes"
TABLES = "[network]\nwidth = 16\ninner = 16\nblocks = 1\n[losses]\nwindows = [128, 512]\n"


def test_it_learns_to_sound(trained):
    checkpoint = trained("vocoder", "mel_fit", TABLES)
    system = make_system(load_average(checkpoint)[1])
    optimiser = torch.optim.AdamW(system.network.parameters(), 3e-3)
    batches = system.batches(0, 1)
    before = system.validate(system.network)["mel_fit"]
    for step in range(40):
        sum(system.losses(system.network, next(batches), (0, step)).values()).backward()
        optimiser.step()
        optimiser.zero_grad()
    assert system.validate(system.network)["mel_fit"] > 0.6 * before  # an error, below zero
    assert system.network.training


def test_from_a_checkpoint(trained):
    checkpoint = trained("vocoder", "mel_fit", TABLES)
    vocoder = Vocoder(checkpoint)
    samples = vocoder(speech.log_mel(np.random.default_rng(0).standard_normal(4800) * 0.1))
    assert samples.shape == (4800,) and np.isfinite(samples).all()
    other = trained("speaker", "separation", "[network]\nwidth = 8\nfeatures = 4\nclips = 2\n", "data.batch=4")
    with pytest.raises(ModelError, match="expected a vocoder"):
        Vocoder(other)


def test_the_recipe_stays_small():
    network = make_system(read_recipe(RECIPES / "vocoder.toml")).network
    assert sum(p.numel() for p in network.parameters()) <= 2e6
