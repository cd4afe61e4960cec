"""95 % intervals over clips, and paired differences between two systems judged on the same clips."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")
ROUNDS = 1000


def rank(values: np.ndarray) -> np.ndarray:
    """(N,) ranks from 1, ties sharing their mean."""
    _, inverse, number = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(number)
    return ((last - number + 1 + last) / 2)[inverse]


def bootstrap(
    items: Sequence[Item],
    summary: Callable[[Sequence[Item]], Mapping[str, float]],
    rounds: int = ROUNDS,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """95 % interval of every figure of `summary`, resampling the clips with replacement."""
    drawn = [summary([items[i] for i in picks]) for picks in _draws(len(items), rounds, seed)]
    return {key: _interval([d[key] for d in drawn]) for key in drawn[0]}


def jackknife(
    items: Sequence[Item], summary: Callable[[Sequence[Item]], Mapping[str, float]]
) -> dict[str, tuple[float, float]]:
    """95 % interval of every figure of `summary`, from how it changes when each clip in turn is left out.

    For figures that repeated clips flatter, such as purities of many units: clips drawn twice hold fewer different
    frames, so `bootstrap` gives intervals beside the figure. The variance is Tukey's (Efron and Stein 1981, eq. 1.4).
    """
    count = len(items)
    whole = summary(items)
    if count < 2:
        return {key: (float("nan"), float("nan")) for key in whole}
    without = [summary([*items[:i], *items[i + 1 :]]) for i in range(count)]
    found = {}
    for key, value in whole.items():
        half = 1.96 * np.sqrt((count - 1) * np.var([w[key] for w in without]))
        found[key] = (float(value - half), float(value + half))
    return found


def paired_difference(
    ours: Sequence[Item],
    theirs: Sequence[Item],
    summary: Callable[[Sequence[Item]], Mapping[str, float]],
    rounds: int = ROUNDS,
    seed: int = 0,
) -> dict[str, tuple[float, float, float]]:
    """(difference, low, high) of every figure, ours − theirs, item i of both being the same clip.

    A difference counts where its interval leaves zero out.
    """
    if len(ours) != len(theirs):
        raise ValueError(f"paired judging needs the same clips on both sides, got {len(ours)} and {len(theirs)}")
    whole_ours, whole_theirs = summary(ours), summary(theirs)
    drawn = [
        (summary([ours[i] for i in picks]), summary([theirs[i] for i in picks]))
        for picks in _draws(len(ours), rounds, seed)
    ]
    return {
        key: (whole_ours[key] - whole_theirs[key], *_interval([a[key] - b[key] for a, b in drawn]))
        for key in whole_ours
    }


def _draws(count: int, rounds: int, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.integers(count, size=count) for _ in range(rounds)]


def _interval(values: Sequence[float]) -> tuple[float, float]:
    seen = np.asarray(values, np.float64)
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return (float("nan"), float("nan"))
    low, high = np.percentile(seen, [2.5, 97.5])
    return (float(low), float(high))
