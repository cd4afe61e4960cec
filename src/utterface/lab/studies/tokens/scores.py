"""Figures of the grid's systems on the same clips, see `lab.studies.scores`."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from utterface.lab.studies import scores
from utterface.lab.studies.figures import Sums
from utterface.lab.studies.tokens.measures import figures


class System(NamedTuple):
    """A representation with a decoder; the trivial rows have no decoder."""

    representation: str
    decoder: str = ""


MEAN_FACE, REFERENCE = System("mean face"), System("articulation")


class Scores(scores.Scores[System]):
    """What a set of clips says of each system; arguments as of `scores.Scores`."""

    def __init__(
        self, runs: Mapping[System, Sequence[Mapping[str, Sums]]], rounds: int = scores.ROUNDS, seed: int = 0
    ) -> None:
        super().__init__(runs, figures, (MEAN_FACE, REFERENCE), rounds, seed)
