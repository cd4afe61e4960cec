import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from utterface.errors import ConfigError, ModelError
from utterface.lab.representations import open_representation
from utterface.recognise.whisper.features import log_mel


def graph(path, every: int = 4, bands: int = 128) -> None:
    """Tokens that are 1000 times the mean of every fourth frame's log-mel, less than 3⁸, and none beyond the length."""
    constants = {"axes": [1], "starts": [0], "step": [every], "along": [1], "thousand": np.float32(1000), "size": 3**8}
    stored = [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    nodes = [
        helper.make_node("ReduceMean", ["feats", "axes"], ["mean"], keepdims=0),
        helper.make_node("Cast", ["length"], ["ends"], to=TensorProto.INT64),
        helper.make_node("Slice", ["mean", "starts", "ends", "along", "step"], ["some"]),
        helper.make_node("Mul", ["some", "thousand"], ["large"]),
        helper.make_node("Cast", ["large"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Mod", ["whole", "size"], ["tokens"]),
    ]
    inputs = [
        helper.make_tensor_value_info("feats", TensorProto.FLOAT, [1, bands, "frames"]),
        helper.make_tensor_value_info("length", TensorProto.INT32, [1]),
    ]
    outputs = [helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "tokens"])]
    whole = helper.make_graph(nodes, "s3", inputs, outputs, stored)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    path.write_bytes(model.SerializeToString())


@pytest.fixture
def sound() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, 16_100).astype(np.float32)


def test_tokens_and_their_digits(tmp_path, sound):
    graph(tmp_path / "speech_tokenizer_v2.onnx")
    representation = open_representation(f"onnx:{tmp_path}/speech_tokenizer_v2.onnx")
    about = representation.about
    assert (about.family, about.frame_rate, about.codebooks, about.dimension) == ("label", 25, (6561,), 8)
    units, vectors = representation.units(sound).values, representation.encode(sound).values
    mel = log_mel(np.pad(sound, (0, 540)), 128)
    np.testing.assert_array_equal(units, (1000 * mel.mean(0)[::4]).astype(np.int64) % 6561)
    assert len(units) == 26 and set(np.unique(vectors)) <= {-1, 0, 1}
    np.testing.assert_array_equal(((vectors + 1) * 3 ** np.arange(8)).sum(1), units)
    long = np.resize(sound, 31 * 16_000)
    assert len(representation.units(long)) == 31 * 25
    assert len(representation.units(sound[:0])) == 1


def test_other_graphs_are_refused(tmp_path):
    graph(tmp_path / "v1.onnx", every=2)
    with pytest.raises(ModelError, match="gives 50 tokens a second, expected the 25"):
        open_representation(f"onnx:{tmp_path}/v1.onnx")
    graph(tmp_path / "mel80.onnx", bands=80)
    with pytest.raises(ModelError, match="no speech tokenizer of CosyVoice"):
        open_representation(f"onnx:{tmp_path}/mel80.onnx")
    with pytest.raises(ModelError, match=r"gone\.onnx"):
        open_representation(f"onnx:{tmp_path}/gone.onnx")
    graph(tmp_path / "v2.onnx")
    with pytest.raises(ConfigError, match="no option"):
        open_representation(f"onnx:{tmp_path}/v2.onnx@3")
