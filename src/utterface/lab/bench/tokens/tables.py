"""The results as tables of text, which Markdown and HTML then draw: cells, the best of a column, captions.

Everything here is a function of `results.collect`'s plain table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from utterface.lab.bench.report import table as markdown_table

DECODERS = {"transformer": "Transformer", "gru_diffusion": "GRU, diffusion", "animator": "animator's blocks"}
FAMILIES = {"spectral": "spectral", "self-supervised": "self-supervised", "codec": "codec", "label": "label-based"}
CHOSEN = {  # the columns of the tables, in order
    "test": ("closure_f1", "bcs", "lve", "lve_mm", "mve_mm", "jitter", "dtw_mm", "r2"),
    "more": ("closure_recall", "closure_precision", "fdd", "diversity_mm", "vowel_closed"),
    "spoken": ("closure_f1", "closure_recall", "closure_precision", "vowel_closed", "jitter"),
}
PROBES = {  # probe → (label, unit, which is better, scale)
    "phone_accuracy": ("phone probe", "%", "high", 100.0),
    "phone_entropy": ("Ĥ(phone)", "%", "low", 100.0),
    "phone_purity": ("phone purity", "%", "high", 100.0),
    "viseme_entropy": ("Ĥ(viseme)", "%", "low", 100.0),
    "motion_r2": ("ridge R²", "", "high", 1.0),
    "pitch_r2": ("pitch R²", "", "high", 1.0),
    "energy_r2": ("energy R²", "", "high", 1.0),
    "speaker_accuracy": ("speaker", "%", "high", 100.0),
    "emotion_accuracy": ("emotion", "%", "high", 100.0),
}
COSTS = {  # cost → (label, unit, scale, digits)
    "parameters": ("parameters", "M", 1e-6, 2),
    "flops": ("FLOPs a second: encoder", "M", 1e-6, 0),
    "decoder_flops": ("decoder", "M", 1e-6, 0),
    "bitrate": ("bitrate", "bit/s", 1.0, 0),
    "real_time_encoding": ("RTF: encoder", "", 1.0, 4),
    "real_time_decoding": ("decoder", "", 1.0, 4),
    "look_ahead": ("look-ahead", "ms", 1000.0, 0),
    "first_frame": ("first frame", "ms", 1000.0, 0),
    "memory_mb": ("peak memory", "MB", 1.0, 0),
}
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


def figures(report: Mapping[str, Any], where: str, columns: Sequence[str]) -> Table:
    """Systems × measures, the best trained one of each measure marked; then mean face, articulation, seeds."""
    told, definitions = report[where], report["definitions"]
    names = [c for c in columns if any(_is(row["figures"].get(c)) for row in told["rows"])]
    trained = [row for row in told["rows"] if row["decoder"]]
    best = {name: _best([r["figures"].get(name) for r in trained], definitions[name]["best"]) for name in names}
    rows = []
    for row in told["rows"]:
        label = Text(row["representation"]), Text(DECODERS.get(row["decoder"], row["decoder"]))
        cells = []
        for name in names:
            found, definition = row["figures"].get(name), definitions[name]
            shown = bool(row["decoder"]) or name != "diversity_mm"
            cells.append(_figure(found if shown else None, definition, bool(row["decoder"]) and found == best[name]))
        rows.append((*label, *cells))
    spread = [_plain(told["between_seeds"].get(name), definitions[name]) for name in names]
    rows.append((Text(SPREAD), Text("standard deviation"), *(Text(value) for value in spread)))
    apart = len(told["rows"]) - len(trained) + 1
    return Table(("representation", "decoder", *(_head(definitions[n]) for n in names)), tuple(rows), apart)


def probes(report: Mapping[str, Any]) -> Table:
    """Representations × what they are and hold."""
    held = report["representations"]
    names = [n for n in PROBES if any(r["probes"].get(n) is not None for r in held.values())]
    best = {}
    for name in names:
        values = [v for r in held.values() if (v := r["probes"].get(name)) is not None]
        if max(values) > min(values):  # where all are alike none is the best
            best[name] = max(values) if PROBES[name][2] == "high" else min(values)
    rows = []
    for key, told in held.items():
        facts = told["facts"]
        books = " × ".join(str(b) for b in sorted(set(facts["codebooks"])))
        count = len(facts["codebooks"])
        units = "–" if not count else books if count == 1 else f"{count} × {books}"
        about = (key, FAMILIES[told["family"]], f"{facts['frame_rate']:g}", str(facts["dimension"]), units)
        cells = []
        for name in names:
            value, (_, _, _, scale) = told["probes"].get(name), PROBES[name]
            digits = 1 if scale == 100 else 2
            shown = "–" if value is None else f"{value * scale:.{digits}f}"
            cells.append(Text(shown, best=value is not None and value == best.get(name)))
        rows.append((*(Text(a) for a in about), *cells))
    head = ("representation", "family", "Hz", "features", "units", *(_label(*PROBES[n][:2]) for n in names))
    return Table(head, tuple(rows))


def costs(report: Mapping[str, Any]) -> Table:
    """Representation × decoder × what it costs."""
    rows = []
    for row in report["costs"]:
        cells = [Text(row["representation"]), Text(DECODERS.get(row["decoder"], row["decoder"]))]
        for name, (_, _, scale, digits) in COSTS.items():
            value = row.get(name)
            absent = "whole utterance" if name == "look_ahead" else "–"
            cells.append(Text(absent if value is None else f"{value * scale:,.{digits}f}".replace(",", " ")))
        rows.append(tuple(cells))
    return Table(("representation", "decoder", *(_label(*COSTS[n][:2]) for n in COSTS)), tuple(rows))


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


def _head(definition: Mapping[str, Any]) -> str:
    arrow = {"high": " ↑", "low": " ↓"}.get(definition["best"], "")
    return _label(definition["label"], definition["unit"]) + arrow


def _label(label: str, unit: str) -> str:
    return f"{label}, {unit}" if unit else label


def _space(unit: str) -> str:
    return f" {unit}" if unit else ""


def _is(found: Mapping[str, Any] | None) -> bool:
    return found is not None and found["value"] is not None
