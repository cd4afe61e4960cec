"""Measures of many variants on the same clips: means over seeds, 95 % intervals from resampling clips and seeds.

The draws of clips are the same for all variants, so any two are compared clip by clip.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np

from utterface.lab.measures.catalogue import Measure, Sums, figures

ROUNDS = 1000
Key = TypeVar("Key", bound=Hashable)


class Scores(Generic[Key]):
    """Measures of each variant on a set of clips.

    Args:
        runs: variant → for each seed: clip id → its sums.
        measures: name → measure, in the order of tables.
        trivial: variants without training, of which some may be missing.
        rounds: of resampling.
        seed: of the draws.
    """

    def __init__(
        self,
        runs: Mapping[Key, Sequence[Mapping[str, Sums]]],
        measures: Mapping[str, Measure],
        trivial: Iterable[Key] = (),
        rounds: int = ROUNDS,
        seed: int = 0,
    ) -> None:
        self.clips = sorted({clip for seeds in runs.values() for table in seeds for clip in table})
        self.trivial = [s for s in trivial if s in runs]
        names = sorted({name for seeds in runs.values() for table in seeds for row in table.values() for name in row})
        random = np.random.default_rng(seed)
        count = len(self.clips)
        picks = random.integers(count, size=(rounds, count))
        weights = np.stack([np.bincount(row, minlength=count) for row in picks]).astype(np.float64)
        self._seeds: dict[Key, Mapping[str, np.ndarray]] = {}
        self._each: dict[Key, Mapping[str, np.ndarray]] = {}  # (seeds, rounds) each
        self._drawn: dict[Key, dict[str, np.ndarray]] = {}
        for variant, tables in runs.items():
            rows = np.array([[[t[c].get(n, 0.0) for n in names] for c in self.clips] for t in tables])
            self._seeds[variant] = figures(dict(zip(names, np.moveaxis(rows.sum(1), -1, 0), strict=True)), measures)
            resampled = np.einsum("rc,sck->skr", weights, rows)
            each = figures(dict(zip(names, np.moveaxis(resampled, 1, 0), strict=True)), measures)
            chosen = random.integers(len(tables), size=(len(tables), rounds))
            self._each[variant] = each
            self._drawn[variant] = {k: np.take_along_axis(v, chosen, 0).mean(0) for k, v in each.items()}
        self._rounds, self._seed = rounds, seed

    @property
    def variants(self) -> list[Key]:
        """The trained variants."""
        return [s for s in self._seeds if s not in self.trivial]

    @property
    def measures(self) -> list[str]:
        """The measures that this set has."""
        return list(dict.fromkeys(name for seeds in self._seeds.values() for name in seeds))

    def value(self, variant: Key, measure: str) -> float:
        """Mean over seeds."""
        return float(self._seeds[variant][measure].mean())

    def seeds(self, variant: Key, measure: str) -> list[float]:
        """One value a seed."""
        return [float(v) for v in self._seeds[variant][measure]]

    def drawn(self, variant: Key, measure: str) -> np.ndarray:
        """(R,) values of the resampled sets."""
        return self._drawn[variant][measure]

    def interval(self, variant: Key, measure: str) -> tuple[float, float]:
        """95 % of the resampled sets lie within."""
        return interval(self.drawn(variant, measure))

    def mean(self, variants: Iterable[Key], measure: str) -> tuple[float, np.ndarray]:
        """Mean over variants: the value and its (R,) draws."""
        listed = list(variants)
        values = [self.value(s, measure) for s in listed]
        return float(np.mean(values)), np.mean([self.drawn(s, measure) for s in listed], axis=0)

    def shared_seeds(self, variants: Sequence[Key]) -> int:
        """How many seeds all of them have, the first ones."""
        return min(len(next(iter(self._seeds[s].values()))) for s in variants)

    def paired(self, variants: Sequence[Key], measure: str) -> list[tuple[float, np.ndarray]]:
        """The value and its (R,) draws of each, on the seeds that all have; the same seeds are drawn for all.

        For variants whose seed says the same of each: what they began from, the batches they saw.
        """
        count = self.shared_seeds(variants)
        chosen = np.random.default_rng([self._seed, count]).integers(count, size=(count, self._rounds))
        return [
            (
                float(self._seeds[s][measure][:count].mean()),
                np.take_along_axis(self._each[s][measure][:count], chosen, 0).mean(0),
            )
            for s in variants
        ]

    def between_seeds(self, measure: str) -> float:
        """Standard deviation between the seeds of a variant, root mean square over variants; nan with a seed only."""
        spread = [np.var(self._seeds[s][measure], ddof=1) for s in self.variants if len(self._seeds[s][measure]) > 1]
        return float(np.sqrt(np.mean(spread))) if spread else float("nan")


def interval(drawn: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of draws; nan where none is a number."""
    seen = drawn[np.isfinite(drawn)]
    if not len(seen):
        return float("nan"), float("nan")
    low, high = np.percentile(seen, [2.5, 97.5])
    return float(low), float(high)
