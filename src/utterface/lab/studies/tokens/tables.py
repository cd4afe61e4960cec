"""The results as tables of text, see `lab.studies.tables`; all of it functions of `results.collect`'s table."""

from collections.abc import Mapping, Sequence
from typing import Any

from utterface.lab.studies import tables
from utterface.lab.studies.tables import Table, Text, label

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


def figures(report: Mapping[str, Any], where: str, columns: Sequence[str]) -> Table:
    """Systems × measures."""

    def name(row: Mapping[str, Any]) -> tuple[str, str]:
        return row["representation"], DECODERS.get(row["decoder"], row["decoder"])

    return tables.figures(report, where, columns, ("representation", "decoder"), name)


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
    head = ("representation", "family", "Hz", "features", "units", *(label(*PROBES[n][:2]) for n in names))
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
    return Table(("representation", "decoder", *(label(*COSTS[n][:2]) for n in COSTS)), tuple(rows))
