import numpy as np
import pytest

from utterface.lab.studies.evidence import HOLDS, NOT, UNDECIDED, conclude, evidence, left_open, wilson


def row(low: float, high: float, decides: bool = True):
    return evidence("a", (low + high) / 2, np.linspace(low, high, 1001), "%", decides)


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.1, 1.0, HOLDS), (-1.0, -0.1, NOT), (-1.0, 1.0, UNDECIDED), (0.0, 0.0, UNDECIDED)]
)
def test_a_row_is_judged_by_its_interval(low, high, verdict):
    found = row(low, high)
    assert found.verdict == verdict and low <= found.low <= found.high <= high


def test_nothing_known_decides_nothing():
    assert evidence("a", float("nan"), np.full(9, np.nan), "%", True).verdict == UNDECIDED


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([row(1, 2), row(1, 2)], HOLDS),
        ([row(1, 2), row(-1, 2)], UNDECIDED),
        ([row(-2, -1), row(-1, 2)], NOT),
        ([row(-2, -1), row(1, 2)], UNDECIDED),
        ([row(1, 2), row(-2, -1, False)], HOLDS),
    ],
)
def test_a_claim_is_what_its_deciding_rows_are(rows, verdict):
    assert conclude("key", "title", rows).verdict == verdict


def test_what_was_not_asked_says_why():
    assert left_open("key", "title", "nobody there").remarks == ("Not asked: nobody there.",)


def test_a_share_of_few_cases_is_hardly_known():
    low, high = wilson(0.0, 3)
    assert low == pytest.approx(0, abs=1e-12) and high == pytest.approx(0.562, abs=1e-3)
    assert wilson(0.5, 100) == pytest.approx((0.404, 0.596), abs=1e-3)
