"""The animator benchmark's report as Markdown and JSON."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

FIGURES = (
    "closure_recall", "closure_precision", "closure_f1", "closure_timing_ms", "over_closed_mm", "vowel_closed",
    "vowel_height_rho", "rounding_auc", "silence_closed",
)  # fmt: skip


def to_markdown(report: dict) -> str:
    """The report as tables, one section each; sections that were not asked for are left out."""
    parts = [f"# Animator benchmark: {report['model']}"]
    for title, figures in report["sets"].items():
        rows = [(key, _number(figures[key]), _span(figures[f"{key}_95"])) for key in FIGURES]
        head = f"## {title}: {figures['clips']} clips, {figures['bilabials']} bilabials"
        parts += [head, _table(("measure", "value", "95 %"), rows)]
    if report.get("conditions"):
        columns = ("condition", "closure F1", "fall", "allowed")
        parts += ["## Degraded sound", _table(columns, map(_condition_row, report["conditions"]))]
    if report.get("groups"):
        groups = ("language", "clips", "closure F1", "95 %", "height ρ", "rounding AUC")
        parts += ["## Made voices, by language", _table(groups, map(_group_row, report["groups"]))]
    if report.get("cost"):
        costs = [(key, _number(value)) for key, value in report["cost"].items()]
        parts += ["## Cost", _table(("figure", "value"), costs)]
    return "\n\n".join(parts) + "\n"


def write_report(report: dict, folder: Path) -> None:
    """`animator.json` and `animator.md` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "animator.json").write_text(json.dumps(report, indent=1), "utf-8")
    (folder / "animator.md").write_text(to_markdown(report), "utf-8")


def _condition_row(row: dict) -> Sequence[str]:
    return (row["condition"], *(_number(row[key]) for key in ("closure_f1", "drop", "allowed")))


def _group_row(group: dict) -> Sequence[str]:
    figures = [_number(group[key]) for key in ("vowel_height_rho", "rounding_auc")]
    f1 = (_number(group["closure_f1"]), _span(group["closure_f1_95"]))
    return (group["group"], str(group["clips"]), *f1, *figures)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)


def _span(interval: Sequence[float]) -> str:
    return f"{_number(float(interval[0]))} to {_number(float(interval[1]))}"
