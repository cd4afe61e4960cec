import json

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from utterface.engines import Request
from utterface.engines.bundle import MotionConfig, Noise, Windows, open_windows, read_config
from utterface.engines.windowed import WindowedAnimator
from utterface.errors import ConfigError, ModelError
from utterface.lab.bundles.motion import (
    PackConfig,
    check_graph,
    export_motion,
    round_gently,
    round_weights,
    to_onnx,
)
from utterface.lab.training.packing import pack, widen

CHANNELS = ("jawOpen", "mouthPucker")
WINDOWS = Windows(0.4, 0.2, 0.2, 0.2)
ABOUT = {"provenance": ["hums"], "step": 3}


class Loudness(nn.Module):
    """Six frames from every fifth of a second of sound, and noise."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.enter = nn.Linear(3200, 6 * 96)
        self.body = nn.Sequential(nn.LayerNorm(96), nn.GELU(), nn.Linear(96, 96), nn.Tanh())
        self.leave = nn.Linear(96, 2)

    def forward(self, samples: Tensor, noise: Tensor | None = None) -> Tensor:
        x = self.enter(samples.unflatten(1, (-1, 3200))).unflatten(2, (6, 96)).flatten(1, 2)
        motion: Tensor = self.leave(self.body(x))
        return motion if noise is None else motion + noise.mean(1)


def config(noise: Noise | None = None) -> MotionConfig:
    return MotionConfig("loudness", "MIT", CHANNELS, 30, WINDOWS, noise)


def network(weights: str = "bytes") -> Loudness:
    made = Loudness().eval().requires_grad_(False)
    round_weights(made, weights)
    return made


@pytest.fixture(scope="module")
def model():
    """The graph of weights that are bytes."""
    return to_onnx(network(), config())


@pytest.mark.parametrize("noise", [None, Noise(2, 3)])
def test_the_graph_gives_what_the_network_gives(tmp_path, noise):
    made = network()
    folder = export_motion(made, tmp_path / "loud", config(noise), ABOUT)
    assert read_config(folder) == MotionConfig("loud", "MIT", CHANNELS, 30, WINDOWS, noise)
    rng = np.random.default_rng(5)
    samples = 0.1 * rng.standard_normal((1, 12_800)).astype(np.float32)
    drawn = None if noise is None else rng.standard_normal((1, 3, 24, 2), np.float32)
    expected = made(torch.from_numpy(samples), None if drawn is None else torch.from_numpy(drawn)).numpy()
    assert np.abs(open_windows(folder).predict(samples, drawn) - expected).max() < 1e-4
    takes = [WindowedAnimator(folder, Request(seed=seed)).flush().values for seed in (1, 2)]
    assert np.array_equal(*takes) == (noise is None)


def test_the_folder_tells_what_it_is_and_keeps_its_card(tmp_path):
    folder = export_motion(network(), tmp_path / "loud", config(), ABOUT)
    told = json.loads((folder / "config.json").read_text())
    assert told["kind"] == "motion" and told["look_ahead"] == pytest.approx(0.6) and told["noise"] is None
    assert told["provenance"] == ["hums"] and told["step"] == 3 and told["licence"] == "MIT"
    card = (folder / "CARD.md").read_text()
    assert "* hums" in card and "0.6 s until a frame is final" in card and "Licence: MIT" in card
    (folder / "CARD.md").write_text("by hand")
    export_motion(network(), folder, config(), ABOUT)
    assert (folder / "CARD.md").read_text() == "by hand"
    assert sorted(path.name for path in folder.iterdir()) == ["CARD.md", "config.json", "model.onnx"]


def test_rounded_weights_are_stored_in_as_few_bits(model):
    halves = len(to_onnx(network("halves"), config()).SerializeToString())
    matrices = sum(p.numel() for p in network().parameters() if p.ndim == 2 and p.numel() >= 1024)
    assert 2 * matrices < halves < 2.02 * matrices
    assert halves - len(model.SerializeToString()) == pytest.approx((2 - 1.125) * matrices, rel=0.02)


def test_rounding_costs_the_weights_their_last_digits():
    plain, samples = network("floats"), 0.1 * torch.randn(1, 12_800, generator=torch.Generator().manual_seed(0))
    for weights, near in (("halves", 1e-3), ("bytes", 1e-2)):
        away = (network(weights)(samples) - plain(samples)).abs().max()
        assert 0 < away < near


def test_what_was_shipped_stays_as_it_is():
    """Weights that were packed before, whichever way, are not rounded again; others become half floats."""
    made = network("floats")
    packed, scales = pack({"enter": made.enter.weight, "body": made.body[2].weight}, 0)
    with torch.no_grad():
        made.enter.weight.copy_(widen(packed, scales)["enter"])
        made.body[2].weight.copy_(made.body[2].weight.half())
    before = [p.clone() for p in made.parameters()]
    round_gently(made)
    same = [torch.equal(p, q) for p, q in zip(made.parameters(), before, strict=True)]
    assert [name for (name, _), kept in zip(made.named_parameters(), same, strict=True) if not kept] == ["leave.weight"]
    assert torch.equal(made.leave.weight, made.leave.weight.half().float())


def test_a_graph_of_another_network_is_refused(model):
    check_graph(model, network(), config())
    other = network()
    with torch.no_grad():
        other.leave.bias[0] += 0.01
    with pytest.raises(ModelError, match=r"1\.0e-02 away"):
        check_graph(model, other, config())


def test_the_table_is_checked():
    assert PackConfig("MIT", past=1.0).windows == Windows(0.4, 1.0, 0.4, 0.2)
    with pytest.raises(ConfigError, match="'bits'; there are floats, halves, bytes"):
        PackConfig("MIT", weights="bits")
    with pytest.raises(ConfigError, match=r"past must be a whole multiple of 0\.2 s"):
        _ = PackConfig("MIT", past=0.5).windows
