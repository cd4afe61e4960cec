"""Reports as one page of HTML that needs nothing else: verdicts, tables, pictures; light and dark, wide and narrow."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from utterface.lab.studies import tables
from utterface.lab.studies.evidence import HOLDS, NOT
from utterface.lab.studies.tables import Table, Text
from utterface.lab.studies.verdicts import definitions
from utterface.pages import template
from utterface.pages.policy import policy, policy_element

_CLASSES = {HOLDS: "holds", NOT: "not"}


def document(title: str, body: str) -> str:
    """The whole page around its sections."""
    style = files("utterface.lab.studies").joinpath("page.css").read_text("utf-8")
    framed = [template.built("compare")] if "<iframe " in body else []  # a frame is under the policy of its page
    rules = policy_element(policy(f"<style>\n{style}</style>", *framed, styles=body))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{rules}\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def header(report: Mapping[str, Any], question: str, summary: str) -> str:
    """What the page begins with."""
    facts = f"Size {report['size']} · {report['date']} · {report['cores']} CPU cores"
    return (
        f"<header><p class=kicker>{escape(report['title'])} · benchmark</p><h1>{escape(question)}</h1>"
        f"<p class=lead>{escape(summary)}</p><p class=facts>{escape(facts)}</p></header>"
    )


def claims(report: Mapping[str, Any], title: str) -> str:
    """The verdicts as cards, what decides on them, the rest folded away; nothing where nothing was asked."""
    cards = []
    for claim in report.get("claims", ()):
        mark = _CLASSES.get(claim["verdict"], "open")
        deciding = [row for row in claim["evidence"] if row["decides"]]
        shown = "".join(
            f"<li>{escape(row[0].main)}: <b>{escape(row[1].main)}</b> <small>({escape(row[1].small)})</small></li>"
            for row in tables.evidence({"evidence": deciding}, report["definitions"]).rows
        )
        whole = table(tables.evidence(claim, report["definitions"])) if claim["evidence"] else ""
        remarks = "".join(f"<p>{escape(remark)}</p>" for remark in claim["remarks"])
        all_of_it = folded("All the evidence", whole) if whole else ""
        cards.append(
            f'<article class="claim {mark}"><p class=verdict>{escape(claim["verdict"])}</p>'
            f"<h3>{escape(claim['title'])}</h3><ul>{shown}</ul>{remarks}{all_of_it}</article>"
        )
    if not cards:
        return ""
    said = (
        "Effects are signed so that above 0 speaks for the claim; "
        "95 % intervals over clips and the seeds that were run, paired."
    )
    return section(title, f"<p>{said}</p><div class=claims>{''.join(cards)}</div>", "claims")


def winner(said: str) -> str:
    """Who won, where somebody did: Markdown's bold letters are taken off."""
    if not said:
        return ""
    return f"<section class=winner id=winner><h2>The winner</h2><p>{escape(said.replace('**', ''))}</p></section>"


def playing(title: str, element: str) -> str:
    """Faces side by side, where an element plays them."""
    return section(title, element, "faces") if element else ""


def pictures(shown: Sequence[tuple[str, str]]) -> str:
    """(caption, SVG) of every plot, where there are some."""
    return section("In pictures", "".join(figure(*each) for each in shown), "pictures") if shown else ""


def ran(report: Mapping[str, Any], told: str) -> str:
    """What ran, in Markdown's paragraphs, whence the clips came and what the measures are."""
    said = "".join(f"<p>{escape(line.replace('**', ''))}</p>" for line in told.split("\n\n"))
    meant = "".join(f"<li>{escape(line)}</li>" for line in definitions(report))
    inside = said + table(tables.sources(report)) + folded("What the measures are", f"<ul>{meant}</ul>")
    return section("What ran", inside, "ran")


def paper(report: Mapping[str, Any]) -> str:
    """The table that is reproduced."""
    told = report["paper"]
    whence = f"{told['source']}. {told['corpus']}: beside ours to read, not to compare digit by digit."
    return section("The paper’s own table", f"<p>{escape(whence)}</p>" + table(tables.paper(report)), "paper")


def section(title: str, inside: str, name: str) -> str:
    """A part of the page under a heading."""
    return f'<section id="{name}"><h2>{escape(title)}</h2>{inside}</section>'


def folded(title: str, inside: str) -> str:
    """What is a click away."""
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def figure(caption: str, svg: str) -> str:
    """A picture and what it says."""
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def table(told: Table) -> str:
    """Wide tables scroll by themselves, their first column stays."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in told.head)
    rows, last = [], ""
    for number, row in enumerate(told.rows):
        classes = []
        if number >= len(told.rows) - told.apart:
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
