import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from utterface import speech, timing
from utterface.articulation import articulate
from utterface.errors import ConfigError
from utterface.lab.batches.crops import Crop
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.networks.mesh_to_speech import INPUTS, MeshToSpeechModel, MeshToSpeechNetwork, gain, network_config
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem, MotionInputConfig, mouthed
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import read_recipe
from utterface.phones import Span

RECIPES = Path(__file__).parents[3] / "recipes"


@pytest.fixture
def system(listener) -> MeshToSpeechSystem:
    """What the listener was trained by."""
    return MeshToSpeechSystem(load_average(listener)[1])


def test_training_writes_figures(listener):
    rows = [json.loads(line) for line in (listener.parent / "log.jsonl").read_text().splitlines()]
    assert {"mel", "units"} <= rows[0].keys()
    assert {"fit", "mel_distance", "unit_accuracy", "mel_distance_shuffled", "unit_accuracy_shuffled"} <= rows[
        -1
    ].keys()


def test_a_crop_holds_what_was_said_when_it_was_said(system):
    clip = read_corpus(system.data.root / "toy").clips[0]
    samples = clip.samples()
    asked = system.arrays(Crop(clip, 0.2, samples[3200:16000]))
    assert asked["motion"].shape == (24, 51)
    assert asked["mel"].shape == (80, 80) and asked["units"].shape == (40,) and asked["speaker"].shape == (4,)
    assert np.allclose(asked["mel"][2:-2], speech.log_mel(gain(samples) * samples)[22:98], atol=1e-3)
    whole = articulate(clip.phones(), clip.duration, 30.0)
    assert np.allclose(asked["motion"], whole.select(system.channels)[6:30], atol=0.02)


def test_crops_are_functions_of_the_seed_and_their_number(system):
    one, other = system.crops(("train",)).make(3), system.crops(("train",)).make(3)
    assert all(torch.equal(one[k], other[k]) for k in one)


def test_made_mouths_vary_in_training_and_not_in_judging(system):
    clip = read_corpus(system.data.root / "toy").clips[0]
    samples = clip.samples()[:12800]
    plain = system.arrays(Crop(clip, 0.0, samples))["motion"]
    assert np.array_equal(system.arrays(Crop(clip, 0.0, samples))["motion"], plain)
    system.data = replace(system.data, seconds=clip.duration + 1)  # every crop of it begins at its first sample
    for splits, differ in ((("train",), True), (("valid",), False)):
        crops = system.crops(splits)
        one, other = (crops._crop(clip, np.random.default_rng(k))["motion"] for k in range(2))
        assert np.array_equal(one, other) != differ


def test_a_mouth_knows_the_phones_around_its_crop():
    phones = [Span("sil", 0, 0.6), Span("ɑ", 0.6, 1.5), Span("b", 1.5, 1.6), Span("u", 1.6, 2.0), Span("sil", 2, 3)]
    whole = articulate(phones, 3.0, 30.0).values
    for start in (0.0, 0.5, 0.97, 1.5, 2.0):
        result = mouthed(phones, start, 1.0, MotionInputConfig(), None)
        assert result.values.shape == (30, 61)
        expected = timing.sample_at(whole, 30.0, start + result.times)
        assert np.allclose(result.values, expected, atol=0.03 if start == 0.97 else 1e-4), start
    after = mouthed(phones, 2.8, 1.0, MotionInputConfig(), None).values
    assert np.allclose(after[10:], after[-1])  # beyond the clip there is silence


def test_it_learns_to_hear(system):
    """Of open mouths (tones) and closed teeth (noise), soon more is heard than from somebody else's face."""
    torch.manual_seed(0)
    network = system.network
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    batches = system.batches(0, 1)
    first = last = 0.0
    for step in range(60):
        parts = system.losses(network, next(batches), (0, step))
        loss = sum(parts.values())
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        first, last = first or loss.item(), loss.item()
    assert last < 0.6 * first
    figures = system.validate(network)
    assert figures["mel_distance"] < 0.9 * figures["mel_distance_shuffled"]
    assert figures["unit_accuracy"] > figures["unit_accuracy_shuffled"]
    assert network.training


def test_recipes_that_do_not_fit_are_refused(listener):
    recipe = load_average(listener)[1]
    with pytest.raises(ConfigError, match=r"0\.2"):
        MeshToSpeechSystem({**recipe, "data": {**recipe["data"], "seconds": 0.7}})
    with pytest.raises(ConfigError, match="codebook"):
        MeshToSpeechSystem({**recipe, "speech": {**recipe["speech"], "units": "mel"}})


def test_the_recipes_have_their_sizes():
    sizes = {}
    for name in ("mesh_to_speech", "mesh_to_speech_paper"):
        config = network_config(read_recipe(RECIPES / f"{name}.toml"))
        sizes[name] = sum(p.numel() for p in MeshToSpeechNetwork(config, 3 * config.vertices, 200, 192).parameters())
        assert config.input in INPUTS
    assert sizes["mesh_to_speech"] <= 4e6
    paper = network_config(read_recipe(RECIPES / "mesh_to_speech_paper.toml"))
    assert (paper.width, paper.layers, paper.heads, paper.inner, paper.kernel, paper.rate) == (512, 12, 8, 2048, 31, 25)


def test_the_listener_hears_what_the_system_hears(system, listener):
    ear = MeshToSpeechModel(listener)
    batch = system.crops(("train",)).make(0)
    motion, voice = batch["motion"], batch["speaker"]
    network = ear.network
    assert torch.allclose(ear(motion, voice).mel, network(system.look(motion), voice).mel)
