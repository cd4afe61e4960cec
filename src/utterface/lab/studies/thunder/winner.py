"""The best diffusion row, and the recipe that trains it for the bundle `thunder`.

Rule: of the diffusion rows that the mouth is heard of, the highest L-CCC on validation speakers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.studies.clips import whence
from utterface.lab.studies.figures import Sums
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.thunder.grid import DIFFUSION, MOUTH, Best, Grid, Row
from utterface.lab.studies.thunder.measures import figures
from utterface.lab.studies.thunder.recipes import hearing

RULE = "of the diffusion rows with the mouth listened to, the highest L-CCC on validation speakers"
_LONGER = 2  # how many times as long as a row of the benchmark
_HEAD = """# The winner of `utterface bench thunder`: {title}.
# Rule: {rule}.
#   utterface train winner.toml
#   utterface bundle {folder}/best.safetensors -o thunder
"""


def choose(grid: Grid, best: Best, valid: Mapping[Row, Mapping[str, Sums]]) -> dict[str, Any] | None:
    """The winner and why; None where no such row has figures.

    Args:
        grid: of the run.
        best: of the sweep.
        valid: row → what each validation sound adds, first seed.
    """
    rows = [r for r in dict.fromkeys([*grid.sweep(), *grid.trusts(best)]) if r.listener == MOUTH and r in valid]
    if not rows:
        return None
    scores = Scores({row: [valid[row]] for row in rows}, figures)
    chosen = max(rows, key=lambda row: np.nan_to_num(scores.value(row, "l_ccc"), nan=-1.0))
    return {"row": chosen.title(chosen.trust), **vars(chosen), "l_ccc": scores.value(chosen, "l_ccc"), "rule": RULE}


def recipe(grid: Grid, row: Row, corpora: Sequence[Path], ear: Path, folder: Path) -> str:
    """A recipe in TOML, longer than a row of the benchmark was trained; it listens from the first step on.

    Args:
        grid: of the run.
        row: who won.
        corpora: folders to learn from, validated on those with validation speakers.
        ear: checkpoint of the listener.
        folder: where its checkpoints go.
    """
    read = {path: read_corpus(path) for path in corpora}
    splits = {path: {clip.split for clip in corpus} for path, corpus in read.items()}
    learn, check = ([str(p.resolve()) for p, found in splits.items() if split in found] for split in ("train", "valid"))
    steps, budget = _LONGER * (grid.before + grid.head.steps), grid.head
    tables: dict[str, dict[str, Any]] = {
        "train": {
            "folder": str(folder), "steps": steps, "rate": budget.rate, "warmup": 200, "decay": 0.3, "average": 0.999,
            "validate_every": max(1, steps // 4), "save_every": max(1, steps // 8), "select": "l_ccc",
        },
        "speech": {"representation": grid.representation},
        "data": {
            "root": str(Path(learn[0]).parent), "corpora": learn, "validation": check, "batch": budget.batch,
            "seconds": budget.seconds, "judged": 8,
        },
        "decoder": dict(grid.decoders[DIFFUSION]),
        "losses": {"hearing": row.weight},
        "hearing": hearing(grid, row, ear.resolve()),
        "sampling": {"sampler": grid.sampler, "steps": grid.steps, "takes": 2},
        "bundle": {
            **grid.windows, "weights": "halves",
            "licence": "MIT; trained on corpora under the licences in CARD.md",
            "provenance": [whence(read[path]) for path in corpora if "train" in splits[path]],
        },
    }  # fmt: skip
    head = _HEAD.format(title=row.title(), rule=RULE, folder=folder)
    return head + tomli_w.dumps({"system": "thunder", **tables})
