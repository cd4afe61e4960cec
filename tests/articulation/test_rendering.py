"""Articulators → weights: frame by frame, with constraints that no input breaks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from utterface.articulation import ARTICULATORS, render
from utterface.articulation.rendering import MEET
from utterface.errors import MotionError

ANY = arrays.arrays(np.float32, (12, len(ARTICULATORS)), elements=st.floats(-0.5, 1.5, width=32))
STRENGTH = st.floats(0, 2)


def fixed(values: np.ndarray, **columns: float) -> np.ndarray:
    values = values.copy()
    for name, value in columns.items():
        values[:, ARTICULATORS.index(name)] = value
    return values


@settings(max_examples=100, deadline=None)
@given(ANY, STRENGTH)
def test_a_seal_shuts_the_lips_whatever_else_is_asked(rig, values, strength):
    for seal in (MEET, 1.0):
        motion = render(fixed(values, seal=seal), strength=strength)
        assert np.abs(rig.gap_mm(motion)).max() <= 1 and motion["jawOpen"].max() <= 0.1


@settings(max_examples=100, deadline=None)
@given(ANY, STRENGTH)
def test_without_seal_or_rest_the_lips_stay_apart(rig, values, strength):
    assert rig.gap_mm(render(fixed(values, seal=0, rest=0), strength=strength)).min() > 0.7


@settings(max_examples=50, deadline=None)
@given(ANY, STRENGTH)
def test_weights_stay_weights(values, strength):
    motion = render(values, 48.0, strength)
    assert motion.frame_rate == 48.0 and motion.values.min() >= 0 and motion.values.max() <= 1
    teeth = render(fixed(values, sibilant=1, rest=0), strength=strength)
    assert teeth["jawOpen"].max() <= 0.1


@settings(max_examples=20, deadline=None)
@given(ANY)
def test_frames_do_not_know_each_other(values):
    whole = render(values).values
    assert np.array_equal(whole, np.concatenate([render(row[None]).values for row in values]))


@settings(max_examples=20, deadline=None)
@given(ANY)
def test_rest_with_sealed_lips_is_neutral(values):
    assert np.abs(render(fixed(values, rest=1, seal=1)).values).max() < 1e-6


def test_strength_moves_more_but_closes_the_same():
    open_, closed = (
        fixed(np.full((1, len(ARTICULATORS)), 0.5, np.float32), rest=0, sibilant=0, seal=s) for s in (0, 1)
    )
    soft, loud = render(open_, strength=0.5), render(open_, strength=1.5)
    for channel in ("jawOpen", "mouthPucker", "mouthStretchLeft", "mouthLowerDownLeft"):
        assert loud[channel] > soft[channel]
    assert render(closed, strength=0.5)["jawOpen"] == render(closed, strength=1.5)["jawOpen"]


def test_the_number_of_articulators_is_checked():
    with pytest.raises(MotionError, match=rf"\(frames, {len(ARTICULATORS)}\), got \(4, 3\)"):
        render(np.zeros((4, 3)))
