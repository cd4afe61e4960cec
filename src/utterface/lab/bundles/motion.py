"""Any network that reads a window of sound → a bundle of kind `motion`: model.onnx, config.json, CARD.md.

The network is a module (samples[, noise, conditions, given]) → motion; torch writes it as a graph, for one window of
fixed length. Its matrices are rounded first, so that the graph and the network hold the same numbers and can be
compared, and the file holds each in the fewest bits that give exactly them back: bytes with scales, halves, or floats.
"""

import json
import logging
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx_ir.passes.common import DeduplicateInitializersPass
from torch import Tensor, nn

from utterface.engines.bundle import CONDITIONED, FORMAT, VERSION, MotionConfig, Windows
from utterface.errors import ConfigError, ModelError
from utterface.files import replacing
from utterface.lab.training.packing import pack, widen
from utterface.timing import SAMPLE_RATE

_SMALL = 1024  # numbers; what has fewer stays floats
_NEAR = 1e-4  # how far the graph's motion may be from the network's
_IR = 10  # of ONNX; what the oldest supported runtime reads

ROUNDINGS: dict[str, Callable[[Tensor], Tensor]] = {
    "floats": lambda matrix: matrix,
    "halves": lambda matrix: widen(*pack({"": matrix}, math.inf))[""],
    "bytes": lambda matrix: widen(*pack({"": matrix}, 0))[""],
}


@dataclass(frozen=True)
class PackConfig:
    """The recipe's table `bundle` of a network that runs in windows.

    Attributes:
        licence: of the weights.
        provenance: what they were made of, a line each.
        block, past, future, overlap: seconds, see `engines.bundle.Windows`.
        weights: what the trained matrices are rounded to: `bytes`, `halves` or `floats`.
    """

    licence: str
    provenance: tuple[str, ...] = ()
    block: float = Windows.block
    past: float = Windows.past
    future: float = Windows.future
    overlap: float = Windows.overlap
    weights: str = "bytes"

    def __post_init__(self) -> None:
        if self.weights not in ROUNDINGS:
            raise ConfigError(f"bundle.weights is {self.weights!r}; there are {', '.join(ROUNDINGS)}")

    @property
    def windows(self) -> Windows:
        """ConfigError where they do not stand on the grid."""
        return Windows(self.block, self.past, self.future, self.overlap)


def round_weights(network: nn.Module, weights: str) -> None:
    """Round the matrices and kernels of a network, in place, to what `ROUNDINGS` names."""
    with torch.no_grad():
        for value in network.parameters():
            if value.ndim >= 2:
                value.copy_(ROUNDINGS[weights](value.detach()))


def round_gently(network: nn.Module) -> None:
    """Round to half floats what survives neither as half floats nor as bytes: weights that were shipped stay exact.

    For networks of tokens: the decoder was trained on them, and every weight that moves may flip one.
    """
    with torch.no_grad():
        for value in network.parameters():
            if value.ndim >= 2 and not any(torch.equal(ROUNDINGS[w](value), value) for w in ("bytes", "halves")):
                value.copy_(ROUNDINGS["halves"](value.detach()))


def export_motion(
    network: nn.Module, folder: str | Path, config: MotionConfig, about: Mapping[str, Any], card: str | None = None
) -> Path:
    """A network as a bundle.

    Args:
        network: at rest: samples (1, N)[, further inputs as the config lists them] → motion (1, F, C), of fixed length.
        folder: where the bundle goes; made if need be.
        config: what the runtime reads.
        about: further keys of config.json: `provenance`, `recipe`, `step` …
        card: text of CARD.md; by default the one in the folder, else one written from config.json.

    Returns:
        The folder.

    Raises:
        ModelError: the graph does not give what the network gives.
    """
    folder = Path(folder)
    model = to_onnx(network, config)
    check_graph(model, network, config)
    folder.mkdir(parents=True, exist_ok=True)
    data = model.SerializeToString()
    keys = {**describe(config), "weights": sum(p.numel() for p in network.parameters()), **about}
    texts = {"config.json": json.dumps(keys, indent=1, ensure_ascii=False, default=str) + "\n"}
    if card is not None or not (folder / "CARD.md").is_file():
        texts["CARD.md"] = card or write_card(keys, folder.name, len(data))
    for name, content in [("model.onnx", data), *((name, text.encode()) for name, text in texts.items())]:
        with replacing(folder / name) as part:
            part.write_bytes(content)
    return folder


