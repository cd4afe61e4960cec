"""Findings as questions to results: each holds, does not, or is undecided.

An effect is signed so that above 0 speaks for the claim. A row of evidence holds where its whole 95 % interval lies
above 0, does not where it lies below; the claim holds where all the rows that decide hold, does not where one does not
and none holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utterface.lab.studies.scores import interval

HOLDS, NOT, UNDECIDED = "holds", "does not", "undecided"


@dataclass(frozen=True)
class Evidence:
    """One comparison.

    Attributes:
        label: what is compared.
        effect, low, high: above 0 speaks for the claim; its 95 % interval.
        unit: how the effect is printed: `%` (a share or a difference of shares), `ρ`, or a figure's name.
        verdict: of this row alone; empty where it is only told.
        decides: whether the claim's verdict rests on it.
        note: what else to know of it.
    """

    label: str
    effect: float
    low: float
    high: float
    unit: str
    verdict: str
    decides: bool
    note: str = ""


@dataclass(frozen=True)
class Claim:
    """A finding and what became of it here."""

    key: str
    title: str
    verdict: str
    evidence: tuple[Evidence, ...]
    remarks: tuple[str, ...] = ()


def evidence(label: str, effect: float, drawn: np.ndarray, unit: str, decides: bool) -> Evidence:
    """A comparison with its (R,) draws, judged by their middle 95 %."""
    low, high = interval(drawn)
    verdict = HOLDS if low > 0 else NOT if high < 0 else UNDECIDED
    return Evidence(label, effect, low, high, unit, verdict, decides)


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share of `count` independent cases (Wilson 1927, eq. 4)."""
    z = 1.96
    middle, half = share + z**2 / (2 * count), z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return float((middle - half) / (1 + z**2 / count)), float((middle + half) / (1 + z**2 / count))


def conclude(key: str, title: str, rows: Sequence[Evidence], remarks: Sequence[str] = ()) -> Claim:
    """A claim with the verdict of the rows that decide."""
    deciding = {row.verdict for row in rows if row.decides}
    verdict = HOLDS if deciding == {HOLDS} else NOT if NOT in deciding and HOLDS not in deciding else UNDECIDED
    return Claim(key, title, verdict, tuple(rows), tuple(remarks))


def left_open(key: str, title: str, why: str) -> Claim:
    """A claim that could not be asked."""
    return Claim(key, title, UNDECIDED, (), (f"Not asked: {why}.",))
