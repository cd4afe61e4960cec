import numpy as np
import pytest

from utterface.errors import TrackError
from utterface.track import Track


def test_vectors_are_interpolated_and_units_are_not():
    times = np.array([0.0, 0.1, 0.14, 0.16, 0.3, 9.0])  # frames show 0.1, 0.2 and 0.3 s
    vectors = Track(np.array([[0.0], [1.0], [4.0]]), 10, start=0.1)
    units = Track(np.array([5, 7, 9]), 10, start=0.1)
    np.testing.assert_allclose(vectors.at(times)[:, 0], [0, 0, 0.4, 0.6, 4, 4], atol=1e-6)
    assert units.at(times).tolist() == [5, 5, 5, 7, 9, 9]
    assert units.is_discrete
    assert not vectors.is_discrete


def test_a_moment_between_two_units_takes_the_later_one():
    assert Track(np.arange(4), 50).at(np.array([0.01, 0.03, 0.0299])).tolist() == [1, 2, 1]


def test_another_grid_begins_with_the_first_sample():
    track = Track(np.arange(20).reshape(10, 2), 50, start=0.0125)
    other = track.at_rate(25, 5)
    assert (other.frame_rate, other.start, other.values.shape) == (25, 0.0, (5, 2))
    assert other.values[:, 0].tolist() == [0, 2, 6, 10, 14]  # 0, 0.04, 0.08 … s are frames −0.6, 1.4, 3.4 …
    np.testing.assert_allclose(track.times[:2], [0.0125, 0.0325])


@pytest.mark.parametrize("values", [np.zeros(3), np.zeros((2, 2, 2)), np.zeros((2, 2, 2), int)])
def test_other_shapes_are_refused(values):
    with pytest.raises(TrackError, match="frames"):
        Track(values, 50)


def test_a_rate_is_positive():
    with pytest.raises(TrackError, match="rate"):
        Track(np.zeros((3, 2)), 0)


@pytest.mark.parametrize(
    ("values", "kind"), [([[0.5, 1.0]], np.float32), (np.zeros((2, 3)), np.float32), (np.zeros(3, np.int16), np.int64)]
)
def test_values_are_float32_or_int64_however_they_come(values, kind):
    assert Track(values, 50).values.dtype == kind


def test_values_of_the_right_kind_are_not_copied():
    values = np.zeros((5, 3), np.float32)
    assert Track(values, 50.0).values is values
