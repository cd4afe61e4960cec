import json
from pathlib import Path

import numpy as np
import pytest

from utterface.errors import ModelError
from utterface.recognise import Recogniser
from utterface.recognise.exported import ExportedRecogniser
from utterface.recognise.words import open_words

pytest.importorskip("onnx_asr", reason="the extra `words` is not installed")
onnx = pytest.importorskip("onnx")


@pytest.fixture
def folder(tmp_path) -> Path:
    """A CTC model of NeMo's layout that writes the same two words for every sound."""
    from onnx import TensorProto, helper, numpy_helper

    scores = np.eye(3, dtype=np.float32)[None, [0, 2, 1, *[2] * 397]]
    inputs = [
        helper.make_tensor_value_info("audio_signal", TensorProto.FLOAT, [1, 80, "time"]),
        helper.make_tensor_value_info("length", TensorProto.INT64, [1]),
    ]
    output = helper.make_tensor_value_info("logprobs", TensorProto.FLOAT, [1, 400, 3])
    node = helper.make_node("Constant", [], ["logprobs"], value=numpy_helper.from_array(scores))
    graph = helper.make_graph([node], "words", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    folder = tmp_path / "two words"
    folder.mkdir()
    onnx.save(model, folder / "model.onnx")
    (folder / "vocab.txt").write_text("▁hello 0\n▁there 1\n<blk> 2\n", "utf-8")
    (folder / "config.json").write_text(json.dumps({"model_type": "nemo-conformer-ctc"}))
    return folder


def test_a_folder_of_another_model_is_opened(folder):
    recogniser = open_words(str(folder))
    assert isinstance(recogniser, ExportedRecogniser) and isinstance(recogniser, Recogniser)
    second = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    transcript = recogniser.recognise(second, "de")
    assert (transcript.text, transcript.language, transcript.source) == ("hello there", "de", "two words")
    assert recogniser.recognise(np.tile(second, 40)).text == "hello there hello there"  # a text a window


def test_what_cannot_be_opened_is_told_in_one_line(folder):
    (folder / "model.onnx").write_bytes(b"no network")
    for model in (folder, folder.parent / "nothing"):
        with pytest.raises(ModelError, match="no words model can be opened from") as refused:
            ExportedRecogniser(str(model))
        assert len(str(refused.value).splitlines()) == 1
