"""Keeps built heads in the user's cache folder, so that only the first use of a face waits for it."""

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from utterface.arrays import read_arrays
from utterface.errors import OutputError
from utterface.files import cache_folder as folder
from utterface.files import replacing

MOST = 24  # faces that are kept


@cache
def source_key() -> str:
    """Changes whenever the code or the data that heads are built from changes."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    own = [path for path in sorted((here / "human").iterdir()) if path.suffix in (".py", ".npz", ".toml")]
    for source in [*own, here / "subdivision.py", here / "shading.py"]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


@cache
def code_key() -> str:
    """Changes with `source_key` and with NumPy, whose sums may differ."""
    return hashlib.sha256(f"{np.__version__} {source_key()}".encode()).hexdigest()[:12]


def path_of(face: str) -> Path:
    """The file of a face; `face` is any text that tells faces apart."""
    return folder() / f"head-{code_key()}-{hashlib.sha256(face.encode()).hexdigest()[:12]}.npz"


def load(face: str) -> dict[str, np.ndarray] | None:
    """The arrays kept for a face, or None where there are none, or not as `keep` wrote them."""
    try:
        kept = read_arrays(path_of(face))
        return kept if str(kept.pop("digest")) == _digest(kept) else None
    except (OSError, ValueError, KeyError):  # damaged, or not there
        return None


def keep(face: str, arrays: dict[str, Any]) -> None:
    """Writes a face whole or not at all; those of older code go, and the oldest beyond `MOST`.

    A folder that cannot be written is no error: the next use builds anew.
    """
    path = path_of(face)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            np.savez(temporary, **arrays, digest=np.array(_digest(arrays)))
    except (OSError, OutputError):
        return
    with suppress(OSError):  # another process reads or removes it
        kept = sorted(folder().glob("head-*.npz"), key=lambda file: -file.stat().st_mtime)
        current = [file for file in kept if file.name.startswith(f"head-{code_key()}-")]
        for older in {*kept} - {path, *current[:MOST]}:
            older.unlink(missing_ok=True)


def _digest(arrays: dict[str, np.ndarray]) -> str:
    """Changes with any name, type, shape or value."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
