import os
from collections.abc import Iterator

import pytest

from utterface.lab.corpora.processes import mapped


def whose(number: int) -> tuple[int, int]:
    return number, os.getpid()


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order_from_so_many_processes(processes):
    with mapped(processes) as of:
        found = list(of(whose, range(20)))
    assert [number for number, _ in found] == list(range(20))
    others = {process for _, process in found} - {os.getpid()}
    assert bool(others) == (processes > 1) and len(others) <= processes


def test_one_process_works_no_further_than_it_is_asked():
    given: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(10):
            given.append(number)
            yield number

    with mapped(1) as of:
        next(iter(of(whose, numbers())))
    assert given == [0]