def describe(config: MotionConfig) -> dict[str, Any]:
    """What the runtime must know of a network."""
    return {
        "format": FORMAT,
        "version": CONDITIONED if config.conditions else VERSION,
        "kind": "motion",
        "channels": list(config.channels),
        "sample_rate": SAMPLE_RATE,
        "frame_rate": config.frame_rate,
        **vars(config.windows),
        "look_ahead": round(config.windows.look_ahead, 6),
        "noise": None if config.noise is None else vars(config.noise),
        "alive": list(config.alive),
        **({"conditions": [vars(condition) for condition in config.conditions]} if config.conditions else {}),
        "licence": config.licence,
    }


def write_card(keys: Mapping[str, Any], name: str, size: int) -> str:
    """A card of the facts in config.json; measurements are for people to add."""
    inputs = ["samples at 16 kHz", *(["noise, by seed and frame"] if keys["noise"] else [])]
    inputs += [f"{c['name']}, {c['size']} features" for c in keys.get("conditions", ())]
    made_of = "\n".join(f"* {line}" for line in keys.get("provenance", ())) or "* unknown"
    return f"""# {name}

Moves {len(keys["channels"])} channels of the face, {keys["frame_rate"]} frames a second.

| | |
|---|---|
| in | {"; ".join(inputs)} |
| windows | {keys["past"]:g} s past, {keys["block"]:g} s block, {keys["future"]:g} s future |
| out | the channels that config.json names |
| look-ahead | {keys["look_ahead"]:g} s until a frame is final; neighbours fade over {keys["overlap"]:g} s |
| network | {keys["weights"] / 1e6:.1f} million weights, {size / 1e6:.1f} MB |

## Made of

{made_of}

Licence: {keys["licence"]}
"""


def to_onnx(network: nn.Module, config: MotionConfig) -> onnx.ModelProto:
    """The network as a graph for one window, see `to_graph`."""
    # Not for any batch: torch's attention fixes it, and the runtime runs one window at a time anyway.
    return to_graph(network, {name: torch.from_numpy(value) for name, value in _probe(config, 0).items()}, "motion")


def to_graph(
    network: nn.Module, inputs: Mapping[str, Tensor], output: str, any_length: bool = False
) -> onnx.ModelProto:
    """A network as a graph for inputs of one shape, its matrices in as few bits as give them back exactly.

    Args:
        network: at rest.
        inputs: examples by name, in its order.
        output: name of what it gives.
        any_length: whether the second axis of the inputs may have any length.
    """
    lengths = tuple({1: torch.export.Dim.DYNAMIC} for _ in inputs) if any_length else None
    with _quiet():
        program = torch.onnx.export(
            network,
            tuple(inputs.values()),
            dynamo=True,
            input_names=list(inputs),
            output_names=[output],
            dynamic_shapes=lengths,
            verbose=False,
        )
    assert program is not None
    DeduplicateInitializersPass(size_limit=2**31)(program.model)  # masks are the same in every layer
    model = program.model_proto
    shrink(model)
    model.producer_name, model.ir_version = "utterface", _IR
    model.doc_string = ""
    del model.metadata_props[:]
    for node in model.graph.node:  # torch notes which line of whose file each node is from
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    return model


