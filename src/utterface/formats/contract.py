"""What a format is: one record in `FORMATS`, and a module with `write(clip, path, rig)`, `read(path)`, or both."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from utterface.clip import Clip
from utterface.errors import MissingExtra

Writer = Callable[..., Any]  # (clip, path, rig), and with a look (clip, path, rig, look, report)
Reader = Callable[[Path], Clip]
_MODULES = {"video": ("av", "numba"), "usd": ("pxr",)}  # what tells that an extra is installed


@dataclass(frozen=True)
class Format:
    """A file format of faces.

    Attributes:
        name: as in `-o NAME:file`.
        suffix: of its files; of several formats with one suffix the first is the default.
        description: one line for people.
        writes: `module:function` of `write(clip, path, rig)`, which writes one file plainly; empty where it only reads.
        reads: `module:function` of `read(path)`, which gives a clip or raises MotionError; empty where it only writes.
        shows_rig: whether a file holds the face; then `write` gets a rig, else None will do.
        longest: seconds that one file holds.
        has_look: whether `write` also takes a `video.encode.Look` and where to report how far it is.
        mark: text near the start of its files that tells it from others with its suffix; empty for the default.
        speaks_avatar: `module:function` of `write(clip, path, avatar)`, where a file can hold a face of the user's own.
        avatar_suffixes: further suffixes of such files.
        needs: extra to install (`pip install utterface[NEEDS]`); empty where the package itself is enough.
    """

    name: str
    suffix: str
    description: str
    writes: str = ""
    reads: str = ""
    shows_rig: bool = False
    longest: float = math.inf
    has_look: bool = False
    mark: str = ""
    speaks_avatar: str = ""
    avatar_suffixes: tuple[str, ...] = ()
    needs: str = ""

    def writer(self) -> Writer:
        """Its `write`, imported now."""
        function: Writer = _function(self.writes)
        return function

    def avatar_writer(self) -> Writer:
        """Its `write` of avatars, imported now."""
        function: Writer = _function(self.speaks_avatar)
        return function

    def reader(self) -> Reader:
        """Its `read`, imported now."""
        function: Reader = _function(self.reads)
        return function

    def check_installed(self) -> None:
        """MissingExtra where it needs an extra that is not installed."""
        if any(find_spec(module) is None for module in _MODULES.get(self.needs, ())):
            raise MissingExtra(f"{self.suffix} files need the extra: pip install 'utterface[{self.needs}]'")


def _function(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
