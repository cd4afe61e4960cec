"""A study of two variants, one measure and one claim: what a further study has to declare."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from utterface.lab.measures.catalogue import select
from utterface.lab.studies import sections, tables
from utterface.lab.studies.claims import Claim, conclude, evidence
from utterface.lab.studies.jobs import OnLine, StudyJob, Wave
from utterface.lab.studies.plots import drawing, svg
from utterface.lab.studies.report import Report, Source, results_of
from utterface.lab.studies.runs import VariantRun, read_runs, scores_of
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.sections import Paper, Plot, Section
from utterface.lab.studies.store import Folder, write_json
from utterface.lab.studies.study import Findings, Study, StudyRequest

MEASURES = select(("jitter",))
PAPER = Paper("Someone: Smoothing, 2026", "noise", ("variant", "jitter"), (("rough", 2.0), ("smooth", None)))


@dataclass(frozen=True)
class ToySize:
    name: str
    seeds: int = 2
    clips: int = 6


@dataclass(frozen=True)
class ToyOptions:
    """Options of the study.

    Parameters
    ----------
    noise
        Deviation of the motion.
    """

    noise: float = 1.0


@dataclass(frozen=True)
class ToyVariant:
    name: str


@dataclass(frozen=True)
class ToyMaterial:
    train: tuple[Any, ...] = ()
    sources: tuple[Source, ...] = (Source("noise", "test", 6, 0.1, 1, "none", "articulatory"),)


@dataclass(frozen=True)
class ToyRunner:
    size: ToySize
    folder: Folder
    noise: float
    material: ToyMaterial = ToyMaterial()
    missing: Mapping[str, str] = field(default_factory=dict)

    def measure(self, run: VariantRun[ToyVariant]) -> Path:
        """Jitter of noise, smoothed or not."""
        width = 9 if run.variant.name == "smooth" else 1
        sums = {}
        for clip in range(self.size.clips):
            motion = self.noise * np.random.default_rng([run.seed, clip]).standard_normal(200)
            smooth = np.convolve(motion, np.ones(width) / width, "same")
            shaken = float(np.abs(np.diff(smooth, 2)).sum())
            sums[f"c{clip}"] = {"shaken": shaken, "frames": 198.0, "bilabials": 0.0}
        path = self.folder.figures(run.name)
        write_json(path, {"mark": "", "test": sums})
        return path


def prepare(size: ToySize, request: StudyRequest, folder: Folder, tell: OnLine) -> ToyRunner:
    return ToyRunner(size, folder, request.options.noise)


def runs(size: ToySize) -> list[VariantRun[ToyVariant]]:
    return [VariantRun(ToyVariant(name), seed) for seed in range(size.seeds) for name in ("rough", "smooth")]


def jobs(runner: ToyRunner, failed: Mapping[str, str]) -> Iterator[Wave]:
    yield Wave("measuring", tuple(StudyJob(run.name, ToyRunner.measure, (run,)) for run in runs(runner.size)))


def collect(runner: ToyRunner, failed: Mapping[str, str]) -> Findings[Scores]:
    figures = read_runs(runner.folder, runs(runner.size), failed)
    scores = scores_of("test", figures, {}, MEASURES)
    sums = next(iter(figures.values()))["test"]
    return Findings(scores, {"test": results_of(scores, sums, lambda variant: (variant.name,))})


def claims(scores: Scores) -> list[Claim]:
    (rough, drawn), (smooth, others) = scores.paired((ToyVariant("rough"), ToyVariant("smooth")), "jitter")
    row = evidence("jitter, rough − smooth", rough - smooth, drawn - others, "jitter", True)
    return [conclude("smooth", "Smoothing lowers jitter", [row])]


def winner(scores: Scores) -> dict[str, Any]:
    return {"variant": min(scores.variants, key=lambda v: scores.value(v, "jitter")).name}


def plots(report: Report) -> Iterator[Plot]:
    with drawing("variant", "jitter") as (figure, axes):
        lines = report.results["test"].lines
        axes.bar([line.name[0] for line in lines], [line.values["jitter"].value for line in lines])
        yield Plot("jitter", "Jitter of both.", svg(figure))


STUDY = Study(
    name="toy",
    title="Smoothing",
    question="Does smoothing lower jitter?",
    paper=PAPER,
    sizes={"smoke": ToySize("smoke"), "small": ToySize("small", clips=20)},
    measures=MEASURES,
    prepare=prepare,
    jobs=jobs,
    collect=collect,
    claims=claims,
    winner=winner,
    sections=(
        sections.verdicts(MEASURES),
        Section("winner", "The winner", lambda report: [f"**{report.winner['variant']}**"]),
        Section("pictures", "In pictures", plots),
        Section(
            "test", sections.counted("Jitter", "test", "clips"),
            lambda report: [tables.of_results(report.results["test"], MEASURES, ("jitter",), ("variant",))],
        ),
        sections.ran(lambda report: [f"Size {report.size}: {report.settings['clips']} clips."]),
        sections.definitions(MEASURES),
        sections.paper(PAPER),
    ),
)  # fmt: skip
