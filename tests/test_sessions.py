import os
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from utterface.errors import ModelError
from utterface.sessions import _varint, open_session


@pytest.fixture
def path(tmp_path) -> Path:
    return Path(shutil.copy(str(files("utterface.models").joinpath("animator", "model.onnx")), tmp_path))


def test_a_network_is_opened_once_until_its_file_changes(path):
    first = open_session(path, 1)
    assert open_session(path, 1) is first and open_session(path, 2) is not first
    os.utime(path, ns=(1, 1))
    assert open_session(path, 1) is not first


def test_a_network_with_names_that_are_no_text_is_refused_without_a_word(path, capfd):
    raw = path.read_bytes()
    assert b"Concat" in raw
    path.write_bytes(raw.replace(b"Concat", b"\xffoncat"))
    with pytest.raises(ModelError, match="cannot be opened as a network"):
        open_session(path, 1)
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_missing_or_no_network_is_refused(path):
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be opened as a network"):
        open_session(path, 1)
    path.unlink()
    with pytest.raises(ModelError, match="cannot be opened as a network"):
        open_session(path, 1)


def test_one_thread_is_one_thread_and_warnings_are_not_printed(tmp_path, capfd):
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("x", "y")]
    unused = onnx.helper.make_tensor("unused", onnx.TensorProto.FLOAT, [1], [0.0])  # ONNX Runtime warns of these
    graph = onnx.helper.make_graph([onnx.helper.make_node("Neg", ["x"], ["y"])], "g", values[:1], values[1:], [unused])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "neg.onnx")
    session = open_session(tmp_path / "neg.onnx", 1)
    assert session.get_session_options().intra_op_num_threads == 1
    assert capfd.readouterr() == ("", "")


def test_an_inner_value_becomes_an_output(path):
    import onnx

    inner = onnx.load(path).graph.node[0].output[0]
    opened = open_session(path, 1, inner)
    assert [output.name for output in opened.get_outputs()][-1] == inner
    assert len(opened.get_outputs()) == len(open_session(path, 1).get_outputs()) + 1
    with pytest.raises(ModelError, match="cannot be opened as a network"):
        open_session(path, 1, "no such value")


def test_numbers_of_a_model_as_the_format_packs_them():
    assert _varint(1) == b"\x01" and _varint(127) == b"\x7f" and _varint(300) == b"\xac\x02"  # by hand, 7 bits a byte
