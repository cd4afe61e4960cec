"""Figures of many systems on the same clips: means over seeds, 95 % intervals from resampling clips and seeds.

The draws of clips are the same for all systems, so any two are compared clip by clip.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from utterface.lab.bench.tokens.measures import FIGURES, Sums, figures

ROUNDS = 1000


class System(NamedTuple):
    """A representation with a decoder; the trivial rows have no decoder."""

    representation: str
    decoder: str = ""


MEAN_FACE, REFERENCE = System("mean face"), System("articulation")


class Scores:
    """What a set of clips says of each system.

    Args:
        runs: system → for each seed: clip id → its sums, see `measures`.
        rounds: of resampling.
        seed: of the draws.
    """

    def __init__(
        self, runs: Mapping[System, Sequence[Mapping[str, Sums]]], rounds: int = ROUNDS, seed: int = 0
    ) -> None:
        self.clips = sorted({clip for seeds in runs.values() for table in seeds for clip in table})
        names = sorted({name for seeds in runs.values() for table in seeds for row in table.values() for name in row})
        random = np.random.default_rng(seed)
        count = len(self.clips)
        picks = random.integers(count, size=(rounds, count))
        weights = np.stack([np.bincount(row, minlength=count) for row in picks]).astype(np.float64)
        self._seeds: dict[System, dict[str, np.ndarray]] = {}
        self._drawn: dict[System, dict[str, np.ndarray]] = {}
        for system, tables in runs.items():
            rows = np.array([[[t[c].get(n, 0.0) for n in names] for c in self.clips] for t in tables])
            whole = figures(dict(zip(names, np.moveaxis(rows.sum(1), -1, 0), strict=True)))
            resampled = np.einsum("rc,sck->skr", weights, rows)
            each = figures(dict(zip(names, np.moveaxis(resampled, 1, 0), strict=True)))
            chosen = random.integers(len(tables), size=(len(tables), rounds))
            self._seeds[system] = whole
            self._drawn[system] = {k: np.take_along_axis(v, chosen, 0).mean(0) for k, v in each.items()}

    @property
    def systems(self) -> list[System]:
        """Those that were trained."""
        return [s for s in self._seeds if s.decoder]

    @property
    def figures(self) -> list[str]:
        """The measures that this set has."""
        return [name for name in FIGURES if any(name in found for found in self._seeds.values())]

    def value(self, system: System, figure: str) -> float:
        """Mean over seeds."""
        return float(self._seeds[system][figure].mean())

    def seeds(self, system: System, figure: str) -> list[float]:
        """One value a seed."""
        return [float(v) for v in self._seeds[system][figure]]

    def drawn(self, system: System, figure: str) -> np.ndarray:
        """(R,) values of the resampled sets."""
        return self._drawn[system][figure]

    def interval(self, system: System, figure: str) -> tuple[float, float]:
        """95 % of the resampled sets lie within."""
        return interval(self.drawn(system, figure))

    def mean(self, systems: Iterable[System], figure: str) -> tuple[float, np.ndarray]:
        """Mean over systems: the value and its (R,) draws."""
        listed = list(systems)
        values = [self.value(s, figure) for s in listed]
        return float(np.mean(values)), np.mean([self.drawn(s, figure) for s in listed], axis=0)

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
