"""The best discrete representation with the Transformer, and the recipe that trains it for the bundle `tokens`.

Rule: the highest closure F1 on held-out speech, real recordings where there are some; of those that are not clearly
worse (their paired 95 % interval reaches it) the highest BCS.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w

from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.studies.clips import whence
from utterface.lab.studies.scores import interval
from utterface.lab.studies.tokens.claims import TRANSFORMER, Study

RULE = (
    "highest closure F1 on held-out speech (real recordings where there are some) among discrete representations with "
    "the Transformer; of those not clearly worse, the highest BCS"
)
_HEAD = """# The winner of `utterface bench tokens`: {representation} with the Transformer.
# Rule: {rule}.
#   utterface train winner.toml
#   utterface bundle runs/tokens/best.safetensors -o tokens
"""


def choose(study: Study) -> dict[str, Any] | None:
    """The winner, whom it was chosen from and why; None without discrete representations."""
    systems = study.with_decoder(TRANSFORMER, lambda held: held.discrete)
    if not systems:
        return None
    scores = study.spoken or study.test
    best = max(systems, key=lambda s: scores.value(s, "closure_f1"))
    ahead = {s: scores.drawn(best, "closure_f1") - scores.drawn(s, "closure_f1") for s in systems}
    tied = [s for s in systems if s == best or interval(ahead[s])[0] <= 0]
    chosen = max(tied, key=lambda s: study.test.value(s, "bcs"))
    return {
        "representation": chosen.representation,
        "decoder": TRANSFORMER,
        "closure_f1": scores.value(chosen, "closure_f1"),
        "bcs": study.test.value(chosen, "bcs"),
        "on": "real recordings" if study.spoken else "test clips",
        "tied": [s.representation for s in tied],
        "rule": RULE,
    }


def recipe(representation: str, key: str, corpora: Sequence[Path], folder: Path) -> str:
    """A recipe in TOML, several times what a cell is trained.

    Args:
        representation: a name that `open_representation` takes.
        key: what the benchmark calls it.
        corpora: folders to learn from; validated on those with validation speakers, else on those with test speakers.
        folder: where its checkpoints go.
    """
    read = {path: read_corpus(path) for path in corpora}
    splits = {path: {clip.split for clip in corpus} for path, corpus in read.items()}
    held_out = "valid" if any("valid" in found for found in splits.values()) else "test"
    learn = [str(p.resolve()) for p, found in splits.items() if "train" in found]
    check = [str(p.resolve()) for p, found in splits.items() if held_out in found]
    tables: dict[str, dict[str, Any]] = {
        "train": {
            "folder": str(folder), "steps": 6000, "rate": 1.5e-3, "warmup": 200, "decay": 0.6, "average": 0.998,
            "validate_every": 500, "save_every": 500, "select": "r2",
        },
        "speech": {"representation": representation, "embedding": 256},
        "data": {
            "root": str(learn and Path(learn[0]).parent), "corpora": learn, "validation": check,
            "held_out": [held_out], "batch": 8, "seconds": 4.0, "judged": 20,
        },
        "decoder": {"kind": TRANSFORMER, "width": 192, "layers": 4, "heads": 6, "inner": 576, "nearness": 4.0},
        "losses": {"velocity": 0.03, "acceleration": 0.03},
        "bundle": {
            "block": 0.4, "past": 1.6, "future": 0.4, "overlap": 0.2, "weights": "bytes",
            "licence": "MIT; trained on corpora under the licences in CARD.md",
            "provenance": [whence(read[path]) for path in corpora if "train" in splits[path]],
        },
    }  # fmt: skip
    return _HEAD.format(representation=key, rule=RULE) + tomli_w.dumps({"system": "tokens_to_faces", **tables})
