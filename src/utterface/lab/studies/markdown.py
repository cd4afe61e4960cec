"""Reports as Markdown: sections of a study, tables, and places in a page that tables are put into."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.files import replacing
from utterface.lab.measures.catalogue import Measure
from utterface.lab.studies import tables
from utterface.lab.studies.claims import Claim
from utterface.lab.studies.report import Report
from utterface.lab.studies.sections import Block, Folded, Items, Plot, Section, Verdicts
from utterface.lab.studies.store import write_text
from utterface.lab.studies.tables import Table

MARKS = ("<!-- measured -->", "<!-- /measured -->")  # around tables that a benchmark puts into a page
INTERVALS = "Bold rows decide; 95 % intervals over clips and the seeds that were run, paired on the same clips."


def draw(title: str, report: Report, sections: Iterable[Section]) -> str:
    """A whole report; pictures are links to `plots/NAME.svg`."""
    parts = [f"# {title}"]
    for section in sections:
        blocks = [text for block in section.blocks(report) if (text := _block(block))]
        if blocks:
            parts += [f"## {section.heading(report)}", *blocks]
    return "\n\n".join(parts) + "\n"


def draw_extract(report: Report, sections: Iterable[Section], names: Sequence[str]) -> str:
    """Some sections of a report for a page: of claims their verdicts and remarks, and nothing that is folded."""
    parts = []
    for section in sections:
        blocks = [_brief(block) for block in section.blocks(report)] if section.name in names else []
        if any(blocks):
            parts += [f"**{section.heading(report)}**", *filter(None, blocks)]
    return "\n\n".join(parts)


def _brief(block: Block) -> str:
    if isinstance(block, Verdicts):
        lines = [f"- {c.title}: **{c.verdict}**. {' '.join(c.remarks)}".rstrip() for c in block.claims]
        return "\n".join(lines)
    return "" if isinstance(block, Folded) else _block(block)


def _block(block: Block) -> str:
    drawn = ""
    match block:
        case str():
            drawn = block
        case Items(lines):
            drawn = "\n".join(f"- {line}" for line in lines)
        case Table():
            drawn = of_table(block)
        case Plot(name, caption, _):
            drawn = f"![{caption}](plots/{name}.svg)"
        case Verdicts():
            drawn = of_verdicts(block.claims, block.measures)
        case Folded(_, blocks):
            drawn = "\n\n".join(filter(None, map(_block, blocks)))
    return drawn


def of_verdicts(claims: Sequence[Claim], measures: Mapping[str, Measure]) -> str:
    """Verdicts, then what each rests on."""
    parts = ["\n".join(f"- **{c.title}**: {c.verdict}" for c in claims)]
    for claim in claims:
        parts.append(f"### {claim.title}: {claim.verdict}")
        if claim.evidence:
            parts.append(of_table(tables.of_evidence(claim.evidence, measures)))
        parts += claim.remarks
    return "\n\n".join([*parts, INTERVALS])


def of_table(of: Table) -> str:
    """The best in bold, intervals in brackets."""
    rows = []
    for row in of.rows:
        cells = [f"**{c.main}**" if c.best else c.main for c in row]
        rows.append([f"{cell} ({c.small})" if c.small else cell for cell, c in zip(cells, row, strict=True)])
    return table(of.head, rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(value: object) -> str:
    """Four digits of a float; a dash where there is nothing."""
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)


def span(interval: Sequence[float]) -> str:
    """`low to high`."""
    return f"{number(float(interval[0]))} to {number(float(interval[1]))}"


def write_both(name: str, figures: Mapping[str, Any], markdown: str, folder: Path) -> None:
    """NAME.json and NAME.md in `folder`, which is made."""
    write_text(folder / f"{name}.json", json.dumps(figures, indent=1, ensure_ascii=False))
    write_text(folder / f"{name}.md", markdown)


def put_into(path: Path, markdown: str) -> None:
    """Replace what a page holds between its marks of measured tables.

    Raises:
        ConfigError: no such page, or not one pair of marks in it.
    """
    text = path.read_text("utf-8") if path.is_file() else ""
    if text.count(MARKS[0]) != 1 or text.count(MARKS[1]) != 1:
        raise ConfigError(f"{path} has no place for the tables; put the lines {MARKS[0]} and {MARKS[1]} where they go")
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    with replacing(path) as part:
        part.write_text(f"{before}{MARKS[0]}\n{markdown.strip()}\n{MARKS[1]}{after}", "utf-8")
