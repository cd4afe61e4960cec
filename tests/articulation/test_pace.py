"""The pace of the jaw: never faster than people, closures kept, no lips that flash open."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utterface.articulation import ARTICULATORS, Pace, articulate, render
from utterface.articulation.pace import FASTEST, paced
from utterface.motion import CHANNELS, Motion
from utterface.phones import Span

JAW, CLOSE = CHANNELS.index("jawOpen"), CHANNELS.index("mouthClose")


def wild(count: int = 200, frame_rate: float = 60.0) -> Motion:
    """Articulators that jump: no network is so bad."""
    x = np.random.default_rng(3).random((count, len(ARTICULATORS))).astype(np.float32)
    x[:, ARTICULATORS.index("rest")] = 0
    x[:, ARTICULATORS.index("seal")] = np.random.default_rng(4).random(count) < 0.3
    x[:, ARTICULATORS.index("labiodental")] = x[:, ARTICULATORS.index("sibilant")] = 0
    return render(x, frame_rate)


@pytest.mark.parametrize("frame_rate", [30.0, 60.0, 120.0])
@pytest.mark.parametrize("whole", [True, False])
def test_no_step_of_the_jaw_is_faster_than_people(frame_rate, whole):
    motion = wild(frame_rate=frame_rate)
    assert np.abs(np.diff(motion["jawOpen"])).max() > FASTEST / frame_rate
    values = paced(motion).values if whole else Pace(frame_rate).push(motion.values)
    assert np.abs(np.diff(values[:, JAW])).max() <= FASTEST / frame_rate + 1e-5


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=8))
def test_any_chunking_gives_the_same(cuts):
    values = wild().values
    edges = [0, *sorted(cuts), len(values)]
    pace = Pace(60.0)
    parts = [pace.push(values[a:b]) for a, b in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(parts), Pace(60.0).push(values))


def test_lips_that_touch_go_on_touching_while_the_jaw_lags():
    values = np.zeros((20, len(CHANNELS)), np.float32)
    values[:10, JAW] = 0.6
    values[10:, JAW], values[10:, CLOSE] = 0.05, 0.041
    held = Pace(60.0).push(values)
    assert held[10, JAW] == pytest.approx(0.48)
    np.testing.assert_allclose(held[10:, CLOSE], 0.82 * held[10:, JAW], rtol=1e-5)


def test_a_whole_take_closes_on_time_because_it_begins_earlier():
    values = np.zeros((20, len(CHANNELS)), np.float32)
    values[:10, JAW] = 0.6
    values[10:, JAW], values[10:, CLOSE] = 0.05, 0.041
    assert paced(Motion(values))["jawOpen"][[8, 9, 10]] == pytest.approx([0.29, 0.17, 0.05])


def test_what_is_slow_enough_is_left_alone():
    motion = articulate([Span("ɑ", 0.5, 0.8), Span("n", 0.8, 0.95)], 1.5)
    assert np.array_equal(Pace(60.0).push(motion.values), motion.values)


@pytest.mark.parametrize(("length", "opens"), [(0.03, False), (0.1, True)])
def test_lips_open_for_a_vowel_between_two_closures_or_stay_closed(length, opens):
    """Never for less than 80 ms."""
    phones = [Span("m", 0.5, 0.6), Span("ɑ", 0.6, 0.6 + length), Span("b", 0.6 + length, 0.7 + length)]
    opening = articulate(phones, 1.3).opening()
    open_ = np.flatnonzero(opening[31:44] > 0.035)
    assert bool(len(open_)) == opens and (not opens or len(open_) >= 5)
