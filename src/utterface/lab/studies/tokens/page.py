"""The report as one page of HTML that needs nothing else: verdicts, plots, tables; light and dark, wide and narrow."""

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
from utterface.lab.studies.tokens import markdown, plots, tables


def write(report: Mapping[str, Any], faces: str = "") -> str:
    """The page.

    Args:
        report: from `results.collect`, with `costs` where they were measured.
        faces: an HTML element in which faces play side by side.
    """
    parts = [
        header(report, "Which speech makes good faces?", markdown.summary(report)),
        claims(report, "Do the paper’s findings hold here?"),
        winner(markdown.won(report) if report.get("winner") else ""),
        playing("The same sentence, face beside face", faces),
        pictures(plots.all_plots(report)),
    ]
    if "test" in report:
        told = report["test"]
        title = f"Against the reference: {told['clips']} test clips, {told['bilabials']} bilabials"
        main, more = (tables.figures(report, "test", tables.CHOSEN[part]) for part in ("test", "more"))
        parts.append(section(title, table(main) + folded("More measures", table(more)), "test"))
    if "spoken" in report:
        told = report["spoken"]
        title = f"Lips on real recordings: {told['clips']} clips, {told['bilabials']} bilabials"
        parts.append(section(title, table(tables.figures(report, "spoken", tables.CHOSEN["spoken"])), "spoken"))
    if report["representations"]:
        held = table(tables.probes(report)) + f"<p>{escape(markdown.EMOTION)}</p>"
        parts.append(section("What the representations hold", held, "held"))
    if report.get("costs"):
        said = markdown.COSTS.format(cores=report["costs"][0]["cores"])
        parts.append(section("What it costs", f"<p>{escape(said)}</p>" + table(tables.costs(report)), "costs"))
    parts += [ran(report, markdown.ran(report)), paper(report)]
    body = "\n".join(part for part in parts if part)
    return document(f"{report['title']}, {report['size']}", body)
