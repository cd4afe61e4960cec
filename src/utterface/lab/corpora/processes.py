"""`map` in several processes, in order, for whatever builds a corpus clip by clip."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def mapped(processes: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """A lazy `map` in so many processes; what it is given must travel to them. One is this process."""
    if processes == 1:
        yield map
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield pool.imap
