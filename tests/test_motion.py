"""Motion: channels by name, and resampling that keeps closures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utterface.errors import MotionError
from utterface.motion import ARKIT, CHANNELS, Motion, join, rest


def talking(closed: list[int], count: int = 240, frame_rate: float = 60.0) -> Motion:
    """Jaw half open, shut with the lips pressed for one frame at each index of `closed`."""
    values = np.zeros((count, len(CHANNELS)), np.float32)
    values[:, CHANNELS.index("jawOpen")] = 0.4
    values[:, CHANNELS.index("headYaw")] = np.linspace(0, 1, count)
    values[closed, CHANNELS.index("jawOpen")] = 0.05
    values[closed, CHANNELS.index("mouthClose")] = 0.04
    return Motion(values, frame_rate=frame_rate)


def test_channels_are_named_once_and_complete():
    assert len(ARKIT) == 52 and len(CHANNELS) == 61 == len(set(CHANNELS))


def test_wrong_shape_is_told():
    with pytest.raises(MotionError, match=r"\(frames, 61 channels\), got \(3, 2\)"):
        Motion(np.zeros((3, 2)))
    with pytest.raises(MotionError, match="no channel 'jaw'"):
        rest(1).index("jaw")
    with pytest.raises(MotionError, match="frame rate must be positive, got 0"):
        Motion(np.zeros((3, 61)), frame_rate=0)


def test_select_fills_what_is_missing_with_zero():
    motion = Motion(np.array([[0.25]]), ("jawOpen",))
    assert motion.select(("mouthClose", "jawOpen")).tolist() == [[0, 0.25]]


def test_joined_pieces_keep_the_first_start():
    whole = join([rest(3, start=2.0), rest(4, start=2.05)])
    assert len(whole) == 7 and whole.start == 2.0
    with pytest.raises(MotionError, match="differ"):
        join([rest(1), rest(1, frame_rate=30.0)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(2, 28), min_size=1, max_size=9, unique=True), st.sampled_from([24.0, 25.0, 29.97, 30.0, 50.0])
)
def test_every_closure_survives_resampling(places, frame_rate):
    closed = sorted(8 * p for p in places)  # a frame each, at least 0.13 s apart
    slow = talking(closed).at_rate(frame_rate)
    for i in closed:
        frame = round(i / 60 * frame_rate)
        assert slow["jawOpen"][frame] == pytest.approx(0.05) and slow["mouthClose"][frame] == pytest.approx(0.04)
    shut = np.flatnonzero(slow["jawOpen"] < 0.1)
    assert len(shut) == len(closed)  # and none is invented


def test_a_closure_of_less_than_two_output_frames_shows_its_tightest_moment():
    values = talking([100, 101, 102]).values.copy()
    values[101, CHANNELS.index("jawOpen")] = 0.04
    slow = Motion(values).at_rate(30.0)  # frames 50 and 51 fall on 100 and 102
    assert slow["jawOpen"][50:52].min() == pytest.approx(0.04)


def test_closures_do_not_jerk_the_head():
    slow = talking([101]).at_rate(24.0)
    assert np.diff(slow["headYaw"]) == pytest.approx(np.diff(slow["headYaw"])[0], abs=1e-5)


def test_long_closures_are_left_to_interpolation():
    values = rest(60).values.copy()
    values[:20, CHANNELS.index("jawOpen")] = 0.4
    half = Motion(values).at_rate(30.0)
    assert np.array_equal(half.values, values[::2])


def test_duration_and_start_survive_resampling():
    slow = Motion(np.zeros((150, 61)), start=1.5).at_rate(24.0)
    assert slow.duration == pytest.approx(2.5) and slow.start == 1.5 and slow.frame_rate == 24.0


def test_motion_without_lips_is_interpolated():
    slow = Motion(np.arange(4.0)[:, None], ("expression_1",), 30.0).at_rate(60.0)
    assert slow.values[:, 0].tolist() == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5, 3, 3])


def test_channels_may_come_as_a_list():
    assert Motion(np.zeros((1, 2)), ["jawOpen", "mouthClose"]).channels == ("jawOpen", "mouthClose")  # type: ignore


@pytest.mark.parametrize(("opening", "closures"), [(0.03, 1), (0.045, 0)])
def test_lips_count_as_closed_up_to_a_small_opening(opening, closures):
    lips = np.full((60, 2), (0.4, 0.0), np.float32)
    lips[20:30, 0] = opening
    assert len(Motion(lips, ("jawOpen", "mouthClose")).closures()) == closures
