import numpy as np
import pytest

from utterface.metrics.intervals import bootstrap, paired_difference, rank


def mean(items):
    return {"mean": float(np.mean(items))}


def test_ranks_share_ties():
    assert rank(np.array([10, 20, 10, 30])).tolist() == [1.5, 3, 1.5, 4]


def test_interval_of_a_mean_is_about_two_standard_errors():
    values = np.random.default_rng(1).normal(size=400).tolist()
    low, high = bootstrap(values, mean)["mean"]
    assert high - low == pytest.approx(4 * 1 / 20, rel=0.15)
    assert low < np.mean(values) < high


def test_pairing_sees_what_two_separate_intervals_cannot():
    random = np.random.default_rng(2)
    clips = random.normal(size=100)
    difference, low, high = paired_difference((clips + 0.1).tolist(), clips.tolist(), mean)["mean"]
    assert difference == pytest.approx(0.1) and low == pytest.approx(0.1) and high == pytest.approx(0.1)
    apart = bootstrap((clips + 0.1).tolist(), mean)["mean"], bootstrap(clips.tolist(), mean)["mean"]
    assert apart[0][0] < apart[1][1]  # unpaired, the two overlap


def test_unequal_sides_are_refused():
    with pytest.raises(ValueError, match="same clips"):
        paired_difference([1.0], [1.0, 2.0], mean)
