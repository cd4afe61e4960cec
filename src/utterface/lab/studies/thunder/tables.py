"""The results as tables of text, see `lab.studies.tables`; all of it functions of `results.collect`'s table."""

from collections.abc import Mapping, Sequence
from typing import Any

from utterface.lab.studies import tables
from utterface.lab.studies.hearing import SHOWN
from utterface.lab.studies.report import number, span
from utterface.lab.studies.tables import Table, Text

CHOSEN = {  # the columns of the tables, in order
    "test": ("lve_mm", "l_ccc", "l_pcc", "dtw_mm", "s_div_u", "t_div_u", "s_div_l", "t_div_l", "fdd_u", "fdd_l"),
    "closures": (
        "bcs",
        "closure_f1",
        "closure_recall",
        "closure_precision",
        "vowel_closed",
        "heard_loss",
        "heard_units",
    ),
    "spoken": ("closure_f1", "closure_recall", "closure_precision", "vowel_closed"),
}
LADDER = ("lve_mm", "l_ccc", "dtw_mm")


def figures(report: Mapping[str, Any], where: str, columns: str) -> Table:
    """Rows × measures on the first seed, the trivial rows after them."""
    return _without_seeds(_table(report, where, CHOSEN[columns]))


def seeds(report: Mapping[str, Any], where: str, columns: str) -> Table:
    """The rows that have more seeds: means over them, and how much they differ."""
    return _table(report, f"{where}_seeds", CHOSEN[columns])


def ladder(report: Mapping[str, Any]) -> Table:
    """Steps of the sampler × measures of one take."""
    told = _without_seeds(_table(report, "ladder", LADDER))
    return Table(("sampler", *told.head[1:]), told.rows)


def _table(report: Mapping[str, Any], where: str, columns: Sequence[str]) -> Table:
    return tables.figures(report, where, columns, ("face",), lambda row: (row["row"],))


def _without_seeds(told: Table) -> Table:
    """One seed has no spread."""
    return Table(told.head, told.rows[:-1], told.apart - 1)


def hearing(report: Mapping[str, Any]) -> Table:
    """What listeners hear, between floor and ceiling."""
    rows = report["hearing"]["rows"]
    shown = [figure for figure in SHOWN if any(figure in row for row in rows)]
    cells = [
        (Text(row["name"]), *(_heard(row, figure) for figure in shown))
        for row in rows
    ]  # fmt: skip
    return Table(("heard from", *(SHOWN[figure] for figure in shown)), tuple(cells))


def _heard(row: Mapping[str, Any], figure: str) -> Text:
    return Text(number(row[figure]), span(row[f"{figure}_95"])) if figure in row else Text("–")
