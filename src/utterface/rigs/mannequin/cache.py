"""Keeps the sculpted head in the user's cache folder, so that only the first use waits for it."""

import hashlib
import json
import os
import sys
import tempfile
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from utterface.rigs.mannequin.assemble import Sculpture


def folder() -> Path:
    """Where the head is kept: `UTTERFACE_CACHE`, or `utterface` in the system's cache folder."""
    given = os.environ.get("UTTERFACE_CACHE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "utterface"


def key() -> str:
    """Changes whenever the code that sculpts changes."""
    here = Path(__file__).parent
    digest = hashlib.sha256(np.__version__.encode())
    for source in [*sorted(here.glob("*.py")), here.parent / "subdivision.py", here.parent / "shading.py"]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def load() -> Sculpture | None:
    """The kept head, or None where there is none that this code made."""
    path = folder() / f"head-{key()}.npz"
    try:
        with np.load(path, allow_pickle=False) as kept:
            said = json.loads(str(kept["said"]))
            moved, offsets, ends = kept["moved"], kept["offsets"], kept["ends"]
            shapes = {}
            for name, start, end in zip(said["shapes"], [0, *ends[:-1]], ends, strict=True):
                shapes[name] = np.zeros_like(kept["template"])
                shapes[name][moved[start:end]] = offsets[start:end]
            return Sculpture(
                template=kept["template"],
                triangles=kept["triangles"],
                shapes=shapes,
                parts=[tuple(part) for part in said["parts"]],
                spans={name: tuple(span) for name, span in said["spans"].items()},
                sets={name: kept[f"set_{name}"] for name in said["sets"]},
                mirror=kept["mirror"],
                tint=kept["tint"],
                openness=kept["openness"],
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):  # damaged, or not there
        return None


def keep(made: Sculpture) -> None:
    """Writes the head whole or not at all, in place of those that older code made.

    A folder that cannot be written is no error: the next use sculpts anew.
    """
    moved = [np.flatnonzero(shape.any(1)) for shape in made.shapes.values()]
    said = {"shapes": list(made.shapes), "parts": made.parts, "spans": made.spans, "sets": list(made.sets)}
    arrays: dict[str, Any] = {
        "said": np.array(json.dumps(said)),
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
    try:
        folder().mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".head-", suffix=".npz", dir=folder())
    except OSError:
        return
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        path = temporary.replace(folder() / f"head-{key()}.npz")
    except OSError:
        temporary.unlink(missing_ok=True)
        return
    for older in folder().glob("head-*.npz"):
        if older != path:
            with suppress(OSError):  # another process reads or removes it
                older.unlink()
