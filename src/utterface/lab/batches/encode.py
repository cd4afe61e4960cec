"""Every clip of a corpus through a representation, several at once, into the store that training reads (`Tracks`).

Two engines do the same work and write the same bytes: `local` starts processes on this machine, `ray` hands clips to
the workers of a Ray cluster, or to some that it starts here; a cluster must see corpus and store under the same paths.
A track is written whole or not at all, and tracks that exist are skipped: an interrupted run resumes.
"""

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import torch

from utterface import errors
from utterface.errors import ConfigError, MissingExtra, UtterfaceError
from utterface.lab.batches.tracks import Tracks, encode_samples, write_track
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.representations import open_representation

Report = Callable[[str, float | None], None]
Row = dict[str, Any]  # a clip as plain values: folder, id, duration, and the path of its track


class Encoded(NamedTuple):
    """Result of `encode`.

    Attributes:
        folder: of the tracks.
        clips: number of them in the corpora.
        new: number of tracks that did not exist before.
    """

    folder: Path
    clips: int
    new: int


def encode(
    corpora: Sequence[Path],
    name: str,
    store: Path,
    *,
    units: bool | None = None,
    engine: str = "local",
    workers: int = 2,
    report: Report = lambda what, part: None,
) -> Encoded:
    """Encode all clips of some corpora.

    Args:
        corpora: folders.
        name: of the representation, as the recipe will write it: tracks are stored under that name.
        store: folder of all tracks, the recipe's `speech.store`.
        units: rather than vectors; by default where there are units.
        engine: `local` or `ray`.
        workers: number of encoding processes, one thread each.
        report: called with a clip's id and the share that is done.

    Raises:
        ConfigError: no such engine, no worker, or units of a representation that has none.
        MissingExtra: Ray is not installed.
        CorpusError: damaged sound of a clip.
    """
    if engine not in ENGINES:
        raise ConfigError(f"no engine {engine!r}; there are {', '.join(ENGINES)}")
    if workers < 1:
        raise ConfigError(f"workers must be 1 or more, got {workers}")
    representation = open_representation(name)
    discrete = bool(representation.about.codebooks) if units is None else units
    store = store.expanduser().resolve()
    store.mkdir(parents=True, exist_ok=True)
    tracks = Tracks(representation, discrete, store)
    clips = [clip for folder in corpora for clip in read_corpus(folder.expanduser().resolve())]
    places = {tracks.path(clip): clip for clip in clips}  # clips that share a sound share a track
    missing = [
        {"folder": str(clip.folder), "id": clip.id, "duration": clip.duration, "path": str(path)}
        for path, clip in places.items()
        if not path.is_file()
    ]
    if missing:
        for done, result in enumerate(ENGINES[engine](name, discrete, missing, workers), 1):
            if result["error"]:
                raise getattr(errors, result["error"])(result["message"])
            report(result["id"], done / len(missing))
    return Encoded(tracks.folder, len(clips), len(missing))


class Worker:
    """Opens the representation once, then encodes clip after clip on one thread, so that bytes repeat."""

    def __init__(self, name: str, discrete: bool) -> None:
        torch.set_num_threads(1)
        self.representation, self.discrete = open_representation(name), discrete

    def __call__(self, row: Row) -> Row:
        """Write the track of a row; returns its id and an error, in plain values that every engine carries."""
        clip = CorpusClip(row["id"], row["duration"], "", folder=Path(row["folder"]))
        try:
            write_track(encode_samples(self.representation, self.discrete, clip.samples()), Path(row["path"]))
        except UtterfaceError as error:
            return {"id": clip.id, "error": type(error).__name__, "message": str(error)}
        return {"id": clip.id, "error": "", "message": ""}


def _locally(name: str, discrete: bool, rows: Sequence[Row], workers: int) -> Iterator[Row]:
    if workers == 1:  # needs no process of its own
        threads = torch.get_num_threads()
        try:
            yield from map(Worker(name, discrete), rows)
        finally:
            torch.set_num_threads(threads)
        return
    context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    with ProcessPoolExecutor(workers, context, _begin, (name, discrete)) as pool:
        waiting = [pool.submit(_work, row) for row in rows]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


_worker: list[Worker] = []  # one a process


def _begin(name: str, discrete: bool) -> None:
    _worker.append(Worker(name, discrete))


def _work(row: Row) -> Row:
    return _worker[0](row)


def _by_ray(name: str, discrete: bool, rows: Sequence[Row], workers: int) -> Iterator[Row]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    try:
        import ray
        import ray.data
    except ImportError:
        raise MissingExtra("the engine ray needs Ray; run: pip install 'utterface[lab,scale]'") from None
    begun = not ray.is_initialized()
    if begun:
        here: dict[str, Any] = (
            {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers, "include_dashboard": False}
        )
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **here)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    ray.data.DataContext.get_current().enable_progress_bars = False
    kind: Any = Worker  # Ray calls instances of it, its types know functions alone
    try:
        blocks = min(len(rows), 4 * workers)
        rows_done = ray.data.from_items(list(rows), override_num_blocks=blocks).map(
            kind, fn_constructor_args=(name, discrete), compute=ray.data.ActorPoolStrategy(size=workers), num_cpus=1
        )
        yield from rows_done.iter_rows()
    finally:
        if begun:
            ray.shutdown()


ENGINES: dict[str, Callable[[str, bool, Sequence[Row], int], Iterator[Row]]] = {"local": _locally, "ray": _by_ray}
