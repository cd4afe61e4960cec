"""Keeps the sculpted head in the user's cache folder, so that only the first use waits for it."""

import hashlib
import json
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from utterface.arrays import read_arrays
from utterface.errors import OutputError
from utterface.files import replacing
from utterface.rigs.mannequin.assemble import Sculpture


def folder() -> Path:
    """Where the head is kept: `UTTERFACE_CACHE`, or `utterface` in the system's cache folder.

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


def key() -> str:
    """Changes whenever the code that sculpts changes."""
    here = Path(__file__).parent
    digest = hashlib.sha256(np.__version__.encode())
    for source in [*sorted(here.glob("*.py")), here.parent / "subdivision.py", here.parent / "shading.py"]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def load() -> Sculpture | None:
    """The kept head, or None where there is none, or one that is not as `keep` wrote it."""
    try:
        kept = read_arrays(folder() / f"head-{key()}.npz")
        if str(kept.pop("digest")) != _digest(kept):
            return None
        layout = json.loads(str(kept["layout"]))
        moved, offsets, ends = kept["moved"], kept["offsets"], kept["ends"]
        shapes = {}
        for name, start, end in zip(layout["shapes"], [0, *ends[:-1]], ends, strict=True):
            shapes[name] = np.zeros_like(kept["template"])
            shapes[name][moved[start:end]] = offsets[start:end]
        return Sculpture(
            template=kept["template"],
            triangles=kept["triangles"],
            shapes=shapes,
            parts=[tuple(part) for part in layout["parts"]],
            spans={name: tuple(span) for name, span in layout["spans"].items()},
            sets={name: kept[f"set_{name}"] for name in layout["sets"]},
            mirror=kept["mirror"],
            tint=kept["tint"],
            openness=kept["openness"],
        )
    except (OSError, ValueError, KeyError):  # damaged, or not there
        return None


def keep(made: Sculpture) -> None:
    """Writes the head whole or not at all, in place of those that older code made.

    A folder that cannot be written is no error: the next use sculpts anew.
    """
    moved = [np.flatnonzero(shape.any(1)) for shape in made.shapes.values()]
    layout = {"shapes": list(made.shapes), "parts": made.parts, "spans": made.spans, "sets": list(made.sets)}
    arrays: dict[str, Any] = {
        "layout": np.array(json.dumps(layout)),
        "template": made.template,
        "triangles": made.triangles,
        "moved": np.concatenate(moved),
        "offsets": np.concatenate([shape[m] for shape, m in zip(made.shapes.values(), moved, strict=True)]),
        "ends": np.cumsum([len(m) for m in moved]),
        "mirror": made.mirror,
        "tint": made.tint,
        "openness": made.openness,
        **{f"set_{name}": where for name, where in made.sets.items()},
    }
    path = folder() / f"head-{key()}.npz"
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            np.savez(temporary, **arrays, digest=np.array(_digest(arrays)))
    except (OSError, OutputError):
        return
    for older in folder().glob("head-*.npz"):
        if older != path:
            with suppress(OSError):  # another process reads or removes it
                older.unlink()


def _digest(arrays: dict[str, Any]) -> str:
    """Changes with any name, type, shape or value."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
