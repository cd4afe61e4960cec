import numpy as np
import pytest

from support.tiny_whisper import tiny_weights, write_model
from utterface.errors import ModelError
from utterface.recognise.whisper.weights import read_weights


def test_tensors_come_out_as_they_went_in(tmp_path):
    weights = tiny_weights()
    read = read_weights(write_model(tmp_path, weights, kind=0) / "model.bin")
    assert np.array_equal(read.pop("decoder/projection/weight"), read["decoder/embeddings/weight"])
    assert read.keys() == weights.keys()
    assert all(np.array_equal(read[name], weights[name]) for name in weights)


def test_rows_of_whole_numbers_are_scaled(tmp_path):
    weights = tiny_weights()
    name = "encoder/layer_0/ffn/linear_0/weight"
    scale = 127 / np.abs(weights[name]).max(1)
    rounded = np.round(weights[name] * scale[:, None]).astype(np.int8)
    packed = weights | {name: rounded, f"{name}_scale": scale.astype(np.float32)}
    read = read_weights(write_model(tmp_path, packed, kind=0) / "model.bin")
    assert np.abs(read[name] - weights[name]).max() <= 0.51 * np.abs(weights[name]).max() / 127


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "of another model"])
def test_what_is_no_model_is_told_in_one_line(tmp_path, damage):
    path = write_model(tmp_path, tiny_weights()) / "model.bin"
    whole = path.read_bytes()
    path.unlink()
    if damage != "missing":
        others = whole.replace(b"WhisperSpec", b"WhisperOops")
        path.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "of another model": others}[damage])
    with pytest.raises(ModelError) as refused:
        read_weights(path)
    assert len(str(refused.value).splitlines()) == 1 and "model.bin" in str(refused.value)
