"""The graph of the phone recogniser, built from random weights of the same shapes."""

import json
import struct
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

pytest.importorskip("onnx", reason="onnx is not installed; the package build brings it")

from building.assets import Asset

from building import phone_recogniser

TOKENS = ["a", "b", "c"]
MATRICES = ((144, 576), (576, 144), (144, 432), None, None, None, (144, 144), (144, 576), (576, 144))


def weights() -> dict[str, np.ndarray]:
    model = "acoustic_model.model."
    shapes: dict[str, tuple[int, ...]] = {
        "stft_real_kernel": (201, 1, 400), "stft_imag_kernel": (201, 1, 400), "mel_fb": (201, 80),
        "onnx::Conv_801": (144, 80, 3), "onnx::Conv_802": (144,),
        f"{model}proj.weight": (5, 144, 1), f"{model}proj.bias": (5,),
    }  # fmt: skip
    for block in range(4):
        own = f"{model}blocks.{block}."
        shapes |= {f"onnx::Conv_{804 + 3 * block}": (144, 1, 31), f"onnx::Conv_{805 + 3 * block}": (144,)}
        shapes |= {f"onnx::MatMul_{829 + 9 * block + i}": shape for i, shape in enumerate(MATRICES) if shape}
        for norm in ("ffn1.norm", "attn_norm", "conv.norm", "ffn2.norm", "norm"):
            shapes |= {f"{own}{norm}.{part}": (144,) for part in ("weight", "bias")}
        for layer in ("ffn1", "ffn2"):
            shapes |= {f"{own}{layer}.fc1.bias": (576,), f"{own}{layer}.fc2.bias": (144,)}
        shapes |= {f"{own}attn.in_proj_bias": (432,), f"{own}attn.out_proj.bias": (144,)}
        shapes |= {f"{own}conv.pointwise1.weight": (288, 144, 1), f"{own}conv.pointwise1.bias": (288,)}
        shapes |= {f"{own}conv.pointwise2.weight": (144, 144, 1), f"{own}conv.pointwise2.bias": (144,)}
    rng = np.random.default_rng(0)
    return {name: (0.1 * rng.standard_normal(shape)).astype(np.float16) for name, shape in shapes.items()}


def packed(tensors: dict[str, np.ndarray]) -> bytes:
    """The layout of a .hama file."""
    header, data = b"HAMAPK\x01\x00" + struct.pack("<I", len(tensors)), b""
    for name, array in tensors.items():
        header += struct.pack("<H", len(name)) + name.encode() + bytes([1, array.ndim])
        header += struct.pack(f"<{array.ndim}I", *array.shape) + struct.pack("<QQ", len(data), array.nbytes)
        data += array.tobytes()
    return header + data


@pytest.fixture(scope="module")
def built() -> dict[str, bytes]:
    asset = Asset("hama", "1", "", "", ("weights", "words"), "", "Apache-2.0", "", "phone_recogniser", "", ())
    files = {"weights": packed(weights()), "words": json.dumps({"decoder": TOKENS}).encode()}
    return phone_recogniser.convert(files, asset)


def test_packed_weights_come_back():
    given = weights()
    read = phone_recogniser.read_weights(packed(given))
    assert list(read) == list(given)
    assert all(np.array_equal(read[name], given[name]) for name in given)


def test_another_format_is_refused():
    with pytest.raises(SystemExit, match="another format"):
        phone_recogniser.read_weights(b"ONNX" + bytes(100))


def test_the_graph_gives_log_probabilities_fifty_times_a_second(built, tmp_path: Path):
    session = onnxruntime.InferenceSession(built["model.onnx"])
    samples = np.random.default_rng(1).standard_normal((2, 16_000)).astype(np.float32)
    scores = session.run(["log_probs"], {"samples": samples})[0]
    assert scores.shape == (2, 51, 5)
    assert np.allclose(np.exp(scores).sum(-1), 1, atol=1e-4)
    assert np.abs(scores[0] - scores[1]).max() > 1e-3  # it looks at the sound


def test_the_configuration_names_source_licence_and_tokens(built):
    config = json.loads(built["config.json"])
    assert config["source"] == "hama 1" and config["licence"] == "Apache-2.0" and config["hop"] == 320
    assert config["tokens"] == [*TOKENS, "<wb>", "<blank>"]
