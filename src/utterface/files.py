"""Files appear whole or not at all: a temporary name in the same folder, then one rename."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from utterface.errors import OutputError


def check_place(path: str | PathLike[str]) -> None:
    """OutputError where no file can appear at `path`: it is a folder, or its own folder is missing or read-only."""
    target = Path(path)
    if target.is_dir():
        raise OutputError(f"{target} is a folder; name a file to write, e.g. {target / 'face.html'}")
    if not target.parent.is_dir():
        raise OutputError(f"cannot write {target}: there is no folder {target.parent}; make it first")
    if not os.access(target.parent, os.W_OK):
        raise OutputError(f"cannot write {target}: the folder {target.parent} is read-only for you")


@contextmanager
def replacing(path: str | PathLike[str]) -> Iterator[Path]:
    """Lend a temporary path to write to; on a clean exit it takes the place of `path`, on any error it vanishes.

    The temporary file lies in the same folder (a rename is atomic only within one file system) and is flushed to the
    disk before the rename, so that a full disk or a power cut leaves the old file, or none, never half a new one.

    Raises:
        OutputError: the folder is missing or cannot be written, `path` is a folder, the disk is full.
    """
    target = Path(path)
    check_place(target)
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.stem[:40]}-", suffix=target.suffix, dir=target.parent)
        temporary = Path(name)
        os.close(handle)
        yield temporary
        with temporary.open("r+b") as written:  # Windows flushes nothing that is open for reading alone
            os.fsync(written.fileno())
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _mode(target: Path) -> int:
    """Permissions of the file that is replaced, or what the umask gives a new one (mkstemp's are private)."""
    if target.exists():
        return target.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
