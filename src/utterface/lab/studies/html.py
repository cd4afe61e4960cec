"""Reports as one page of HTML that needs nothing else: verdicts, tables, pictures; light and dark, wide and narrow."""

import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files

from utterface.lab.studies import tables
from utterface.lab.studies.claims import HOLDS, NOT
from utterface.lab.studies.markdown import INTERVALS
from utterface.lab.studies.report import Report
from utterface.lab.studies.sections import Block, Faces, Folded, Items, Plot, Section, Verdicts
from utterface.lab.studies.tables import Cell, Table
from utterface.pages import template
from utterface.pages.policy import policy, policy_element

_CLASSES = {HOLDS: "holds", NOT: "not"}


def draw(title: str, question: str, report: Report, sections: Iterable[Section], faces: str = "") -> str:
    """A whole page.

    Args:
        title: of the study.
        question: the page's heading.
        report: figures.
        sections: in order.
        faces: an HTML element in which faces play side by side; empty where there is none.
    """
    facts = f"Size {report.size} · {report.date} · {report.cores} CPU cores"
    parts = [
        f"<header><p class=kicker>{escape(title)} · benchmark</p><h1>{escape(question)}</h1>"
        f"<p class=facts>{escape(facts)}</p></header>"
    ]
    for section in sections:
        inside = "".join(faces if isinstance(block, Faces) else _block(block) for block in section.blocks(report))
        if inside:
            heading = escape(section.heading(report))
            parts.append(f'<section id="{section.name}"><h2>{heading}</h2>{inside}</section>')
    return document(f"{title}, {report.size}", "\n".join(parts))


def document(title: str, body: str) -> str:
    """The page around its sections."""
    style = files("utterface.lab.studies").joinpath("page.css").read_text("utf-8")
    framed = [template.built("compare")] if "<iframe " in body else []  # a frame is under the policy of its page
    rules = policy_element(policy(f"<style>\n{style}</style>", *framed, styles=body))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{rules}\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    drawn = ""
    match block:
        case str():
            drawn = f"<p>{_inline(block)}</p>"
        case Items(lines):
            drawn = f"<ul>{''.join(f'<li>{_inline(line)}</li>' for line in lines)}</ul>"
        case Table():
            drawn = _table(block)
        case Plot(_, caption, svg):
            drawn = f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
        case Verdicts():
            drawn = _verdicts(block)
        case Folded(title, blocks):
            drawn = _folded(title, "".join(map(_block, blocks)))
    return drawn


def _verdicts(block: Verdicts) -> str:
    """Claims as cards: the deciding evidence first, the rest a click away."""
    cards = []
    for claim in block.claims:
        deciding = tables.of_evidence([row for row in claim.evidence if row.decides], block.measures)
        shown = "".join(
            f"<li>{escape(row[0].main)}: <b>{escape(row[1].main)}</b> <small>({escape(row[1].small)})</small></li>"
            for row in deciding.rows
        )
        remarks = "".join(f"<p>{escape(remark)}</p>" for remark in claim.remarks)
        whole = _table(tables.of_evidence(claim.evidence, block.measures)) if claim.evidence else ""
        cards.append(
            f'<article class="claim {_CLASSES.get(claim.verdict, "open")}"><p class=verdict>{escape(claim.verdict)}</p>'
            f"<h3>{escape(claim.title)}</h3><ul>{shown}</ul>{remarks}"
            f"{_folded('All the evidence', whole) if whole else ''}</article>"
        )
    about = "Effects are signed so that above 0 speaks for the claim. " + INTERVALS
    return f"<p>{about}</p><div class=claims>{''.join(cards)}</div>"


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def _table(of: Table) -> str:
    """Wide tables scroll by themselves, their first column stays."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in of.head)
    rows, last = [], ""
    for number, row in enumerate(of.rows):
        classes = ["apart"] * (number >= len(of.rows) - of.apart) + ["group"] * (row[0].main != last)
        last = row[0].main
        mark = f' class="{" ".join(classes)}"' if classes else ""
        rows.append(f"<tr{mark}>{''.join(_cell(cell, i) for i, cell in enumerate(row))}</tr>")
    return f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"


def _cell(cell: Cell, column: int) -> str:
    tag = "th" if column == 0 else "td"
    main = f"<b>{escape(cell.main)}</b>" if cell.best else escape(cell.main)
    small = f"<small>{escape(cell.small)}</small>" if cell.small else ""
    return f"<{tag}>{main}{small}</{tag}>"


def _inline(text: str) -> str:
    """A paragraph's text; Markdown's bold becomes bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))
