"""Jobs of a study, run one by one or in processes of one thread each; one that fails takes no other with it."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

OnProgress = Callable[[str, float | None], None]
OnLine = Callable[[str], None]
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class StudyJob:
    """Work for a process: a function of the runner that every process has; both are pickled.

    Attributes:
        name: shown to the user.
        function: of a module or a method of the runner's class, so that it can be pickled.
        arguments: after the runner.
    """

    name: str
    function: Callable[..., object]
    arguments: tuple[Any, ...] = ()

    def __call__(self, runner: Any) -> object:
        return self.function(runner, *self.arguments)


@dataclass(frozen=True)
class Wave:
    """Jobs that need nothing of each other; the next wave may need all of them."""

    name: str
    jobs: tuple[StudyJob, ...]
    alone: bool = False  # one after another while nothing else runs, for what measures time


Submit = Callable[[StudyJob], Future]
_runner: Any = None  # of a worker process


@contextmanager
def workers(runner: Any, processes: int) -> Iterator[Submit]:
    """A way to run jobs: here, or in processes of one thread each. A process that dies takes no other with it."""
    if processes == 1:
        yield here(runner)
        return
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ |= dict.fromkeys(_ONE_THREAD, "1")
    pools: list[ProcessPoolExecutor] = []

    def pool() -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        pools.append(ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(runner,)))
        return pools[-1]

    def submit(job: StudyJob) -> Future:
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


def do_all(
    submit: Submit, jobs: Sequence[StudyJob], what: str, processes: int, report: OnProgress, tell: OnLine
) -> dict[str, str]:
    """Run all jobs, as many at once as there are processes; name → why it failed, of those that did.

    A process that dies breaks off the others' jobs: all of those run again at the end, one by one.
    """
    begin, failed, waiting = time.monotonic(), {}, list(jobs)
    running: dict[Future, StudyJob] = {}
    broken_off: list[StudyJob] = []
    finished, at_once = 0, processes
    report(f"{what}, {len(jobs)} to go", 0.0)
    while waiting or running or broken_off:
        if not (waiting or running):
            waiting, broken_off, at_once = broken_off, [], 1
        while waiting and len(running) < at_once:
            job = waiting.pop(0)
            running[submit(job)] = job
        over, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in over:
            job, error = running.pop(future), future.exception()
            if isinstance(error, BrokenProcessPool) and at_once > 1:
                broken_off.append(job)
                continue
            finished += 1
            if error is not None:
                failed[job.name] = f"{type(error).__name__}: {error}".splitlines()[0]
                tell(f"failed: {job.name} ({failed[job.name]})")
            left = (time.monotonic() - begin) / finished * (len(jobs) - finished)
            report(f"{what}, {finished} of {len(jobs)}, about {_span(left)} left", finished / len(jobs))
            tell(f"{what}: {finished} of {len(jobs)}, {job.name}, about {_span(left)} left")
    return failed


def here(runner: Any) -> Submit:
    """A way to run jobs in this process."""

    def submit(job: StudyJob) -> Future:
        future: Future = Future()
        try:
            future.set_result(job(runner))
        except Exception as error:
            future.set_exception(error)
        return future

    return submit


def _begin(runner: Any) -> None:
    global _runner  # noqa: PLW0603 - what a worker process is for
    import torch

    torch.set_num_threads(1)
    _runner = runner


def _work(job: StudyJob) -> None:
    job(_runner)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
