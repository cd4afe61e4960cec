"""The report of the study: results, the winner, tables, plots, sections, faces."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from utterface.lab.measures.catalogue import select
from utterface.lab.studies import faces as side_by_side
from utterface.lab.studies import sections, tables
from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.studies.plots import INK, drawing, svg
from utterface.lab.studies.recipes import winner_toml
from utterface.lab.studies.report import Line, Report, Value, results_of
from utterface.lab.studies.runs import TRIVIAL, VariantRun, read_runs, reference, scores_of
from utterface.lab.studies.scores import interval
from utterface.lab.studies.sections import Block, Folded, Plot, Section
from utterface.lab.studies.store import read_json
from utterface.lab.studies.study import Findings
from utterface.lab.studies.tables import Cell, Table
from utterface.lab.studies.tokens import probing
from utterface.lab.studies.tokens.claims import TRANSFORMER, Key, RepresentationKind, TokensResults, withdrawn
from utterface.lab.studies.tokens.runs import TokensRunner, costs_file, keys
from utterface.lab.studies.tokens.sizes import TokensVariant, runs
from utterface.motion import Motion
from utterface.pages.comparison import Row
from utterface.rigs import cache

TITLE = "From Tokens to Faces"
MEASURES = select((
    "closure_f1", "closure_recall", "closure_precision", "bcs_mm", "bcs", "lve", "lve_skin_mm", "mve_mm", "jitter",
    "unrest", "fdd_mm2", "dtw_mm", "r2", "diversity_mm", "vowel_closed",
))  # fmt: skip
DECODERS = {"transformer": "Transformer", "gru_diffusion": "GRU, diffusion", "animator": "animator's blocks"}
FAMILIES = {"spectral": "spectral", "self-supervised": "self-supervised", "codec": "codec", "label": "label-based"}
RULE = (
    "highest closure F1 on held-out speech (real recordings where there are some) among discrete representations with "
    "the Transformer; of those not clearly worse, the highest BCS at 1 mm"
)
_MAIN = ("closure_f1", "closure_recall", "bcs_mm", "bcs", "lve", "lve_skin_mm", "mve_mm", "jitter", "unrest", "dtw_mm",
         "r2")  # fmt: skip
_MORE = ("closure_precision", "fdd_mm2", "diversity_mm", "vowel_closed")
_SPOKEN = ("closure_f1", "closure_recall", "closure_precision", "vowel_closed", "jitter", "unrest")
_PROBES = {  # probe → (label, which is better, scale)
    "phone_accuracy": ("phone probe, %", "high", 100.0),
    "phone_entropy": ("Ĥ(phone), %", "low", 100.0),
    "phone_purity": ("phone purity, %", "high", 100.0),
    "viseme_entropy": ("Ĥ(viseme), %", "low", 100.0),
    "motion_r2": ("ridge R²", "high", 1.0),
    "pitch_r2": ("pitch R²", "high", 1.0),
    "energy_r2": ("energy R²", "high", 1.0),
    "speaker_accuracy": ("speaker, %", "high", 100.0),
    "emotion_accuracy": ("emotion, %", "high", 100.0),
}
_COSTS = {  # cost → (label, scale, digits)
    "parameters": ("parameters, M", 1e-6, 2),
    "flops": ("FLOPs a second: encoder, M", 1e-6, 0),
    "decoder_flops": ("decoder, M", 1e-6, 0),
    "bitrate": ("bitrate, bit/s", 1.0, 0),
    "real_time_encoding": ("RTF: encoder", 1.0, 4),
    "real_time_decoding": ("decoder", 1.0, 4),
    "look_ahead": ("look-ahead, ms", 1000.0, 0),
    "first_frame": ("first frame, ms", 1000.0, 0),
    "memory_mb": ("peak memory, MB", 1.0, 0),
}
_ABOUT_COSTS = (
    "On two CPU cores, ten seconds of speech, each in a process of its own, random weights. A decoder that needs "
    "the whole utterance answers after its end: its first frame is ten seconds + computing."
)
_FACES = {
    frozenset({"articulatory"}): "No face was captured: the targets are articulatory, computed from timed phones by "
    "coarticulation rules. Results show how well a representation lets lips be timed and shaped, not how people move.",
    frozenset({"performed"}): "No face was captured: the targets are performed by rules, from timed phones.",
    frozenset({"captured"}): "The targets are captured faces.",
}
_MIXED = "The targets are of several kinds: {}."
_REFERENCE = "reference"
_COLOURS = {"spectral": "#8a8f98", "self-supervised": "#2f7ed8", "codec": "#d9822b", "label": "#2ea36b"}
_MARKS = {"transformer": "o", "gru_diffusion": "s", "animator": "^"}


# ---------------------------------------------------------------------------------------------------------- results


def collect(runner: TokensRunner, failed: Mapping[str, str]) -> Findings[TokensResults]:
    """Scores of all finished runs, what representations hold, costs."""
    encoded = keys(runner, failed)
    held = {key: probing.read(key, runner.folder) for key in encoded}
    listed = runs(runner.size, encoded)
    more: dict[str, Any] = {"representations": held, "costs": []}
    for variant in dict.fromkeys(run.variant for run in listed):
        path = costs_file(variant, runner.folder)
        if path.is_file():
            cost = {k: v for k, v in read_json(path).items() if k != "mark"}
            more["costs"].append({"representation": variant.representation, "decoder": variant.decoder, **cost})
    read = read_runs(runner.folder, listed, failed)
    if not read or TRIVIAL in failed:
        return Findings(None, {}, more)
    trivial = {k: v for k, v in read_json(runner.folder.figures(TRIVIAL)).items() if k != "mark"}
    sets = ("test", "spoken") if runner.material.spoken else ("test",)
    scored = {name: scores_of(name, read, trivial, MEASURES) for name in sets}
    kinds = {key: _kind(each) for key, each in held.items()}
    first = next(iter(read.values()))
    results = {name: results_of(scores, first[name], _name) for name, scores in scored.items()}
    speakers = len({clip.speaker for clip in runner.material.test})
    return Findings(TokensResults(scored["test"], kinds, scored.get("spoken"), speakers), results, more)


def _kind(held: Mapping[str, Any]) -> RepresentationKind:
    accuracy = held["probes"].get("phone_accuracy")
    entropy = held["probes"].get("phone_entropy")
    return RepresentationKind(held["discrete"], held["family"], math.nan if accuracy is None else accuracy, entropy)


def _name(variant: Key) -> tuple[str, ...]:
    return (variant, "") if isinstance(variant, str) else (variant.representation, variant.decoder)


def winner(results: TokensResults) -> dict[str, Any] | None:
    """The best discrete representation with the Transformer by `RULE`; None without discrete representations."""
    variants = results.with_decoder(TRANSFORMER, lambda kind: kind.discrete)
    if not variants:
        return None
    scores = results.spoken or results.test
    best = max(variants, key=lambda v: scores.value(v, "closure_f1"))
    ahead = {v: scores.drawn(best, "closure_f1") - scores.drawn(v, "closure_f1") for v in variants}
    tied = [v for v in variants if v == best or interval(ahead[v])[0] <= 0]
    chosen = max(tied, key=lambda v: results.test.value(v, "bcs_mm"))
    return {
        "representation": chosen.representation,
        "decoder": TRANSFORMER,
        "closure_f1": scores.value(chosen, "closure_f1"),
        "bcs_mm": results.test.value(chosen, "bcs_mm"),
        "on": "real recordings" if results.spoken else "test clips",
        "tied": [v.representation for v in tied],
        "rule": RULE,
    }


def recipe(runner: TokensRunner, won: Mapping[str, Any]) -> str:
    """The winner's recipe, several times as long as a run."""
    train = {
        "folder": str(cache.folder() / "runs" / "tokens"), "steps": 6000, "rate": 1.5e-3, "warmup": 200, "decay": 0.6,
        "average": 0.998, "validate_every": 500, "save_every": 500, "select": "r2",
    }  # fmt: skip
    named: dict[str, dict[str, Any]] = {
        "train": train,
        "speech": {"representation": runner.name_of(won["representation"]), "embedding": 256},
        "data": {"batch": 8, "seconds": 4.0, "judged": 20},
        "decoder": {"kind": TRANSFORMER, "width": 192, "layers": 4, "heads": 6, "inner": 576, "nearness": 4.0},
        "losses": {"velocity": 0.03, "acceleration": 0.03},
        "bundle": {"block": 0.4, "past": 1.6, "future": 0.4, "overlap": 0.2, "weights": "bytes"},
    }
    title = f"{won['representation']} with the Transformer"
    return winner_toml("tokens", title, RULE, "tokens_to_faces", runner.options.folders(), named)


