import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from operator import neg

import pytest

from utterface.lab.corpora.processes import mapped


def counted(given: list[int]) -> Iterator[int]:
    for number in range(100):
        given.append(number)
        yield number


# What travels to other processes is of the standard library: they cannot import a module of tests everywhere.


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order(processes):
    with mapped(processes) as of:
        assert list(of(neg, range(20))) == [-number for number in range(20)]


def test_two_processes_are_others_than_this_one():
    with mapped(2) as of:
        result = set(of(eval, ["__import__('os').getpid()"] * 20))
    assert os.getpid() not in result and 1 <= len(result) <= 2


@pytest.mark.parametrize(("processes", "ahead"), [(1, 1), (2, 5)])
def test_no_more_is_asked_for_than_keeps_processes_busy(processes, ahead):
    given: list[int] = []
    with mapped(processes) as of:
        assert next(iter(of(neg, counted(given)))) == 0
    assert len(given) == ahead


def test_an_error_comes_back():
    with mapped(2) as of, pytest.raises(ZeroDivisionError):
        list(of(eval, ["1 / 1", "1 / 0"]))


def test_a_process_that_dies_is_an_error_and_no_endless_wait():
    with mapped(2) as of, pytest.raises(BrokenProcessPool):
        list(of(os._exit, [1] * 4))
