"""The weights of a Whisper model as CTranslate2 stores them (`model.bin`), read with numpy alone.

The file holds a version, the name of a specification, then tensors: name, shape, type, bytes; then other names of the
same tensors. Half floats and floats are read, and eight-bit rows with a scale each; all come out as float32.
"""

import struct
from pathlib import Path

import numpy as np

from utterface.errors import ModelError

SPECIFICATION = "WhisperSpec"
_FLOAT, _INT8, _INT16, _INT32, _HALF = 0, 1, 2, 3, 4
_DTYPES = {_FLOAT: "<f4", _INT8: "i1", _INT16: "<i2", _INT32: "<i4", _HALF: "<f2"}


class _WeightFile:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def numbers(self, kinds: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + kinds, self._content, self._at)
        self._at += struct.calcsize("<" + kinds)
        return values

    def name(self) -> str:
        (length,) = self.numbers("H")
        return self.bytes(length)[:-1].decode()  # a zero ends it

    def bytes(self, count: int) -> bytes:
        self._at += count
        return self._content[self._at - count : self._at]


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """`model.bin` → name → array, float32 but for whole numbers without a shape.

    Raises:
        ModelError: missing, damaged, or another model than Whisper.
    """
    try:
        reader = _WeightFile(path.read_bytes())
        reader.numbers("I")
        if (specification := reader.name()) != SPECIFICATION:
            raise ModelError(f"{path} holds a {specification}, not a Whisper model")
        _, count = reader.numbers("II")
        arrays = dict(_tensor(reader) for _ in range(count))
        (count,) = reader.numbers("I")
        others = {reader.name(): reader.name() for _ in range(count)}
        return {name: _scaled(array, arrays.get(f"{name}_scale")) for name, array in arrays.items()} | {
            other: arrays[name] for other, name in others.items() if name in arrays and not name.endswith("_scale")
        }
    except (OSError, ValueError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is damaged or cannot be read ({type(error).__name__})") from None


def _tensor(reader: _WeightFile) -> tuple[str, np.ndarray]:
    name = reader.name()
    (rank,) = reader.numbers("B")
    shape = reader.numbers(f"{rank}I")
    kind, size = reader.numbers("BI")
    return name, np.frombuffer(reader.bytes(size), _DTYPES[kind]).reshape(shape)


def _scaled(array: np.ndarray, scale: np.ndarray | None) -> np.ndarray:
    if scale is not None:
        return (array / scale.reshape(-1, *[1] * (array.ndim - 1))).astype(np.float32)
    return array.astype(np.float32) if array.ndim else array
