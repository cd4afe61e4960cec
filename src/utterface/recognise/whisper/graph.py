"""Whisper's encoder and decoder as ONNX graphs with eight-bit weights.

    log-mel (1, mels, 3000) ─ encoder ─ keys and values of each decoder layer's cross-attention
    one token ─ decoder, with the keys and values of earlier tokens ─ logits (vocabulary,), keys and values

Transformer of Radford et al. 2022 (arXiv 2212.04356). Matrices are stored as whole numbers with a scale for each
output; inputs are quantised as they come. Eight bits without a sign on either side are exact on every processor; with
a sign on one, x86 without VNNI saturates. The embedding of the tokens and the last matrix are one table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

VERSION = 1  # of these graphs; another makes kept ones stale
_MIDDLE = 128  # the whole number that stands for 0
PARTS = ("key", "value")
_OPSET, _IR = 20, 9


@dataclass(frozen=True)
class Sizes:
    """Sizes of one model, as its weights have them."""

    mels: int
    frames: int
    width: int
    encoder_heads: int
    decoder_heads: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int

    @classmethod
    def of(cls, weights: Mapping[str, np.ndarray]) -> "Sizes":
        """Read from the shapes; KeyError where one is missing."""

        def layers(side: str) -> int:
            names = {name.split("/")[1] for name in weights if name.startswith(f"{side}/layer_")}
            return len(names - {"layer_norm"})

        vocabulary, width = weights["decoder/embeddings/weight"].shape
        return cls(
            weights["encoder/conv1/weight"].shape[1],
            len(weights["encoder/position_encodings/encodings"]),
            width,
            int(weights["encoder/num_heads"]),
            int(weights["decoder/num_heads"]),
            layers("encoder"),
            layers("decoder"),
            vocabulary,
        )


def encoder(weights: Mapping[str, np.ndarray]) -> bytes:
    """The encoder's graph: `mel` → the decoder's `cross.N.key` (1, heads, head's width, frames), `cross.N.value`."""
    graph, sizes = _WhisperGraph(weights), Sizes.of(weights)
    x = "mel"
    for name, stride in (("encoder/conv1", 1), ("encoder/conv2", 2)):
        kernel, bias = graph.stored(f"{name}/weight"), graph.stored(f"{name}/bias")
        x = graph.op("Gelu", graph.op("Conv", x, kernel, bias, pads=[1, 1], strides=[stride]))
    x = graph.op("Transpose", x, perm=[0, 2, 1])
    x = graph.op("Add", x, graph.stored("encoder/position_encodings/encodings"))
    for layer in range(sizes.encoder_layers):
        own = f"encoder/layer_{layer}"
        query, key, value = graph.attended_by(x, f"{own}/self_attention", sizes.encoder_heads)
        turned = graph.op("Transpose", key, perm=[0, 1, 3, 2])
        x = graph.attention(x, query, turned, value, f"{own}/self_attention/linear_1")
        x = graph.fed_forward(x, f"{own}/ffn")
    x = graph.normal(x, "encoder/layer_norm")
    for layer in range(sizes.decoder_layers):
        joined = graph.linear(x, f"decoder/layer_{layer}/attention/linear_1")
        key, value = graph.split(joined, 2)
        graph.op("Transpose", graph.headed(key, sizes.decoder_heads), perm=[0, 2, 3, 1], name=f"cross.{layer}.key")
        graph.op("Transpose", graph.headed(value, sizes.decoder_heads), perm=[0, 2, 1, 3], name=f"cross.{layer}.value")
    return graph.model([described("mel", [1, sizes.mels, "time"])], _cross(sizes))


def decoder(weights: Mapping[str, np.ndarray]) -> bytes:
    """The decoder's graph for one token: `token` (1,) int64, `past.…` and `cross.…` → `logits`, `present.…`."""
    graph, sizes = _WhisperGraph(weights), Sizes.of(weights)
    heads = sizes.decoder_heads
    inputs = [described("token", [1], TensorProto.INT64), *_states(sizes, "past"), *_cross(sizes)]
    x = graph.op("Add", graph.embedded("token"), graph.position("past.0.key"))
    for layer in range(sizes.decoder_layers):
        own, past = f"decoder/layer_{layer}", [f"past.{layer}.{part}" for part in PARTS]
        query, *new = graph.attended_by(x, f"{own}/self_attention", heads)
        kept = [
            graph.op("Concat", old, now, axis=2, name=old.replace("past", "present"))
            for old, now in zip(past, new, strict=True)
        ]
        turned = graph.op("Transpose", kept[0], perm=[0, 1, 3, 2])
        x = graph.attention(x, query, turned, kept[1], f"{own}/self_attention/linear_1")
        asked = graph.linear(graph.normal(x, f"{own}/attention/layer_norm"), f"{own}/attention/linear_0")
        query = graph.op("Transpose", graph.headed(asked, heads), perm=[0, 2, 1, 3])
        x = graph.attention(x, query, f"cross.{layer}.key", f"cross.{layer}.value", f"{own}/attention/linear_2")
        x = graph.fed_forward(x, f"{own}/ffn")
    scores = graph.multiplied(graph.normal(x, "decoder/layer_norm"), "decoder/embeddings/weight")
    graph.op("Reshape", scores, graph.constant([-1]), name="logits")
    outputs = [described("logits", [sizes.vocabulary]), *_states(sizes, "present")]
    return graph.model(inputs, outputs)


def described(name: str, shape: Sequence[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    """An input or output of a graph."""
    return helper.make_tensor_value_info(name, kind, shape)


def _states(sizes: Sizes, name: str) -> list[onnx.ValueInfoProto]:
    """Keys and values of the tokens so far, of all layers of the decoder."""
    shape: list[int | str] = [1, sizes.decoder_heads, name, sizes.width // sizes.decoder_heads]
    return [described(f"{name}.{layer}.{part}", shape) for layer in range(sizes.decoder_layers) for part in PARTS]


def _cross(sizes: Sizes) -> list[onnx.ValueInfoProto]:
    """Keys, turned for their product, and values of the encoder's frames, of all layers of the decoder."""
    heads, wide = sizes.decoder_heads, sizes.width // sizes.decoder_heads
    shapes: dict[str, list[int | str]] = {"key": [1, heads, wide, "frames"], "value": [1, heads, "frames", wide]}
    return [described(f"cross.{layer}.{part}", shapes[part]) for layer in range(sizes.decoder_layers) for part in PARTS]


class _WhisperGraph:
    """Nodes and tensors as they are added; methods take and return names of values."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}
        self._quantised: dict[str, list[str]] = {}
        self._count = 0

    def model(self, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]) -> bytes:
        """The whole graph, checked."""
        graph = helper.make_graph(self._nodes, "whisper", inputs, outputs, list(self._tensors.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        return self._ops(kind, inputs, [name or self._name()], **attributes)[0]

    def _ops(self, kind: str, inputs: tuple[str, ...], outputs: list[str], **attributes: Any) -> list[str]:
        self._nodes.append(helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def stored(self, name: str, array: np.ndarray | None = None) -> str:
        """A tensor of the weights, or one that is made of them, once."""
        if name not in self._tensors:
            values = self._weights[name] if array is None else array
            self._tensors[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def constant(self, values: Any, dtype: type = np.int64) -> str:
        return self.stored(self._name(), np.array(values, dtype))

    # ------------------------------------------------------------------------------------------------------- layers

    def linear(self, x: str, name: str) -> str:
        product = self.multiplied(x, f"{name}/weight")
        bias = f"{name}/bias"
        return self.op("Add", product, self.stored(bias)) if bias in self._weights else product

    def multiplied(self, x: str, name: str) -> str:
        """x times the transpose of a matrix (outputs, inputs), in whole numbers."""
        table, scale, middle = self._table(name)
        if x not in self._quantised:
            self._quantised[x] = self._ops("DynamicQuantizeLinear", (x,), [self._name() for _ in range(3)])
        whole, step, zero = self._quantised[x]
        product = self.op("Cast", self.op("MatMulInteger", whole, table, zero, middle), to=TensorProto.FLOAT)
        return self.op("Mul", product, self.op("Mul", step, scale))

    def _table(self, name: str) -> tuple[str, str, str]:
        """A matrix as (inputs, outputs) uint8, its scales (outputs,), and the number that stands for 0."""
        whole, scale = f"{name}:whole", f"{name}:scale"
        if whole not in self._tensors:
            matrix = self._weights[name]
            steps = np.maximum(np.abs(matrix).max(1), 1e-8) / (_MIDDLE - 1)
            rounded = np.round(matrix / steps[:, None]) + _MIDDLE
            self.stored(whole, rounded.T.astype(np.uint8))
            self.stored(scale, steps.astype(np.float32))
        return whole, scale, self.stored(":middle", np.array(_MIDDLE, np.uint8))

    def embedded(self, token: str) -> str:
        """(1,) token → (1, 1, width), from the table of the last matrix."""
        table, scale, _ = self._table("decoder/embeddings/weight")
        column = self.op("Cast", self.op("Gather", table, token, axis=1), to=TensorProto.FLOAT)
        centred = self.op("Sub", column, self.constant(_MIDDLE, np.float32))
        values = self.op("Mul", centred, self.op("Gather", scale, token, axis=0))
        return self.op("Reshape", values, self.constant([1, 1, -1]))

    def position(self, past: str) -> str:
        """The position code of the token that follows `past`."""
        count = self.op("Shape", past, start=2, end=3)
        return self.op("Gather", self.stored("decoder/position_encodings/encodings"), count, axis=0)

    def normal(self, x: str, name: str) -> str:
        scale, bias = self.stored(f"{name}/gamma"), self.stored(f"{name}/beta")
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-5)

    def split(self, x: str, parts: int) -> list[str]:
        return self._ops("Split", (x,), [self._name() for _ in range(parts)], axis=2, num_outputs=parts)

    def headed(self, x: str, heads: int) -> str:
        """(1, T, width) → (1, T, heads, width of a head)."""
        return self.op("Reshape", x, self.constant([0, 0, heads, -1]))

    def attended_by(self, x: str, name: str, heads: int) -> list[str]:
        """Query, key and value of self-attention, each (1, heads, T, width of a head)."""
        joined = self.linear(self.normal(x, f"{name}/layer_norm"), f"{name}/linear_0")
        return [self.op("Transpose", self.headed(part, heads), perm=[0, 2, 1, 3]) for part in self.split(joined, 3)]

    def attention(self, x: str, query: str, turned_key: str, value: str, out: str) -> str:
        """x and what attention adds to it."""
        wide = self._weights[f"{out}/weight"].shape[0] // self._heads(out)
        scaled = self.op("Mul", query, self.constant(wide**-0.5, np.float32))
        shares = self.op("Softmax", self.op("MatMul", scaled, turned_key), axis=-1)
        mixed = self.op("Transpose", self.op("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self.op("Add", x, self.linear(self.op("Reshape", mixed, self.constant([0, 0, -1])), out))

    def _heads(self, name: str) -> int:
        return int(self._weights[f"{name.partition('/')[0]}/num_heads"])

    def fed_forward(self, x: str, name: str) -> str:
        wide = self.op("Gelu", self.linear(self.normal(x, f"{name}/layer_norm"), f"{name}/linear_0"))
        return self.op("Add", x, self.linear(wide, f"{name}/linear_1"))
