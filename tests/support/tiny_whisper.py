"""A small Whisper model of random weights as CTranslate2 keeps it, and its arithmetic in NumPy."""

import json
import struct
from pathlib import Path

import numpy as np
from scipy.special import erf, softmax

WIDTH, HEADS, MELS, FRAMES, PLACES = 32, 2, 80, 1500, 448
LETTERS = "Ġabcdefghijklmnopqrstuvwxyz"
SPECIAL = ["endoftext", "startoftranscript", "en", "de", "transcribe", "nospeech", "notimestamps"]
VOCABULARY = [*LETTERS, *(f"<|{name}|>" for name in SPECIAL)]


def tiny_weights(seed: int = 0, vocabulary: int = len(VOCABULARY)) -> dict[str, np.ndarray]:
    """One layer on either side."""
    rng = np.random.default_rng(seed)

    def linear(name: str, outputs: int, inputs: int) -> dict[str, np.ndarray]:
        weight = rng.normal(0, inputs**-0.5, (outputs, inputs))
        return {f"{name}/weight": weight, f"{name}/bias": rng.normal(0, 0.1, outputs)}

    def normal(name: str) -> dict[str, np.ndarray]:
        return {f"{name}/gamma": rng.uniform(0.5, 1.5, WIDTH), f"{name}/beta": rng.normal(0, 0.1, WIDTH)}

    weights: dict[str, np.ndarray] = {}
    for name, inputs in (("conv1", MELS), ("conv2", WIDTH)):
        weights[f"encoder/{name}/weight"] = rng.normal(0, (3 * inputs) ** -0.5, (WIDTH, inputs, 3))
        weights[f"encoder/{name}/bias"] = rng.normal(0, 0.1, WIDTH)
    for side, count in (("encoder", FRAMES), ("decoder", PLACES)):
        own = f"{side}/layer_0"
        weights |= {f"{side}/position_encodings/encodings": rng.normal(0, 0.3, (count, WIDTH))}
        weights |= normal(f"{own}/self_attention/layer_norm") | linear(
            f"{own}/self_attention/linear_0", 3 * WIDTH, WIDTH
        )
        weights |= linear(f"{own}/self_attention/linear_1", WIDTH, WIDTH)
        weights |= normal(f"{own}/ffn/layer_norm") | linear(f"{own}/ffn/linear_0", 4 * WIDTH, WIDTH)
        weights |= linear(f"{own}/ffn/linear_1", WIDTH, 4 * WIDTH) | normal(f"{side}/layer_norm")
        weights |= {f"{side}/num_heads": np.array(HEADS, np.int16)}
    own = "decoder/layer_0/attention"
    weights |= normal(f"{own}/layer_norm") | linear(f"{own}/linear_0", WIDTH, WIDTH)
    weights |= linear(f"{own}/linear_1", 2 * WIDTH, WIDTH) | linear(f"{own}/linear_2", WIDTH, WIDTH)
    weights |= {"decoder/embeddings/weight": rng.normal(0, 0.3, (vocabulary, WIDTH))}
    return {name: array if array.dtype == np.int16 else array.astype(np.float32) for name, array in weights.items()}


def write_model(folder: Path, weights: dict[str, np.ndarray], kind: int = 4) -> Path:
    """`model.bin` (floats as half floats, or as they are where `kind` is 0) with its vocabulary and config."""
    folder.mkdir(parents=True, exist_ok=True)

    def name(text: str) -> bytes:
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    parts = [struct.pack("<I", 6), name("WhisperSpec"), struct.pack("<II", 3, len(weights))]
    for key, array in weights.items():
        code = 2 if array.dtype == np.int16 else 1 if array.dtype == np.int8 else kind
        data = array.astype({0: "<f4", 1: "i1", 2: "<i2", 4: "<f2"}[code]).tobytes()
        parts += [name(key), struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)]
        parts += [struct.pack("<BI", code, len(data)), data]
    parts += [struct.pack("<I", 1), name("decoder/projection/weight"), name("decoder/embeddings/weight")]
    (folder / "model.bin").write_bytes(b"".join(parts))
    (folder / "vocabulary.json").write_text(json.dumps(VOCABULARY))
    (folder / "config.json").write_text(json.dumps({"suppress_ids": [-1, 5], "suppress_ids_begin": [0]}))
    return folder


class Reference:
    """The arithmetic of the model in floats, without any cache of keys and values."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights

    def encoded(self, mel: np.ndarray) -> np.ndarray:
        """(mels, 2 T) → (T, width)."""
        x = mel
        for name, stride in (("conv1", 1), ("conv2", 2)):
            kernel = self.weights[f"encoder/{name}/weight"]
            windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1))), 3, 1)[:, ::stride]
            x = gelu(np.einsum("oik,itk->ot", kernel, windows) + self.weights[f"encoder/{name}/bias"][:, None])
        x = x.T + self.weights["encoder/position_encodings/encodings"]
        return self._normal(self._layer(x, "encoder"), "encoder/layer_norm")

    def logits(self, tokens: list[int], encoded: np.ndarray) -> np.ndarray:
        """(vocabulary,) after the last token."""
        table = self.weights["decoder/embeddings/weight"]
        x = table[tokens] + self.weights["decoder/position_encodings/encodings"][: len(tokens)]
        return self._normal(self._layer(x, "decoder", encoded), "decoder/layer_norm")[-1] @ table.T

    def _layer(self, x: np.ndarray, side: str, encoded: np.ndarray | None = None) -> np.ndarray:
        own = f"{side}/layer_0"
        joined = self._linear(self._normal(x, f"{own}/self_attention/layer_norm"), f"{own}/self_attention/linear_0")
        hidden = 0 if encoded is None else np.triu(np.full((len(x), len(x)), -np.inf), 1)
        x = x + self._linear(attended(*np.split(joined, 3, 1), hidden), f"{own}/self_attention/linear_1")
        if encoded is not None:
            query = self._linear(self._normal(x, f"{own}/attention/layer_norm"), f"{own}/attention/linear_0")
            key, value = np.split(self._linear(encoded, f"{own}/attention/linear_1"), 2, 1)
            x = x + self._linear(attended(query, key, value, 0), f"{own}/attention/linear_2")
        wide = gelu(self._linear(self._normal(x, f"{own}/ffn/layer_norm"), f"{own}/ffn/linear_0"))
        return x + self._linear(wide, f"{own}/ffn/linear_1")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[f"{name}/weight"].T + self.weights[f"{name}/bias"]

    def _normal(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5)
        return scaled * self.weights[f"{name}/gamma"] + self.weights[f"{name}/beta"]


def gelu(x: np.ndarray) -> np.ndarray:
    return x * 0.5 * (1 + erf(x / np.sqrt(2)))


def attended(query: np.ndarray, key: np.ndarray, value: np.ndarray, hidden: np.ndarray | int) -> np.ndarray:
    heads = [part.reshape(len(part), HEADS, -1).transpose(1, 0, 2) for part in (query, key, value)]
    scores = heads[0] @ heads[1].transpose(0, 2, 1) * (WIDTH // HEADS) ** -0.5 + hidden
    return (softmax(scores, -1) @ heads[2]).transpose(1, 0, 2).reshape(len(query), -1)
