"""A model bundle of kind `voice` that costs nothing to run, written node by node."""

import json
from pathlib import Path
from typing import Any

import numpy as np

HEARD = ("jawOpen", "mouthClose", "mouthPucker")
WINDOWS = {"block": 0.4, "past": 0.6, "future": 0.4, "overlap": 0.2}
REACH, SPEAKER = 3, 4
_FRAMES, _MELS = 70, 80  # 1.4 s at 50 Hz


def write_bundle(folder: Path, **changed: Any) -> Path:
    """A voice whose log-mel is a product of what it sees, a little of the whole window and of the speaker."""
    import onnx

    folder.mkdir(parents=True, exist_ok=True)
    for name, graph in (("model", _model()), ("vocoder", _vocoder()), ("speaker", _speaker())):
        onnx.save(graph, folder / f"{name}.onnx")
    config = {
        "format": "utterface bundle", "version": 1, "kind": "voice", "channels": HEARD, "sample_rate": 16000,
        "frame_rate": 50, **WINDOWS, "reach": REACH, "speaker": [0.5] * SPEAKER, "licence": "MIT", **changed,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _model() -> Any:
    """motion (1, 70, 3), speaker (1, 4) → mel (1, 140, 80)."""
    rng = np.random.default_rng(0)
    constants = {
        "weight": rng.standard_normal((len(HEARD), 2 * _MELS)), "voice": rng.standard_normal((SPEAKER, 1, _MELS)),
        "apart": np.array([1, 2 * _FRAMES, _MELS]), "low": np.array(-6.0),
    }  # fmt: skip
    nodes = [
        ("MatMul", ["motion", "weight"], ["rows"], {}),
        ("ReduceMean", ["rows"], ["mean"], {"axes": [1], "keepdims": 1}),
        ("Add", ["rows", "mean"], ["seen"], {}),
        ("Reshape", ["seen", "apart"], ["frames"], {}),
        ("Einsum", ["speaker", "voice"], ["colour"], {"equation": "bs,stm->btm"}),
        ("Add", ["frames", "colour"], ["coloured"], {}),
        ("Add", ["coloured", "low"], ["mel"], {}),
    ]
    inputs = {"motion": [1, _FRAMES, len(HEARD)], "speaker": [1, SPEAKER]}
    return _graph(nodes, constants, inputs, {"mel": [1, 2 * _FRAMES, _MELS]})


def _vocoder() -> Any:
    """mel (1, 46, 80) → samples (1, 7360); a frame's sound depends on REACH frames on either side."""
    rng, count = np.random.default_rng(1), 40 + 2 * REACH
    constants = {
        "kernel": 0.002 * rng.standard_normal((160, _MELS, 2 * REACH + 1)), "flat": np.array([1, 160 * count]),
    }  # fmt: skip
    nodes = [
        ("Transpose", ["mel"], ["columns"], {"perm": [0, 2, 1]}),
        ("Conv", ["columns", "kernel"], ["sound"], {"pads": [REACH, REACH]}),
        ("Transpose", ["sound"], ["hops"], {"perm": [0, 2, 1]}),
        ("Reshape", ["hops", "flat"], ["samples"], {}),
    ]
    return _graph(nodes, constants, {"mel": [1, count, _MELS]}, {"samples": [1, 160 * count]})


def _speaker() -> Any:
    """mel (1, any, 80) → speaker (1, 4)."""
    constants = {"weight": 0.1 * np.random.default_rng(2).standard_normal((_MELS, SPEAKER))}
    nodes = [
        ("ReduceMean", ["mel"], ["mean"], {"axes": [1], "keepdims": 0}),
        ("MatMul", ["mean", "weight"], ["speaker"], {}),
    ]
    return _graph(nodes, constants, {"mel": [1, "time", _MELS]}, {"speaker": [1, SPEAKER]})


def _graph(nodes: list, constants: dict, inputs: dict, outputs: dict) -> Any:
    from onnx import TensorProto, helper, numpy_helper

    def infos(shapes: dict) -> list:
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]

    made = [helper.make_node(kind, ins, outs, **more) for kind, ins, outs, more in nodes]
    kept = [
        numpy_helper.from_array(v if v.dtype == np.int64 else v.astype(np.float32), name)
        for name, v in constants.items()
    ]
    graph = helper.make_graph(made, "voice", infos(inputs), infos(outputs), kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model
