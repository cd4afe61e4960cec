"""Sections of a report, declared once and drawn as Markdown and as HTML: their blocks, and sections of all studies.

A block is a paragraph (str, with `**bold**`), `Items`, a `Table`, a `Plot`, `Verdicts`, `Folded` blocks, or `Faces`,
the place of the element in which faces play.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from utterface.lab.measures.catalogue import Measure
from utterface.lab.studies import tables
from utterface.lab.studies.claims import Claim
from utterface.lab.studies.report import Report
from utterface.lab.studies.tables import Table


@dataclass(frozen=True)
class Items:
    """A list of lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Plot:
    """A picture: its file name, what it shows, SVG."""

    name: str
    caption: str
    svg: str


@dataclass(frozen=True)
class Verdicts:
    """Claims with their evidence."""

    claims: tuple[Claim, ...]
    measures: Mapping[str, Measure]


@dataclass(frozen=True)
class Faces:
    """Faces side by side: on the page only, and only where a study was run."""


@dataclass(frozen=True)
class Folded:
    """Blocks a click away on the page."""

    title: str
    blocks: tuple["Block", ...]


Block = str | Items | Table | Plot | Verdicts | Faces | Folded


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes:
        name: its anchor.
        title: as it is, or from the report.
        blocks: of a report; none leave the section out.
    """

    name: str
    title: str | Callable[[Report], str]
    blocks: Callable[[Report], Iterable[Block]]

    def heading(self, report: Report) -> str:
        return self.title if isinstance(self.title, str) else self.title(report)


@dataclass(frozen=True)
class Paper:
    """The work that a study reruns, with its own table."""

    source: str
    corpus: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


def verdicts(measures: Mapping[str, Measure]) -> Section:
    """Claims and their verdicts."""
    return Section(
        "claims", "Do the paper's findings hold here?",
        lambda report: [Verdicts(report.claims, measures)] if report.claims else [],
    )  # fmt: skip


def faces(title: str) -> Section:
    """Faces side by side."""
    return Section("faces", title, lambda report: [Faces()])


def counted(title: str, where: str, unit: str) -> Callable[[Report], str]:
    """A title with what the figures and intervals of a set rest on."""

    def heading(report: Report) -> str:
        results = report.results[where]
        return f"{title}: {results.clips} {unit}, {results.bilabials} bilabials"

    return heading


def ran(lines: Callable[[Report], Iterable[str]]) -> Section:
    """The budget, in a study's own words, the machine, and what did not take part; where clips come from."""

    def blocks(report: Report) -> list[Block]:
        versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
        paragraphs = [*lines(report), f"{report.cores} CPU cores; {versions}."]
        if report.missing:
            paragraphs.append("Left out: " + _reasons(report.missing))
        if report.failed:
            paragraphs.append("**Failed**: " + _reasons(report.failed))
        return [*paragraphs, tables.of_sources(report.sources)]

    return Section("ran", "Budget, machine, clips", blocks)


def definitions(measures: Mapping[str, Measure]) -> Section:
    """A line a measure."""
    lines = tuple(f"{m.label}{f' ({m.unit})' * bool(m.unit)}: {m.meaning}; {m.paper}" for m in measures.values())
    return Section("measures", "Measures", lambda report: [Items(lines)])


def paper(of: Paper) -> Section:
    """The table that is reproduced."""
    rows = [tuple("–" if cell is None else str(cell) for cell in row) for row in of.rows]
    about = f"{of.source}. {of.corpus}: beside ours to read, not to compare digit by digit."
    return Section("paper", "The paper's own table", lambda report: [about, tables.plain(of.columns, rows)])


def _reasons(why: Mapping[str, str]) -> str:
    return "; ".join(f"{name} ({reason})" for name, reason in why.items()) + "."
