"""What a format is: one record in `FORMATS`, and a module with `write(clip, path, rig)`, `read(path)`, or both."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from utterface.clip import Clip

Writer = Callable[[Clip, Path, Any], None]
Reader = Callable[[Path], Clip]


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


def _function(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
