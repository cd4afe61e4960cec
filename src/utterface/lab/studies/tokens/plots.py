"""The report's plots as SVG that takes the page's text colour, light or dark."""

from collections.abc import Mapping, Sequence
from typing import Any

from utterface.lab.studies.drawing import INK, drawing, svg
from utterface.lab.studies.tokens.tables import DECODERS, FAMILIES

_COLOURS = {"spectral": "#8a8f98", "self-supervised": "#2f7ed8", "codec": "#d9822b", "label": "#2ea36b"}
_MARKS = {"transformer": "o", "gru_diffusion": "s", "animator": "^"}


def all_plots(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(caption, SVG) of every plot that the report has figures for."""
    if "test" not in report:
        return []
    found = [
        (
            "The better a linear probe hears phones, the better the lips close? Filled: vectors; hollow: units.",
            scatter(report, phones(report, "bcs"), "phone probe on unseen speakers, %", "BCS, %"),
        ),
        (
            "Do the two measures agree? Good is left and up.",
            scatter(report, pairs(report, "lve", "bcs"), "LVE × 10⁻³", "BCS, %"),
        ),
    ]
    if report.get("costs"):
        quality, label = _quality(report)
        points = costs(report, quality)
        found.insert(0, (
            "Quality against cost: encoder and decoder, two CPU cores. Good is left and up.",
            scatter(report, points, "seconds of computing a second of speech", label, logarithmic=True),
        ))  # fmt: skip
    return found


Point = tuple[str, str, float, float, tuple[float, float] | None]  # representation, decoder, x, y, interval of y


def phones(report: Mapping[str, Any], figure: str) -> list[Point]:
    """Phone probe against a figure."""
    held = report["representations"]
    scale = report["definitions"][figure]["scale"]
    heard = {key: told["probes"].get("phone_accuracy") for key, told in held.items()}
    return [
        (r["representation"], r["decoder"], 100 * heard[r["representation"]], *y)
        for r in _trained(report)
        if heard[r["representation"]] is not None and (y := _scaled(r["figures"].get(figure), scale))
    ]


def pairs(report: Mapping[str, Any], across: str, up: str) -> list[Point]:
    """One figure against another."""
    scales = [report["definitions"][name]["scale"] for name in (across, up)]
    return [
        (r["representation"], r["decoder"], x[0], *y)
        for r in _trained(report)
        if (x := _scaled(r["figures"].get(across), scales[0])) and (y := _scaled(r["figures"].get(up), scales[1]))
    ]


def costs(report: Mapping[str, Any], figure: str) -> list[Point]:
    """Real-time factor against a figure."""
    taken = {(c["representation"], c["decoder"]): c["real_time"] for c in report["costs"]}
    where = "spoken" if "spoken" in report else "test"
    scale = report["definitions"][figure]["scale"]
    return [
        (r["representation"], r["decoder"], taken[r["representation"], r["decoder"]], *y)
        for r in _trained(report, where)
        if (r["representation"], r["decoder"]) in taken and (y := _scaled(r["figures"].get(figure), scale))
    ]


def scatter(report: Mapping[str, Any], points: Sequence[Point], across: str, up: str, logarithmic: bool = False) -> str:
    """Points with their intervals: colour is the family, shape the decoder, hollow are units."""
    from matplotlib.lines import Line2D

    held = report["representations"]
    with drawing(across, up) as (figure, axes):
        for name, decoder, x, y, around in points:
            colour = _COLOURS[held[name]["family"]]
            if around is not None:
                axes.plot([x, x], around, color=colour, alpha=0.35, linewidth=1.2, zorder=1)
            face = "none" if held[name]["discrete"] else colour
            axes.plot(x, y, _MARKS.get(decoder, "o"), color=colour, markerfacecolor=face, markersize=7, zorder=2)
        _name_best(axes, points)
        if logarithmic:
            axes.set_xscale("log")
        families = [f for f in _COLOURS if any(h["family"] == f for h in held.values())]
        kinds = [k for k in _MARKS if any(p[1] == k for p in points)]
        keys = [Line2D([], [], linestyle="", marker="o", color=_COLOURS[f], label=FAMILIES[f]) for f in families]
        keys += [
            Line2D([], [], linestyle="", marker=_MARKS[k], color=INK, markerfacecolor="none", label=DECODERS[k])
            for k in kinds
        ]
        figure.legend(handles=keys, loc="outside upper left", ncols=3, frameon=False, fontsize=9)
        return svg(figure)


def _name_best(axes: Any, points: Sequence[Point]) -> None:
    """A name beside each representation's highest point."""
    for name in dict.fromkeys(p[0] for p in points):
        best = max((p for p in points if p[0] == name), key=lambda p: p[3])
        axes.annotate(name, (best[2], best[3]), xytext=(6, 5), textcoords="offset points", fontsize=8)


def _quality(report: Mapping[str, Any]) -> tuple[str, str]:
    return "closure_f1", "closure F1 on real recordings, %" if "spoken" in report else "closure F1 on test clips, %"


def _trained(report: Mapping[str, Any], where: str = "test") -> list[Mapping[str, Any]]:
    return [row for row in report[where]["rows"] if row["decoder"]]


def _scaled(found: Mapping[str, Any] | None, scale: float) -> tuple[float, tuple[float, float] | None] | None:
    if found is None or found["value"] is None:
        return None
    whole = found["low"] is not None and found["high"] is not None
    return found["value"] * scale, (found["low"] * scale, found["high"] * scale) if whole else None
