"""What a run found as plain tables that JSON can hold; reports are written from them."""

import math
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from utterface import __version__
from utterface.lab.studies.evidence import Claim
from utterface.lab.studies.figures import Sums
from utterface.lab.studies.scores import Key, Scores


def opening(title: str, size: str) -> dict[str, Any]:
    """What every report begins with: what ran, when, on what."""
    return {
        "title": title,
        "size": size,
        "date": date.today().isoformat(),
        "versions": _versions(),
        "cores": os.cpu_count(),
    }


def table(scores: Scores[Key], one: Mapping[str, Sums], name: Callable[[Key], Mapping[str, Any]]) -> dict[str, Any]:
    """A row a system, the trivial rows after them.

    Args:
        scores: of a set of clips.
        one: what its clips add to the sums of any system.
        name: what a row says of its system.
    """
    return {
        "clips": len(scores.clips),
        "bilabials": int(sum(row["bilabials"] for row in one.values())),
        "rows": [
            {**name(s), "trained": s not in scores.trivial, "figures": _figures(scores, s)}
            for s in (*scores.systems, *scores.trivial)
        ],
        "between_seeds": {figure: number(scores.between_seeds(figure)) for figure in scores.figures},
    }


def plain(claim: Claim) -> dict[str, Any]:
    """A claim as JSON has it."""
    rows = [{k: number(v) if isinstance(v, float) else v for k, v in asdict(e).items()} for e in claim.evidence]
    return {**asdict(claim), "evidence": rows}


def number(value: float) -> float | None:
    """JSON knows no nan."""
    return float(value) if math.isfinite(value) else None


def _figures(scores: Scores[Key], system: Key) -> dict[str, Any]:
    found = {}
    for figure in scores.figures:
        low, high = scores.interval(system, figure)
        seeds = [number(v) for v in scores.seeds(system, figure)]
        found[figure] = {"value": number(scores.value(system, figure)), "low": number(low), "high": number(high),
                         "seeds": seeds}  # fmt: skip
    return found


def _versions() -> dict[str, str]:
    import numpy
    import torch

    return {
        "utterface": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }
