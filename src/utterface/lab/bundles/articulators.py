"""A trained network → a bundle that the runtime reads: model.onnx, config.json, CARD.md.

The graph is written node by node, so it holds nothing but the arithmetic: batch normalisation is folded into the
products, shapes are fixed but for batch and time. Weights are stored as half floats and widened when it is opened, or
as bytes, with which a frame at a time takes half as long: what a stream costs is reading the weights.

A network with controls may be exported with them, as an input of the graph, or without: what it is at neutral. So one
training gives both bundles, and which of them articulates and shows emotions better can be measured.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from utterface import speech
from utterface.engines.bundle import CONTROLLED, VERSION
from utterface.errors import ConfigError
from utterface.lab.networks.animator import (
    CARRIED,
    FRAME_RATE,
    HOP,
    LEAD,
    READ_OUT,
    ROUNDING_TRUST,
    UNIT,
    VOWEL_TRUST,
    AnimatorNetwork,
    GatheringBlock,
    Norm,
    animator_config,
)
from utterface.lab.networks.controls import STRENGTH
from utterface.lab.training.checkpoints import load_average

_OPSET = 17
WEIGHTS = ("bytes", "halves", "floats")
_RUNTIMES_OWN = "com.microsoft"  # domain of ONNX Runtime's own operators
_BLOCK = 32  # weights of an output that share a scale


def export(checkpoint: str | Path, folder: str | Path, table: Mapping[str, Any], card: str | None = None) -> Path:
    """The averaged weights of a checkpoint as a bundle.

    Args:
        checkpoint: file of `utterface train`.
        folder: where the bundle goes; made if need be.
        table: further keys of config.json: `provenance`, `licence`, `decision` …; `controls = false` leaves the
            network's controls out, `weights` is how large products are stored, by default `halves`.
        card: text of CARD.md; by default the one in the folder.

    Returns:
        The folder.

    Raises:
        ConfigError: an unknown way of storing weights, or no card.
    """
    folder = Path(folder)
    if card is None and not (folder / "CARD.md").is_file():
        raise ConfigError(f"no card at {folder / 'CARD.md'}; write one, or name it with --card")
    weights, recipe, step = load_average(checkpoint)
    network = AnimatorNetwork(animator_config(recipe))
    network.load_state_dict(weights)
    keys = dict(table)
    if not keys.pop("controls", True):
        network = network.undirected()
    graph = to_onnx(network.eval(), keys.pop("weights", "halves"))
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, folder / "model.onnx")
    config = {**describe(network), **keys, "recipe": recipe, "step": step}
    (folder / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False, default=str) + "\n", "utf-8")
    if card is not None:
        (folder / "CARD.md").write_text(card, "utf-8")
    return folder


def describe(network: AnimatorNetwork) -> dict[str, Any]:
    """What the runtime must know of a network."""
    c = network.config
    state = network.zero_state(1)
    return {
        "format": "utterface bundle",
        "version": CONTROLLED if c.controls else VERSION,
        "kind": "articulators",
        "channels": [*c.articulators, "closure", "silence", *c.expression],
        **({"controls": list(c.controls)} if c.controls else {}),
        "sample_rate": speech.SAMPLE_RATE,
        "frame_rate": FRAME_RATE,
        "hop": HOP,
        "lead": LEAD,
        "delay_frames": c.delay,
        "look_ahead": c.look_ahead,
        "past": c.past_frames / FRAME_RATE,
        "state": {name: list(getattr(state, name).shape[1:]) for name in state._fields},
        "weights": sum(p.numel() for p in network.parameters()),
    }


def to_onnx(network: AnimatorNetwork, weights: str = "halves") -> onnx.ModelProto:
    """The network's streaming step as a graph: samples, state and controls in, frames and state out.

    Args:
        network: at rest.
        weights: of the large products; `bytes` have a scale for 32 of them, and what they meet is rounded to bytes too.
    """
    if weights not in WEIGHTS:
        raise ConfigError(f"weights are stored as {', '.join(WEIGHTS)}; got {weights!r}")
    g = _Graph(weights)
    c = network.config
    x = _log_mel(g, network, g.put("Concat", ["sound", "samples"], axis=1))
    first = _folded_before(network.level, network.enter)
    x = g.linear(g.reshape(x, [0, -1, 2 * speech.MEL_COUNT]), *first)
    blocks: Sequence[GatheringBlock] = [b for b in network.blocks if isinstance(b, GatheringBlock)]
    narrow, late = g.split("narrow", network.carried), g.split("late", network.futures)
    modulation = _asked(g, network)
    kept: list[str] = []
    delayed: list[str] = []
    for i, block in enumerate(blocks):
        if i == network.pool_after and c.pooled:
            x = _add_mean(g, network, x)
        x, held, waiting = _block(g, block, x, narrow[i], late[i], modulation[i])
        kept.append(held)
        delayed += [waiting] if waiting else []
    scale, shift = _affine(network.leave)
    x = g.put("Relu", [_affine_of(g, x, scale, shift, modulation[-1])])
    outputs = _read_out(g, network, g.linear(x, network.heads.weight.T, network.heads.bias), x)
    g.put("Concat", [outputs, *_expression(g, network, x)], name="frames", axis=2)
    g.put("Concat", kept, name="narrow_next", axis=1)
    g.put("Concat", delayed, name="late_next", axis=1)
    if not c.pooled:
        g.put("Identity", ["pool"], name="pool_next")
    return g.model(network)


class _Graph:
    """Nodes and constants of an ONNX graph in the making; every method gives the name of its result."""

    def __init__(self, weights: str) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def put(self, kind: str, inputs: Sequence[str], name: str = "", **attributes: Any) -> str:
        name = name or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: np.ndarray | torch.Tensor, exact: bool = True) -> str:
        """A float32 or int64 constant; stored as half floats unless `exact`, where the graph does so."""
        array = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        if array.dtype == np.int64 or exact or self.weights == "floats":
            return self._stored(array if array.dtype == np.int64 else array.astype(np.float32))
        return self.put("Cast", [self._stored(array.astype(np.float16))], to=TensorProto.FLOAT)

    def linear(self, x: str, weight: Any, bias: Any, exact: bool = False, name: str = "") -> str:
        """x @ weight + bias, weight (in, out)."""
        return self.put("Add", [self.product(x, weight, exact), self.constant(bias)], name)

    def product(self, x: str, weight: torch.Tensor, exact: bool = False) -> str:
        """x @ weight, weight (in, out)."""
        if exact or self.weights != "bytes" or min(weight.shape) < _BLOCK:
            return self.put("MatMul", [x, self.constant(weight, exact)])
        size, count = weight.shape
        padded = torch.nn.functional.pad(weight.detach(), (0, 0, 0, -size % _BLOCK))
        blocks = padded.T.reshape(count, -1, _BLOCK)
        scale = blocks.abs().amax(2).clamp(min=1e-12) / 127
        levels = (blocks / scale[..., None]).round().add(128).to(torch.uint8)
        stored = [self._stored(levels.numpy()), self._stored(scale.numpy())]
        about: dict[str, Any] = {
            "K": size,
            "N": count,
            "bits": 8,
            "block_size": _BLOCK,
            "accuracy_level": 4,
        }  # 4: meets bytes
        return self.put("MatMulNBits", [x, *stored], domain=_RUNTIMES_OWN, **about)

    def _stored(self, array: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def reshape(self, x: str, shape: Sequence[int]) -> str:
        return self.put("Reshape", [x, self.constant(np.array(shape, np.int64))])

    def slice(self, x: str, start: int, end: int, step: int = 1, name: str = "") -> str:
        """Of axis 1."""
        bounds = [self.constant(np.array([v], np.int64)) for v in (start, end, 1, step)]
        return self.put("Slice", [x, *bounds], name)

    def split(self, x: str, sizes: Sequence[int]) -> list[str]:
        """Along axis 1; the name is empty where the size is 0."""
        some = [s for s in sizes if s]
        names = [f"{x}_{i}" if s else "" for i, s in enumerate(sizes)]
        if some:
            made = [n for n in names if n]
            parts = self.constant(np.array(some, np.int64))
            self.nodes.append(helper.make_node("Split", [x, parts], made, axis=1))
        return names

    def parts(self, x: str, sizes: Sequence[int]) -> list[str]:
        """The last axis in parts of these sizes."""
        names = [f"{x}_column{i}" for i in range(len(sizes))]
        lengths = self.constant(np.array(sizes, np.int64))
        self.nodes.append(helper.make_node("Split", [x, lengths], names, axis=2))
        return names

    def model(self, network: AnimatorNetwork) -> onnx.ModelProto:
        def tensor(name: str, *shape: int | str) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])

        state = network.zero_state(1)
        inputs = [tensor("samples", "count")]
        config = network.config
        outputs = [tensor("frames", "time", len(config.articulators) + 2 + len(config.expression))]
        if config.controls:
            inputs.append(tensor("controls", len(config.controls)))
        for name in state._fields:
            shape = getattr(state, name).shape[1:]
            inputs.append(tensor(name, *shape))
            outputs.append(tensor(f"{name}_next", *shape))
        graph = helper.make_graph(self.nodes, "animator", inputs, outputs, self.constants)
        sets = [helper.make_opsetid("", _OPSET)]
        if self.weights == "bytes":
            sets.append(helper.make_opsetid(_RUNTIMES_OWN, 1))
        model = helper.make_model(graph, opset_imports=sets, producer_name="utterface")
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model


_END = 2**62


def _log_mel(g: _Graph, network: AnimatorNetwork, sound: str) -> str:
    """(B, 240 + 320 n) samples → (B, 2 n, 80), as `LogMel` does."""
    g.slice(sound, -CARRIED, _END, name="sound_next")
    units = g.reshape(sound, [0, -1, UNIT])
    span, step = speech.MEL_WINDOW // UNIT, speech.HOP // UNIT
    pieces = [g.slice(units, i, i - span + 1 if i < span - 1 else _END, step) for i in range(span)]
    spectrum = g.put("MatMul", [g.put("Concat", pieces, axis=2), g.constant(network.log_mel.dft)])
    power = g.put("Mul", [spectrum, spectrum])
    mel = g.put("MatMul", [power, g.constant(torch.cat([network.log_mel.mel] * 2))])
    return g.put("Log", [g.put("Max", [mel, g.constant(np.array([speech.MEL_FLOOR]))])])


def _asked(g: _Graph, network: AnimatorNetwork) -> list[tuple[str, str] | None]:
    """What to multiply every block's bottleneck and what the heads read by, and what to add; None without controls.

    Both are linear in the controls, normalisation included, so one product gives all of them, once a call.
    """
    controls = network.config.controls
    if not controls:
        return [None] * (len(network.blocks) + 1)
    places = [
        (torch.ones(b.norm.batch.num_features), _affine(b.norm)[1])
        for b in network.blocks
        if isinstance(b, GatheringBlock)
    ]
    places.append(_affine(network.leave))
    weights, constants = [], []
    for (scale, shift), linear in zip(places, network.asked, strict=True):
        assert isinstance(linear, torch.nn.Linear)
        more, moved = linear.weight.T.chunk(2, 1)
        weights += [more * scale, more * shift + moved]
        constants += [scale, shift]
    shape = g.constant(np.array([0, 1, len(controls)], np.int64))
    row = g.put("Reshape", ["controls", shape], name="controls_row")
    away = g.put("Sub", [row, g.constant(network.neutral)])
    g.linear(away, torch.cat(weights, 1), torch.cat(constants), exact=True, name="asked")
    parts = g.parts("asked", [len(c) for c in constants])
    return list(zip(parts[::2], parts[1::2], strict=True))


def _affine_of(
    g: _Graph, x: str, scale: torch.Tensor | None, shift: torch.Tensor, modulation: tuple[str, str] | None
) -> str:
    """x · scale + shift, or by the controls; no scale is 1."""
    if modulation is not None:
        return g.put("Add", [g.put("Mul", [x, modulation[0]]), modulation[1]])
    return g.put("Add", [x if scale is None else g.put("Mul", [x, g.constant(scale)]), g.constant(shift)])


def _expression(g: _Graph, network: AnimatorNetwork, x: str) -> list[str]:
    """`AnimatorNetwork._expression`, where emotions are among the controls."""
    if not network.moods:
        return []
    onto = torch.zeros(len(network.config.controls), network.faces.shape[1])
    onto[network.moods] = network.faces
    whole = g.put("MatMul", ["controls_row", g.constant(onto)])
    return [g.put("Mul", [whole, g.put("Sigmoid", [g.linear(x, network.shown.weight.T, network.shown.bias)])])]


def _block(
    g: _Graph, block: GatheringBlock, x: str, held: str, delayed: str, modulation: tuple[str, str] | None
) -> tuple[str, str, str]:
    """`Block.forward`; an empty `delayed` means no future."""
    weight, bias = _folded_after(block.squeeze, block.norm)
    newest = g.put("Relu", [_affine_of(g, g.product(x, weight), None, bias, modulation)])
    narrow = g.put("Concat", [held, newest], axis=1)
    last = block.offsets[-1]
    taps = [*(g.slice(narrow, o, o - last) for o in block.offsets[:-1]), newest]
    wide = g.linear(g.put("Concat", taps, axis=2), *_folded_after(block.expand, block.out))
    kept = g.slice(narrow, -last, _END)
    if not block.future:
        return g.put("Add", [x, g.put("Relu", [wide])]), kept, ""
    late = g.put("Concat", [delayed, x], axis=1)
    y = g.put("Add", [g.slice(late, 0, -block.future), g.put("Relu", [wide])])
    return y, kept, g.slice(late, -block.future, _END)


def _add_mean(g: _Graph, network: AnimatorNetwork, x: str) -> str:
    frames = network.config.pool_frames
    new = g.put("Relu", [g.linear(x, network.pool_in.weight.T, network.pool_in.bias)])
    seen = g.put("Concat", ["pool", new], axis=1)
    g.slice(seen, -frames, _END, name="pool_next")
    turned = g.put("Transpose", [seen], perm=[0, 2, 1])
    mean = g.put("AveragePool", [turned], kernel_shape=[frames])
    back = g.slice(g.put("Transpose", [mean], perm=[0, 2, 1]), 1, _END)
    return g.put("Add", [x, g.linear(back, network.pool_out.weight.T, network.pool_out.bias)])


def _read_out(g: _Graph, network: AnimatorNetwork, frames: str, x: str) -> str:
    """`AnimatorNetwork.informed` on the articulators in (B, T, A + 2) frames."""
    likely = g.put("Softmax", [g.linear(x, network.phones.weight.T, network.phones.bias)], axis=2)
    open_, vowel, rounded, firm = g.parts(g.put("MatMul", [likely, g.constant(network.aims)]), [1] * 4)
    pick = np.zeros((len(network.config.articulators) + 2, len(READ_OUT)), np.float32)
    pick[[network.config.articulators.index(name) for name in READ_OUT], range(len(READ_OUT))] = 1
    jaw, rounding = g.parts(g.put("MatMul", [frames, g.constant(pick)]), [1, 1])
    rounded = g.put("Div", [rounded, firm])
    if STRENGTH in network.config.controls:
        place = np.array([[name == STRENGTH] for name in network.config.controls], np.float32)
        strength = g.put("MatMul", ["controls_row", g.constant(place)])
        open_, rounded = g.put("Mul", [strength, open_]), g.put("Mul", [strength, rounded])
    more_jaw = g.put("Sub", [open_, g.put("Mul", [vowel, jaw])])
    more_rounding = g.put("Sub", [rounded, rounding])
    more = g.put("Concat", [more_jaw, more_rounding], axis=2)
    trust = np.array([VOWEL_TRUST, ROUNDING_TRUST], np.float32)[:, None] * pick.T
    return g.put("Add", [frames, g.put("MatMul", [more, g.constant(trust)])])


def _affine(norm: Norm) -> tuple[torch.Tensor, torch.Tensor]:
    """Batch normalisation at rest: x · scale + shift."""
    batch = norm.batch
    assert batch.running_mean is not None and batch.running_var is not None
    scale = batch.weight / torch.sqrt(batch.running_var + batch.eps)
    return scale, batch.bias - batch.running_mean * scale


def _folded_after(linear: torch.nn.Linear, norm: Norm) -> tuple[torch.Tensor, torch.Tensor]:
    """(in, out) weight and bias of a product followed by a normalisation."""
    scale, shift = _affine(norm)
    return (linear.weight * scale[:, None]).T, shift


def _folded_before(norm: Norm, linear: torch.nn.Linear) -> tuple[torch.Tensor, torch.Tensor]:
    """(in, out) weight and bias of a product that follows a normalisation."""
    scale, shift = _affine(norm)
    return (linear.weight * scale).T, linear.bias + linear.weight @ shift
