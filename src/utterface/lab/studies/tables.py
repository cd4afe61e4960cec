"""Tables of text, which Markdown and HTML draw: cells, the best of a column, intervals."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from utterface.lab.measures.catalogue import Measure
from utterface.lab.studies.claims import Evidence
from utterface.lab.studies.report import Line, Results, Source, Value

SPREAD = "between seeds"


@dataclass(frozen=True)
class Cell:
    """One cell: its main text, the smaller print behind it, whether it is the best of its column."""

    main: str
    small: str = ""
    best: bool = False


@dataclass(frozen=True)
class Table:
    """A table ready to be drawn; the last `apart` rows are drawn apart."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    apart: int = 0


def plain(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table of main texts."""
    return Table(tuple(head), tuple(tuple(map(Cell, row)) for row in rows))


def of_results(
    results: Results,
    measures: Mapping[str, Measure],
    columns: Sequence[str],
    heads: Sequence[str],
    name: Callable[[Line], Sequence[str]] = lambda line: line.name,
    spread: bool = True,
) -> Table:
    """Variants × measures, the best trained one of each measure marked; then the trivial variants.

    Args:
        results: of a set of clips.
        measures: by name.
        columns: measures in order; those without any value, or that print as nothing but zero, are left out.
        heads: of the columns that name a variant.
        name: a line → those cells.
        spread: whether the last row is the standard deviation between seeds.
    """
    shown = [c for c in columns if _says_something(c, results.lines, measures)]
    best = {c: _best([line.values.get(c) for line in results.trained], measures[c].best) for c in shown}
    rows = []
    for line in results.lines:
        cells = []
        for c in shown:
            value = line.values.get(c) if line.trained or not measures[c].sampled else None
            cells.append(_cell(value, measures[c], line.trained and value is not None and value is best[c]))
        rows.append((*map(Cell, name(line)), *cells))
    if spread:
        blank = [Cell(SPREAD), Cell("standard deviation"), *[Cell("")] * len(heads)][: len(heads)]
        values = (_scaled(results.between_seeds.get(c), measures[c]) for c in shown)
        rows.append((*blank, *map(Cell, values)))
    apart = len(results.lines) - len(results.trained) + spread
    return Table((*heads, *(measures[c].head for c in shown)), tuple(rows), apart)


def of_sources(sources: Iterable[Source]) -> Table:
    """Where clips come from."""
    head = ("corpus", "for", "clips", "minutes", "speakers", "phones", "faces")
    return plain(head, ((s.corpus, s.split, str(s.clips), f"{s.minutes:.1f}", str(s.speakers), s.phones, s.faces)
                        for s in sources))  # fmt: skip


def of_evidence(rows: Iterable[Evidence], measures: Mapping[str, Measure]) -> Table:
    """What a claim rests on; the deciding rows are marked."""
    cells = []
    for row in rows:
        low, high = (effect(v, row.unit, measures).split(" ")[0] for v in (row.low, row.high))
        around = f"{low} to {high}" + (f"; {row.note}" if row.note else "")
        main = Cell(effect(row.effect, row.unit, measures), around)
        cells.append((Cell(row.label, best=row.decides), main, Cell(row.verdict or "–")))
    return Table(("comparison; above 0 speaks for the claim", "effect and 95 %", "alone"), tuple(cells))


def effect(value: float | None, unit: str, measures: Mapping[str, Measure]) -> str:
    """With its sign, in the unit of a measure or as a share."""
    if value is None or math.isnan(value):
        return "–"
    if unit in measures:
        measure = measures[unit]
        printed = "points" if measure.unit == "%" else measure.unit
        text = f"{value * measure.scale:+.{measure.digits}f}{' ' * bool(printed)}{printed}"
    else:
        text = f"{value * 100:+.1f} %" if unit == "%" else f"{value:+.2f}"
    return text.replace("-", "−", 1)


def _cell(value: Value | None, measure: Measure, best: bool) -> Cell:
    if value is None or value.value is None:
        return Cell("–")
    main, low, high = (_scaled(v, measure) for v in (value.value, value.low, value.high))
    return Cell(main, f"{low} to {high}", best)


def _scaled(value: float | None, measure: Measure) -> str:
    return "–" if value is None else f"{value * measure.scale:.{measure.digits}f}"


def _best(values: Sequence[Value | None], which: str) -> Value | None:
    known = [v for v in values if _known(v)]
    if not known or not which:
        return None
    choose = max if which == "high" else min
    return choose(known, key=lambda v: v.value)  # type: ignore[union-attr,arg-type,return-value]


def _says_something(name: str, lines: Sequence[Line], measures: Mapping[str, Measure]) -> bool:
    """Whether a measure prints anything but zero for any variant."""
    values = [line.values[name].value for line in lines if _known(line.values.get(name))]
    return any(float(_scaled(value, measures[name])) for value in values)


def _known(value: Value | None) -> bool:
    return value is not None and value.value is not None
