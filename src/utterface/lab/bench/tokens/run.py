"""The whole benchmark, in order, stopped and gone on with at will: clips, representations, cells, costs, the report."""

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.bench.tokens import probing
from utterface.lab.bench.tokens.cells import Cells, write_json
from utterface.lab.bench.tokens.grid import Cell, Folder, Grid, Opened, cells, choose
from utterface.lab.bench.tokens.material import Material, Spoken, gather
from utterface.rigs.mannequin import cache

Report = Callable[[str, float | None], None]
Tell = Callable[[str], None]
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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
    _keep_or_refuse(folder.root / "grid.json", asked)
    report("clips", None)
    material = gather(asked.grid, asked.corpora, asked.spoken, folder, cache.folder() / "bench", asked.processes, tell)
    report("representations", None)
    opened, missing = probing.available(entries, material, folder, tell)
    if not opened:
        raise ConfigError("none of the representations is here; " + "; ".join(missing.values()))
    todo = cells(asked.grid, [o.entry.key for o in opened])
    runner = Cells(asked.grid, material, folder, asked.rig)
    with _workers(runner, asked.processes) as submit:
        failed = _all(submit, [_Prepare(o) for o in opened], "encoding", asked.processes, report, tell)
        names = {o.entry.key: o.name for o in opened if o.entry.key not in failed}
        jobs: list[_Job] = [_Train(cell, names[cell.representation]) for cell in todo if cell.representation in names]
        failed |= _all(submit, [_Trivial(), *jobs], "training", asked.processes, report, tell)
    return Finished(material, tuple(o for o in opened if o.entry.key in names), missing, failed)


class _Job:
    """Something that a worker does; `name` is for people."""

    name: str

    def __call__(self, runner: Cells) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class _Prepare(_Job):
    opened: Opened

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.opened.entry.key

    def __call__(self, runner: Cells) -> None:
        probing.prepare(self.opened, runner.grid, runner.material, runner.folder)


@dataclass(frozen=True)
class _Train(_Job):
    cell: Cell
    representation: str

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.cell.name

    def __call__(self, runner: Cells) -> None:
        runner.run(self.cell, self.representation)


@dataclass(frozen=True)
class _Trivial(_Job):
    name: str = "trivial rows"

    def __call__(self, runner: Cells) -> None:
        runner.trivial()


Submit = Callable[[_Job], Future]
_runner: Cells | None = None  # of a worker process


@contextmanager
def _workers(runner: Cells, processes: int) -> Iterator[Submit]:
    """A way to have jobs done: here, or by processes of one thread each. A process that dies takes nothing with it."""
    if processes == 1:
        yield lambda job: _done_here(runner, job)
        return
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ |= dict.fromkeys(_ONE_THREAD, "1")
    pools: list[ProcessPoolExecutor] = []

    def pool() -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        pools.append(ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(runner,)))
        return pools[-1]

    def submit(job: _Job) -> Future:
        try:
            return (pools[-1] if pools else pool()).submit(_work, job)
        except BrokenProcessPool:
            return pool().submit(_work, job)

    try:
        yield submit
    finally:
        for made in pools:
            made.shutdown(cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _done_here(runner: Cells, job: _Job) -> Future:
    future: Future = Future()
    try:
        future.set_result(job(runner))  # type: ignore[func-returns-value]
    except Exception as error:
        future.set_exception(error)
    return future


def _begin(runner: Cells) -> None:
    global _runner  # noqa: PLW0603 - what a worker process is for
    import torch

    torch.set_num_threads(1)
    _runner = runner


def _work(job: _Job) -> None:
    assert _runner is not None
    job(_runner)


def _all(submit: Submit, jobs: Sequence[_Job], what: str, processes: int, report: Report, tell: Tell) -> dict[str, str]:
    """Have all jobs done, as many at once as there are processes; name → why it failed, of those that did."""
    begin, failed, waiting = time.monotonic(), {}, list(jobs)
    running: dict[Future, _Job] = {}
    finished = 0
    report(f"{what}, {len(jobs)} to go", 0.0)
    while waiting or running:
        while waiting and len(running) < processes:
            job = waiting.pop(0)
            running[submit(job)] = job
        over, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in over:
            job, finished = running.pop(future), finished + 1
            error = future.exception()
            if error is not None:
                failed[job.name] = f"{type(error).__name__}: {error}".splitlines()[0]
                tell(f"failed: {job.name} ({failed[job.name]})")
            left = (time.monotonic() - begin) / finished * (len(jobs) - finished)
            report(f"{what}, {finished} of {len(jobs)}, about {_span(left)} left", finished / len(jobs))
            tell(f"{what}: {finished} of {len(jobs)}, {job.name}, about {_span(left)} left")
    return failed


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _keep_or_refuse(path: Path, asked: Asked) -> None:
    """The folder's grid is what is asked for now, but for more seeds, representations or real recordings."""
    told = _plain({**asdict(replace(asked.grid, seeds=0, representations=())), "corpora": asked.corpora})
    if path.is_file():
        before = json.loads(path.read_text("utf-8"))
        changed = sorted(k for k in told if told[k] != before.get(k))
        if changed:
            raise ConfigError(
                f"{path.parent} holds a run with another {', '.join(changed)}; choose another output folder"
            )
    write_json(path, told)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