# ----------------------------------------------------------------------------------------------------------- tables


def _results(report: Report, where: str, columns: Sequence[str]) -> Table:
    def name(line: Line) -> tuple[str, str]:
        return line.name[0], DECODERS.get(line.name[1], line.name[1])

    return tables.of_results(report.results[where], MEASURES, columns, ("representation", "decoder"), name)


def probes(held: Mapping[str, Mapping[str, Any]]) -> Table:
    """Representations × what they are and hold; a probe that says the same of all marks none."""
    names = [n for n in _PROBES if any(_is_shown(n, r["probes"]) for r in held.values())]
    best = {}
    for name in names:
        values = [v for r in held.values() if (v := r["probes"].get(name)) is not None]
        if max(values) > min(values):
            best[name] = max(values) if _PROBES[name][1] == "high" else min(values)
    rows = []
    for key, each in held.items():
        books = each["facts"]["codebooks"]
        sizes = " × ".join(str(b) for b in sorted(set(books)))
        units = "–" if not books else sizes if len(books) == 1 else f"{len(books)} × {sizes}"
        facts = (key, FAMILIES[each["family"]], f"{each['facts']['frame_rate']:g}", str(each["facts"]["dimension"]))
        cells = []
        for name in names:
            value = each["probes"].get(name)
            cells.append(Cell(_probe(name, value), _probe_interval(name, each["probes"]), value == best.get(name, "")))
        rows.append((*map(Cell, (*facts, units)), *cells))
    return Table(("representation", "family", "Hz", "features", "units", *(_PROBES[n][0] for n in names)), tuple(rows))


