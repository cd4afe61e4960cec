"""Random numbers that know the moment, not the call."""

import numpy as np

from utterface.life.chance import FAR, Pulses, draws, moments, noise, uniform


def moments_of(first: float, last: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Moments of one voice."""
    at, index = moments(np.array([first]), np.array([last]), np.array([seed], np.uint64), 9, 0.5, np.array([2.0]))
    return at[0], index[0]


def test_numbers_are_even_and_streams_differ():
    numbers = draws(7, 100, np.arange(20_000), 3)
    assert np.abs(numbers.mean(1) - 0.5).max() < 0.01 and np.abs(np.corrcoef(numbers) - np.eye(3)).max() < 0.02
    assert not np.array_equal(uniform(7, 1, np.arange(9)), uniform(8, 1, np.arange(9)))
    assert np.array_equal(uniform(-1, 1, np.arange(9)), uniform(2**64 - 1, 1, np.arange(9)))


def test_noise_is_smooth_and_as_wide_as_it_says():
    track = noise(np.arange(60_000) / 60, 3, 5, 1.0)
    assert np.abs(track).max() <= 1 and 0.35 < track.std() < 0.45
    assert np.abs(np.diff(track)).max() < 0.06


def test_moments_keep_their_distance_and_their_mean():
    at, index = moments_of(0.0, 2000.0)
    assert np.diff(at).min() >= 0.499 and 1.7 < np.diff(at).mean() < 2.2
    assert len(set(index.tolist())) == len(index)
    later, _ = moments_of(500.0, 520.0)
    assert set(later[(later > 500) & (later < 520)]) == set(at[(at > 500) & (at < 520)])


def test_pulses_join_within_0_and_1():
    times = np.linspace(0, 1, 101)
    courses = np.array([[[0.1, 0.3, 0.5, 0.7], [0.2, 0.4, 0.5, 0.9]]])
    both = Pulses(times, np.zeros(101, int), courses)(np.array([[0.8, 0.9]]))
    assert 0.97 < both.max() <= 1 and both[0] == both[-1] == 0


def test_moments_of_one_voice_do_not_depend_on_others():
    alone, _ = moments_of(30.0, 31.0, seed=7)
    first, seeds = np.array([30.0, 200.0]), np.array([7, 8], np.uint64)
    both, _ = moments(first, first + np.array([1.0, 90.0]), seeds, 9, 0.5, np.array([2.0, 0.8]))
    assert np.array_equal(both[0, : len(alone)], alone) and (both[0, len(alone) :] == FAR).all()


def test_moments_are_the_same_in_every_version():
    at, _ = moments_of(0.0, 60.0)
    inside = at[(at > 0) & (at < 60)]
    assert len(inside) == 35
    np.testing.assert_allclose(inside[[0, 1, -1]], [1.2090044, 1.8189196, 59.6877670], atol=1e-6)
