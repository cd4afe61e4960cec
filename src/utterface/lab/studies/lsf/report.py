"""The report of the study: scores, claims with their gates, sections."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from utterface.lab.corpora.identities import SHARE
from utterface.lab.measures.catalogue import Sums, ratio, select
from utterface.lab.studies import sections, tables
from utterface.lab.studies.claims import Claim, Evidence, conclude, evidence, not_judged
from utterface.lab.studies.lsf.runs import MEAN, PERFORMED, SHUFFLED, TEST, LsfRunner, figures_of, runs
from utterface.lab.studies.lsf.sizes import (
    FUSED,
    HEARS,
    LABEL,
    NO_IDENTITY,
    NONE,
    ONE_HOT,
    OTHER,
    OWN,
    PRIORS,
    SOFTMAX,
)
from utterface.lab.studies.plots import INK, drawing, svg
from utterface.lab.studies.report import Report, results_of
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.sections import Block, Plot, Section
from utterface.lab.studies.study import Findings

_OURS = "ours"
_LSF = "LSF-Animation, after ProbTalk3D"
MEASURES = {
    "emotion": ratio(
        "emotion", "%", "high", 1, "emotion_right", "clips",
        "share of clips whose mean face lies nearest to the mean training face of the right emotion", _OURS, 100.0,
    ),
    "strength_error": ratio(
        "strength error", "", "low", 3, "strength_error", "clips",
        "squared log ratio of the jaw's deviation over time to the performance's", _OURS,
    ),
    "brows_error": ratio(
        "brow error", "", "low", 3, "brows_error", "clips", "the same of the inner brows", _OURS,
    ),
    **select(("mve_mm", "lve_skin_mm", "fdd_mm2", "closure_recall", "closure_f1")),
    "mee_mm": ratio("MEE", "mm", "low", 3, "mee", "varied", "root of the LVE of the mean of all takes", _LSF, 1000.0),
    "ce_mm": ratio("CE", "mm", "low", 3, "ce", "varied", "root of the lowest LVE among the takes", _LSF, 1000.0),
    "diversity_mm": select(("diversity_mm",))["diversity_mm"],
    "held": ratio("held error", "", "low", 4, "held_error", "clips", "error of the mean weights of a clip", _OURS),
    "shift": ratio(
        "shift", "", "low", 4, "shifted", "shift_frames",
        "change of the same frames when the clip begins half a second later, mean over weights", _OURS,
    ),
}  # fmt: skip
_STAGE_2 = tuple(name for name in MEASURES if name not in ("shift", "held"))
_STAGE_1 = ("mve_mm", "lve_skin_mm", "held", "shift", "closure_recall", "closure_f1")
CLASSES = 6  # emotions of EmoDB with a face
LEAST_GAIN, LEAST_SHARE, NEAR = 0.25, 0.7, 0.05  # thresholds of the first claim, set before the study ran
MEAN_ROW, SHUFFLED_ROW = f"{OWN}, {MEAN}", f"{OWN}, {SHUFFLED}"


@dataclass(frozen=True)
class LsfResults:
    """Scores of second stages, by label, and of priors, by name."""

    stages: Scores[str]
    priors: Scores[str]


def collect(runner: LsfRunner, failed: Mapping[str, str]) -> Findings[LsfResults]:
    """Scores of what was finished."""
    performed = figures_of(runner, PERFORMED, failed)
    stages: dict[str, list[Mapping[str, Sums]]] = {}
    for run in runs(runner.size):
        figures = figures_of(runner, run.name, failed)
        if figures is None:
            continue
        stages.setdefault(run.variant.label, []).append(figures[TEST])
        for where, row in ((MEAN, MEAN_ROW), (SHUFFLED, SHUFFLED_ROW)):
            if figures[where]:
                stages.setdefault(row, []).append(figures[where])
    priors: dict[str, list[Mapping[str, Sums]]] = {}
    more: dict[str, Any] = {"codes": {}}
    for variant in runner.size.priors:
        figures = figures_of(runner, variant.name, failed)
        if figures is not None:
            priors[variant.name], more["codes"][variant.name] = [figures[TEST]], figures["codes"]
    if performed is None or not stages or not priors:
        return Findings(None, {}, more)
    ceiling = {PERFORMED: [performed[TEST]]}
    first, second = (
        Scores({**priors, **ceiling}, MEASURES, [PERFORMED]),
        Scores({**stages, **ceiling}, MEASURES, [PERFORMED]),
    )
    results = {
        "priors": results_of(first, performed[TEST], lambda name: (name,)),
        "stages": results_of(second, performed[TEST], lambda name: (name,)),
    }
    return Findings(LsfResults(second, first), results, more)


# ----------------------------------------------------------------------------------------------------------- claims


def judge(results: LsfResults) -> list[Claim]:
    """The four questions, each with its control rows; thresholds were set before."""
    return [_emotion(results.stages), _identity(results.stages), _fusion(results.stages), _prior(results.priors)]


def _missing(scores: Scores[str], *rows: str) -> str:
    return ", ".join(row for row in rows if row not in scores.variants)


def _gain(scores: Scores[str], row: str, other: str, measure: str, sign: float = 1.0) -> tuple[float, np.ndarray]:
    """Row − other, above 0 where the row is better, and its draws."""
    (a, drawn_a), (b, drawn_b) = scores.paired([row, other], measure)
    return sign * (a - b), sign * (drawn_a - drawn_b)


def _emotion(scores: Scores[str]) -> Claim:
    key, title = "emotion", "Emotion heard without labels beats none and comes near labels"
    if missing := _missing(scores, OWN, NONE, LABEL, OTHER):
        return not_judged(key, title, f"{missing} have no figures")
    gain, drawn = _gain(scores, OWN, NONE, "emotion")
    labels, label_draws = _gain(scores, LABEL, NONE, "emotion")
    if np.percentile(label_draws, 2.5) <= 0:
        return not_judged(key, title, "gate: even labels do not beat none, so these faces cannot decide it")
    other, other_draws = _gain(scores, OTHER, NONE, "emotion")
    rows = [
        evidence(f"own − none − {100 * LEAST_GAIN:.0f} points", gain - LEAST_GAIN, drawn - LEAST_GAIN, "%", True),
        evidence(
            f"(own − none) − {LEAST_SHARE} · (labels − none)", gain - LEAST_SHARE * labels,
            drawn - LEAST_SHARE * label_draws, "%", True,
        ),
        evidence("own − none", gain, drawn, "%", False),
        evidence("labels − none", labels, label_draws, "%", False),
        evidence(
            "control: 5 points − (another clip − none)", NEAR - other, NEAR - other_draws, "%", False
        ),
    ]  # fmt: skip
    if HEARS in scores.variants:
        rows.append(evidence("content that hears emotion − none", *_gain(scores, HEARS, NONE, "emotion"), "%", False))
    return conclude(key, title, rows)


def _identity(scores: Scores[str]) -> Claim:
    key, title = "identity", "An identity from the neutral face carries over to unseen people (planted)"
    if missing := _missing(scores, OWN, NO_IDENTITY, SHUFFLED_ROW):
        return not_judged(key, title, f"{missing} have no figures")

    def explained(row: str, measure: str) -> tuple[float, np.ndarray]:
        (a, drawn_a), (b, drawn_b) = scores.paired([row, NO_IDENTITY], measure)
        return 1 - a / b, 1 - drawn_a / drawn_b

    rows: list[Evidence] = []
    for measure, name in (("strength_error", "strength"), ("brows_error", "brows")):
        value, drawn = explained(OWN, measure)
        half = SHARE / 2
        rows.append(evidence(f"{name}: R² of own over no identity − {half}", value - half, drawn - half, "ρ", True))
        for row in (MEAN_ROW, SHUFFLED_ROW, ONE_HOT, SOFTMAX):
            if row in scores.variants:
                rows.append(evidence(f"{name}: R² of {row} over no identity", *explained(row, measure), "ρ", False))
    return conclude(
        key, title, rows, ["The identities are planted: style follows from the shape vector by a drawn matrix."]
    )


def _fusion(scores: Scores[str]) -> Claim:
    key, title = "fusion", "Fusion tokens beat joining the streams, at as many weights"
    if missing := _missing(scores, OWN, FUSED[0]):
        return not_judged(key, title, f"{missing} have no figures")
    rows = [evidence("concat − HIFB", *_gain(scores, OWN, FUSED[0], "mve_mm", -1), "mve_mm", True)]
    for row in FUSED:
        if row in scores.variants:
            for measure, sign in (("lve_skin_mm", -1.0), ("emotion", 1.0)):
                gain = _gain(scores, OWN, row, measure, sign)
                rows.append(evidence(f"HIFB beside {row}", *gain, measure, False))
    return conclude(key, title, rows)


def _prior(scores: Scores[str]) -> Claim:
    key, title = "prior", "Codes of a frame, normalised by frame, rebuild better than the released layout"
    frame, released = PRIORS[0].name, PRIORS[3].name
    if missing := _missing(scores, frame, released):
        return not_judged(key, title, f"{missing} have no figures")
    rows = []
    for measure, decides in (("mve_mm", True), ("shift", True), ("held", False), ("lve_skin_mm", False)):
        for row in (p.name for p in PRIORS[1:] if p.name in scores.variants):
            gain = _gain(scores, frame, row, measure, -1)
            rows.append(evidence(f"{row} − {frame}", *gain, measure, decides and row == released))
    return conclude(key, title, rows)


# --------------------------------------------------------------------------------------------------------- sections


def _summary(report: Report) -> list[Block]:
    return [
        "Faces that rules perform to EmoDB's voices: the acted emotion shows with the energy of the voice, and the "
        "style of a performer follows from a planted shape vector. Nothing here was captured. Test clips are of "
        "speakers, performers and sentences that nothing trained on."
    ]


def _stages(report: Report) -> list[Block]:
    return (
        [tables.of_results(report.results["stages"], MEASURES, _STAGE_2, ("second stage",))] if report.results else []
    )


def _pictures(report: Report) -> list[Block]:
    """The face's emotion of each second stage with its interval; the performances above all."""
    if not report.results:
        return []
    lines = [line for line in report.results["stages"].lines if line.values["emotion"].value is not None]
    with drawing("share of faces nearest to the right emotion, %", "") as (figure, axes):
        for place, line in enumerate(reversed(lines)):
            value = line.values["emotion"]
            low, high = (100 * (value.value if v is None else v) for v in (value.low, value.high))  # type: ignore[operator]
            axes.plot([low, high], [place, place], color=INK, linewidth=1.2)
            axes.plot(100 * (value.value or 0.0), place, "o" if line.trained else "s", color=INK)
        axes.set_yticks(range(len(lines)), [line.name[0] for line in reversed(lines)])
        axes.axvline(100 / CLASSES, color=INK, linestyle=":", linewidth=1)
        picture = svg(figure)
    return [
        Plot(
            "emotion",
            "Does the face show the emotion of the voice? Squares: the performances; dotted: chance.",
            picture,
        )
    ]


def _priors(report: Report) -> list[Block]:
    if not report.results:
        return []
    used = ", ".join(f"{name} {100 * share:.0f} %" for name, share in report.more["codes"].items())
    table = tables.of_results(report.results["priors"], MEASURES, _STAGE_1, ("prior",), spread=False)
    return [table, f"Codes in use on test clips: {used}."]


def _ran(report: Report) -> list[str]:
    s: Mapping[str, Any] = report.settings
    return [
        f"Size {report.size}, {report.date}: priors {s['prior_steps']} steps, second stages {s['steps']} steps of "
        f"{s['batch']} crops of at most {s['seconds']:g} s, {s['seeds']} seed or seeds; the average of the weights is "
        "measured, nothing is chosen on test clips."
    ]


SECTIONS = (
    Section("summary", "What is compared", _summary),
    sections.verdicts(MEASURES),
    Section("pictures", "In pictures", _pictures),
    Section("stages", sections.counted("Second stages", "stages", "test clips"), _stages),
    Section("priors", "Priors, there and back", _priors),
    sections.ran(_ran),
    sections.definitions(MEASURES),
)
