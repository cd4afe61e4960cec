"""Model bundles that cost nothing to run."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from support.windowed_bundle import write_bundle


@pytest.fixture
def tiny_bundle(tmp_path: Path) -> Path:
    """An untrained network of a few thousand weights as a bundle."""
    return _write(tmp_path / "tiny", ())


@pytest.fixture
def directed_bundle(tmp_path: Path) -> Path:
    """The same network with strength, joy and disgust as inputs, which move it at random."""
    return _write(tmp_path / "directed", ("strength", "joy", "disgust"))


def _write(folder: Path, controls: tuple[str, ...]) -> Path:
    import onnx
    import torch

    from utterface.articulation import ARTICULATORS
    from utterface.lab.bundles.articulators import describe, to_onnx
    from utterface.lab.networks.animator import AnimatorConfig, AnimatorNetwork

    torch.manual_seed(0)
    taps = ((-2, -1, 0), (-1, 0, 1), (-3, 0, 1), (-4, 0))
    network = AnimatorNetwork(AnimatorConfig(ARTICULATORS, 32, 16, taps, pooled=8, pool_frames=10))
    with torch.no_grad():
        network.heads.weight *= 8  # so that closures come and go
        network.heads.bias[ARTICULATORS.index("rest")] = -4.0
        network.heads.bias[ARTICULATORS.index("jaw")] = 2.0
        network.heads.bias[len(ARTICULATORS)] = -2.0
    for _ in range(20):
        network(torch.randn(2, 60, 80) * 2 - 4)
    if controls:
        bare = network.state_dict()
        network = AnimatorNetwork(replace(network.config, controls=controls))
        network.load_state_dict(bare, strict=False)
        for linear in network.asked:
            torch.nn.init.normal_(linear.weight, std=0.3)
    folder.mkdir()
    onnx.save(to_onnx(network.eval()), folder / "model.onnx")
    about = {"closing": 0.5, "resting": 0.5, "licence": "MIT"}
    (folder / "config.json").write_text(json.dumps({**describe(network), **about}))
    return folder


@pytest.fixture
def motion_bundle(tmp_path: Path) -> Callable[..., Path]:
    """Makes a bundle of kind `motion`: (noise in the words of config.json, name) → its folder."""
    return lambda noise=None, name="windowed": write_bundle(tmp_path / name, noise)