def check_graph(model: onnx.ModelProto, network: nn.Module, config: MotionConfig) -> None:
    """ModelError where the graph's motion is not the network's.

    Judged by the median of five probes: where sound lies between two tokens the last bit decides, and either is right.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    apart = []
    for number in range(5):
        probe = _probe(config, number)
        (motion,) = session.run(["motion"], probe)
        with torch.inference_mode():
            expected = network(*(torch.from_numpy(value) for value in probe.values())).numpy()
        apart.append(float(np.abs(motion - expected).max()) if motion.shape == expected.shape else np.inf)
    if not np.median(apart) <= _NEAR:
        raise ModelError(f"the graph's motion is {np.median(apart):.1e} away from the network's; {_NEAR} is allowed")


def _probe(config: MotionConfig, number: int) -> dict[str, np.ndarray]:
    """Inputs of one window: a hum in noise."""
    rng, t = np.random.default_rng(number), np.arange(config.samples) / SAMPLE_RATE
    samples = 0.1 * np.sign(np.sin(2 * np.pi * 120 * t)) * np.sin(9 * t) + 0.02 * rng.standard_normal(len(t))
    probe: dict[str, np.ndarray] = {"samples": samples.astype(np.float32)[None]}
    for name, shape in list(config.inputs.items())[1:]:
        probe[name] = rng.standard_normal((1, *shape), np.float32)
    if config.conditions:
        probe["given"] = rng.integers(2, size=(1, len(config.conditions))) > 0
    return probe


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter talks of what it does not need; its errors still come."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


# ------------------------------------------------------------------------------------------------- small constants


def shrink(model: onnx.ModelProto) -> None:
    """Store large float constants as bytes with scales or as half floats where the graph still computes the same bits.

    What widens them again are plain nodes (Cast, Mul, Reshape), which a runtime folds when it opens the file.
    """
    kept: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []
    for constant in model.graph.initializer:
        value = numpy_helper.to_array(constant)
        made = None
        if value.dtype == np.float32 and value.size >= _SMALL and value.ndim >= 2:
            made = _as_bytes(constant.name, value) or _as_halves(constant.name, value)
        kept += made[0] if made else [constant]
        nodes += made[1] if made else []
    computed = list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend([*nodes, *computed])


_Made = tuple[list[onnx.TensorProto], list[onnx.NodeProto]]


def _as_halves(name: str, value: np.ndarray) -> _Made | None:
    with np.errstate(over="ignore"):
        half = value.astype(np.float16)
    if not np.array_equal(half.astype(np.float32), value):
        return None
    packed = numpy_helper.from_array(half, f"{name}_half")
    return [packed], [helper.make_node("Cast", [packed.name], [name], to=TensorProto.FLOAT)]


def _as_bytes(name: str, value: np.ndarray) -> _Made | None:
    """As packed by `training.packing`: of the matrix, or its transpose where the exporter turned a weight."""
    for turned in (False, True) if value.ndim == 2 else (False,):
        rows = torch.from_numpy(np.array(value.T if turned else value))
        packed, scales = pack({"": rows}, 0)
        if not torch.equal(widen(packed, scales)[""], rows):
            continue
        scale = scales[""].numpy()[..., None]  # (O, G, 1)
        levels = packed[""].flatten(1).numpy()
        count, group = levels.shape[1], -(-levels.shape[1] // scale.shape[1])
        if count % scale.shape[1]:
            return None  # rows that do not fill their groups are rare and short
        shape = np.array(rows.shape, np.int64)
        constants = {"bytes": levels.reshape(*scale.shape[:2], group), "scale": scale, "shape": shape}
        names = {key: f"{name}_{key}" for key in (*constants, "wide", "factor", "product", "rows")}
        nodes = [
            helper.make_node("Cast", [names["bytes"]], [names["wide"]], to=TensorProto.FLOAT),
            helper.make_node("Cast", [names["scale"]], [names["factor"]], to=TensorProto.FLOAT),
            helper.make_node("Mul", [names["wide"], names["factor"]], [names["product"]]),
            helper.make_node("Reshape", [names["product"], names["shape"]], [names["rows"] if turned else name]),
        ]
        if turned:
            nodes.append(helper.make_node("Transpose", [names["rows"]], [name], perm=[1, 0]))
        return [numpy_helper.from_array(array, names[key]) for key, array in constants.items()], nodes
    return None