def _is_shown(name: str, probes: Mapping[str, Any]) -> bool:
    """Whether there is a figure; of speaker and emotion, judged on few clips, only where their number is known."""
    counted = name not in ("speaker_accuracy", "emotion_accuracy") or probes.get(f"{name}_clips")
    return probes.get(name) is not None and bool(counted)


def _probe(name: str, value: float | None) -> str:
    scale = _PROBES[name][2]
    return "–" if value is None else f"{value * scale:.{1 if scale == 100 else 2}f}"


def _probe_interval(name: str, probes: Mapping[str, Any]) -> str:
    ends = [probes.get(f"{name}_{end}") for end in ("low", "high")]
    return "" if None in ends else " to ".join(_probe(name, end) for end in ends)


def _judged(held: Mapping[str, Mapping[str, Any]]) -> str:
    """How many clips each probe was judged on."""
    counts = {n: max((r["probes"].get(f"{n}_clips") or 0 for r in held.values()), default=0) for n in _PROBES}
    listed = [f"{_PROBES[n][0].removesuffix(', %')} {count:.0f}" for n, count in counts.items() if count]
    return f"Clips judged: {', '.join(listed)}." if listed else ""


def costs(report: Report) -> Table:
    """Variant × what it costs."""
    rows = []
    for cost in report.more["costs"]:
        cells = [cost["representation"], DECODERS.get(cost["decoder"], cost["decoder"])]
        for name, (_, scale, digits) in _COSTS.items():
            absent = "whole utterance" if name == "look_ahead" else "–"
            value = cost.get(name)
            cells.append(absent if value is None else f"{value * scale:,.{digits}f}".replace(",", " "))
        rows.append(cells)
    return tables.plain(("representation", "decoder", *(label for label, _, _ in _COSTS.values())), rows)


# ------------------------------------------------------------------------------------------------------------ plots

Point = tuple[str, str, float, Value]  # representation, decoder, x, y in printed units


