import numpy as np
import pytest

from utterface.lab.measures.catalogue import ratio
from utterface.lab.studies.scores import Scores, interval

MEASURES = {"x": ratio("x", "", "high", 1, "x", "n", "", "")}


def table(values) -> dict:
    return {f"c{i}": {"x": float(v), "n": 1.0} for i, v in enumerate(values)}


def test_two_variants_are_compared_on_the_seeds_that_both_have():
    rng = np.random.default_rng(0)
    hard = rng.normal(size=20)
    scores = Scores({"a": [table(hard + k) for k in range(3)], "b": [table(hard + 0.5)]}, MEASURES)
    assert scores.shared_seeds(["a", "b"]) == 1 and scores.shared_seeds(["a"]) == 3
    (a, drawn_a), (b, drawn_b) = scores.paired(["a", "b"], "x")
    assert b - a == pytest.approx(0.5) and interval(drawn_b - drawn_a) == pytest.approx((0.5, 0.5))
    assert scores.value("a", "x") == pytest.approx(hard.mean() + 1)


def test_seeds_are_paired_where_both_have_them():
    """Seeds differ far more than systems do; drawn together the difference is sure, drawn apart it is not."""
    apart = [0.0, 5.0, 9.0]
    scores = Scores({"a": [table([s] * 9) for s in apart], "b": [table([s + 1] * 9) for s in apart]}, MEASURES)
    (a, drawn_a), (b, drawn_b) = scores.paired(["a", "b"], "x")
    assert b - a == pytest.approx(1) and interval(drawn_b - drawn_a) == pytest.approx((1, 1))
    low, high = interval(scores.drawn("b", "x") - scores.drawn("a", "x"))
    assert low < 0 < high


def test_trivial_variants_come_last():
    scores = Scores({"floor": [table([0])], "a": [table([1])]}, MEASURES, ("floor", "ceiling"))
    assert scores.variants == ["a"] and scores.trivial == ["floor"] and scores.measures == ["x"]
