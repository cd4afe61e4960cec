"""What a benchmark keeps, so that a stopped run goes on where it stopped and nothing is done twice.

Figures are JSON with a *mark*, which changes whenever they would; trained weights lie beside what they hang on.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from safetensors.torch import save_file

from utterface.errors import ConfigError
from utterface.files import replacing
from utterface.lab.batches.tracks import identity
from utterface.lab.representations import open_representation
from utterface.lab.systems.registry import train
from utterface.lab.training.checkpoints import load_average, trained_seconds


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps things: figures to stay, and `work`, which may be thrown away afterwards.

    Attributes:
        root: the folder.
        stay: names of the folders in it that stay.
    """

    root: Path
    stay: ClassVar[tuple[str, ...]] = ("cells",)

    @property
    def cells(self) -> Path:
        return self.root / "cells"

    @property
    def work(self) -> Path:
        return self.root / "work"

    def make(self) -> None:
        """All of them, empty where they are new."""
        for name in (*self.stay, "work"):
            (self.root / name).mkdir(parents=True, exist_ok=True)


def done(path: Path, mark: str) -> bool:
    """Whether figures of this mark are there."""
    try:
        return bool(json.loads(path.read_text("utf-8"))["mark"] == mark)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def mark_of(told: Any) -> str:
    """16 hex digits of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def write_json(path: Path, told: Mapping[str, Any]) -> None:
    """A file of JSON, whole or not at all."""
    with replacing(path) as part:
        part.write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """A file of `write_json`."""
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return told


def portable(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe without the folder it runs in, and with what the representations it names are, as JSON gives it back."""
    kept = {k: v for k, v in asked.items() if k != "data"}
    kept["train"] = {k: v for k, v in asked.get("train", {}).items() if k not in ("folder", "log_every", "save_every")}
    speech = {k: v for k, v in asked.get("speech", {}).items() if k != "store"}
    named = [speech[key] for key in ("representation", "units") if isinstance(speech.get(key), str)]
    kept["speech"] = {**speech, "identities": [_identity(name) for name in named]}
    kept["data"] = {k: v for k, v in asked.get("data", {}).items() if k != "root"}
    told: dict[str, Any] = json.loads(json.dumps(kept))
    return told


@cache
def _identity(name: str) -> str:
    representation = open_representation(name)
    return identity(representation, bool(representation.about.codebooks))


def bytes_of(path: Path) -> str:
    """16 hex digits of what lies in a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def train_once(asked: Mapping[str, Any], kept: Path, about: Any, report: Callable[[str], None]) -> dict[str, Any]:
    """Train a recipe, going on where a stopped run left off, unless its weights are there: `train_seconds`, `losses`.

    Args:
        asked: the recipe; its folder gets a name that tells what the weights hang on, so that a half-done run of
            something else is not gone on with, and is thrown away once the averaged weights are kept.
        kept: the file of those.
        about: what the weights hang on, as JSON gives it back; others are trained anew.
        report: told the losses.
    """
    kept.parent.mkdir(parents=True, exist_ok=True)
    log = kept.with_suffix(".json")
    if kept.is_file() and log.is_file():
        told = read_json(log)
        if told.pop("about", None) == about:
            return told
    runs = Path(f"{asked['train']['folder']}-{mark_of(about)}")
    last = train({**asked, "train": {**asked["train"], "folder": str(runs)}}, report)
    seconds = trained_seconds(last)
    rows = [json.loads(line) for line in (runs / "log.jsonl").read_text("utf-8").splitlines()]
    weights, of, step = load_average(last)
    with replacing(kept) as part:
        told = {"recipe": json.dumps(of), "step": str(step)}
        save_file({f"average/{k}": v.contiguous() for k, v in weights.items()}, part, told)
    told = {"train_seconds": seconds, "losses": [[r["step"], r["loss"]] for r in rows if "loss" in r]}
    write_json(log, {**told, "about": about})
    shutil.rmtree(runs)
    return told


def keep_or_refuse(path: Path, asked: Mapping[str, Any]) -> None:
    """Write down what a folder's run is asked for, if it is what it was asked for before.

    Raises:
        ConfigError: the folder holds a run that was asked for something else; it says what.
    """
    told = json.loads(json.dumps(asked, default=str))
    if path.is_file():
        before = read_json(path)
        changed = sorted(k for k in told if told[k] != before.get(k))
        if changed:
            raise ConfigError(
                f"{path.parent} holds a run with another {', '.join(changed)}; choose another output folder"
            )
    write_json(path, told)
