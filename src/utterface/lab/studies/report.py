"""Reports as Markdown and JSON: what all benchmarks share, and the animator's tables."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from utterface.errors import ConfigError
from utterface.files import replacing

MARKS = ("<!-- measured -->", "<!-- /measured -->")  # around tables that a benchmark puts into a page
FIGURES = (
    "closure_recall", "closure_precision", "closure_f1", "closure_timing_ms", "over_closed_mm", "vowel_closed",
    "vowel_height_rho", "rounding_auc", "silence_closed",
)  # fmt: skip


def to_markdown(report: dict) -> str:
    """The report as tables, one section each; sections that were not asked for are left out."""
    parts = [f"# Animator benchmark: {report['model']}"]
    for title, figures in report["sets"].items():
        rows = [(key, number(figures[key]), span(figures[f"{key}_95"])) for key in FIGURES]
        head = f"## {title}: {figures['clips']} clips, {figures['bilabials']} bilabials"
        parts += [head, table(("measure", "value", "95 %"), rows)]
    if report.get("speakers"):
        heads = ("speaker", "clips", "closure F1", "95 %", "recall", "precision", "speech, dBFS", "pauses below, dB")
        parts += ["## By speaker", table(heads, map(_speaker_row, report["speakers"]))]
    if report.get("conditions"):
        columns = ("condition", "closure F1", "fall", "allowed")
        parts += ["## Degraded sound", table(columns, map(_condition_row, report["conditions"]))]
    if report.get("controls"):
        asked = ("asked", "closure F1", "fall", "over-closed, mm", "opening", "shown")
        parts += ["## Strength and moods", table(asked, map(_control_row, report["controls"]))]
    if report.get("groups"):
        groups = ("language", "clips", "closure F1", "95 %", "height ρ", "rounding AUC")
        parts += ["## Made voices, by language", table(groups, map(_group_row, report["groups"]))]
    if report.get("cost"):
        costs = [(key, number(value)) for key, value in report["cost"].items()]
        parts += ["## Cost", table(("figure", "value"), costs)]
    return "\n\n".join(parts) + "\n"


def write_report(report: dict, folder: Path) -> None:
    """`animator.json` and `animator.md` in `folder`."""
    write_both("animator", report, to_markdown(report), folder)


def write_both(name: str, report: dict, markdown: str, folder: Path) -> None:
    """NAME.json and NAME.md in `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, text in ((".json", json.dumps(report, indent=1, ensure_ascii=False)), (".md", markdown)):
        with replacing(folder / f"{name}{suffix}") as part:
            part.write_text(text, "utf-8")


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


def _condition_row(row: dict) -> Sequence[str]:
    return (row["condition"], *(number(row[key]) for key in ("closure_f1", "drop", "allowed")))


def _control_row(row: dict) -> Sequence[str]:
    figures = ("closure_f1", "drop", "over_closed_mm", "opening", "shown")
    return (row["asked"], *(number(row[key]) for key in figures))


def _speaker_row(row: dict) -> Sequence[str]:
    f1 = (number(round(row["closure_f1"], 3)), span([round(f, 2) for f in row["closure_f1_95"]]))
    shares = (number(round(row[key], 3)) for key in ("closure_recall", "closure_precision"))
    levels = (f"{row[key]:.0f}" for key in ("speech_dbfs", "pauses_below_db"))
    return (row["group"], str(row["clips"]), *f1, *shares, *levels)


def _group_row(group: dict) -> Sequence[str]:
    figures = [number(group[key]) for key in ("vowel_height_rho", "rounding_auc")]
    f1 = (number(group["closure_f1"]), span(group["closure_f1_95"]))
    return (group["group"], str(group["clips"]), *f1, *figures)


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
