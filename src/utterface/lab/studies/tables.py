"""Results as tables of text, which Markdown and HTML then draw: cells, the best of a column, captions.

Everything here is a function of a report's plain table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from utterface.lab.studies.report import table as markdown_table

SPREAD = "between seeds"


@dataclass(frozen=True)
class Text:
    """One cell: what is read first, the smaller print behind it, whether it is the best of its column."""

    main: str
    small: str = ""
    best: bool = False


@dataclass(frozen=True)
class Table:
    """A table ready to be drawn; `heavy` rows are the trivial ones, drawn apart."""

    head: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    apart: int = 0


Name = Callable[[Mapping[str, Any]], Sequence[str]]  # a row of figures → what it is called, a cell each


def figures(report: Mapping[str, Any], where: str, columns: Sequence[str], names: Sequence[str], name: Name) -> Table:
    """Systems × measures, the best trained one of each measure marked; then the trivial rows, and the seeds' spread.

    Args:
        report: with `definitions`, and at `where` the `rows` and what lies `between_seeds`.
        where: a set of clips.
        columns: measures, in order.
        names: heads of the columns that say what a row is.
        name: what a row is called.
    """
    told, definitions = report[where], report["definitions"]
    shown = [c for c in columns if any(_is(row["figures"].get(c)) for row in told["rows"])]
    trained = [row for row in told["rows"] if row["trained"]]
    best = {c: _best([r["figures"].get(c) for r in trained], definitions[c]["best"]) for c in shown}
    rows = []
    for row in told["rows"]:
        cells = []
        for c in shown:
            found, own = row["figures"].get(c), row["trained"]
            told_here = own or not definitions[c]["sampled"]
            cells.append(_figure(found if told_here else None, definitions[c], own and found == best[c]))
        rows.append((*map(Text, name(row)), *cells))
    spread = [_plain(told["between_seeds"].get(c), definitions[c]) for c in shown]
    blank = [Text(SPREAD), Text("standard deviation"), *[Text("")] * len(names)][: len(names)]
    rows.append((*blank, *map(Text, spread)))
    apart = len(told["rows"]) - len(trained) + 1
    return Table((*names, *(head(definitions[c]) for c in shown)), tuple(rows), apart)


def sources(report: Mapping[str, Any]) -> Table:
    """Where clips come from."""
    rows = [
        tuple(Text(cell) for cell in (
            row["corpus"], row["split"], str(row["clips"]), f"{row['minutes']:.1f}", str(row["speakers"]),
            row["phones"], row["faces"],
        ))
        for row in report["sources"]
    ]  # fmt: skip
    return Table(("corpus", "for", "clips", "minutes", "speakers", "phones", "faces"), tuple(rows))


def evidence(claim: Mapping[str, Any], definitions: Mapping[str, Any]) -> Table:
    """What a claim rests on; the rows that decide are marked."""
    rows = []
    for row in claim["evidence"]:
        effect = _effect(row["effect"], row["unit"], definitions)
        low, high = (_effect(row[k], row["unit"], definitions).split(" ")[0] for k in ("low", "high"))
        around = f"{low} to {high}" + (f"; {row['note']}" if row["note"] else "")
        rows.append((Text(row["label"], best=row["decides"]), Text(effect, around), Text(row["verdict"] or "–")))
    return Table(("comparison; above 0 speaks for the claim", "effect and 95 %", "alone"), tuple(rows))


def paper(report: Mapping[str, Any]) -> Table:
    """The paper's own table."""
    told = report["paper"]
    rows = [tuple(Text("–" if cell is None else str(cell)) for cell in row) for row in told["rows"]]
    return Table(tuple(told["columns"]), tuple(rows))


def to_markdown(table: Table) -> str:
    """The best in bold, intervals in brackets."""
    rows = []
    for row in table.rows:
        cells = [f"**{c.main}**" if c.best else c.main for c in row]
        rows.append([f"{cell} ({c.small})" if c.small else cell for cell, c in zip(cells, row, strict=True)])
    return markdown_table(table.head, rows)


def _figure(found: Mapping[str, Any] | None, definition: Mapping[str, Any], best: bool) -> Text:
    if found is None or found["value"] is None:
        return Text("–")
    value, low, high = (_plain(found[k], definition) for k in ("value", "low", "high"))
    return Text(value, f"{low} to {high}", best)


def _plain(value: float | None, definition: Mapping[str, Any]) -> str:
    return "–" if value is None else f"{value * definition['scale']:.{definition['digits']}f}"


def _effect(value: float | None, unit: str, definitions: Mapping[str, Any]) -> str:
    return "–" if value is None else _signed(value, unit, definitions).replace("-", "−", 1)


def _signed(value: float, unit: str, definitions: Mapping[str, Any]) -> str:
    if unit in definitions:
        definition = definitions[unit]
        unit = "points" if definition["unit"] == "%" else definition["unit"]
        return f"{value * definition['scale']:+.{definition['digits']}f}{_space(unit)}"
    return f"{value * 100:+.1f} %" if unit == "%" else f"{value:+.2f}"


def _best(found: Sequence[Mapping[str, Any] | None], which: str) -> Mapping[str, Any] | None:
    known = [f for f in found if f is not None and f["value"] is not None]
    if not known or not which:
        return None
    choose = max if which == "high" else min
    return choose(known, key=lambda f: f["value"])


def head(definition: Mapping[str, Any]) -> str:
    """Of a column of figures, with an arrow to where it is better."""
    arrow = {"high": " ↑", "low": " ↓"}.get(definition["best"], "")
    return label(definition["label"], definition["unit"]) + arrow


def label(name: str, unit: str) -> str:
    """What is measured and in what."""
    return f"{name}, {unit}" if unit else name


def _space(unit: str) -> str:
    return f" {unit}" if unit else ""


def _is(found: Mapping[str, Any] | None) -> bool:
    return found is not None and found["value"] is not None
