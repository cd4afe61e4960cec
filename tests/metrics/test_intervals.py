import numpy as np
import pytest

from utterface.metrics.intervals import bootstrap, jackknife, paired_difference, rank


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


def test_of_a_mean_the_jackknife_gives_its_standard_error():
    values = [1.0, 2.0, 4.0, 9.0]
    low, high = jackknife(values, lambda items: {"mean": float(np.mean(items))})["mean"]
    error = np.std(values, ddof=1) / 2
    assert (low, high) == pytest.approx((4 - 1.96 * error, 4 + 1.96 * error))
    assert np.isnan(jackknife([1.0], lambda items: {"mean": 1.0})["mean"]).all()


def test_the_jackknife_holds_what_repeated_items_flatter():
    """Of distinct items the share that is distinct is 1; the bootstrap never sees that."""
    summary = lambda items: {"distinct": len(set(items)) / len(items)}  # noqa: E731
    assert bootstrap(list(range(20)), summary, rounds=200)["distinct"][1] < 1
    assert jackknife(list(range(20)), summary)["distinct"] == (1, 1)
