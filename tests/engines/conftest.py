"""Model bundles that cost nothing to run."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

MOVED = ("jawOpen", "mouthPucker", "headYaw")


@pytest.fixture
def tiny_bundle(tmp_path: Path) -> Path:
    """An untrained network of a few thousand weights as a bundle."""
    import onnx
    import torch

    from utterface.articulation import ARTICULATORS
    from utterface.lab.animator.network import AnimatorNetwork, NetworkConfig
    from utterface.lab.bundle import describe, to_onnx

    torch.manual_seed(0)
    taps = ((-2, -1, 0), (-1, 0, 1), (-3, 0, 1), (-4, 0))
    network = AnimatorNetwork(NetworkConfig(ARTICULATORS, 32, 16, taps, pooled=8, pool_frames=10))
    with torch.no_grad():
        network.heads.weight *= 8  # so that closures come and go
        network.heads.bias[ARTICULATORS.index("rest")] = -4.0
        network.heads.bias[ARTICULATORS.index("jaw")] = 2.0
        network.heads.bias[len(ARTICULATORS)] = -2.0
    for _ in range(20):
        network(torch.randn(2, 60, 80) * 2 - 4)
    folder = tmp_path / "tiny"
    folder.mkdir()
    onnx.save(to_onnx(network.eval()), folder / "model.onnx")
    about = {"closing": 0.5, "resting": 0.5, "licence": "MIT"}
    (folder / "config.json").write_text(json.dumps({**describe(network), **about}))
    return folder


@pytest.fixture
def motion_bundle(tmp_path: Path) -> Callable[..., Path]:
    """Makes a bundle that moves three channels: (noise in the words of config.json) → its folder.

    A frame hears its own fifth of a second and, as attention would, a little of the whole window; noise is added.
    """
    import onnx

    def make(noise: dict | None = None, name: str = "windowed") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        windows = {"block": 0.4, "past": 0.6, "future": 0.4, "overlap": 0.2}
        onnx.save(_graph(noise), folder / "model.onnx")
        config = {
            "format": "utterface bundle", "version": 1, "kind": "motion", "channels": MOVED, "sample_rate": 16000,
            "frame_rate": 30, **windows, "look_ahead": 0.8, "noise": noise, "licence": "MIT",
        }  # fmt: skip
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    return make


def _graph(noise: dict | None):
    from onnx import TensorProto, helper, numpy_helper

    rng, channels, fifths = np.random.default_rng(0), len(MOVED), 7
    weight = (rng.standard_normal((3200, 6 * channels)) * 0.2).astype(np.float32)
    constants = {
        "weight": weight, "apart": np.array([0, fifths, 3200]), "frames": np.array([0, 6 * fifths, channels]),
        "half": np.array(0.5, np.float32),
    }  # fmt: skip
    nodes = [
        helper.make_node("Reshape", ["samples", "apart"], ["pieces"]),
        helper.make_node("MatMul", ["pieces", "weight"], ["products"]),
        helper.make_node("Reshape", ["products", "frames"], ["rows"]),
        helper.make_node("ReduceMean", ["rows"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Add", ["rows", "mean"], ["heard"]),
        helper.make_node("Add", ["heard", "half"], ["motion" if noise is None else "still"]),
    ]
    inputs = [helper.make_tensor_value_info("samples", TensorProto.FLOAT, ["batch", 3200 * fifths])]
    if noise is not None:
        draws = [noise["draws"]] if noise.get("draws") else []
        inputs += [helper.make_tensor_value_info("noise", TensorProto.FLOAT, ["batch", *draws, 6 * fifths, channels])]
        if draws:
            nodes += [helper.make_node("ReduceMean", ["noise"], ["drawn"], axes=[1], keepdims=0)]
        nodes += [
            helper.make_node("Mul", ["drawn" if draws else "noise", "half"], ["some"]),
            helper.make_node("Add", ["still", "some"], ["motion"]),
        ]
    output = helper.make_tensor_value_info("motion", TensorProto.FLOAT, ["batch", 6 * fifths, channels])
    kept = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "windowed", inputs, [output], kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model
