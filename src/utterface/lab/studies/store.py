"""Files of a study's folder, so that a stopped study resumes and nothing is done twice.

runs/       figures of each run, JSON with a *mark*, which changes whenever they would; lip gaps of every clip; motion
            that is shown
work/       clips, tracks, trained weights: may be deleted afterwards
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save_file

from utterface.errors import ConfigError
from utterface.files import replacing
from utterface.lab.batches.tracks import identity
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.systems.registry import train
from utterface.lab.training.checkpoints import load_average, trained_seconds

_CLUSTERED = 60_000  # frames that a codebook is fitted to


@dataclass(frozen=True)
class Folder:
    """Where a study keeps its files."""

    root: Path

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def models(self) -> Path:
        """What variants share and the winner's recipe names: codebooks, models that were trained first."""
        return self.root / "models"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def tracks(self) -> Path:
        return self.work / "tracks"

    def figures(self, name: str) -> Path:
        """Figures of a run."""
        return self.runs / f"{name}.json"

    def motion(self, name: str) -> Path:
        """Motion of a run's shown sentences."""
        return self.runs / f"{name}.npz"

    def gaps(self, name: str) -> Path:
        """Lip gaps of a run, mm: SET/clip → (T,), or (S, T) of takes, so that closures are judged anew without it."""
        return self.runs / f"{name}.gaps.npz"

    def weights(self, name: str) -> Path:
        """Trained weights of a run, so that measuring again needs no training."""
        return self.work / "weights" / f"{name}.safetensors"


def done(path: Path, mark: str) -> bool:
    """Whether figures of this mark are there."""
    try:
        return bool(json.loads(path.read_text("utf-8"))["mark"] == mark)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def mark_of(about: Any) -> str:
    """16 hex digits of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:16]


def bytes_of(path: Path) -> str:
    """16 hex digits of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def write_text(path: Path, text: str) -> None:
    """A file, whole or not at all, in a folder that is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        part.write_text(text, "utf-8")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """A file of JSON, whole or not at all."""
    write_text(path, json.dumps(content, ensure_ascii=False))


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """A file of NumPy arrays by name, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        np.savez_compressed(part, **dict(arrays))  # type: ignore[arg-type]


def read_json(path: Path) -> dict[str, Any]:
    """A file of `write_json`."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def clustered(name: str, units: int, clips: Sequence[CorpusClip], path: Path) -> str:
    """A name for `open_representation` of a representation clustered into so many units, fitted to clips once."""
    if not path.is_file():
        mixed = np.random.default_rng(0).permutation(len(clips))  # not one corpus after another
        codebook = fit_codebook(
            open_representation(name), (clips[i].samples() for i in mixed), units, frames=_CLUSTERED
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            codebook.save(part)
    return f"{name}#{path.resolve()}"


def portable(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe without the folder it runs in, and with the identities of its representations, as JSON returns it."""
    kept = {k: v for k, v in recipe.items() if k != "data"}
    kept["train"] = {k: v for k, v in recipe.get("train", {}).items() if k not in ("folder", "log_every", "save_every")}
    speech = {k: v for k, v in recipe.get("speech", {}).items() if k != "store"}
    named = [speech[key] for key in ("representation", "units") if isinstance(speech.get(key), str)]
    kept["speech"] = {**speech, "identities": [_identity(name) for name in named]}
    kept["data"] = {k: v for k, v in recipe.get("data", {}).items() if k != "root"}
    plain: dict[str, Any] = json.loads(json.dumps(kept))
    return plain


@cache
def _identity(name: str) -> str:
    representation = open_representation(name)
    return identity(representation, bool(representation.about.codebooks))


def train_once(
    recipe: Mapping[str, Any], weights: Path, about: Any, report: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """Train a recipe, resuming a stopped training, unless its weights are there: `train_seconds`, `losses`.

    Args:
        recipe: its folder gets a name that says what the weights depend on, so that a stopped training of something
            else is not resumed; it is deleted once the averaged weights are written.
        weights: the file of those.
        about: what they depend on, as JSON returns it; others are trained again.
        report: receives the losses.
    """
    weights.parent.mkdir(parents=True, exist_ok=True)
    log = weights.with_suffix(".json")
    if weights.is_file() and log.is_file():
        content = read_json(log)
        if content.pop("about", None) == about:
            return content
    folder = Path(f"{recipe['train']['folder']}-{mark_of(about)}")
    last = train({**recipe, "train": {**recipe["train"], "folder": str(folder)}}, report)
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]
    content = {"train_seconds": trained_seconds(last), "losses": [[r["step"], r["loss"]] for r in rows if "loss" in r]}
    average, trained_recipe, step = load_average(last)
    with replacing(weights) as part:
        header = {"recipe": json.dumps(trained_recipe), "step": str(step)}
        save_file({f"average/{k}": v.contiguous() for k, v in average.items()}, part, header)
    write_json(log, {**content, "about": about})
    shutil.rmtree(folder)
    return content


def keep_or_refuse(path: Path, settings: Mapping[str, Any]) -> None:
    """Write what a folder's study is run with, if it is what it was run with before.

    Raises:
        ConfigError: the folder holds a run with other settings; the message names them.
    """
    plain = json.loads(json.dumps(settings, default=str))
    if path.is_file():
        before = read_json(path)
        changed = sorted(k for k in plain if plain[k] != before.get(k))
        if changed:
            raise ConfigError(
                f"{path.parent} holds a run with another {', '.join(changed)}; choose another output folder"
            )
    write_json(path, plain)