def plots(report: Report) -> Iterator[Plot]:
    """Every plot that the report has figures for."""
    if "test" not in report.results:
        return
    where = "spoken" if "spoken" in report.results else "test"
    taken = {(c["representation"], c["decoder"]): c["real_time"] for c in report.more["costs"]}
    quality = "closure F1 on real recordings, %" if where == "spoken" else "closure F1 on test clips, %"
    accuracy = {key: each["probes"].get("phone_accuracy") for key, each in report.more["representations"].items()}
    phones = {line.name: 100 * accuracy[line.name[0]] for line in report.results["test"].trained
              if accuracy[line.name[0]] is not None}  # fmt: skip
    lve = {line.name: 1000 * v for line in report.results["test"].trained
           if (value := line.values.get("lve")) and (v := value.value) is not None}  # fmt: skip
    drawn: tuple[tuple[str, str, str, str, Mapping[Any, float], str, str], ...] = (
        ("cost", "Quality against cost: encoder and decoder, two CPU cores. Good is left and up.",
         where, "closure_f1", taken, "seconds of computing a second of speech", quality),
        ("phones", "Do lips close better where a linear probe finds phones better? Filled: vectors; hollow: units.",
         "test", "bcs_mm", phones, "phone probe on unseen speakers, %", "BCS at 1 mm, %"),
        ("measures", "Do the two measures agree? Good is left and up.",
         "test", "bcs_mm", lve, "LVE × 10⁻³", "BCS at 1 mm, %"),
    )  # fmt: skip
    for name, caption, lines, measure, across, x_label, y_label in drawn:
        placed = points(report, lines, measure, across)
        if placed:
            yield Plot(name, caption, scatter(report, placed, x_label, y_label, logarithmic=name == "cost"))


def points(report: Report, where: str, measure: str, across: Mapping[Any, float]) -> list[Point]:
    """Trained variants with a place on the first axis and a value of the measure."""
    scale = MEASURES[measure].scale
    return [
        (line.name[0], line.name[1], across[line.name], _scaled(value, scale))
        for line in report.results[where].trained
        if line.name in across and (value := line.values.get(measure)) and value.value is not None
    ]


def _scaled(value: Value, scale: float) -> Value:
    main, low, high = (v if v is None else v * scale for v in (value.value, value.low, value.high))
    return Value(main, low, high)


def scatter(report: Report, placed: Sequence[Point], across: str, up: str, logarithmic: bool = False) -> str:
    """Points with their intervals: colour is the family, shape the decoder, hollow are units."""
    from matplotlib.lines import Line2D

    held = report.more["representations"]
    with drawing(across, up) as (figure, axes):
        for name, decoder, x, y in placed:
            colour = _COLOURS[held[name]["family"]]
            if y.low is not None and y.high is not None:
                axes.plot([x, x], [y.low, y.high], color=colour, alpha=0.35, linewidth=1.2, zorder=1)
            face = "none" if held[name]["discrete"] else colour
            axes.plot(x, y.value, _MARKS.get(decoder, "o"), color=colour, markerfacecolor=face, markersize=7, zorder=2)
        for name in dict.fromkeys(point[0] for point in placed):
            best = max((p for p in placed if p[0] == name), key=lambda p: p[3].value or 0.0)
            axes.annotate(name, (best[2], best[3].value), xytext=(6, 5), textcoords="offset points", fontsize=8)
        if logarithmic:
            axes.set_xscale("log")
        families = [f for f in _COLOURS if any(h["family"] == f for h in held.values())]
        handles = [Line2D([], [], linestyle="", marker="o", color=_COLOURS[f], label=FAMILIES[f]) for f in families]
        handles += [
            Line2D([], [], linestyle="", marker=mark, color=INK, markerfacecolor="none", label=DECODERS[kind])
            for kind, mark in _MARKS.items()
            if any(point[1] == kind for point in placed)
        ]
        figure.legend(handles=handles, loc="outside upper left", ncols=3, frameon=False, fontsize=9)
        return svg(figure)


# --------------------------------------------------------------------------------------------------------- sections


