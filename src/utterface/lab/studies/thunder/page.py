"""The report as one page of HTML that needs nothing else, see `lab.studies.html`."""

from collections.abc import Mapping
from html import escape
from typing import Any

from utterface.lab.studies.html import (
    claims,
    document,
    folded,
    header,
    paper,
    pictures,
    playing,
    ran,
    section,
    table,
    winner,
)
from utterface.lab.studies.thunder import markdown, plots, tables
from utterface.lab.studies.thunder.markdown import SETS, TITLES, counted


def write(report: Mapping[str, Any], faces: str = "") -> str:
    """The page.

    Args:
        report: from `results.collect`.
        faces: an HTML element in which faces play side by side.
    """
    parts = [
        header(report, markdown.QUESTION, markdown.summary(report)),
        claims(report, markdown.CLAIMED),
        winner(markdown.won(report) if report.get("winner") else ""),
        playing("The same sentence, face beside face, and what is heard of it", faces),
        pictures(plots.all_plots(report)),
        *(_set(report, name) for name in SETS if name in report),
    ]
    if "hearing" in report:
        told = f"<p>{escape(markdown.HEARING)}</p>" + table(tables.hearing(report))
        parts.append(section(f"{TITLES['hearing']}: {counted(report, 'hearing')}", told, "hearing"))
    if "ladder" in report:
        told = f"<p>{escape(markdown.LADDER)}</p>" + table(tables.ladder(report))
        parts.append(section(TITLES["ladder"], told, "ladder"))
    parts += [ran(report, markdown.ran(report)), paper(report)]
    return document(f"{report['title']}, {report['size']}", "\n".join(part for part in parts if part))


def _set(report: Mapping[str, Any], name: str) -> str:
    """The tables of a set of sounds, what is told of closures folded away."""
    main, *more = (table(tables.figures(report, name, columns)) for columns in SETS[name])
    inside = main + "".join(folded("Closures, and what is heard", each) for each in more)
    if f"{name}_seeds" in report:
        again = "".join(table(tables.seeds(report, name, columns)) for columns in SETS[name])
        inside += folded(f"Over {report['grid']['seeds']} seeds", f"<p>{escape(markdown.repeated(report))}</p>{again}")
    return section(f"{TITLES[name]}: {counted(report, name)}", inside, name)
