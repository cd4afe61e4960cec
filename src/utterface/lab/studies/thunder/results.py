"""Everything a run found as one plain table of tables: it is `report.json`, and the reports are written from it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from utterface.lab.studies.collected import number, opening, plain, table
from utterface.lab.studies.figures import Sums
from utterface.lab.studies.kept import read_json
from utterface.lab.studies.scores import Scores, interval
from utterface.lab.studies.thunder import claims, winner
from utterface.lab.studies.thunder.cells import HEARING, TRIVIAL
from utterface.lab.studies.thunder.claims import Key, Study
from utterface.lab.studies.thunder.grid import FACE, Best, Cell, Folder, Grid, Row, cells
from utterface.lab.studies.thunder.measures import FIGURES, figures
from utterface.lab.studies.thunder.run import Asked, Finished, rungs

PAPER = {
    "source": "Daněček, Schmitt, Polikovsky, Black: THUNDER, 3DV 2026 (2504.13386)",
    "corpus": "THUNDERSET, 117 people, tracked FLAME faces; lengths in cm where ours are in mm, another head",
    "columns": ("row", "LVE", "L-CCC", "L-PCC", "DTW", "S-DIV-U", "T-DIV-U", "S-DIV-L", "T-DIV-L", "FDD-U", "FDD-L"),
    "rows": (
        ("without m2s", 0.879, 0.359, 0.568, 0.329, 0.0419, 0.0440, 0.210, 0.254, 0.0118, 0.0932),
        ("with face2s", 0.804, 0.411, 0.633, 0.285, 0.0297, 0.0409, 0.128, 0.237, 0.0117, 0.0827),
        ("with exp2s", 0.830, 0.362, 0.630, 0.296, 0.0404, 0.0398, 0.176, 0.228, 0.0125, 0.0939),
        ("with mouth2s", 0.802, 0.426, 0.639, 0.290, 0.0322, 0.0400, 0.134, 0.241, 0.0122, 0.0806),
        ("w 0.1", 0.887, 0.375, 0.599, 0.309, 0.0422, None, None, None, None, None),
        ("w 0.5", 0.805, 0.342, 0.574, 0.294, 0.0387, None, None, None, None, None),
        ("w 5", 0.858, 0.320, 0.572, 0.313, 0.0257, None, None, None, None, None),
        ("FlameFormer", 0.809, 0.368, 0.570, 0.291, 0.0271, 0.0372, 0.132, 0.239, 0.0117, 0.0909),
        ("FlameFormer + m2s", 0.794, 0.411, 0.614, 0.265, 0.0263, 0.0393, 0.111, 0.219, 0.0107, 0.0715),
    ),
}  # fmt: skip
_SETS = ("test", "spoken")
SWEPT = {"test": ("lve_mm", "l_ccc", "s_div_u"), "spoken": ("closure_f1",)}  # drawn over the weight


def collect(asked: Asked, finished: Finished, folder: Folder) -> dict[str, Any]:
    """The run's figures and what they say.

    Args:
        asked: what was run.
        finished: what came of it.
        folder: of the report.
    """
    grid, best, material = asked.grid, finished.best, finished.runner.material
    there = [c for c in cells(grid, grid.rows(best), best) if (folder.cells / f"{c.name}.json").is_file()]
    read = {c: read_json(folder.cells / f"{c.name}.json") for c in there if c.name not in finished.failed}
    trivial = read_json(folder.cells / "trivial.json") if "trivial rows" not in finished.failed else {}
    report: dict[str, Any] = {
        **opening("THUNDER", grid.size),
        "grid": asdict(grid),
        "best": {"row": best.row.title(grid.trust), "paper": best.paper.title(grid.trust)},
        "chosen_on": {"sounds": len(material.valid)},
        "performances": sum(len(sound.performances) for sound in material.test),
        "sources": list(material.sources),
        "brought": sorted(finished.runner.given),
        "missing": {},
        "failed": dict(finished.failed),
        "definitions": {name: asdict(figure) for name, figure in FIGURES.items()},
        "paper": PAPER,
        "training": {c.name: read[c]["train_seconds"] for c in read},
        **tell(grid, best, read, trivial, _ladder(grid, finished, folder)),
    }
    if HEARING not in finished.failed:
        report["hearing"] = read_json(folder.cells / f"{HEARING}.json")
    return report


Told = Mapping[str, Any]  # of a cell: set of sounds → sound → its sums


def tell(
    grid: Grid,
    best: Best,
    read: Mapping[Cell, Told],
    trivial: Mapping[str, Told],
    ladder: Mapping[tuple[str, int], Mapping[str, Sums]],
) -> dict[str, Any]:
    """Tables, verdicts and the winner.

    Tables compare all rows on the first seed, which they have in common; rows with more seeds stand once more in
    `test_seeds` and `spoken_seeds`, and claims are judged on all that are shared.

    Args:
        grid, best: of the run, and the rows that were chosen.
        read: what cells found.
        trivial: what nobody trained.
        ladder: (sampler, steps) → sound → its sums.
    """
    sets = [name for name in _SETS if next(iter(read.values()))[name]]
    first, many = ({c: t for c, t in read.items() if keep(grid, best, c)} for keep in (_is_first, _is_repeated))
    scored = {name: _scores(name, first, trivial) for name in sets}
    found: dict[str, Any] = {"sweep": {}}
    for name, scores in scored.items():
        one = trivial.get(TRIVIAL[0], {}).get(name) or next(iter(read.values()))[name]
        found[name] = table(scores, one, lambda key: _name(key, grid))
        if grid.seeds > 1:
            found[f"{name}_seeds"] = table(_scores(name, many, {}), one, lambda key: _name(key, grid))
        swept = [row for row in grid.sweep() if row in scores.systems]
        labels = [f"{row.weight:g}" + (f"\n{FACE}" if row.beside == FACE else "") for row in swept]
        found["sweep"][name] = {f: _against(scores, swept, labels, swept[0], f) for f in SWEPT[name]}
    climbed = Scores({rung: [sums] for rung, sums in ladder.items()}, figures) if ladder else None
    if climbed is not None:
        rungs_there = climbed.systems
        found["ladder"] = table(climbed, next(iter(ladder.values())), _rung)
        labels = [f"{steps}\n{sampler}" for sampler, steps in rungs_there]
        found["climbed"] = _against(climbed, rungs_there, labels, rungs_there[-1], "lve_mm")
    whole = {name: _scores(name, read, trivial) for name in sets}
    study = Study(grid, best, whole["test"], whole.get("spoken"), climbed)
    found["claims"] = [plain(claim) for claim in claims.judge(study)]
    found["winner"] = winner.choose(grid, best, {c.row: told["valid"] for c, told in first.items()})
    return found


def _is_first(grid: Grid, best: Best, cell: Cell) -> bool:
    return cell.seed == 0


def _is_repeated(grid: Grid, best: Best, cell: Cell) -> bool:
    return grid.seeds_of(cell.row, best) > 1


def _against(
    scores: Scores, rows: Sequence[Hashable], labels: Sequence[str], base: Hashable, figure: str
) -> list[dict[str, Any]]:
    """Values with the paired interval of their difference from a row, put around them."""
    found = []
    for row, label in zip(rows, labels, strict=True):
        (value, drawn), (_, base_drawn) = scores.paired((row, base), figure)
        level = scores.paired((base,), figure)[0][0]
        low, high = (None, None) if row == base else (number(level + v) for v in interval(drawn - base_drawn))
        found.append({"label": label, "value": number(value), "low": low, "high": high})
    return found


def _scores(name: str, read: Mapping[Cell, Told], trivial: Mapping[str, Told]) -> Scores[Key]:
    runs: dict[Key, list[Mapping[str, Sums]]] = {}
    for cell, found in read.items():
        runs.setdefault(cell.row, []).append(found[name])
    runs |= {row: [trivial[row][name]] for row in TRIVIAL if _whole(trivial.get(row, {}).get(name), runs)}
    return Scores(runs, figures, TRIVIAL)


def _whole(told: Mapping[str, Sums] | None, runs: Mapping[Key, list[Mapping[str, Sums]]]) -> bool:
    """Whether a trivial row has something to say of every sound."""
    clips = next(iter(runs.values()))[0]
    return bool(told) and set(told or ()) == set(clips)


def _ladder(grid: Grid, finished: Finished, folder: Folder) -> dict[tuple[str, int], Mapping[str, Sums]]:
    found = {}
    for sampler, steps in rungs(grid):
        path = folder.cells / f"steps.{sampler}-{steps}.json"
        if f"{steps} steps of {sampler}" not in finished.failed and path.is_file():
            found[sampler, steps] = read_json(path)["test"]
    return found


def _name(key: Key, grid: Grid) -> dict[str, Any]:
    if isinstance(key, Row):
        return {"row": key.title(grid.trust), **asdict(key)}
    return {"row": key, **asdict(Row(decoder=""))}


def _rung(rung: tuple[str, int]) -> dict[str, Any]:
    return {"row": f"{rung[0]}, {rung[1]} steps", "sampler": rung[0], "steps": rung[1]}
