import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from utterface.articulation import ARTICULATORS
from utterface.engines.bundle import ArticulatorNetwork, open_articulators
from utterface.errors import ConfigError
from utterface.lab.bundles.articulators import describe, export, to_onnx
from utterface.lab.networks.animator import HOP, AnimatorNetwork
from utterface.lab.systems.registry import train
from utterface.lab.training.recipe import read_recipe

ABOUT = {"closing": 0.5, "resting": 0.5, "licence": "MIT"}


def written(network, folder, weights: str) -> ArticulatorNetwork:
    folder.mkdir()
    onnx.save(to_onnx(network, weights), folder / "model.onnx")
    (folder / "config.json").write_text(json.dumps({**describe(network), **ABOUT}))
    return open_articulators(folder, threads=1)


@pytest.mark.parametrize(("weights", "close"), [("floats", 1e-4), ("halves", 2e-2), ("bytes", 0.1)])
def test_the_graph_gives_what_the_network_gives(network, tmp_path, weights, close):
    """Half floats cost the weights their last digits, not the answer."""
    samples = 0.1 * torch.randn(2, 50 * HOP, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        output, state = network.step(samples, network.zero_state(2))
    expected = torch.cat([output.articulators, output.closure[..., None], output.silence[..., None]], 2).numpy()
    at_work = written(network, tmp_path / "bundle", weights)
    frames, carried = at_work.step(samples.numpy(), at_work.zero_state(2))
    assert np.abs(frames - expected).max() < close
    assert carried.keys() == set(state._fields)
    for name in state._fields:
        assert np.abs(carried[name] - getattr(state, name).numpy()).max() < close


def directed(network) -> AnimatorNetwork:
    made = AnimatorNetwork(replace(network.config, controls=("strength", "joy", "surprise")))
    made.load_state_dict(network.state_dict(), strict=False)
    for linear in made.asked:
        torch.nn.init.normal_(linear.weight, std=0.3)
    return made.eval()


@pytest.mark.parametrize(("weights", "close"), [("floats", 1e-4), ("halves", 2e-2), ("bytes", 0.1)])
def test_the_graph_heeds_its_controls_as_the_network_does(network, tmp_path, weights, close):
    """Two streams that are asked for different things."""
    made = directed(network)
    samples = 0.1 * torch.randn(2, 30 * HOP, generator=torch.Generator().manual_seed(0))
    asked = torch.tensor([[1.4, 0.8, 0.1], [0.6, 0.0, 0.9]])
    with torch.inference_mode():
        output, _ = made.step(samples, made.zero_state(2), asked)
    parts = [output.articulators, output.closure[..., None], output.silence[..., None], output.expression]
    at_work = written(made, tmp_path / "bundle", weights)
    assert at_work.config.expression == made.config.expression
    frames, _ = at_work.step(samples.numpy(), at_work.zero_state(2), asked.numpy())
    assert np.abs(frames - torch.cat(parts, 2).numpy()).max() < close
    plain, _ = at_work.step(samples.numpy(), at_work.zero_state(2))
    assert np.abs(frames - plain).max() > 0.05 and not plain[..., len(ARTICULATORS) + 2 :].any()


@pytest.mark.parametrize("weights", ["halves", "bytes"])
@pytest.mark.parametrize("size", [1, 2, 5, 50])
def test_any_number_of_frames_at_a_time_gives_the_same_bits(network, tmp_path, size, weights):
    samples = 0.1 * np.random.default_rng(0).standard_normal((1, 100 * HOP)).astype(np.float32)
    at_work = written(network, tmp_path / "bundle", weights)
    expected, _ = at_work.step(samples, at_work.zero_state())
    state, parts = at_work.zero_state(), []
    for start in range(0, 100, size):
        frames, state = at_work.step(samples[:, start * HOP : (start + size) * HOP], state)
        parts.append(frames)
    assert np.abs(np.concatenate(parts, 1) - expected).max() < 1e-6


def test_a_checkpoint_becomes_a_bundle(tmp_path, recipe):
    checkpoint = train(read_recipe(recipe, ["train.steps=2"]), lambda line: None)
    folder = export(checkpoint, tmp_path / "made", ABOUT, "what it is")
    at_work = open_articulators(folder)
    assert at_work.config.licence == "MIT"
    assert at_work.config.look_ahead == pytest.approx(1 / 50 + 0.0125)
    config = json.loads((folder / "config.json").read_text())
    assert config["step"] == 2 and config["recipe"]["network"]["width"] == 16
    assert (folder / "CARD.md").read_text() == "what it is"
    frames, _ = at_work.step(np.zeros((1, HOP), np.float32), at_work.zero_state())
    assert frames.shape == (1, 1, 13)


def test_one_training_gives_bundles_with_controls_and_without(tmp_path, recipe):
    checkpoint = train(
        read_recipe(recipe, ["train.steps=2", 'network.controls=["strength", "joy"]']), lambda line: None
    )
    asked = open_articulators(export(checkpoint, tmp_path / "with", ABOUT, "what it is"))
    bare = open_articulators(export(checkpoint, tmp_path / "without", {**ABOUT, "controls": False}, "what it is"))
    assert asked.config.controls == ("strength", "joy") and bare.config.controls == ()
    sound = 0.1 * np.random.default_rng(0).standard_normal((1, 20 * HOP)).astype(np.float32)
    said, without = asked.step(sound, asked.zero_state())[0], bare.step(sound, bare.zero_state())[0]
    np.testing.assert_allclose(said[..., : without.shape[2]], without, atol=1e-5)


def test_bytes_are_a_third_of_floats_and_what_is_unknown_is_refused(network):
    small, large = (len(to_onnx(network, kind).SerializeToString()) for kind in ("bytes", "floats"))
    products = sum(p.numel() for p in network.parameters() if p.ndim == 2 and min(p.shape) >= 32)
    assert large - small > 2.5 * products
    with pytest.raises(ConfigError, match="bytes, halves, floats"):
        to_onnx(network, "nibbles")
