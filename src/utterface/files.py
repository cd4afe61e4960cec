"""Files appear whole or not at all: a temporary name in the same folder, then one rename."""

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from os import PathLike
from pathlib import Path
from types import FrameType

from utterface.errors import OutputError

if sys.platform != "win32":
    import fcntl

_PREFIX = ".utterface-"  # of temporary names
_pending: set[Path] = set()  # temporary files and folders of this process
_swept: set[Path] = set()  # folders that this process has cleared of what killed ones left


def cache_folder() -> Path:
    """Where what is made once is kept: `UTTERFACE_CACHE`, or `utterface` in the system's cache folder.

    A user without a home folder, as in some containers, has one in the system's temporary folder.
    """
    given = os.environ.get("UTTERFACE_CACHE")
    if given:
        return Path(given)
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"utterface-{os.getuid()}"
    return base / "utterface"


def check_place(path: str | PathLike[str]) -> None:
    """OutputError where no file can appear at `path`: it is a folder or a device, or its own folder is not writable."""
    target = Path(path)
    if target.is_dir():
        raise OutputError(f"{target} is a folder; name a file to write, e.g. {target / 'face.html'}")
    place = _followed(target)
    if place.exists() and not place.is_file():
        raise OutputError(f"cannot write {target}: it is no regular file; name one")
    if not place.parent.is_dir():
        raise OutputError(f"cannot write {target}: there is no folder {place.parent}; make it first")
    if not os.access(place.parent, os.W_OK):
        raise OutputError(f"cannot write {target}: the folder {place.parent} is read-only for you")


@contextmanager
def replacing(path: str | PathLike[str]) -> Iterator[Path]:
    """Lend a temporary path to write to; on a clean exit it takes the place of `path`, on any error it vanishes.

    The temporary file lies in the same folder (a rename is atomic only within one file system) and is flushed to the
    disk before the rename, so that a full disk or a power cut leaves the old file, or none, never half a new one. A
    symbolic link is followed; permissions, owner and group of a file that is replaced are kept where the system allows.
    SIGTERM and SIGHUP remove the temporary file; what a killed process left is removed by the next that writes there.

    Raises:
        OutputError: the folder is missing or cannot be written, `path` is a folder, the disk is full.
    """
    target = Path(path)
    check_place(target)
    place = _followed(target)
    with ExitStack() as undo:
        try:
            _sweep(place.parent)
            temporary = undo.enter_context(_temporary(place))
            yield temporary
            with temporary.open("r+b") as written:  # Windows flushes nothing that is open for reading alone
                os.fsync(written.fileno())
            _keep_rights(place, temporary)
            temporary.replace(place)
        except OSError as error:
            raise OutputError(f"cannot write {target}: {error.strerror or error}") from error


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder in the system's temporary folder, gone at the end, on SIGTERM and on SIGHUP too."""
    with tempfile.TemporaryDirectory(prefix="utterface-") as name, _cleaning_on_signals():
        _pending.add(Path(name))
        try:
            yield Path(name)
        finally:
            _pending.discard(Path(name))


def _followed(target: Path) -> Path:
    """Where a file at `target` really lies: the end of its symbolic links."""
    try:
        return target.resolve() if target.is_symlink() else target
    except (OSError, RuntimeError) as error:  # links that lead back to themselves
        raise OutputError(f"cannot write {target}: its symbolic links lead nowhere; remove it first") from error


@contextmanager
def _temporary(place: Path) -> Iterator[Path]:
    """A new file beside `place`, locked while this process lives, gone at the end unless it was renamed."""
    handle, path = _locked(place)
    _pending.add(path)
    try:
        with _cleaning_on_signals():
            yield path
    finally:
        if sys.platform != "win32":
            os.close(handle)
        path.unlink(missing_ok=True)
        _pending.discard(path)


def _locked(place: Path) -> tuple[int, Path]:
    """An open temporary file that no sweep takes for a stale one, and its path."""
    while True:
        handle, name = tempfile.mkstemp(prefix=f"{_PREFIX}{place.stem[:40]}-", suffix=place.suffix, dir=place.parent)
        if sys.platform == "win32":
            os.close(handle)
            return handle, Path(name)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if Path(name).exists():  # another process may have swept it before it was locked
            return handle, Path(name)
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove temporary files whose process is gone; once a folder and process."""
    if sys.platform == "win32" or folder in _swept:
        return
    _swept.add(folder)
    for stale in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError), stale.open("rb") as file:  # of another user, or still locked by a living process
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stale.unlink()


@contextmanager
def _cleaning_on_signals() -> Iterator[None]:
    """While a file is written, SIGTERM and SIGHUP first remove it; handlers of the caller's own are left alone."""
    previous = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                previous[number] = signal.signal(number, _clean_and_end)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _clean_and_end(number: int, frame: FrameType | None) -> None:
    """Remove this process's temporary files and folders, then end by the signal as if it had not been caught."""
    for path in _pending:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):
            path.unlink()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _keep_rights(place: Path, temporary: Path) -> None:
    """Give the temporary file the permissions, owner and group of the file that it replaces, or those of a new one."""
    if not place.exists():
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp's are private
        return
    old = place.stat()
    if sys.platform != "win32":
        for user, group in ((-1, old.st_gid), (old.st_uid, -1)):
            with suppress(PermissionError):
                os.chown(temporary, user, group)
    temporary.chmod(old.st_mode & 0o777)
