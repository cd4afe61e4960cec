import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from utterface.errors import ConfigError, ModelError
from utterface.lab.bundles.articulators import describe, export, to_onnx
from utterface.lab.networks.animator import HOP, AnimatorNetwork, Norm
from utterface.lab.systems.animator import AnimatorSystem
from utterface.lab.systems.registry import train
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import read_recipe
from utterface.lab.unbundle import fill, measure, unbundle

ABOUT = {"closing": 0.5, "resting": 0.5, "licence": "MIT"}
CONTROLLED = 'network.controls=["strength", "joy"]'


def bundled(recipe, folder, overrides=(), **about):
    """A bundle of a few steps, whose statistics are its own."""
    checkpoint = train(read_recipe(recipe, [f"train.folder={folder}_run", *overrides]), lambda line: None)
    return export(checkpoint, folder, {**ABOUT, "weights": "floats", **about}, "what it is"), checkpoint


def said(network: AnimatorNetwork, controls=None) -> torch.Tensor:
    samples = 0.1 * torch.randn(2, 60 * HOP, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        output, _ = network.eval().step(samples, network.zero_state(2), controls)
    parts = [output.articulators, output.closure[..., None], output.silence[..., None], output.phones]
    return torch.cat([*parts, output.expression], 2)


def trained(checkpoint) -> AnimatorNetwork:
    weights, recipe, _ = load_average(checkpoint)
    network = AnimatorSystem(recipe).network
    network.load_state_dict(weights)
    return network


def test_a_bundle_goes_on_as_what_it_was(tmp_path, recipe):
    """The same answers, and statistics of the sound that it hears: at work in training it says nearly the same too."""
    folder, checkpoint = bundled(recipe, tmp_path / "made")
    asked = read_recipe(recipe)
    weights, _, step = load_average(unbundle(folder, asked, tmp_path / "start.safetensors"))
    assert step == 0
    network = AnimatorSystem(asked).network
    network.load_state_dict(weights)
    assert (said(network) - said(trained(checkpoint))).abs().max() < 1e-3
    system = AnimatorSystem(asked)
    mel = system.heard(next(system.batches(0, 1)), (0, 0))
    for module in network.modules():
        if isinstance(module, Norm):
            assert not torch.allclose(module.batch.running_mean, torch.zeros(1))
            module.batch.register_forward_hook(lambda batch, given, out: spreads.append(out))
    spreads: list[torch.Tensor] = []
    network.train()(mel)
    first = spreads[0]  # the normalised log-mel
    assert first.mean().abs() < 0.2 and 0.5 < first.std() < 1.5


def test_controls_come_back_too(tmp_path, recipe):
    folder, checkpoint = bundled(recipe, tmp_path / "made", [CONTROLLED, "train.steps=8", "train.rate=0.05"])
    asked = read_recipe(recipe, [CONTROLLED])
    weights, _, _ = load_average(unbundle(folder, asked, tmp_path / "start.safetensors"))
    network = AnimatorSystem(asked).network
    network.load_state_dict(weights)
    controls = torch.tensor([[1.4, 0.0], [0.7, 0.9]])
    expected = said(trained(checkpoint), controls)
    assert (expected - said(trained(checkpoint))).abs().max() > 1e-2  # they do something
    assert (said(network, controls) - expected).abs().max() < 1e-3


@pytest.mark.parametrize("weights", ["halves", "bytes"])
def test_small_weights_come_back_as_what_they_are_worth(network, tmp_path, weights):
    """Written again as they were read, they are the same within rounding."""
    config = {"system": "animator", "network": {**vars(network.config)}}
    first = to_onnx(network, weights)
    (tmp_path / "a").mkdir()
    onnx.save(first, tmp_path / "a" / "model.onnx")
    about = {**describe(network), **ABOUT, "recipe": config}
    (tmp_path / "a" / "config.json").write_text(json.dumps(about, default=list))
    again = AnimatorNetwork(network.config)
    fill(again, tmp_path / "a")
    second = to_onnx(again.eval(), weights)
    for one, other in zip(first.graph.initializer, second.graph.initializer, strict=True):
        a, b = onnx.numpy_helper.to_array(one), onnx.numpy_helper.to_array(other)
        np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=1e-5, atol=1e-5)


