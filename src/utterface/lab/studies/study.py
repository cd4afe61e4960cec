"""A study: the question of one work, its systems trained and measured by one command that resumes.

    study.run(STUDY, request, folder)      clips → jobs in waves → results, claims, winner → report
    study.draw(STUDY, figures, folder)     the report again from its file of figures, without training

In the folder: NAME.json, NAME.md with plots/, NAME.html, winner.toml, and what `store` names.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from utterface.errors import ConfigError
from utterface.lab.measures.catalogue import Measure
from utterface.lab.studies import NoOptions, html, markdown
from utterface.lab.studies.claims import Claim
from utterface.lab.studies.clips import Recordings
from utterface.lab.studies.jobs import OnLine, OnProgress, Wave, do_all, here, workers
from utterface.lab.studies.report import Report, Results, finite, read_report, write_report
from utterface.lab.studies.runs import StudyMaterial
from utterface.lab.studies.sections import Paper, Plot, Section
from utterface.lab.studies.store import Folder, write_text

Failed = Mapping[str, str]  # job → why it failed


class StudySize(Protocol):
    """How much is trained and measured; a frozen dataclass."""

    @property
    def name(self) -> str: ...
    @property
    def seeds(self) -> int: ...


class StudyRunner(Protocol):
    """What jobs are run with; usually a `runs.Runner`."""

    @property
    def size(self) -> Any: ...
    @property
    def material(self) -> StudyMaterial: ...
    @property
    def folder(self) -> Folder: ...
    @property
    def missing(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class StudyRequest:
    """What a study is run with.

    Attributes:
        size: a name of the study's sizes.
        options: of the class that `STUDIES` names.
        seeds: of each run; 0 is the size's.
        recordings: real recordings on which lips are measured too.
        rig: lips for those, see `LipRig.from_npz`; the built-in head where there is none.
        processes: runs at once, a thread each.
    """

    size: str = "small"
    options: Any = field(default_factory=NoOptions)
    seeds: int = 0
    recordings: Recordings | None = None
    rig: Path | None = None
    processes: int = 2


S = TypeVar("S", bound=StudySize)
R = TypeVar("R", bound=StudyRunner)
B = TypeVar("B")


@dataclass(frozen=True)
class Findings(Generic[B]):
    """What finished runs say.

    Attributes:
        basis: what claims and the winner are judged on; None where nothing was finished.
        results: set of clips → variants × measures.
        more: what only this study measures, as JSON has it.
    """

    basis: B | None
    results: Mapping[str, Results]
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Study(Generic[S, R, B]):
    """One study.

    Attributes:
        name, title, question: of the command, the work, the page.
        paper: the work and its own table.
        sizes: by name.
        measures: of its tables.
        prepare: a size and a request → a runner: clips are chosen, what variants need is opened.
        jobs: a runner and what failed so far → waves of jobs, each drawn when the one before is done.
        collect: a runner and what failed → findings.
        claims: judged on the basis of findings.
        sections: of its report.
        winner: the variant that the study's rule chooses, as JSON has it.
        recipe: a runner and a winner → its recipe in TOML.
        faces: a page on which faces of the runs play side by side.
        revise: a report of kept figures as it is drawn today; claims that they cannot bear are withdrawn there.
        extract: names of the sections that a page of the documentation holds.
    """

    name: str
    title: str
    question: str
    paper: Paper
    sizes: Mapping[str, S]
    measures: Mapping[str, Measure]
    prepare: Callable[[S, StudyRequest, Folder, OnLine], R]
    jobs: Callable[[R, Failed], Iterator[Wave]]
    collect: Callable[[R, Failed], Findings[B]]
    claims: Callable[[B], list[Claim]]
    sections: tuple[Section, ...]
    winner: Callable[[B], Mapping[str, Any] | None] = lambda basis: None
    recipe: Callable[[R, Mapping[str, Any]], str] | None = None
    faces: Callable[[R, Report], str | None] = lambda runner, report: None
    revise: Callable[[Report], Report] = lambda report: report
    extract: tuple[str, ...] = ("claims", "test", "spoken")

    def size(self, request: StudyRequest) -> S:
        """The size of a request, with its number of seeds; ConfigError names the sizes that exist."""
        if request.size not in self.sizes:
            raise ConfigError(f"{self.name} has no size {request.size!r}; choose one of {', '.join(self.sizes)}")
        size = self.sizes[request.size]
        return replace(size, seeds=request.seeds) if request.seeds else size  # type: ignore[type-var]


def run(
    study: Study[S, R, B], request: StudyRequest, output: Path,
    report: OnProgress = lambda what, part: None, tell: OnLine = lambda line: None,
) -> Report:  # fmt: skip
    """The whole study; what is in the folder already is not done again.

    Args:
        study: which.
        request: what it is run with.
        output: folder of the report.
        report: receives what is being done and how far it is.
        tell: receives what is finished, left out or failed, a line each.
    """
    size, folder = study.size(request), Folder(output)
    report("clips", None)
    runner = study.prepare(size, request, folder, tell)
    failed: dict[str, str] = {}
    with workers(runner, request.processes) as submit:
        for wave in study.jobs(runner, failed):
            at_once, how = (1, here(runner)) if wave.alone else (request.processes, submit)
            failed |= do_all(how, wave.jobs, wave.name, at_once, report, tell)
    report("the report", None)
    findings = study.collect(runner, failed)
    figures = Report(
        study.name, size.name, asdict(runner.size), tuple(runner.material.sources), findings.results,
        missing=dict(runner.missing), failed=failed, more=findings.more,
    )  # fmt: skip
    if findings.basis is not None:
        claims = tuple(map(finite, study.claims(findings.basis)))
        figures = replace(figures, claims=claims, winner=study.winner(findings.basis))
    write_report(figures, output / f"{study.name}.json")
    write_drawn(study, figures, output, study.faces(runner, figures) or "")
    if figures.winner and study.recipe:
        write_text(output / "winner.toml", study.recipe(runner, figures.winner))
    return figures


def draw(study: Study[S, R, B], figures: Path, output: Path) -> Report:
    """Tables, plots and the page without faces from a file of figures; nothing is trained.

    Raises:
        ConfigError: the file is of another study, or of none.
    """
    report = study.revise(read_report(figures))
    if report.study != study.name:
        raise ConfigError(f"{figures} holds figures of {report.study}; draw them with: utterface bench {report.study}")
    write_drawn(study, report, output)
    return report


def write_drawn(study: Study[S, R, B], report: Report, output: Path, faces: str = "") -> None:
    """NAME.md with its plots, and NAME.html."""
    heading = f"{study.title}: {study.question[0].lower()}{study.question[1:]}"
    write_text(output / f"{study.name}.md", markdown.draw(heading, report, study.sections))
    write_text(output / f"{study.name}.html", html.draw(study.title, study.question, report, study.sections, faces))
    for section in study.sections:
        for block in section.blocks(report):
            if isinstance(block, Plot):
                write_text(output / "plots" / f"{block.name}.svg", block.svg.replace("currentColor", "#808080"))
