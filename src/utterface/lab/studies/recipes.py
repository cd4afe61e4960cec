"""Recipes of studies: what their runs share, and in TOML the variants that they choose, for longer trainings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import tomli_w

from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.studies.clips import provenance
from utterface.lab.studies.store import Folder

_LICENCE = "MIT; trained on corpora under the licences in CARD.md"
_HEAD = """# The winner of `utterface bench {study}`: {title}.
# Rule: {rule}.
#   utterface train winner.toml
#   utterface bundle {folder}/best.safetensors -o {study}
"""


class TrainingBudget(Protocol):
    """How long a run trains, and how: values of `TrainConfig`."""

    @property
    def steps(self) -> int: ...
    @property
    def warmup(self) -> int: ...
    @property
    def decay(self) -> float: ...
    @property
    def average(self) -> float: ...
    @property
    def precision(self) -> str: ...


def training(budget: TrainingBudget, name: str, rate: float, folder: Folder, seed: int = 0) -> dict[str, Any]:
    """The table `train` of a run of this name; the last weights are measured, so nothing is validated."""
    return {
        "folder": str(folder.work / "runs" / name), "steps": budget.steps, "rate": rate, "warmup": budget.warmup,
        "decay": budget.decay, "average": budget.average, "precision": budget.precision, "threads": 1, "seed": seed,
        "log_every": max(1, budget.steps // 20), "validate_every": 0, "save_every": max(1, budget.steps // 4),
    }  # fmt: skip


def winner_toml(
    study: str, title: str, rule: str, system: str, corpora: Sequence[Path], tables: Mapping[str, Mapping[str, Any]]
) -> str:
    """A recipe with its `data` and `bundle` completed.

    Args:
        study, title, rule: for the comment.
        system: what is trained.
        corpora: for training; validated on those with validation speakers, else on those with test speakers.
        tables: of the recipe.
    """
    read = {path: read_corpus(path) for path in corpora}
    splits = {path: {clip.split for clip in corpus} for path, corpus in read.items()}
    held_out = "valid" if any("valid" in names for names in splits.values()) else "test"
    learn, check = ([str(p.resolve()) for p in corpora if split in splits[p]] for split in ("train", held_out))
    data = {"root": str(Path(learn[0]).parent), "corpora": learn, "validation": check, "held_out": [held_out]}
    sources = [provenance(read[path]) for path in corpora if "train" in splits[path]]
    whole = {
        **tables,
        "data": {**data, **tables.get("data", {})},
        "bundle": {**tables.get("bundle", {}), "licence": _LICENCE, "provenance": sources},
    }
    head = _HEAD.format(study=study, title=title, rule=rule, folder=tables["train"]["folder"])
    return head + tomli_w.dumps({"system": system, **whole})