def test_what_a_recipe_adds_changes_nothing_to_begin_with(tmp_path, recipe):
    """A longer look-ahead: the same answers, two frames later; and controls at rest."""
    folder, checkpoint = bundled(recipe, tmp_path / "made")
    asked = read_recipe(recipe, ["network.taps=[[-1, 0, 1], [-2, -1, 0, 2]]", CONTROLLED])
    weights, _, _ = load_average(unbundle(folder, asked, tmp_path / "start.safetensors"))
    network = AnimatorSystem(asked).network
    network.load_state_dict(weights)
    old = trained(checkpoint)
    later = network.config.delay - old.config.delay
    assert later == 2
    now, before = said(network), said(old)
    count = before.shape[2]
    # The first frames differ: the mean over what was heard begins elsewhere, so a warmed-up stretch is compared.
    assert (now[:, 30:, :count] - before[:, 30 - later : -later]).abs().max() < 1e-3


def test_statistics_are_those_of_what_is_heard(network):
    """Worked by hand for the first normalisation."""
    before = said(network)
    mels = [3 + 2 * torch.randn(2, 40, 80, generator=torch.Generator().manual_seed(n)) for n in range(3)]
    measure(network, iter(mels))
    pairs = torch.cat(mels).reshape(-1, 160)
    torch.testing.assert_close(network.level.batch.running_mean, pairs.mean(0), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(network.level.batch.running_var, pairs.var(0, correction=0), atol=1e-3, rtol=1e-3)
    assert torch.equal(network.level.batch.weight, torch.ones(160))
    assert (said(network) - before).abs().max() < 1e-3


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["system=tokenizer"], "the recipe trains 'tokenizer'"),
        (["network.width=24"], "network.width must be 16 as in the bundle made"),
        (["network.taps=[[-1, 0, 1]]"], "must be 2 blocks"),
        (["network.taps=[[-1, 0], [-2, -1, 0]]"], "must have .-1, 0, 1. as in the bundle made"),
    ],
)
def test_a_recipe_that_does_not_fit_is_told_why(tmp_path, recipe, overrides, words):
    folder, _ = bundled(recipe, tmp_path / "made")
    with pytest.raises(ConfigError, match=words):
        unbundle(folder, read_recipe(recipe, overrides), tmp_path / "start.safetensors")
    assert not (tmp_path / "start.safetensors").exists()


def test_what_is_no_bundle_of_ours_is_refused(tmp_path, recipe):
    folder, _ = bundled(recipe, tmp_path / "made")
    one_block = replace(AnimatorSystem(read_recipe(recipe)).network.config, taps=((-1, 0, 1),))
    onnx.save(to_onnx(AnimatorNetwork(one_block).eval(), "floats"), folder / "model.onnx")
    with pytest.raises(ModelError, match="not written by `utterface bundle`"):
        unbundle(folder, read_recipe(recipe), tmp_path / "start.safetensors")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "recipe": {"system": "other"}}))
    with pytest.raises(ModelError, match="does not hold the recipe of an animator"):
        unbundle(folder, read_recipe(recipe), tmp_path / "start.safetensors")


def test_a_damaged_graph_is_told(tmp_path, recipe):
    folder, _ = bundled(recipe, tmp_path / "made")
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:5000])
    with pytest.raises(ModelError, match=r"the bundle made is damaged: model\.onnx"):
        unbundle(folder, read_recipe(recipe), tmp_path / "start.safetensors")
    assert not (tmp_path / "start.safetensors").exists()
