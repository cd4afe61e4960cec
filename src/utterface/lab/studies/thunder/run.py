"""Everything that is trained and measured, in waves: what a later one needs an earlier one made; stopped, it goes on.

ears, heads that nobody listened to → no loss and the sweep → the best row, by validation speakers → all else
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from utterface.engines.bundle import shipped
from utterface.errors import ConfigError
from utterface.files import replacing
from utterface.lab.bundles.reading import unbundle
from utterface.lab.networks.mesh_to_speech import INPUTS
from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.studies.clips import Spoken
from utterface.lab.studies.jobs import Job, Report, Submit, Tell, do_all, workers
from utterface.lab.studies.kept import read_json
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.thunder import recipes
from utterface.lab.studies.thunder.cells import HEARING, Runner
from utterface.lab.studies.thunder.grid import DIFFUSION, FACE, MOUTH, VOCODER, Best, Cell, Folder, Grid, Row, cells
from utterface.lab.studies.thunder.material import Material, gather
from utterface.lab.studies.thunder.measures import figures
from utterface.lab.studies.thunder.recipes import levels
from utterface.lab.training.checkpoints import load_average

CHOSEN_BY = "l_ccc"
_CLUSTERED = 60_000  # frames that a codebook is fitted to


@dataclass(frozen=True)
class Asked:
    """What a run was asked for.

    Attributes:
        grid: its size, seeds and budget.
        corpora: folders of corpora with faces.
        ears: checkpoints of listeners, and of a vocoder, that need no training.
        spoken: real recordings to judge lips on.
        rig: lips for those, see `LipRig.from_npz`; the built-in head where there is none.
        processes: cells at once, a thread each.
    """

    grid: Grid
    corpora: tuple[Path, ...] = ()
    ears: tuple[Path, ...] = ()
    spoken: Spoken | None = None
    rig: Path | None = None
    processes: int = 2


@dataclass(frozen=True)
class Finished:
    """What lies in the folder when everything was tried.

    Attributes:
        runner: with the clips and the ears.
        best: rows by validation speakers.
        failed: what has no figures → why.
    """

    runner: Runner
    best: Best
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Do:
    """A method of the runner with what it is given; both travel to processes."""

    name: str
    method: str
    given: tuple[Any, ...] = ()

    def __call__(self, runner: Runner) -> None:
        getattr(runner, self.method)(*self.given)


def train_all(asked: Asked, folder: Folder, report: Report, tell: Tell) -> Finished:
    """Everything up to the figures.

    Args:
        asked: what to run.
        folder: of the report; a half-done run in it goes on.
        report: told what is being done and how far it is.
        tell: told what is finished and what failed.

    Raises:
        ConfigError: none of the sweep's rows could be trained; it says why.
    """
    folder.make()
    grid = asked.grid
    report("clips", None)
    material = gather(grid, asked.corpora, asked.spoken, folder, tell)
    report("units", None)
    told = units(grid, material, folder)
    ears = opened_ears(grid, told, folder) | given_ears(asked.ears)
    runner = Runner(grid, material, folder, told, asked.rig, ears)
    with workers(runner, asked.processes) as submit:
        wave = _Waves(submit, asked.processes, report, tell)
        wave("encoding", [_Do("speech of heads", "encode", ("heads",)), _Do("units and voices", "encode", ("ears",))])
        wave("ears and heads", _first(grid))
        sweep = [row for row in grid.sweep() if row.listener]
        seeds = [Cell(grid.plain(), seed) for seed in range(grid.seeds)]
        others = [Cell(grid.plain(decoder), 0) for decoder in grid.decoders if decoder != DIFFUSION]
        wave("sweep", _rows([Cell(row, 0) for row in sweep] + seeds + others))
        there = [row for row in sweep if Cell(row, 0).name not in wave.failed]
        if not there:
            raise ConfigError("no row of the sweep to choose from: " + "; ".join(wave.failed.values()))
        best = best_of(there, folder)
        tell(f"best on validation speakers: {best.row.title(grid.trust)}; as the paper: {best.paper.title(grid.trust)}")
        left = [cell for cell in cells(grid, grid.rows(best), best) if cell not in seeds and cell not in others]
        ladder = [
            _Do(f"{steps} steps of {sampler}", "climb", (seeds[0], sampler, steps))
            for sampler, steps in reversed(rungs(grid))
        ]
        done = {Cell(row, 0) for row in sweep}
        heard = _Do(HEARING, "judge_ears")  # nothing waits for it
        wave("rows like the best", [*_rows([c for c in left if c not in done]), *ladder, heard])
    return Finished(runner, best, dict(wave.failed))


class _Waves:
    """Has jobs done and remembers what failed."""

    def __init__(self, submit: Submit, processes: int, report: Report, tell: Tell) -> None:
        self.submit, self.processes, self.report, self.tell = submit, processes, report, tell
        self.failed: dict[str, str] = {}

    def __call__(self, what: str, jobs: Sequence[Job]) -> None:
        self.failed |= do_all(self.submit, jobs, what, self.processes, self.report, self.tell)


def _first(grid: Grid) -> list[Job]:
    """Ears and heads that nobody listened to, the longest first."""
    jobs: list[Job] = [_Do(f"{name} listener", "train_ear", (name,)) for name in INPUTS]
    jobs.append(_Do(VOCODER, "train_ear", (VOCODER,)))
    if grid.before:
        heads = [(DIFFUSION, seed) for seed in range(grid.seeds)] + [(d, 0) for d in grid.decoders if d != DIFFUSION]
        jobs += [_Do(f"before {decoder}.{seed}", "train_before", (decoder, seed)) for decoder, seed in heads]
    return [*jobs, _Do("trivial rows", "trivial")]


def _rows(chosen: Sequence[Cell]) -> list[Job]:
    return [_Do(cell.name, "run", (cell,)) for cell in chosen]


def rungs(grid: Grid) -> list[tuple[str, int]]:
    """The ladder as far as there are levels."""
    return [(sampler, steps) for sampler, steps in grid.ladder if steps <= levels(grid)]


def best_of(rows: Sequence[Row], folder: Folder) -> Best:
    """Of the sweep those with the highest L-CCC on validation speakers; nobody of those is judged later."""
    runs = {row: [read_json(folder.cells / f"{Cell(row, 0).name}.json")["valid"]] for row in rows}
    scores = Scores(runs, figures)

    def highest(of: Sequence[Row]) -> Row:
        return max(of, key=lambda row: np.nan_to_num(scores.value(row, CHOSEN_BY), nan=-1.0))

    return Best(highest(rows), highest([row for row in rows if row.beside != FACE] or rows))


def opened_ears(grid: Grid, told: str, folder: Folder) -> dict[str, Path]:
    """The voice that ears begin from as checkpoints: its vocoder, and beside it what listeners go on from.

    Args:
        grid: which voice; none where it names none.
        told: units that listeners tell.
        folder: of the run.
    """
    if not grid.begun:
        return {}
    vocoder = folder.ears / f"{VOCODER}.safetensors"
    wanted = {
        recipes.begun(folder): recipes.listener(grid, MOUTH, told, folder),
        vocoder: recipes.vocoder(grid, folder),
    }
    for path, recipe in wanted.items():
        if not path.is_file():  # its bytes, which everything hangs on, would be others: safetensors shuffles its header
            unbundle(shipped("voice")[grid.begun], recipe, path)
    return {VOCODER: vocoder}


def given_ears(paths: Sequence[Path]) -> dict[str, Path]:
    """Checkpoints that were brought along: by what a listener looks at, and the vocoder.

    Raises:
        ConfigError: something else, or two of a kind. ModelError: no checkpoint.
    """
    found: dict[str, Path] = {}
    for path in paths:
        _, recipe, _ = load_average(path)
        system = recipe.get("system")
        if system not in ("mesh_to_speech", VOCODER):
            raise ConfigError(f"{path} holds a {system}; --listener takes checkpoints of mesh_to_speech and of vocoder")
        name = VOCODER if system == VOCODER else recipe.get("network", {}).get("input", MOUTH)
        if name in found:
            raise ConfigError(f"{found[name]} and {path} are both of {name}; give one of a kind")
        found[name] = path.resolve()
    return found


def units(grid: Grid, material: Material, folder: Folder) -> str:
    """A name for `open_representation` of what listeners tell; clustered in the run where the grid wants it.

    Raises:
        UtterfaceError: it is not here.
    """
    representation = open_representation(grid.units)
    if not grid.clusters:
        return grid.units
    path = folder.ears / "units.safetensors"
    if not path.is_file():
        mixed = np.random.default_rng(0).permutation(len(material.train))
        sounds = (material.train[i].samples() for i in mixed)
        codebook = fit_codebook(representation, sounds, grid.clusters, frames=_CLUSTERED)
        with replacing(path) as part:
            codebook.save(part)
    return f"{grid.units}#{path.resolve()}"
