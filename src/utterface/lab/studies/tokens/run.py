"""The whole benchmark, in order, stopped and gone on with at will: clips, representations, cells, costs, the report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from utterface.errors import ConfigError
from utterface.lab.studies.clips import Spoken
from utterface.lab.studies.jobs import Job, Report, Tell, do_all, workers
from utterface.lab.studies.kept import keep_or_refuse
from utterface.lab.studies.tokens import probing
from utterface.lab.studies.tokens.cells import Cells
from utterface.lab.studies.tokens.grid import Cell, Folder, Grid, Opened, cells, choose
from utterface.lab.studies.tokens.material import Material, gather
from utterface.rigs.mannequin import cache


@dataclass(frozen=True)
class Asked:
    """What a run was asked for.

    Attributes:
        grid: its size, seeds and budget.
        corpora: folders of corpora; made voices where there are none.
        representations: keys or names; the grid's where there are none.
        spoken: real recordings to judge lips on.
        rig: lips for those, see `LipRig.from_npz`; the built-in head where there is none.
        processes: cells at once, a thread each.
    """

    grid: Grid
    corpora: tuple[Path, ...] = ()
    representations: tuple[str, ...] = ()
    spoken: Spoken | None = None
    rig: Path | None = None
    processes: int = 2


@dataclass(frozen=True)
class Finished:
    """What lies in the folder when all cells were tried.

    Attributes:
        material: the clips.
        opened: the representations that took part.
        missing: key → why it did not.
        failed: cell → why it has no figures.
    """

    material: Material
    opened: tuple[Opened, ...]
    missing: Mapping[str, str]
    failed: Mapping[str, str]


def train_all(asked: Asked, folder: Folder, report: Report, tell: Tell) -> Finished:
    """Everything up to the cells' figures.

    Args:
        asked: what to run.
        folder: of the report; a half-done run in it goes on.
        report: told what is being done and how far it is.
        tell: told what is finished and what is left out.

    Raises:
        ConfigError: the folder holds a run of another grid.
    """
    folder.make()
    entries = choose(asked.grid, asked.representations) if asked.representations else asked.grid.representations
    grid = asdict(replace(asked.grid, seeds=0, representations=()))  # more of those are welcome
    keep_or_refuse(folder.root / "grid.json", {**grid, "corpora": asked.corpora})
    report("clips", None)
    material = gather(asked.grid, asked.corpora, asked.spoken, folder, cache.folder() / "bench", asked.processes, tell)
    report("representations", None)
    opened, missing = probing.available(entries, material, folder, tell)
    if not opened:
        raise ConfigError("none of the representations is here; " + "; ".join(missing.values()))
    todo = cells(asked.grid, [o.entry.key for o in opened])
    runner = Cells(asked.grid, material, folder, asked.rig)
    with workers(runner, asked.processes) as submit:
        failed = do_all(submit, [_Prepare(o) for o in opened], "encoding", asked.processes, report, tell)
        names = {o.entry.key: o.name for o in opened if o.entry.key not in failed}
        jobs: list[Job] = [_Train(cell, names[cell.representation]) for cell in todo if cell.representation in names]
        failed |= do_all(submit, [_Trivial(), *jobs], "training", asked.processes, report, tell)
    return Finished(material, tuple(o for o in opened if o.entry.key in names), missing, failed)


@dataclass(frozen=True)
class _Prepare:
    opened: Opened

    @property
    def name(self) -> str:
        return self.opened.entry.key

    def __call__(self, runner: Cells) -> None:
        probing.prepare(self.opened, runner.grid, runner.material, runner.folder)


@dataclass(frozen=True)
class _Train:
    cell: Cell
    representation: str

    @property
    def name(self) -> str:
        return self.cell.name

    def __call__(self, runner: Cells) -> None:
        runner.run(self.cell, self.representation)


@dataclass(frozen=True)
class _Trivial:
    name: str = "trivial rows"

    def __call__(self, runner: Cells) -> None:
        runner.trivial()
