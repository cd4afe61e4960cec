"""Pickles are read for their arrays; whatever else they ask for is not run."""

import os
import pickle
import sys
from types import ModuleType

import numpy as np
import pytest

from utterface.errors import CorpusError, RigError
from utterface.rigs import pickled


class Malicious:
    def __reduce__(self):
        return os.mkdir, ("gotcha",)


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_of_every_kind_and_protocol_come_back(tmp_path, protocol):
    table = {
        "lips": np.arange(5),
        "big": np.linspace(0, 1, 2000).reshape(100, 20).astype(np.float32),
        "column": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "name": "F2",
        "scalar": np.float64(0.5),
        "nested": {"list": [1, 2], "set": {3}, "bytes": b"\xff\x00"},
    }
    path = tmp_path / "arrays.pkl"
    path.write_bytes(pickle.dumps(table, protocol=protocol))
    back = pickled.load(path)
    for name in ("lips", "big", "column"):
        assert np.array_equal(back[name], table[name]) and back[name].dtype == table[name].dtype
    assert back["scalar"] == 0.5 and back["nested"] == table["nested"] and back["name"] == "F2"


def test_python_2_pickles_of_arrays_are_read(tmp_path):
    """`pickle.dumps({'F2': numpy.array([1., 2.])}, protocol)` under Python 2.7, written by hand."""
    data = np.array([1.0, 2.0]).tobytes()
    binary = b"U\x10" + data  # SHORT_BINSTRING, which only Python 2 writes
    head = b"\x80\x02}q\x00U\x02F2q\x01cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85q\x04"
    build = b"U\x01bq\x05\x87q\x06Rq\x07(K\x01K\x02\x85q\x08cnumpy\ndtype\nq\tU\x02f8q\nK\x00K\x01\x87q\x0bRq\x0c"
    state = b"(K\x03U\x01<q\rNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0eb\x89" + binary + b"q\x0ftq\x10bs."
    path = tmp_path / "templates.pkl"
    path.write_bytes(head + build + state)
    assert pickled.load(path)["F2"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("thing", [Malicious(), print, np.load, np.memmap, eval, {"deep": [Malicious()]}])
def test_what_is_no_array_is_refused_before_it_runs(tmp_path, monkeypatch, thing):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "evil.pkl"
    path.write_bytes(pickle.dumps(thing))
    with pytest.raises(CorpusError, match=r"asks to run .*not opened"):
        pickled.load(path, CorpusError)
    assert not (tmp_path / "gotcha").exists()


def test_a_shell_has_no_way_out_through_attributes(tmp_path):
    """`chumpy.os.system` names a function behind a held package; it stays a shell."""
    path = tmp_path / "evil.pkl"
    path.write_bytes(b"\x80\x02cchumpy.os\nsystem\nU\x0ctouch gotchaq\x00\x85R.")
    held = pickled.load(path)
    assert isinstance(held, pickled.PickledObject) and held.arguments == ("touch gotcha",)


@pytest.mark.parametrize("data", [b"", b"no pickle", pickle.dumps({"a": np.arange(9)})[:-9]])
def test_damage_is_told_in_one_line(tmp_path, data):
    path = tmp_path / "cut.pkl"
    path.write_bytes(data)
    with pytest.raises(RigError, match=r"cut\.pkl is no pickle") as told:
        pickled.load(path)
    assert "\n" not in str(told.value)
    with pytest.raises(RigError, match="cannot read"):
        pickled.load(tmp_path / "absent.pkl")


@pytest.fixture
def chumpy(monkeypatch):
    """A stand-in to write pickles with, as chumpy's are: class `chumpy.ch.Ch`, numbers under `x`."""
    module = ModuleType("chumpy.ch")

    class Ch:
        def __init__(self, **state):
            self.__dict__.update(state)

    Ch.__module__, Ch.__qualname__, module.Ch = "chumpy.ch", "Ch", Ch
    monkeypatch.setitem(sys.modules, "chumpy", ModuleType("chumpy"))
    monkeypatch.setitem(sys.modules, "chumpy.ch", module)
    return Ch


@pytest.mark.parametrize("protocol", [0, 2])
def test_chumpy_arrays_give_their_numbers(tmp_path, monkeypatch, chumpy, protocol):
    values = np.random.default_rng(0).random((4, 3))
    path = tmp_path / "chumpy.pkl"
    path.write_bytes(pickle.dumps([chumpy(x=values, _dirty_vars=set()), chumpy(a=1)], protocol))
    monkeypatch.undo()
    plain, expression = pickled.load(path)
    assert np.array_equal(pickled.to_array(plain), values)
    with pytest.raises(RigError, match="unevaluated expression"):
        pickled.to_array(expression)


@pytest.mark.parametrize("layout", ["csc", "csr", "coo"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_sparse_matrices_become_dense(tmp_path, layout, kind):
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    dense = np.random.default_rng(1).random((5, 8)) * (np.random.default_rng(2).random((5, 8)) > 0.6)
    path = tmp_path / "sparse.pkl"
    path.write_bytes(pickle.dumps(getattr(sparse, f"{layout}_{kind}")(dense), 2))
    assert np.array_equal(pickled.to_array(pickled.load(path)), dense)


def test_only_numbers_count_as_arrays():
    assert pickled.to_array([1, 2]).tolist() == [1, 2]
    with pytest.raises(RigError, match="array of numbers"):
        pickled.to_array("lips")
