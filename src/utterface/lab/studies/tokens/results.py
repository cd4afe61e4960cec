"""Everything a run found as one plain table of tables: it is `tokens.json`, and the reports are written from it."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from utterface.lab.studies.collected import number, opening, plain, table
from utterface.lab.studies.figures import Sums
from utterface.lab.studies.kept import read_json
from utterface.lab.studies.tokens import claims, probing, winner
from utterface.lab.studies.tokens.claims import Held, Study
from utterface.lab.studies.tokens.grid import Cell, Folder, cells, recipe
from utterface.lab.studies.tokens.measures import FIGURES
from utterface.lab.studies.tokens.run import Asked, Finished
from utterface.lab.studies.tokens.scores import MEAN_FACE, REFERENCE, Scores, System

PAPER = {
    "source": "Corrêa, Perrotin, Sadok, Costa, Hueber: From Tokens to Faces, Interspeech 2026 (2606.13630), Table 1",
    "corpus": "BEAT2, 25 speakers, 27 h; 51 ARKit weights fitted through FLAME; other scales of LVE and jitter",
    "columns": ("representation", "decoder", "LVE", "jitter", "BCS %", "Ĥ(phone) %", "Ĥ(viseme) %", "R²"),
    "rows": (
        ("HuBERT", "GRU", 0.26, 80.3, 57.5, 44.4, 91.5, 0.25),
        ("HuBERT", "Transformer", 0.26, 45.5, 27.6, None, None, None),
        ("SpeechTokenizer", "GRU", 0.53, 74.4, 3.4, 39.6, 90.4, 0.04),
        ("SpeechTokenizer", "Transformer", 0.34, 35.2, 2.3, None, None, None),
        ("WavTokenizer", "GRU", 0.84, 93.3, 0.4, 73.2, 91.4, 0.08),
        ("WavTokenizer", "Transformer", 0.33, 43.6, 6.2, None, None, None),
        ("CosyVoice2", "GRU", 0.46, 76.5, 3.9, 57.7, 84.3, 0.10),
        ("CosyVoice2", "Transformer", 0.28, 50.3, 47.0, None, None, None),
    ),
}
_SETS = ("test", "spoken")


def collect(asked: Asked, finished: Finished, folder: Folder) -> tuple[dict[str, Any], Study | None]:
    """The run's figures, and what its claims were judged on; None where no cell was finished.

    Args:
        asked: what was run.
        finished: what came of it.
        folder: of the report.
    """
    keys = [o.entry.key for o in finished.opened]
    told = {key: _finite(probing.read(key, folder)) for key in keys}
    there = [c for c in cells(asked.grid, keys) if c.name not in finished.failed]
    read = {cell: read_json(folder.cells / f"{cell.name}.json") for cell in there}
    report: dict[str, Any] = {
        **opening("From Tokens to Faces", asked.grid.size),
        "grid": {**asdict(asked.grid), "representations": keys},
        "sources": list(finished.material.sources),
        "representations": {key: {**told[key], **_kind(told[key])} for key in keys},
        "missing": dict(finished.missing),
        "failed": dict(finished.failed),
        "definitions": {name: asdict(figure) for name, figure in FIGURES.items()},
        "paper": PAPER,
    }
    if not read or "trivial rows" in finished.failed:
        return report, None
    trivial = read_json(folder.cells / "trivial.json")
    scored = {name: _scores(name, read, trivial) for name in _SETS if name == "test" or finished.material.spoken}
    study = Study(scored["test"], {key: _held(told[key]) for key in keys}, scored.get("spoken"))
    report |= {name: table(scores, next(iter(read.values()))[name], _name) for name, scores in scored.items()}
    report["claims"] = [plain(claim) for claim in claims.judge(study)]
    report["winner"] = winner.choose(study)
    return report, study


def cost_jobs(asked: Asked, finished: Finished, folder: Folder) -> list[tuple[str, str, dict[str, Any]]]:
    """(key, name, recipe) of every representation × decoder whose cost is to be measured."""
    return [
        (o.entry.key, o.name, recipe(asked.grid, Cell(o.entry.key, kind, 0), o.name, folder))
        for o in finished.opened
        for kind in asked.grid.decoders
    ]


def _scores(name: str, read: Mapping[Cell, Mapping[str, Any]], trivial: Mapping[str, Any]) -> Scores:
    runs: dict[System, list[Mapping[str, Sums]]] = {}
    for cell, found in read.items():
        runs.setdefault(System(cell.representation, cell.decoder), []).append(found[name])
    runs[MEAN_FACE], runs[REFERENCE] = [trivial["mean"][name]], [trivial["reference"][name]]
    return Scores(runs)


def _name(system: System) -> dict[str, str]:
    return {"representation": system.representation, "decoder": system.decoder}


def _kind(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"discrete": bool(told["facts"]["codebooks"]), "family": told["facts"]["family"]}


def _held(told: Mapping[str, Any]) -> Held:
    probes = told["probes"]
    accuracy = probes.get("phone_accuracy")
    return Held(**_kind(told), phone_accuracy=math.nan if accuracy is None else accuracy,
                phone_entropy=probes.get("phone_entropy"))  # fmt: skip


def _finite(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**told, "probes": {name: number(value) for name, value in told["probes"].items()}}
