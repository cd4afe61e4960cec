"""Closures of a network's decisions: no flicker, no flash, any chunking."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from utterface.engines.closures import Closures


def closed(*surer: float) -> str:
    return "".join(".#"[int(c)] for c in Closures(()).push(np.array(surer)))


def test_a_closure_lasts_while_its_end_is_in_doubt():
    assert closed(-3, -3, 2, 2, -0.5, 2, -3, -3) == "..####.."


def test_lips_that_have_parted_stay_apart_for_a_while():
    assert closed(2, 2, -3, -3, 2, 2, 2, 2, 2, -3) == "##.....##."


def test_a_closure_that_is_over_before_it_may_begin_is_made_up_for():
    assert closed(2, 2, -3, 2, 2, -3, -3, -3, -3, -3) == "##.....##."


@given(st.lists(st.integers(0, 120), max_size=6), st.integers(0, 99))
def test_any_chunking_gives_the_same_and_nothing_is_short(cuts, seed):
    surer = np.random.default_rng(seed).normal(0, 3, (120, 2))
    edges = [0, *sorted(cuts), 120]
    stream = Closures((2,))
    whole = np.concatenate([stream.push(surer[a:b]) for a, b in pairwise(edges)])
    np.testing.assert_array_equal(whole, Closures((2,)).push(surer))
    for column in whole.T:
        edges = np.flatnonzero(np.diff(column.astype(int))) + 1
        lengths = np.diff(edges)
        opens = column[edges[:-1]]
        assert lengths[opens].min(initial=9) >= 2 and lengths[~opens].min(initial=9) >= 5
