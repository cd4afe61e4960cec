"""Recipes in TOML of the variants that studies choose: longer trainings on whole corpora, with what a bundle states."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.studies.clips import provenance

_LICENCE = "MIT; trained on corpora under the licences in CARD.md"
_HEAD = """# The winner of `utterface bench {study}`: {title}.
# Rule: {rule}.
#   utterface train winner.toml
#   utterface bundle {folder}/best.safetensors -o {study}
"""


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
    held_out = "valid" if any("valid" in found for found in splits.values()) else "test"
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
