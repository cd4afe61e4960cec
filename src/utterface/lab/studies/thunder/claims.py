"""What should show, each as a question to the results, see `lab.studies.evidence`.

Two rows are compared on the seeds that both have, sound by sound and seed by seed: those began from the same head. Rows
that decide are the paper's lip measures; ours stand beside them. Fewer than five sounds decide nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from utterface.lab.studies.evidence import UNDECIDED, Claim, Evidence, conclude, evidence, left_open
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.thunder.grid import DIFFUSION, Best, Grid, Row
from utterface.lab.studies.thunder.measures import FIGURES, LIPS

KEPT = 0.75  # share of the upper face's diversity that must stay
NEAR = 0.05  # share by which few steps may miss the yardstick
FEW = 8  # steps that ship at most
_FEWEST = 5  # sounds of which an interval says something
Key = Row | str  # a trivial row has a name alone


@dataclass(frozen=True)
class Study:
    """What claims are judged on.

    Attributes:
        grid: of the run.
        best: rows that claims are made for.
        test: rows on test sounds.
        spoken: rows on real recordings, where there are some.
        ladder: (sampler, steps) on test sounds.
    """

    grid: Grid
    best: Best
    test: Scores[Key]
    spoken: Scores[Key] | None = None
    ladder: Scores[tuple[str, int]] | None = None


def judge(study: Study) -> list[Claim]:
    """All seven; the first three once more of listening as the paper does, where something else was chosen."""
    best = study.best
    asked = [lips(study, best.row), closures(study, best.row), diversity(study, best.row)]
    if best.paper != best.row:
        theirs = [lips(study, best.paper), closures(study, best.paper), diversity(study, best.paper)]
        asked += [replace(claim, key=f"{claim.key}_paper") for claim in theirs]
    return [
        _sure_enough(study, claim) for claim in (*asked, inputs(study), touch(study), others(study), few_steps(study))
    ]


def lips(study: Study, row: Row) -> Claim:
    """Listening at the best weight improves the lips: every measure of them that the paper has."""
    title = f"Listening improves the lips ({_brief(study, row)} against no loss)"
    pair = row, study.grid.plain()
    if not _there(study.test, pair):
        return left_open("lips", title, "a row is missing")
    rows = [_gain(study.test, pair, figure, figure in LIPS) for figure in (*LIPS, "bcs", "closure_f1", "fdd_l")]
    return conclude("lips", title, rows, [_unit(study.test, pair, "sounds of test speakers")])


def closures(study: Study, row: Row) -> Claim:
    """Listening closes lips better on real speech."""
    title = f"Listening closes lips better on real speech ({_brief(study, row)})"
    pair = row, study.grid.plain()
    if study.spoken is None or not _there(study.spoken, pair):
        return left_open("closures", title, "no real recordings were given (--audio, --text)")
    names = ("closure_f1", "closure_recall", "closure_precision", "vowel_closed")
    rows = [_gain(study.spoken, pair, figure, figure == "closure_f1") for figure in names]
    return conclude("closures", title, rows, [_unit(study.spoken, pair, "real recordings")])


def diversity(study: Study, row: Row) -> Claim:
    """The upper face keeps three quarters of its diversity over takes."""
    title = f"The upper face keeps {_percent(KEPT)} of its diversity ({_brief(study, row)})"
    pair = row, study.grid.plain()
    if not _there(study.test, pair):
        return left_open("diversity", title, "a row is missing")
    rows = []
    for figure, least in (("s_div_u", KEPT), ("t_div_u", None), ("s_div_l", None)):
        (ours, drawn), (theirs, their_drawn) = study.test.paired(pair, figure)
        said = f"share kept: margin above the {_percent(KEPT)} asked for" if least else "change"
        with np.errstate(divide="ignore", invalid="ignore"):
            effect, moved = ours / theirs - (least or 1.0), drawn / their_drawn - (least or 1.0)
        found = evidence(f"{FIGURES[figure].label}, {said}", effect, moved, "%", bool(least))
        rows.append(found if least else replace(found, verdict=""))  # less on the lips is no loss
    return conclude("diversity", title, rows, [_unit(study.test, pair, "sounds of test speakers")])


def inputs(study: Study) -> Claim:
    """The mouth is a better listener's input than the face, and that than expression weights."""
    title = "Mouth beats face beats expression as what the listener looks at"
    heard = study.grid.inputs(study.best)[:3]  # the paper's
    if not _there(study.test, heard):
        return left_open("inputs", title, "a listener is missing")
    rows, usual = [], study.grid.trust
    for better, worse in pairwise(heard):
        rows += [_gain(study.test, (better, worse), figure, figure in LIPS[:2], usual) for figure in LIPS]
        if study.spoken is not None:
            rows.append(_gain(study.spoken, (better, worse), "closure_f1", False, usual))
    return conclude("inputs", title, rows, [_unit(study.test, heard, "sounds of test speakers")])


