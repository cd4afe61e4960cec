"""The report's plots: what the weight of the loss does to lips and variety, and how many steps a take needs."""

from collections.abc import Mapping, Sequence
from typing import Any

from utterface.lab.bench.drawing import INK, drawing, svg
from utterface.lab.bench.thunder.grid import DIFFUSION, MOUTH

_LIPS, _UPPER = "#2f7ed8", "#d9822b"
Point = tuple[str, float, tuple[float, float] | None]  # label, value, its interval


def all_plots(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(caption, SVG) of every plot that the report has figures for."""
    shown = []
    for figure, caption, colour in (
        ("lve_mm", "The louder the listener the better the lips? Low is good; 0 is without.", _LIPS),
        ("s_div_u", "And what becomes of the upper face's variety? High is good.", _UPPER),
    ):
        points = sweep(report, "test", figure)
        if len(points) > 1:
            told = _label(report, figure)
            shown.append((caption, steps(points, "weight of the listening loss", told, colour, points[0][1])))
    points = sweep(report, "spoken", "closure_f1") if "spoken" in report else []
    if len(points) > 1:
        told, across = f"{_label(report, 'closure_f1')}, real speech", "weight of the listening loss"
        caption = "Do lips close where real people closed theirs? High is good."
        shown.append((caption, steps(points, across, told, _LIPS, points[0][1])))
    points = ladder(report)
    if len(points) > 1:
        caption = "How many steps does a take need? The line is the yardstick, the band 5 % around it."
        shown.append(
            (caption, steps(points, "steps of the sampler", _label(report, "lve_mm"), _LIPS, points[-1][1], 0.05))
        )
    return shown


def sweep(report: Mapping[str, Any], where: str, figure: str) -> list[Point]:
    """Weights of the mouth's listener, 0 first, in printed units."""
    usual = report["grid"]["trust"]
    rows = [
        row for row in report[where]["rows"]
        if row["decoder"] == DIFFUSION and (not row["listener"] or (row["listener"], row["trust"]) == (MOUTH, usual))
    ]  # fmt: skip
    told = [(f"{row['weight']:g}", row["figures"].get(figure)) for row in sorted(rows, key=lambda r: r["weight"])]
    return _points(told, report["definitions"][figure]["scale"])


def ladder(report: Mapping[str, Any]) -> list[Point]:
    """Steps of the sampler, the yardstick last."""
    rows = report.get("ladder", {"rows": ()})["rows"]
    told = [(f"{row['steps']}\n{row['sampler']}", row["figures"].get("lve_mm")) for row in rows]
    return _points(told, report["definitions"]["lve_mm"]["scale"])


def steps(points: Sequence[Point], across: str, up: str, colour: str, level: float, band: float = 0.0) -> str:
    """Values side by side with their intervals, beside a level."""
    with drawing(across, up) as (figure, axes):
        axes.axhline(level, color=INK, linewidth=1, linestyle="--", alpha=0.5)
        if band:
            axes.axhspan(level * (1 - band), level * (1 + band), color=INK, alpha=0.08, linewidth=0)
        for place, (_, value, around) in enumerate(points):
            if around is not None:
                axes.plot([place, place], around, color=colour, alpha=0.4, linewidth=2, zorder=1)
            axes.plot(place, value, "o", color=colour, markersize=7, zorder=2)
        axes.plot([value for _, value, _ in points], color=colour, linewidth=1.2, alpha=0.7, zorder=1)
        axes.set_xticks(range(len(points)), [label for label, _, _ in points])
        return svg(figure)


def _points(told: Sequence[tuple[str, Mapping[str, Any] | None]], scale: float) -> list[Point]:
    found = []
    for label, figure in told:
        if figure is None or figure["value"] is None:
            continue
        whole = figure["low"] is not None and figure["high"] is not None
        around = (figure["low"] * scale, figure["high"] * scale) if whole else None
        found.append((label, figure["value"] * scale, around))
    return found


def _label(report: Mapping[str, Any], figure: str) -> str:
    told = report["definitions"][figure]
    return f"{told['label']}, {told['unit']}" if told["unit"] else str(told["label"])
