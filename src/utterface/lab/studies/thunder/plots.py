"""The report's plots: what the weight of the loss does to lips and variety, and how many steps a take needs."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from utterface.lab.studies.drawing import INK, drawing, svg

_LIPS, _UPPER = "#2f7ed8", "#d9822b"
_ACROSS = "weight of the loss, 0 without; face: beside the true face"
_SWEPT = (  # set of sounds, figure, caption, colour
    ("test", "lve_mm", "The louder the listener the better the lips? Low is good.", _LIPS),
    ("test", "l_ccc", "The same in concordance. High is good.", _LIPS),
    ("test", "s_div_u", "And what becomes of the upper face’s variety? High is good.", _UPPER),
    ("spoken", "closure_f1", "Do lips close where real people closed theirs? High is good.", _LIPS),
)
Point = Mapping[str, Any]  # label, value, low, high


def all_plots(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(caption, SVG) of every plot that the report has figures for."""
    shown = []
    for where, figure, caption, colour in _SWEPT:
        points = _points(report, report["sweep"].get(where, {}).get(figure, ()), figure)
        if len(points) > 1:
            told = f"{caption} Bars: 95 % of the difference from 0, sound by sound, first seed."
            shown.append((told, steps(points, _ACROSS, _label(report, figure), colour, points[0]["value"])))
    points = _points(report, report.get("climbed", ()), "lve_mm")
    if len(points) > 1:
        caption = (
            "How many steps does a take need? Bars: 95 % of the difference from the last; the band is 5 % around it."
        )
        level = points[-1]["value"]
        shown.append((caption, steps(points, "steps of the sampler", _label(report, "lve_mm"), _LIPS, level, 0.05)))
    return shown


def steps(points: Sequence[Point], across: str, up: str, colour: str, level: float, band: float = 0.0) -> str:
    """Values with their intervals, beside a level; a line joins neighbours whose labels end in the same line."""
    with drawing(across, up) as (figure, axes):
        axes.axhline(level, color=INK, linewidth=1, linestyle="--", alpha=0.5)
        if band:
            axes.axhspan(level * (1 - band), level * (1 + band), color=INK, alpha=0.08, linewidth=0)
        for place, point in enumerate(points):
            if point["low"] is not None:
                axes.plot([place, place], [point["low"], point["high"]], color=colour, alpha=0.4, linewidth=2, zorder=1)
            axes.plot(place, point["value"], "o", color=colour, markersize=7, zorder=2)
        for _, joined in groupby(enumerate(points), key=lambda placed: placed[1]["label"].partition("\n")[2]):
            places, values = zip(*((place, point["value"]) for place, point in joined), strict=True)
            axes.plot(places, values, color=colour, linewidth=1.2, alpha=0.7, zorder=1)
        axes.ticklabel_format(axis="y", useOffset=False)
        axes.set_xticks(range(len(points)), [point["label"] for point in points])
        return svg(figure)


def _points(report: Mapping[str, Any], told: Sequence[Point], figure: str) -> list[Point]:
    """In printed units, those that have a value."""
    scale = report["definitions"][figure]["scale"]
    return [
        {key: value * scale if isinstance(value, float) else value for key, value in point.items()}
        for point in told
        if point["value"] is not None
    ]


def _label(report: Mapping[str, Any], figure: str) -> str:
    told = report["definitions"][figure]
    return f"{told['label']}, {told['unit']}" if told["unit"] else str(told["label"])
