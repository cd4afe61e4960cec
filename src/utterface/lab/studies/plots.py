"""Plots of reports as SVG that takes the page's text colour, light or dark."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

INK = "#010203"  # replaced by the page's own colour


@contextmanager
def drawing(across: str, up: str) -> Iterator[tuple[Any, Any]]:
    """A figure of Matplotlib's and its axes, which are named `across` and `up`; `svg` gives it away."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    style: Any = {"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10, "svg.hashsalt": "utterface"}
    style |= dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK)
    with mpl.rc_context(style):
        figure = Figure(figsize=(5.6, 4.3), layout="constrained")
        axes = figure.subplots()
        axes.set_facecolor("none")
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color=INK, alpha=0.12, linewidth=0.6)
        yield figure, axes


def svg(figure: Any) -> str:
    """As wide as its place, in the page's own colour; within `drawing`."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    return re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', 'width="100%"', text, count=1)
