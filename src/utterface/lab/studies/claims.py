"""Claims of a study, judged on its results: each holds, does not, is undecided, or is not asked of what was trained.

An effect is signed so that above 0 speaks for the claim. A row of evidence holds where its whole 95 % interval lies
above 0, does not where it lies below; the claim holds where all deciding rows hold, does not where one does not and
none holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utterface.lab.studies.scores import interval

HOLDS, NOT, UNDECIDED, NOT_ASKED = "holds", "does not", "undecided", "not asked"
_WORDS = {HOLDS: ("holds", "hold"), NOT: ("does not", "do not"), UNDECIDED: ("is undecided", "are undecided"),
          NOT_ASKED: ("is not asked", "are not asked")}  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """One comparison.

    Attributes:
        label: what is compared.
        effect, low, high: above 0 speaks for the claim; its 95 % interval; None where there is none.
        unit: how the effect is printed: `%` (a share or a difference of shares), `ρ`, or a measure's name.
        verdict: of this row alone; empty where it is shown only.
        decides: whether the claim's verdict rests on it.
        note: what else to know of it.
    """

    label: str
    effect: float | None
    low: float | None
    high: float | None
    unit: str
    verdict: str
    decides: bool
    note: str = ""


@dataclass(frozen=True)
class Claim:
    """A statement and its verdict."""

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
    """A claim with the verdict of its deciding rows."""
    deciding = {row.verdict for row in rows if row.decides}
    verdict = HOLDS if deciding == {HOLDS} else NOT if NOT in deciding and HOLDS not in deciding else UNDECIDED
    return Claim(key, title, verdict, tuple(rows), tuple(remarks))


def not_judged(key: str, title: str, reason: str) -> Claim:
    """A claim for which results are missing."""
    return Claim(key, title, UNDECIDED, (), (f"Not judged: {reason}.",))


def not_asked(key: str, title: str, reason: str) -> Claim:
    """A claim that these results cannot decide, whatever they are."""
    return Claim(key, title, NOT_ASKED, (), (f"Not asked: {reason}.",))


def outcome(claims: Sequence[Claim]) -> str:
    """`3 hold, 1 does not, 1 is undecided`."""
    verdicts = [claim.verdict for claim in claims]
    counts = {v: verdicts.count(v) for v in dict.fromkeys([HOLDS, NOT, *verdicts]) if v in verdicts}
    return ", ".join(f"{n} {_WORDS[verdict][n > 1]}" for verdict, n in counts.items())
