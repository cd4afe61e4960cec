"""Runs of a study: one variant trained with one seed, measured on the test clips, resumed where it was stopped."""

import time
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import torch

from utterface.lab.batches.pairs import target
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.measures.catalogue import Measure, Sums
from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.studies.report import Source
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.store import (
    Folder,
    bytes_of,
    done,
    mark_of,
    portable,
    read_json,
    train_once,
    write_arrays,
    write_json,
)
from utterface.lab.training.checkpoints import load_average
from utterface.motion import ARKIT, Motion

TRIVIAL = "trivial"  # file of the variants without training
MEAN_FACE, ARTICULATION = "mean face", "articulation"
Sets = Mapping[str, Mapping[str, Sums]]  # set of clips → clip id → its sums


class Variant(Hashable, Protocol):
    """One setting that a study compares."""

    @property
    def name(self) -> str:
        """Of its files."""
        ...


V = TypeVar("V", bound=Variant)
S = TypeVar("S")
M = TypeVar("M", bound="StudyMaterial")


@dataclass(frozen=True)
class VariantRun(Generic[V]):
    """A variant trained with a seed."""

    variant: V
    seed: int

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.variant.name}.{self.seed}"


class StudyMaterial(Protocol):
    """The clips of a study."""

    @property
    def train(self) -> Sequence[CorpusClip]: ...
    @property
    def sources(self) -> Sequence[Source]: ...


@dataclass(frozen=True)
class Runner(ABC, Generic[S, M, V]):
    """Trains and measures runs, all on the same clips; travels to processes.

    Attributes:
        size, material, folder: of the study.
        rig: file of the lips on which real recordings are measured; None is the built-in head.
        missing: variants that cannot take part here → why.
    """

    size: S
    material: M
    folder: Folder
    rig: Path | None
    missing: Mapping[str, str]
    version: ClassVar[int] = 3  # of what is measured; figures of another version are measured again
    channels: ClassVar[tuple[str, ...]] = ARKIT[:-1]  # of the motion; all but the tongue

    @abstractmethod
    def recipe(self, run: VariantRun[V]) -> dict[str, Any]:
        """What is trained."""

    @abstractmethod
    def measure(self, run: VariantRun[V], system: Any) -> Sets:
        """Sums of a trained system, its network at rest."""

    @abstractmethod
    def measured_on(self) -> Any:
        """All that figures depend on beside the recipe, as JSON."""

    def about(self, recipe: Mapping[str, Any]) -> Any:
        """All that weights depend on, as JSON."""
        return {"recipe": portable(recipe), "clips": mark_of([clip.id for clip in self.material.train])}

    def run(self, run: VariantRun[V]) -> Path:
        """Train and measure a run, or what of it is left to do; the path of its figures."""
        path, recipe = self.folder.figures(run.name), self.recipe(run)
        about = self.about(recipe)
        mark = self.mark(about)
        if done(path, mark):
            return path
        weights = self.folder.weights(run.name)
        trained = train_once(recipe, weights, about)
        system = self.open(recipe, weights)
        parameters = sum(p.numel() for p in system.network.parameters())
        begin = time.perf_counter()
        sums = self.measure(run, system)
        seconds = time.perf_counter() - begin
        write_json(path, {"mark": mark, "parameters": parameters, **trained, "measure_seconds": seconds, **sums})
        return path

    def open(self, recipe: Mapping[str, Any], weights: Path) -> Any:
        """A trained system, its network at rest."""
        system = self.make(recipe)
        average, _, _ = load_average(weights)
        system.network.load_state_dict(average)
        system.network.eval().to("cuda" if torch.cuda.is_available() else "cpu")
        return system

    @abstractmethod
    def make(self, recipe: Mapping[str, Any]) -> Any:
        """The system of a recipe."""

    def mark(self, about: Any) -> str:
        """Changes whenever figures would."""
        return mark_of([self.version, about, self.measured_on(), bytes_of(self.rig) if self.rig else ""])

    def keep_gaps(self, name: str, gaps: Mapping[str, Mapping[str, np.ndarray]]) -> None:
        """Lip gaps of a run: set of clips → clip id → (T,) or (S, T) mm."""
        arrays = {f"{where}/{clip}": gap for where, rows in gaps.items() for clip, gap in rows.items()}
        write_arrays(self.folder.gaps(name), {k: v.astype(np.float32) for k, v in arrays.items()})

    def keep_motion(self, run: VariantRun[V], motion: Mapping[str, np.ndarray]) -> None:
        """Motion of shown sentences: clip id → (T, C) or (S, T, C)."""
        write_arrays(self.folder.motion(run.name), motion)

    def mean_face(self) -> np.ndarray:
        """(C,) mean weights of the training clips."""
        mean: np.ndarray = np.concatenate([target(c, self.channels, FRAME_RATE) for c in self.material.train]).mean(
            0, dtype=np.float64
        )
        return mean


def reference(clip: CorpusClip, channels: tuple[str, ...]) -> Motion:
    """The clip's motion, or articulated phones where it has none."""
    return Motion(target(clip, channels, FRAME_RATE), channels, FRAME_RATE)


def still(like: Motion, mean: np.ndarray) -> Motion:
    """(C,) weights held as long as a motion."""
    return like.with_values(np.tile(mean.astype(np.float32), (len(like), 1)))


def read_runs(
    folder: Folder, runs: Iterable[VariantRun[V]], failed: Mapping[str, str]
) -> dict[VariantRun[V], Mapping[str, Any]]:
    """Figures of the runs that have some."""
    return {
        r: read_json(folder.figures(r.name)) for r in runs if r.name not in failed and folder.figures(r.name).is_file()
    }


def scores_of(
    where: str, runs: Mapping[VariantRun[V], Mapping[str, Any]], trivial: Mapping[str, Mapping[str, Any]],
    measures: Mapping[str, Measure],
) -> Scores[V | str]:  # fmt: skip
    """Scores on a set of clips; trivial variants that lack some of its clips are left out."""
    sums: dict[V | str, list[Mapping[str, Sums]]] = {}
    for run, figures in runs.items():
        sums.setdefault(run.variant, []).append(figures[where])
    clips = set(next(iter(sums.values()))[0])
    sums |= {name: [sets[where]] for name, sets in trivial.items() if clips and set(sets.get(where, ())) == clips}
    return Scores(sums, measures, trivial)
