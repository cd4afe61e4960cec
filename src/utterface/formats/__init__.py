"""Clips to files and back, one small module a format, chosen by the file's suffix.

Every module has `write(clip, path)`, which writes one file plainly; `save` picks it, checks every suffix first and
lets each file appear whole or not at all. A format more is one module and one line in `FORMATS`. Motion that comes in
a file is read by `read`, whoever made it.
"""

from collections.abc import Callable
from importlib import import_module
from os import PathLike
from pathlib import Path

import numpy as np

from utterface.clip import Clip
from utterface.errors import MotionError, OutputError
from utterface.files import check_place, replacing

# suffix: (module, what people call it)
FORMATS = {
    ".html": ("utterface.pages.player", "a page that plays face and sound"),
    ".glb": ("utterface.formats.glb", "the head with 52 morph targets, animated"),
    ".csv": ("utterface.formats.livelink", "Live Link Face"),
    ".json": ("utterface.formats.audio2face", "Audio2Face layout"),
    ".npz": ("utterface.formats.npz", "utterface motion, round-trips"),
}
# suffix: module of this room whose `read(path)` gives a clip, or motion
READERS = {".npz": "npz", ".glb": "glb_reader", ".csv": "livelink"}


def writer(path: str | PathLike[str]) -> Callable[[Clip, Path], None]:
    """The `write(clip, path)` of a file's suffix; OutputError names the known ones."""
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        known = " ".join(FORMATS)
        got = f"no format is called {suffix}" if suffix else "it has no suffix"
        raise OutputError(f"cannot write {path}: {got}; use one of {known}")
    write: Callable[[Clip, Path], None] = import_module(FORMATS[suffix][0]).write
    return write


def check(*paths: str | PathLike[str], duration: float = 0.0) -> None:
    """OutputError where a path has no known format, cannot be written, or its format does not hold so many seconds.

    Worth knowing before the work begins.
    """
    for path in paths:
        module = import_module(writer(path).__module__)
        check_place(path)
        if hasattr(module, "check_duration"):
            module.check_duration(duration)


def save(clip: Clip, *paths: str | PathLike[str]) -> None:
    """Write a clip to files, each in the format its suffix names, each whole or not at all.

    Raises:
        MotionError: no frames, or numbers that are none. OutputError: see `check`.
    """
    check(*paths, duration=clip.duration)
    if not len(clip.motion):
        raise MotionError("there is no frame of motion to write")
    if not np.isfinite(clip.motion.values).all():
        raise MotionError("the motion holds NaN or infinite numbers; make it again")
    for path in paths:
        with replacing(path) as temporary:
            writer(path)(clip, temporary)


def read(path: str | PathLike[str]) -> Clip:
    """The clip that a file of motion holds: .npz, .glb with named ARKit targets, Live Link .csv.

    Raises:
        MotionError: another suffix, no such file, or one without motion of a face.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in READERS:
        raise MotionError(f"{path} is no file of motion; give one of {' '.join(READERS)}")
    if not Path(path).is_file():
        raise MotionError(f"no such file: {path}")
    found = import_module(f"utterface.formats.{READERS[suffix]}").read(path)
    return found if isinstance(found, Clip) else Clip.from_motion(found)
