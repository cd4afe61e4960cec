"""Results of the THUNDER benchmark made up by hand, of which every figure is known."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from utterface.lab.measures.sampled import MEASURES
from utterface.lab.studies.collected import opening
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.thunder import results
from utterface.lab.studies.thunder.claims import Study
from utterface.lab.studies.thunder.grid import FACE, SMALL, TINY, Best, Row, cells
from utterface.lab.studies.thunder.measures import FIGURES, figures

GRID = replace(TINY, ladder=(("dpm++", 4), ("dpm++", 8), ("dpm++", 20), ("ddpm", 50)))
PLAIN = dict.fromkeys(MEASURES, 1.0) | {"l_ccc": 0.4, "l_pcc": 0.5, "s_div_u": 0.1}
BEST = Best(GRID.heard(1.0), GRID.heard(1.0))


def sums(told: dict, spread: float) -> dict:
    """What a sound adds: the paper's measures, closures met of ten, all as much as `spread` says."""
    row = {name: told.get(name, PLAIN[name]) * spread for name in MEASURES}
    row |= {f"{name}_sounds": 1.0 for name in MEASURES}
    hits = told.get("hits", 5.0)
    return row | {
        "hits": hits, "bilabials": 10.0, "true_closures": hits, "closures": 10.0, "vowel_closed": 1.0,
        "vowel_frames": 20.0, "bilabial_frames": 10.0, "bilabial_closed": 6.0,
        "heard_distance": 20.0, "heard_mel_frames": 10.0, "heard_surprise": 30.0, "heard_right": 2.0,
        "heard_frames": 10.0,
    }  # fmt: skip


def said_of(rows: dict, sounds: int = 20, noise: float = 0.01, own: int = 1) -> dict:
    """Row → for each seed what its sounds add: about what is asked for, one seed each or as many as are listed."""
    shared = 1 + 0.2 * np.random.default_rng(0).standard_normal(sounds)  # sounds differ far more than rows do
    runs = {}
    for key, told in rows.items():
        random = np.random.default_rng(len(runs) + own)
        runs[key] = [
            {f"s{i:02d}": sums(one, shared[i] * (1 + noise * random.standard_normal())) for i in range(sounds)}
            for one in (told if isinstance(told, list) else [told])
        ]
    return runs


def made_up(rows: dict, sounds: int = 20, noise: float = 0.01) -> Scores:
    """Scores of rows like `said_of`."""
    return Scores(said_of(rows, sounds, noise), figures)


def study(changes: dict[Row, dict], spoken: bool = False, **more) -> Study:
    """All rows alike but for what changes; those that claims rest on have three seeds."""
    rows = {row: [{}] * 3 if row in (GRID.plain(), BEST.row) else {} for row in GRID.rows(BEST)}
    rows |= {row: [told] * len(rows[row]) if isinstance(rows[row], list) else told for row, told in changes.items()}
    scores = made_up(rows, **more)
    return Study(GRID, BEST, scores, scores if spoken else None)


def better(share: float) -> dict:
    """Every lip measure better by a share."""
    low = dict.fromkeys(("lve_mm", "dtw_mm"), 1 - share)
    return low | {"l_ccc": 0.4 * (1 + share), "l_pcc": 0.5 * (1 + share)}


def made_report(weight: float = 0.5) -> dict[str, Any]:
    """A whole report: rows are better the more the mouth is listened to, up to 0.5; any steps are as good as others."""
    gains = {0.0: 0.0, 0.1: 0.05, 0.5: 0.1, 1.0: 0.05, 5.0: -0.1, 20.0: -0.1}
    usual, best = ("", SMALL.trust), Best(SMALL.heard(weight), SMALL.heard(weight))
    rows = {
        row: better(gains[row.weight] if row.trust in usual and row.beside != FACE else 0.02)
        for row in SMALL.rows(best)
    }
    tables_of = {
        cell: said_of({cell.row: rows[cell.row]}, own=7 * n)[cell.row][0]
        for n, cell in enumerate(cells(SMALL, SMALL.rows(best), best))
    }
    read = {cell: {"test": said, "spoken": said, "valid": said} for cell, said in tables_of.items()}
    ladder = {rung: seeds[0] for rung, seeds in said_of({rung: {} for rung in SMALL.ladder}).items()}
    source = {"corpus": "made", "clips": 20, "minutes": 2.0, "speakers": 3, "phones": "exact", "faces": "performed"}
    hearing = {"name": "mouth", "mel_distance": 1.0, "mel_distance_95": [0.9, 1.1]}
    return {
        **opening("THUNDER", "small"), "grid": asdict(SMALL), "chosen_on": {"sounds": 9},
        "best": {"row": best.row.title("kept"), "paper": best.paper.title("kept")},
        "performances": 40, "sources": [{**source, "split": "test"}], "brought": ["mouth", "vocoder"],
        "missing": {}, "failed": {"gru.0": "ValueError"},
        "definitions": {name: asdict(figure) for name, figure in FIGURES.items()}, "paper": results.PAPER,
        "hearing": {"clips": 20, "speakers": 3, "rows": [hearing, {"name": "the recording itself"}]},
        **results.tell(SMALL, best, read, {}, ladder),
    }  # fmt: skip
