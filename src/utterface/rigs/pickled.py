"""Pickles that hold arrays, read without running what else they may hold.

Face models and corpora come as Python 2 pickles (`generic_model.pkl`, `FLAME_masks.pkl`, `templates.pkl`). A pickle can
call anything it names. Here it can name NumPy's own array builders and plain containers; classes of chumpy and
scipy.sparse, which neither has to be installed for, become `PickledObject`, a shell around their arrays; every other
name is refused before it is looked up.
"""

import pickle
from collections import OrderedDict
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import RigError, UtterfaceError

_CONTAINERS: dict[str, Any] = {kind.__name__: kind for kind in (dict, list, tuple, set, frozenset, object)}
_BUILTINS = ("builtins", "__builtin__")
_NUMPY = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric", "numpy._core.numeric")
_SHELLED = ("chumpy", "scipy.sparse")


class PickledObject:
    """An object of a class that is not run: where it came from, and what was stored in it."""

    origin = ""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        self.state = dict(state) if isinstance(state, dict) else {"state": state}


def load(path: str | PathLike[str], error: type[UtterfaceError] = RigError) -> Any:
    """What a pickle holds: containers, strings, numbers, arrays and `PickledObject`.

    Args:
        path: a pickle of Python 2 or 3.
        error: what to raise, in the terms of the caller.

    Raises:
        error: no such file, damaged, or it names something that is not plain data.
    """
    try:
        with Path(path).open("rb") as file:
            return _ArrayUnpickler(file, encoding="latin1").load()
    except OSError as problem:
        raise error(f"cannot read {path}: {problem.strerror}") from None
    except _RefusedError as problem:
        raise error(f"{path} asks to run {problem}, which plain arrays do not need; it is not opened") from None
    except Exception as problem:  # a damaged pickle may fail in any way
        raise error(f"{path} is no pickle that can be read here ({problem}); copy it again") from None


def to_array(value: Any) -> np.ndarray:
    """The numbers of an array, a list, a chumpy array or a SciPy sparse matrix.

    Raises:
        RigError: it holds none.
    """
    if isinstance(value, PickledObject):
        return _from_sparse(value) if "scipy" in value.origin else _from_chumpy(value)
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise RigError(f"expected an array of numbers, got {type(value).__name__} of {array.dtype}")
    return array


class _RefusedError(Exception):
    """A name that no array needs."""


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module in _BUILTINS and name in _CONTAINERS:
            return _CONTAINERS[name]
        if module == "collections" and name == "OrderedDict":
            return OrderedDict
        if module in _NUMPY and name in _builders():
            return _builders()[name]
        if (module, name) == ("_codecs", "encode"):
            return _to_latin1  # how Python 3 writes bytes for Python 2
        if module in ("copy_reg", "copyreg") and name == "_reconstructor":
            return _reconstruct
        if any(module == root or module.startswith(f"{root}.") for root in _SHELLED):
            return type(name, (PickledObject,), {"origin": f"{module}.{name}"})
        raise _RefusedError(f"{module}.{name}")


def _builders() -> dict[str, Any]:
    """NumPy's functions that pickled arrays call, wherever this NumPy keeps them."""
    return {
        "_reconstruct": np.zeros(1).__reduce__()[0],
        "scalar": np.float64(0).__reduce__()[0],
        "ndarray": np.ndarray,
        "dtype": np.dtype,
        "_frombuffer": _from_buffer,
    }


def _from_buffer(data: Any, dtype: np.dtype, shape: tuple[int, ...], order: Any) -> np.ndarray:
    """How protocol 5 stores an array."""
    return np.frombuffer(data, dtype).reshape(shape, order=order)


def _to_latin1(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise _RefusedError(f"_codecs.encode to {encoding}")
    return text.encode("latin1")


def _reconstruct(kind: Any, base: Any, state: Any) -> PickledObject:
    if not (isinstance(kind, type) and issubclass(kind, PickledObject)):
        raise _RefusedError(f"copyreg for {kind}")
    return kind()


def _from_chumpy(stored: PickledObject) -> np.ndarray:
    """A plain chumpy array keeps its numbers under `x`; expressions of several are not worked out here."""
    if "x" not in stored.state:
        raise RigError(
            f"{stored.origin} is an unevaluated expression; save the model once more with plain arrays (.npz)"
        )
    return to_array(stored.state["x"])


def _from_sparse(stored: PickledObject) -> np.ndarray:
    """Dense array of a csc, csr or coo matrix."""
    state = stored.state
    shape = tuple(int(n) for n in state.get("_shape", state.get("shape", ())))
    layout = str(state.get("format", stored.origin.rpartition(".")[2]))[:3]
    if len(shape) != 2 or "data" not in state or layout not in ("csc", "csr", "coo"):
        raise RigError(
            f"cannot read the sparse matrix {stored.origin}; save the model once more with plain arrays (.npz)"
        )
    data = to_array(state["data"])
    if layout == "coo":
        coords = state.get("coords", (state.get("row"), state.get("col")))
        rows, columns = (to_array(axis).astype(np.int64) for axis in coords)
    else:
        along, starts = to_array(state["indices"]).astype(np.int64), to_array(state["indptr"]).astype(np.int64)
        across = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        rows, columns = (along, across) if layout == "csc" else (across, along)
    dense = np.zeros(shape, data.dtype)
    np.add.at(dense, (rows, columns), data)
    return dense
