"""Recipes of a few steps, as TOML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

TRAIN = {"steps": 2, "warmup": 1, "threads": 1, "log_every": 1, "validate_every": 2, "save_every": 2}
CROPS = {"workers": 0, "validation_batches": 1, "shares": {"toy": 1.0}}  # of systems that learn from crops of speech
DECODERS: dict[str, dict[str, Any]] = {
    "transformer": {"width": 16, "layers": 1, "heads": 2, "inner": 32},
    "gru_diffusion": {"width": 16, "token": 8, "levels": 20},
    "diffusion_transformer": {"width": 16, "layers": 1, "heads": 2, "inner": 32, "levels": 20},
    "animator": {"width": 16, "bottleneck": 8, "taps": [[-1, 0, 1], [-2, 0]], "pooled": 4},
}


def write_recipe(
    path: Path, system: str, root: Path, train: Mapping[str, Any], data: Mapping[str, Any], **tables: Any
) -> Path:
    """A recipe of two steps on the corpora in `root`; its run goes to `run` beside the file."""
    run = {"folder": str(path.parent / "run"), **TRAIN, **train}
    whole = {"system": system, "train": run, "data": {"root": str(root), "batch": 4, "seconds": 1.0, **data}, **tables}
    path.write_text(tomli_w.dumps(whole), "utf-8")
    return path
