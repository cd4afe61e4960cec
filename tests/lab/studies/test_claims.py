import numpy as np
import pytest

from utterface.lab.studies.claims import HOLDS, NOT, UNDECIDED, Claim, conclude, evidence, not_judged, outcome, wilson


def row(low: float, high: float, decides: bool = True):
    return evidence("a", (low + high) / 2, np.linspace(low, high, 1001), "%", decides)


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.1, 1.0, HOLDS), (-1.0, -0.1, NOT), (-1.0, 1.0, UNDECIDED), (0.0, 0.0, UNDECIDED)]
)
def test_a_row_is_judged_by_its_interval(low, high, verdict):
    result = row(low, high)
    assert result.verdict == verdict and low <= result.low <= result.high <= high


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


def test_what_was_not_judged_says_why():
    assert not_judged("key", "title", "a variant is missing").remarks == ("Not judged: a variant is missing.",)


def test_a_share_of_few_cases_is_hardly_known():
    low, high = wilson(0.0, 3)
    assert low == pytest.approx(0, abs=1e-12) and high == pytest.approx(0.562, abs=1e-3)
    assert wilson(0.5, 100) == pytest.approx((0.404, 0.596), abs=1e-3)


def test_verdicts_in_words():
    claims = [Claim("", "", verdict, ()) for verdict in (HOLDS, UNDECIDED, HOLDS, NOT)]
    assert outcome(claims) == "2 hold, 1 does not, 1 is undecided"
