import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utterface import timing


@pytest.mark.parametrize(
    ("duration", "rate", "count"),
    [(1.0, 60, 60), (1.001, 60, 61), (0.0, 60, 1), (2.35, 24, 57), (0.5, 25, 13), (3.0, 100, 300), (1 / 3, 30, 10)],
)
def test_frames_by_hand(duration, rate, count):
    assert timing.frame_count(duration, rate) == count


@given(st.integers(1, 10_000_000), st.sampled_from([24.0, 25.0, 29.97, 30.0, 60.0, 100.0]))
def test_every_frame_shows_a_moment_of_the_sound_and_the_next_would_not(samples, rate):
    duration = timing.seconds(samples)
    count = timing.frame_count(duration, rate)
    last = timing.frame_times(count, rate)[-1]
    assert last < duration or count == 1
    assert count / rate >= duration - 1e-5


@given(st.integers(0, 10_000_000))
def test_seconds_and_samples_are_each_others_inverse(samples):
    assert timing.sample_count(timing.seconds(samples)) == samples


def test_between_frames_is_linear_and_beyond_the_ends_they_hold():
    track = np.array([[0.0, 10.0], [1.0, 20.0], [3.0, 40.0]], np.float32)
    seen = timing.sample_at(track, 10.0, [-1.0, 0.0, 0.05, 0.15, 0.2, 9.0])
    np.testing.assert_allclose(seen[:, 0], [0, 0, 0.5, 2, 3, 3], atol=1e-6)
    np.testing.assert_allclose(seen[:, 1], [10, 10, 15, 30, 40, 40], atol=1e-5)
    assert seen.dtype == np.float32


@pytest.mark.parametrize("rate", [24.0, 30.0, 50.0, 120.0])
def test_resampling_keeps_a_slow_track_where_it_was(rate):
    moments = timing.frame_times(600, 60.0)
    track = np.sin(moments)[:, None]
    resampled = timing.resample(track, 60.0, rate)
    expected = np.sin(timing.frame_times(len(resampled), rate))
    known = timing.frame_times(len(resampled), rate) <= moments[-1]  # beyond the last frame it holds
    np.testing.assert_allclose(resampled[known, 0], expected[known], atol=2e-3)
    assert len(resampled) == timing.frame_count(10.0, rate)


def test_resampling_to_the_same_rate_gives_a_copy():
    track = np.arange(5.0)[:, None]
    same = timing.resample(track, 60.0, 60.0)
    assert same is not track and (same == track).all()


def test_rows_at_their_own_moments_become_even_frames():
    moments = np.array([1.0, 1.1, 1.3, 1.4])  # the row at 1.2 was dropped, the one at 1.3 came in time
    frames = timing.steady(np.array([[0.0], [1.0], [3.0], [4.0]]), moments, 10.0)
    np.testing.assert_allclose(frames[:, 0], [0, 1, 2, 3, 4], atol=1e-9)
