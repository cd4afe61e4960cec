"""The report of the study: results, claims, what encoders go with."""

from collections.abc import Iterator, Mapping

import numpy as np

from utterface.lab.measures.action_units import LOWER_UNITS, RISEN, UPPER_UNITS
from utterface.lab.measures.catalogue import OURS, Measure, Totals, ratio, select
from utterface.lab.studies import sections, tables
from utterface.lab.studies.audio_text.claims import AudioTextResults, Key
from utterface.lab.studies.audio_text.runs import ANOTHER_TAKE, OTHER, AudioTextRunner
from utterface.lab.studies.audio_text.sizes import TENSOR, runs
from utterface.lab.studies.report import Report, results_of
from utterface.lab.studies.runs import MEAN_FACE, TRIVIAL, read_runs
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.sections import Block, Section
from utterface.lab.studies.store import read_json
from utterface.lab.studies.study import Findings
from utterface.lab.studies.tables import Cell, Table

TITLE = "Joint Audio-Text"
FAN = "Joint Audio-Text (2112.02214)"
_FLOOR = "the performer's own other take: nothing can be expected to be nearer"


def _f1(name: str, label: str, meaning: str) -> Measure:
    sums = tuple(f"{name}_{kind}" for kind in ("met", "seen", "wanted"))

    def function(totals: Totals) -> np.ndarray:
        met, seen, wanted = (totals[key] for key in sums)
        f1: np.ndarray = 2 * met / np.maximum(seen + wanted, 1)
        return f1

    return Measure(label, "", "high", 3, meaning, OURS, sums, function)


MEASURES: dict[str, Measure] = {
    "upper_mae": ratio("upper face", "", "low", 4, "upper_error", "upper_values",
                       f"mean absolute error of the action units {', '.join(map(str, UPPER_UNITS))}, computed from "
                       "weights by a fixed table (0 to 5), not by OpenFace", FAN),
    "lower_mae": ratio("lower face", "", "low", 4, "lower_error", "lower_values",
                       f"the same of {', '.join(map(str, LOWER_UNITS))}", FAN),
    "event_f1": _f1("event", "event F1", "raised and drawn brows, wide lids, cheeks and nose that rise by "
                    f"{RISEN:g} above their median where a gesture was performed (± 0.2 s); unseen words"),
    "pair_f1": _f1("pair", "pair F1", "the same on sentences with a word of two senses, in contexts unseen"),
    **select(("closure_f1", "closure_recall")),
}  # fmt: skip


def collect(runner: AudioTextRunner, failed: Mapping[str, str]) -> Findings[AudioTextResults]:
    """Scores of all finished runs, those with another sentence's words among them."""
    read = read_runs(runner.folder, runs(runner.size), failed)
    if not read or TRIVIAL in failed:
        return Findings(None, {})
    trivial = read_json(runner.folder.figures(TRIVIAL))
    sums: dict[Key, list] = {}
    for run, figures in read.items():
        sums.setdefault(run.variant, []).append(figures["test"])
        if OTHER in figures:
            sums.setdefault(f"{run.variant.label}, another sentence's text", []).append(figures[OTHER])
    sums |= {name: [trivial[name]["test"]] for name in (MEAN_FACE, ANOTHER_TAKE)}
    scores = Scores(sums, MEASURES, (MEAN_FACE, ANOTHER_TAKE))
    first = next(iter(read.values()))["test"]
    correlations = [figures["correlations"] for run, figures in read.items() if run.variant == TENSOR]
    more = {
        "planted": trivial["planted"],
        "correlations": correlations[0] if correlations else {},
        "parameters": {run.variant.label: figures["parameters"] for run, figures in read.items()},
        "encoder": runner.options.text_encoder.rpartition("/")[2],
    }
    results = AudioTextResults(scores, f"{TENSOR.label}, another sentence's text")
    return Findings(results, {"test": results_of(scores, first, _name)}, more)


def _name(variant: Key) -> tuple[str, ...]:
    return (variant if isinstance(variant, str) else variant.label,)


def _results(report: Report) -> Iterator[Block]:
    yield (
        f"Gestures own {report.more['planted']:.0%} of the upper units' variance. {ANOTHER_TAKE}: {_FLOOR}. "
        f"Contextual vectors: {report.more['encoder']}."
    )
    yield tables.of_results(report.results["test"], MEASURES, list(MEASURES), ("variant",))


def _correlations(report: Report) -> Iterator[Block]:
    found = report.more["correlations"]
    if found:
        yield "Mean |r| over the features of each encoder of the tensor variant, seed 0, with each unit of the target."
        yield correlation_table(found)


def correlation_table(found: Mapping[str, Mapping[str, float]]) -> Table:
    """Units × encoders; the encoder that goes more with a unit is marked."""
    rows = []
    for unit, name in (UPPER_UNITS | LOWER_UNITS).items():
        values = [found[encoder][str(unit)] for encoder in ("audio", "text")]
        cells = [Cell(f"{value:.3f}", best=value == max(values) > 0) for value in values]
        rows.append((Cell(str(unit)), Cell(name), *cells))
    return Table(("unit", "weight", "audio", "text"), tuple(rows))


def _budget(report: Report) -> list[str]:
    s = report.settings
    return [
        f"Size {report.size}: {s['seeds']} seeds of {s['steps']} steps, {s['batch']} crops of {s['seconds']:g} s; "
        f"parameters: {', '.join(f'{name} {count:,}' for name, count in report.more['parameters'].items())}."
    ]


SECTIONS = (
    Section("results", sections.counted("Results", "test", "sentences"), _results),
    sections.verdicts(MEASURES),
    Section("correlations", "What each encoder goes with", _correlations),
    sections.ran(_budget),
    sections.definitions(MEASURES),
)
