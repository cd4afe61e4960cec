"""Figures of many systems on the same clips: means over seeds, 95 % intervals from resampling clips and seeds.

The draws of clips are the same for all systems, so any two are compared clip by clip.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np

from utterface.lab.studies.figures import Sums

ROUNDS = 1000
Key = TypeVar("Key", bound=Hashable)
Figures = Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]


class Scores(Generic[Key]):
    """What a set of clips says of each system.

    Args:
        runs: system → for each seed: clip id → its sums.
        figures: sums over clips, any shape → figures by name, in the order of tables.
        trivial: systems that nobody trained, of which some may be missing.
        rounds: of resampling.
        seed: of the draws.
    """

    def __init__(
        self,
        runs: Mapping[Key, Sequence[Mapping[str, Sums]]],
        figures: Figures,
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
        for system, tables in runs.items():
            rows = np.array([[[t[c].get(n, 0.0) for n in names] for c in self.clips] for t in tables])
            self._seeds[system] = figures(dict(zip(names, np.moveaxis(rows.sum(1), -1, 0), strict=True)))
            resampled = np.einsum("rc,sck->skr", weights, rows)
            each = figures(dict(zip(names, np.moveaxis(resampled, 1, 0), strict=True)))
            chosen = random.integers(len(tables), size=(len(tables), rounds))
            self._each[system] = each
            self._drawn[system] = {k: np.take_along_axis(v, chosen, 0).mean(0) for k, v in each.items()}
        self._rounds, self._seed = rounds, seed

    @property
    def systems(self) -> list[Key]:
        """Those that were trained."""
        return [s for s in self._seeds if s not in self.trivial]

    @property
    def figures(self) -> list[str]:
        """The measures that this set has."""
        found = list(self._seeds.values())
        return list(dict.fromkeys(name for told in found for name in told))

    def value(self, system: Key, figure: str) -> float:
        """Mean over seeds."""
        return float(self._seeds[system][figure].mean())

    def seeds(self, system: Key, figure: str) -> list[float]:
        """One value a seed."""
        return [float(v) for v in self._seeds[system][figure]]

    def drawn(self, system: Key, figure: str) -> np.ndarray:
        """(R,) values of the resampled sets."""
        return self._drawn[system][figure]

    def interval(self, system: Key, figure: str) -> tuple[float, float]:
        """95 % of the resampled sets lie within."""
        return interval(self.drawn(system, figure))

    def mean(self, systems: Iterable[Key], figure: str) -> tuple[float, np.ndarray]:
        """Mean over systems: the value and its (R,) draws."""
        listed = list(systems)
        values = [self.value(s, figure) for s in listed]
        return float(np.mean(values)), np.mean([self.drawn(s, figure) for s in listed], axis=0)

    def shared_seeds(self, systems: Sequence[Key]) -> int:
        """How many seeds all of them have, the first ones."""
        return min(len(next(iter(self._seeds[s].values()))) for s in systems)

    def paired(self, systems: Sequence[Key], figure: str) -> list[tuple[float, np.ndarray]]:
        """The value and its (R,) draws of each, on the seeds that all have; the same seeds are drawn for all.

        For systems whose seed says the same of each: what they began from, the batches they saw.
        """
        count = self.shared_seeds(systems)
        chosen = np.random.default_rng([self._seed, count]).integers(count, size=(count, self._rounds))
        return [
            (
                float(self._seeds[s][figure][:count].mean()),
                np.take_along_axis(self._each[s][figure][:count], chosen, 0).mean(0),
            )
            for s in systems
        ]

    def between_seeds(self, figure: str) -> float:
        """Standard deviation between the seeds of a system, root mean square over systems; nan with a seed only."""
        spread = [np.var(self._seeds[s][figure], ddof=1) for s in self.systems if len(self._seeds[s][figure]) > 1]
        return float(np.sqrt(np.mean(spread))) if spread else float("nan")


def interval(drawn: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of draws; nan where none is a number."""
    seen = drawn[np.isfinite(drawn)]
    if not len(seen):
        return float("nan"), float("nan")
    low, high = np.percentile(seen, [2.5, 97.5])
    return float(low), float(high)
