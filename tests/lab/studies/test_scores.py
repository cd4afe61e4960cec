import numpy as np
import pytest

from utterface.lab.studies.scores import Scores, interval


def figures(sums):
    return {"x": sums["x"] / sums["n"]}


def table(values) -> dict:
    return {f"c{i}": {"x": float(v), "n": 1.0} for i, v in enumerate(values)}


def test_two_systems_are_compared_on_the_seeds_that_both_have():
    rng = np.random.default_rng(0)
    hard = rng.normal(size=20)
    scores = Scores({"a": [table(hard + k) for k in range(3)], "b": [table(hard + 0.5)]}, figures)
    assert scores.shared_seeds(["a", "b"]) == 1 and scores.shared_seeds(["a"]) == 3
    (a, drawn_a), (b, drawn_b) = scores.paired(["a", "b"], "x")
    assert b - a == pytest.approx(0.5) and interval(drawn_b - drawn_a) == pytest.approx((0.5, 0.5))
    assert scores.value("a", "x") == pytest.approx(hard.mean() + 1)


def test_seeds_are_paired_where_they_say_the_same_of_both():
    """Seeds differ far more than systems do; drawn together the difference is sure, drawn apart it is not."""
    apart = [0.0, 5.0, 9.0]
    scores = Scores({"a": [table([s] * 9) for s in apart], "b": [table([s + 1] * 9) for s in apart]}, figures)
    (a, drawn_a), (b, drawn_b) = scores.paired(["a", "b"], "x")
    assert b - a == pytest.approx(1) and interval(drawn_b - drawn_a) == pytest.approx((1, 1))
    low, high = interval(scores.drawn("b", "x") - scores.drawn("a", "x"))
    assert low < 0 < high


def test_trivial_systems_stand_after_the_trained_ones_as_far_as_they_are_there():
    scores = Scores({"floor": [table([0])], "a": [table([1])]}, figures, ("floor", "ceiling"))
    assert scores.systems == ["a"] and scores.trivial == ["floor"] and scores.figures == ["x"]
