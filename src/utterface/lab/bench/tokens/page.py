"""The report as one page of HTML that needs nothing else: verdicts, plots, tables; light and dark, wide and narrow."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from utterface.lab.bench.tokens import markdown, plots, tables
from utterface.lab.bench.tokens.claims import HOLDS, NOT
from utterface.lab.bench.tokens.tables import Table, Text

_CLASSES = {HOLDS: "holds", NOT: "not"}


def write(report: Mapping[str, Any], faces: str = "") -> str:
    """The page.

    Args:
        report: from `results.collect`, with `costs` where they were measured.
        faces: an HTML element in which faces play side by side.
    """
    parts = [_opening(report), _claims(report), _winner(report), _faces(faces)]
    shown = plots.all_plots(report)
    if shown:
        parts.append(_section("In pictures", "".join(_figure(caption, svg) for caption, svg in shown), "pictures"))
    if "test" in report:
        told = report["test"]
        title = f"Against the reference: {told['clips']} test clips, {told['bilabials']} bilabials"
        main, more = (tables.figures(report, "test", tables.CHOSEN[part]) for part in ("test", "more"))
        parts.append(_section(title, _table(main) + _folded("More measures", _table(more)), "test"))
    if "spoken" in report:
        told = report["spoken"]
        title = f"Lips on real recordings: {told['clips']} clips, {told['bilabials']} bilabials"
        parts.append(_section(title, _table(tables.figures(report, "spoken", tables.CHOSEN["spoken"])), "spoken"))
    if report["representations"]:
        held = _table(tables.probes(report)) + f"<p>{escape(markdown.EMOTION)}</p>"
        parts.append(_section("What the representations hold", held, "held"))
    if report.get("costs"):
        said = markdown.COSTS.format(cores=report["costs"][0]["cores"])
        parts.append(_section("What it costs", f"<p>{escape(said)}</p>" + _table(tables.costs(report)), "costs"))
    parts += [_ran(report), _paper(report)]
    body = "\n".join(part for part in parts if part)
    style = files("utterface.lab.bench.tokens").joinpath("page.css").read_text("utf-8")
    title = f"{report['title']}, {report['size']}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _opening(report: Mapping[str, Any]) -> str:
    facts = f"Size {report['size']} · {report['date']} · {report['cores']} CPU cores"
    return (
        f"<header><p class=kicker>{escape(report['title'])} · benchmark</p><h1>Which speech makes good faces?</h1>"
        f"<p class=lead>{escape(markdown.summary(report))}</p><p class=facts>{escape(facts)}</p></header>"
    )


def _claims(report: Mapping[str, Any]) -> str:
    cards = []
    for claim in report.get("claims", ()):
        mark = _CLASSES.get(claim["verdict"], "open")
        deciding = [row for row in claim["evidence"] if row["decides"]]
        shown = "".join(
            f"<li>{escape(row[0].main)}: <b>{escape(row[1].main)}</b> <small>({escape(row[1].small)})</small></li>"
            for row in tables.evidence({"evidence": deciding}, report["definitions"]).rows
        )
        whole = _table(tables.evidence(claim, report["definitions"])) if claim["evidence"] else ""
        remarks = "".join(f"<p>{escape(remark)}</p>" for remark in claim["remarks"])
        all_of_it = _folded("All the evidence", whole) if whole else ""
        cards.append(
            f'<article class="claim {mark}"><p class=verdict>{escape(claim["verdict"])}</p>'
            f"<h3>{escape(claim['title'])}</h3><ul>{shown}</ul>{remarks}{all_of_it}</article>"
        )
    if not cards:
        return ""
    said = "Effects are signed so that above 0 speaks for the claim; 95 % intervals over clips and seeds, paired."
    return _section(
        "Do the paper’s findings hold here?", f"<p>{said}</p><div class=claims>{''.join(cards)}</div>", "claims"
    )


def _winner(report: Mapping[str, Any]) -> str:
    told = report.get("winner")
    if not told:
        return ""
    plain = markdown.won(report).replace("**", "")
    return f"<section class=winner id=winner><h2>The winner</h2><p>{escape(plain)}</p></section>"


def _faces(element: str) -> str:
    return _section("The same sentence, face beside face", element, "faces") if element else ""


def _ran(report: Mapping[str, Any]) -> str:
    said = "".join(f"<p>{escape(line.replace('**', ''))}</p>" for line in markdown.ran(report).split("\n\n"))
    meant = "".join(f"<li>{escape(line)}</li>" for line in markdown.definitions(report))
    inside = said + _table(tables.sources(report)) + _folded("What the measures are", f"<ul>{meant}</ul>")
    return _section("What ran", inside, "ran")


def _paper(report: Mapping[str, Any]) -> str:
    told = report["paper"]
    whence = f"{told['source']}. {told['corpus']}: beside ours to read, not to compare digit by digit."
    said = f"<p>{escape(whence)}</p>"
    return _section("The paper’s own table", said + _table(tables.paper(report)), "paper")


def _section(title: str, inside: str, name: str) -> str:
    return f'<section id="{name}"><h2>{escape(title)}</h2>{inside}</section>'


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def _figure(caption: str, svg: str) -> str:
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _table(table: Table) -> str:
    """Wide tables scroll by themselves, their first column stays."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows, last = [], ""
    for number, row in enumerate(table.rows):
        classes = []
        if number >= len(table.rows) - table.apart:
            classes.append("apart")
        if row[0].main != last:
            classes.append("group")
        last = row[0].main
        mark = f' class="{" ".join(classes)}"' if classes else ""
        rows.append(f"<tr{mark}>{''.join(_cell(cell, i) for i, cell in enumerate(row))}</tr>")
    return f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"


def _cell(cell: Text, column: int) -> str:
    tag = "th" if column == 0 else "td"
    main = f"<b>{escape(cell.main)}</b>" if cell.best else escape(cell.main)
    small = f"<small>{escape(cell.small)}</small>" if cell.small else ""
    return f"<{tag}>{main}{small}</{tag}>"