def _summary(report: Report) -> list[Block]:
    kinds = {s.faces for s in report.sources if s.split in ("train", "test")}
    count, decoders, seeds = (len(report.more["representations"]), len(report.settings["decoders"]),
                              report.settings["seeds"])  # fmt: skip
    grid = f"{count} representations × {decoders} decoders × {seeds} seeds, the same clips and budget for all."
    return [f"{grid} {_FACES.get(frozenset(kinds), _MIXED.format(', '.join(sorted(kinds))))}"]


def _winner(report: Report) -> list[Block]:
    won = report.winner
    if not won:
        return []
    tied = f" Not clearly worse: {', '.join(won['tied'])}." if len(won["tied"]) > 1 else ""
    f1, bcs = (
        f"{100 * won[name]:.1f} %" if name in won else "not measured in this run" for name in ("closure_f1", "bcs_mm")
    )
    return [
        f"**{won['representation']}**, closure F1 {f1} on {won['on']}, BCS at 1 mm {bcs}. Rule: {won['rule']}.{tied} "
        "Its recipe: winner.toml."
    ]


def _test(report: Report) -> list[Block]:
    if "test" not in report.results:
        return []
    return [_results(report, "test", _MAIN), Folded("More measures", (_results(report, "test", _MORE),))]


def _ran(report: Report) -> list[str]:
    s = report.settings
    return [
        f"Size {report.size}, {report.date}: {s['steps']} steps of {s['batch']} crops of at most {s['seconds']:g} s a "
        "run, AdamW, the average of the weights measured, nothing chosen on validation or test clips. Diffusion "
        f"decoders take {s['sampling_steps']} steps of {s['sampler']}."
    ]


SECTIONS = (
    Section("summary", "What is compared", _summary),
    sections.verdicts(MEASURES),
    Section("winner", "The discrete representation to ship", _winner),
    sections.faces("The same sentence, face beside face"),
    Section("pictures", "In pictures", plots),
    Section("test", sections.counted("Against the reference", "test", "test sounds"), _test),
    Section(
        "spoken", sections.counted("Lips on real recordings", "spoken", "clips"),
        lambda report: [_results(report, "spoken", _SPOKEN)] if "spoken" in report.results else [],
    ),
    Section(
        "held", "What the representations hold",
        lambda report: [probes(held), _judged(held)] if (held := report.more["representations"]) else [],
    ),
    Section("costs", "Costs", lambda report: [_ABOUT_COSTS, costs(report)] if report.more["costs"] else []),
    sections.ran(_ran),
    sections.definitions(MEASURES),
)  # fmt: skip


def revise(report: Report) -> Report:
    """Kept figures as they are drawn today: without claims that they cannot bear."""
    measures = {name for results in report.results.values() for line in results.lines for name in line.values}
    return replace(report, claims=withdrawn(report.claims, measures))


def faces(runner: TokensRunner, report: Report) -> str | None:
    """The reference, the winner with each decoder, the best and the worst by closures, then all others."""
    if "test" not in report.results:
        return None
    where = "spoken" if "spoken" in report.results else "test"
    ranked = sorted(report.results[where].trained, key=lambda line: -(line.values["closure_f1"].value or 0.0))
    first = {_face(*line.name): VariantRun(TokensVariant(*line.name), 0) for line in report.results["test"].trained}
    kept = side_by_side.motions(runner.folder, first)
    sentences = []
    for clip in runner.material.shown:
        rows = [Row(n, Motion(m[clip.id], runner.channels, FRAME_RATE)) for n, m in kept.items() if clip.id in m]
        if rows:
            sentences.append(side_by_side.sentence(clip, [Row(_REFERENCE, reference(clip, runner.channels)), *rows]))
    won = report.winner["representation"] if report.winner else ""
    wanted = [_face(won, decoder) for decoder in DECODERS]
    wanted += [_face(*line.name) for line in (ranked[0], ranked[-1], *ranked[1:])]
    return side_by_side.element(TITLE, sentences, [_REFERENCE, *wanted])


def _face(representation: str, decoder: str) -> str:
    return f"{representation}, {DECODERS.get(decoder, decoder)}"
