"""A model bundle of kind `motion` that costs nothing to run, written node by node."""

import json
from pathlib import Path
from typing import Any

import numpy as np

MOVED = ("jawOpen", "mouthPucker", "headYaw")


def write_bundle(folder: Path, noise: dict | None = None) -> Path:
    """A bundle that moves three channels, in windows of 1.4 s; `noise` as config.json tells it.

    A frame hears its own fifth of a second and, as attention would, a little of the whole window; noise is added.
    """
    import onnx

    folder.mkdir(exist_ok=True)
    onnx.save(_graph(noise), folder / "model.onnx")
    windows = {"block": 0.4, "past": 0.6, "future": 0.4, "overlap": 0.2}
    config = {
        "format": "utterface bundle", "version": 1, "kind": "motion", "channels": MOVED, "sample_rate": 16000,
        "frame_rate": 30, **windows, "look_ahead": 0.8, "noise": noise, "licence": "MIT",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _graph(noise: dict | None) -> Any:
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
        shape = ["batch", noise["draws"], 6 * fifths, channels]
        inputs += [helper.make_tensor_value_info("noise", TensorProto.FLOAT, shape)]
        nodes += [
            helper.make_node("ReduceMean", ["noise"], ["drawn"], axes=[1], keepdims=0),
            helper.make_node("Mul", ["drawn", "half"], ["some"]),
            helper.make_node("Add", ["still", "some"], ["motion"]),
        ]
    output = helper.make_tensor_value_info("motion", TensorProto.FLOAT, ["batch", 6 * fifths, channels])
    kept = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "windowed", inputs, [output], kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model
