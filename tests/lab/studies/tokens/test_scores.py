import numpy as np
import pytest

from made_results import row
from utterface.lab.studies.scores import interval
from utterface.lab.studies.tokens.scores import MEAN_FACE, Scores, System

A, B = System("a", "transformer"), System("b", "transformer")


def table(values) -> dict:
    return {f"c{i}": row(closed=v) for i, v in enumerate(values)}


def test_a_value_is_the_mean_over_seeds_of_what_all_clips_say():
    scores = Scores({A: [table([2, 4]), table([6, 8])]})
    assert scores.seeds(A, "bcs") == [pytest.approx(0.3), pytest.approx(0.7)]
    assert scores.value(A, "bcs") == pytest.approx(0.5)
    assert scores.between_seeds("bcs") == pytest.approx(np.std([0.3, 0.7], ddof=1))


def test_the_interval_widens_with_the_spread_of_clips_and_of_seeds():
    alike, apart = Scores({A: [table([5] * 20)] * 2}), Scores({A: [table([0, 10] * 10)] * 2})
    seeds = Scores({A: [table([2] * 20), table([8] * 20)]})
    widths = [high - low for low, high in (s.interval(A, "bcs") for s in (alike, apart, seeds))]
    assert widths[0] == pytest.approx(0) and widths[1] == pytest.approx(2 * 1.96 * 0.5 / 20**0.5, rel=0.15)
    assert widths[2] == pytest.approx(0.6)


def test_systems_are_resampled_together():
    """Clips differ far more than systems do, yet the difference is sure."""
    hard = np.linspace(0, 9, 20)
    scores = Scores({A: [table(hard + 1)], B: [table(hard)]})
    low, high = interval(scores.drawn(A, "bcs") - scores.drawn(B, "bcs"))
    assert low == pytest.approx(0.1) and high == pytest.approx(0.1)
    assert scores.interval(A, "bcs")[0] < scores.value(B, "bcs")


def test_means_over_systems_and_who_was_trained():
    scores = Scores({A: [table([2, 2])], B: [table([4, 4])], MEAN_FACE: [table([0, 0])]})
    value, drawn = scores.mean([A, B], "bcs")
    assert value == pytest.approx(0.3) and drawn.mean() == pytest.approx(0.3)
    assert scores.systems == [A, B]
    assert np.isnan(scores.between_seeds("bcs"))  # a seed only
    assert "bcs" in scores.figures and "diversity_mm" in scores.figures


def test_draws_are_seeded():
    one, two = (Scores({A: [table(range(9))]}).drawn(A, "bcs") for _ in range(2))
    assert np.array_equal(one, two)
    assert np.isnan(interval(np.full(3, np.nan))).all()