def touch(study: Study) -> Claim:
    """A listener that is told whether lips touch has them closed better than one that only sees the mouth."""
    title = "Told whether lips touch, a listener has them closed better"
    mouth, *_, touching = study.grid.inputs(study.best)
    pair = touching, mouth
    if study.spoken is None or not _there(study.spoken, pair) or not _there(study.test, pair):
        return left_open("touch", title, "a listener or real recordings are missing")
    rows = [_gain(study.spoken, pair, figure, figure == "closure_f1") for figure in ("closure_f1", "vowel_closed")]
    rows += [_gain(study.test, pair, figure, False) for figure in ("bcs", *LIPS)]
    return conclude("touch", title, rows, [_unit(study.spoken, pair, "real recordings")])


def others(study: Study) -> Claim:
    """Listening helps any decoder: the Transformer and the GRU of the tokens benchmark."""
    title = "Listening helps other decoders too"
    rows, remarks = [], []
    told = study.grid.others(study.best)
    for pair in zip(told[1::2], told[::2], strict=True):
        if not _there(study.test, pair):
            continue
        for figure in LIPS:
            row = _gain(study.test, pair, figure, figure in LIPS[:2])
            rows.append(replace(row, label=f"{pair[0].decoder}: {row.label}"))
        if study.spoken is not None:
            row = _gain(study.spoken, pair, "closure_f1", False)
            rows.append(replace(row, label=f"{pair[0].decoder}: {row.label} on real speech"))
        remarks = [_unit(study.test, pair, "sounds of test speakers")]
    return conclude("others", title, rows, remarks) if rows else left_open("others", title, "rows are missing")


def few_steps(study: Study) -> Claim:
    """At most eight steps come within 5 % of the yardstick's LVE."""
    title = f"{FEW} steps of the sampler come within {_percent(NEAR)} of the yardstick's LVE"
    ladder = study.ladder
    few = [rung for rung in ladder.systems if rung[1] <= FEW] if ladder else []
    if ladder is None or not few or study.grid.ladder[-1] not in ladder.systems:
        return left_open("steps", title, "the ladder was not climbed")
    last, most, rows = study.grid.ladder[-1], max(few, key=lambda rung: rung[1]), []
    for rung in ladder.systems:
        if rung == last:
            continue
        (ours, drawn), (theirs, their_drawn) = ladder.paired((rung, last), "lve_mm")
        ratio = f"LVE of {rung[1]} steps of {rung[0]} ÷ {last[1]} of {last[0]}"
        label = f"{ratio}: margin below the {_percent(1 + NEAR)} allowed"
        effect, moved = 1 + NEAR - ours / theirs, 1 + NEAR - drawn / their_drawn
        rows.append(evidence(label, effect, moved, "%", rung == most))
    unit = f"{len(ladder.clips)} sounds of test speakers, one take each, the row without a listener, seed 0."
    return conclude("steps", title, rows, [unit])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _brief(study: Study, row: Row) -> str:
    return row.title(study.grid.trust).removeprefix(f"{DIFFUSION} + ")


def _there(scores: Scores[Key], rows: Sequence[Row]) -> bool:
    return all(row in scores.systems for row in rows)


def _gain(scores: Scores[Key], pair: Sequence[Row], figure: str, decides: bool, usual: str = "") -> Evidence:
    """The first row's lead over the second, above 0 where it is better; they are named where `usual` is told."""
    sign = -1 if FIGURES[figure].best == "low" else 1
    (ours, drawn), (theirs, their_drawn) = scores.paired(pair, figure)
    label = FIGURES[figure].label + (", lower being better" if sign < 0 else "")
    if usual:
        label = f"{pair[0].title(usual)} against {pair[1].title(usual)}: {label}"
    return evidence(label, sign * (ours - theirs), sign * (drawn - their_drawn), figure, decides)


def _unit(scores: Scores[Key], rows: Sequence[Row], what: str) -> str:
    """What the interval was drawn from."""
    seeds = scores.shared_seeds(rows)
    return f"Resampled: {len(scores.clips)} {what} × {seeds} seed{'s' if seeds > 1 else ''}, paired."


def _sure_enough(study: Study, claim: Claim) -> Claim:
    """Too few sounds decide nothing, however narrow their interval."""
    used: Mapping[str, Scores | None] = {
        "closures": study.spoken,
        "touch": study.spoken,
        "steps": study.ladder,
    }
    scores = used.get(claim.key.removesuffix("_paper"), study.test)
    if scores is None or len(scores.clips) >= _FEWEST or not claim.evidence:
        return claim
    few = f"Fewer than {_FEWEST} sounds: nothing is decided."
    rows = tuple(replace(row, verdict=UNDECIDED if row.verdict else "") for row in claim.evidence)
    return replace(claim, verdict=UNDECIDED, evidence=rows, remarks=(*claim.remarks, few))
