"""NumPy archives (.npz) from anywhere: sizes are checked before anything is unpacked, nothing is ever unpickled."""

import math
import warnings
import zipfile
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

MAX_BYTES = 1 << 29  # of all arrays together, unpacked
MAX_RATIO = 100  # of unpacked to packed bytes, of arrays that are not small
SMALL_BYTES = 1 << 26
MAX_MEMBERS = 1000


def read_arrays(path: str | PathLike[str]) -> dict[str, np.ndarray]:
    """All arrays of an archive by name.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no archive of arrays, is damaged, or unpacks to too much; the message is one line.
    """
    with Path(path).open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                _check_sizes(members)
                return {member.filename.removesuffix(".npy"): _read_array(archive, member) for member in members}
        except MemoryError:
            raise
        except Exception as error:  # zipfile, zlib, lzma and NumPy's header parser have a dozen kinds of complaints
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise ValueError(f"it is no whole NumPy archive: {reason}") from error


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    packed, unpacked = (sum(sizes) for sizes in zip(*((m.compress_size, m.file_size) for m in members), strict=True))
    if len(members) > MAX_MEMBERS or unpacked > MAX_BYTES:
        raise ValueError(f"{len(members)} arrays of {unpacked >> 20} MB (at most {MAX_BYTES >> 20})")
    if unpacked > SMALL_BYTES and unpacked > MAX_RATIO * packed:
        raise ValueError(f"{packed >> 10} kB unpack to {unpacked >> 20} MB (at most {MAX_RATIO} times the size)")


def _read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        readers: dict[tuple[int, int], Any] = {
            (1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0
        }  # fmt: skip
        if version not in readers:
            raise ValueError(f"an array of format {version}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # NumPy's, of headers that Python 2 wrote: nothing to be done
            shape, by_columns, kind = readers[version](file)
        if kind.hasobject:
            raise ValueError("an array of pickled objects")
        size = math.prod(shape) * kind.itemsize
        if min(shape, default=0) < 0 or size > member.file_size:
            raise ValueError(f"an array of the shape {shape} in {member.file_size} bytes")
        data = file.read(size)
        if len(data) != size or file.read(1):
            raise ValueError(f"an array of {size} bytes has {member.file_size}")
    values = np.frombuffer(data, kind) if size else np.zeros(math.prod(shape), kind)
    return values.reshape(shape, order="F" if by_columns else "C").copy()
