"""`map` in several processes, in order, for whatever builds a corpus clip by clip."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any

_AHEAD = 2  # submitted at once, by process; enough that none waits


@contextmanager
def mapped(processes: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """A lazy `map` in so many processes; what it is given must travel to them. One is this process.

    Raises:
        BrokenProcessPool: a process died, or could not import what it was given.
    """
    if processes == 1:
        yield map
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        try:
            yield lambda function, given: _in_order(pool, _AHEAD * processes, function, given)
        finally:
            pool.shutdown(cancel_futures=True)


def _in_order(pool: Executor, ahead: int, function: Callable[[Any], Any], given: Iterable[Any]) -> Iterator[Any]:
    """Results in the order of what was given, which is read no further ahead than that."""
    left = iter(given)
    waiting: deque[Future] = deque(pool.submit(function, one) for one in islice(left, ahead))
    while waiting:
        result = waiting.popleft().result()
        waiting.extend(pool.submit(function, one) for one in islice(left, 1))
        yield result
