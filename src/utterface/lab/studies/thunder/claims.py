"""The findings of *THUNDER* as claims on the results, see `lab.studies.claims`.

Two variants are compared on the seeds that both have, sound by sound and seed by seed: those resumed the same base
model. Deciding rows are the paper's lip measures; ours stand beside them. Fewer than five sounds decide nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from utterface.lab.measures.catalogue import CATALOGUE
from utterface.lab.studies.claims import UNDECIDED, Claim, Evidence, conclude, evidence, not_asked, not_judged
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.thunder.sizes import DIFFUSION, Best, ThunderSize, ThunderVariant

LIPS = ("lve_mm", "l_ccc", "l_pcc", "dtw_mm")  # what the loss should improve
KEPT = 0.75  # share of the upper face's diversity that must stay
NEAR = 0.1  # share by which few steps may miss the yardstick, either way
VARIED = ("s_div_u", "t_div_u", "jitter")  # what a sampler must keep; LVE rewards the mean face
FEW = 8  # steps that ship at most
_FEWEST = 5  # sounds of which an interval says something
Key = ThunderVariant | str  # a trivial variant has a name alone


@dataclass(frozen=True)
class ThunderResults:
    """What claims are judged on.

    Attributes:
        size: of the results.
        best: variants that claims are made for.
        test: variants on test sounds.
        spoken: variants on real recordings, where there are some.
        samplers: (sampler, steps) on test sounds.
        valid: variants with the loss of the mouth's model on validation sounds, from which the winner is chosen.
    """

    size: ThunderSize
    best: Best
    test: Scores[Key]
    spoken: Scores[Key] | None = None
    samplers: Scores[tuple[str, int]] | None = None
    valid: Scores[Key] | None = None


def judge(results: ThunderResults) -> list[Claim]:
    """All seven; the first three once more for the loss as in the paper, where something else was chosen."""
    best = results.best
    claims = [lips(results, best.variant), closures(results, best.variant), diversity(results, best.variant)]
    if best.paper != best.variant:
        theirs = [lips(results, best.paper), closures(results, best.paper), diversity(results, best.paper)]
        claims += [replace(claim, key=f"{claim.key}_paper") for claim in theirs]
    return [
        _sure_enough(results, claim)
        for claim in (*claims, inputs(results), touch(results), others(results), few_steps(results))
    ]


def lips(results: ThunderResults, variant: ThunderVariant) -> Claim:
    """The loss at the best weight improves the lips: every measure of them that the paper has."""
    title = f"The mesh-to-speech loss improves the lips ({_brief(results, variant)} against no loss)"
    pair = variant, results.size.plain()
    if not _there(results.test, pair):
        return not_judged("lips", title, "a variant is missing")
    rows = [_gain(results.test, pair, measure, measure in LIPS) for measure in (*LIPS, "bcs_mm", "closure_f1", "fdd_l")]
    return conclude("lips", title, rows, [_unit(results.test, pair, "sounds of test speakers")])


def closures(results: ThunderResults, variant: ThunderVariant) -> Claim:
    """The loss closes lips better on real speech."""
    title = f"The mesh-to-speech loss closes lips better on real speech ({_brief(results, variant)})"
    pair = variant, results.size.plain()
    if results.spoken is None or not _there(results.spoken, pair):
        return not_judged("closures", title, "no real recordings were given (--audio, --text)")
    names = ("closure_f1", "closure_recall", "closure_precision", "vowel_closed")
    rows = [_gain(results.spoken, pair, measure, measure == "closure_f1") for measure in names]
    return conclude("closures", title, rows, [_unit(results.spoken, pair, "real recordings")])


def diversity(results: ThunderResults, variant: ThunderVariant) -> Claim:
    """The upper face keeps three quarters of its diversity over takes."""
    title = f"The upper face keeps {_percent(KEPT)} of its diversity ({_brief(results, variant)})"
    pair = variant, results.size.plain()
    if not _there(results.test, pair):
        return not_judged("diversity", title, "a variant is missing")
    rows = []
    for measure, least in (("s_div_u", KEPT), ("t_div_u", None), ("s_div_l", None)):
        (ours, drawn), (theirs, their_drawn) = results.test.paired(pair, measure)
        change = f"share kept: margin above the {_percent(KEPT)} asked for" if least else "change"
        with np.errstate(divide="ignore", invalid="ignore"):
            effect, moved = ours / theirs - (least or 1.0), drawn / their_drawn - (least or 1.0)
        row = evidence(f"{CATALOGUE[measure].label}, {change}", effect, moved, "%", bool(least))
        rows.append(row if least else replace(row, verdict=""))  # less on the lips is no loss
    return conclude("diversity", title, rows, [_unit(results.test, pair, "sounds of test speakers")])


def inputs(results: ThunderResults) -> Claim:
    """The mouth is a better input of the mesh-to-speech model than the face, and that than expression weights."""
    title = "Mouth beats face beats expression as input of the mesh-to-speech model"
    variants = results.size.inputs(results.best)[:3]  # the paper's
    if not _there(results.test, variants):
        return not_judged("inputs", title, "a mesh-to-speech model is missing")
    rows, usual = [], results.size.trust
    for better, worse in pairwise(variants):
        rows += [_gain(results.test, (better, worse), measure, measure in LIPS[:2], usual) for measure in LIPS]
        if results.spoken is not None:
            rows.append(_gain(results.spoken, (better, worse), "closure_f1", False, usual))
    return conclude("inputs", title, rows, [_unit(results.test, variants, "sounds of test speakers")])


def touch(results: ThunderResults) -> Claim:
    """A mesh-to-speech model with lip contact as an input closes lips better than one of the mouth alone."""
    title = "Lip contact as an input of the mesh-to-speech model closes lips better"
    mouth, *_, touching = results.size.inputs(results.best)
    pair = touching, mouth
    if results.spoken is None or not _there(results.spoken, pair) or not _there(results.test, pair):
        return not_judged("touch", title, "a mesh-to-speech model or real recordings are missing")
    rows = [_gain(results.spoken, pair, measure, measure == "closure_f1") for measure in ("closure_f1", "vowel_closed")]
    rows += [_gain(results.test, pair, measure, False) for measure in ("bcs_mm", *LIPS)]
    return conclude("touch", title, rows, [_unit(results.spoken, pair, "real recordings")])


def others(results: ThunderResults) -> Claim:
    """The loss helps any decoder: the Transformer and the GRU of *From Tokens to Faces*."""
    title = "The mesh-to-speech loss helps other decoders too"
    rows, remarks = [], []
    variants = results.size.others(results.best)
    for pair in zip(variants[1::2], variants[::2], strict=True):
        if not _there(results.test, pair):
            continue
        for measure in LIPS:
            row = _gain(results.test, pair, measure, measure in LIPS[:2])
            rows.append(replace(row, label=f"{pair[0].decoder}: {row.label}"))
        if results.spoken is not None:
            row = _gain(results.spoken, pair, "closure_f1", False)
            rows.append(replace(row, label=f"{pair[0].decoder}: {row.label} on real speech"))
        remarks = [_unit(results.test, pair, "sounds of test speakers")]
    return conclude("others", title, rows, remarks) if rows else not_judged("others", title, "variants are missing")


def few_steps(results: ThunderResults) -> Claim:
    """At most eight steps come within 10 % of the yardstick's diversity and jitter, above or below; LVE is shown."""
    title = f"{FEW} steps of the sampler keep the yardstick's diversity and jitter within {_percent(NEAR)}"
    samplers = results.samplers
    few = [each for each in samplers.variants if each[1] <= FEW] if samplers else []
    if samplers is None or not few or results.size.samplers[-1] not in samplers.variants:
        return not_judged("steps", title, "no samplers were compared")
    if "jitter" not in samplers.measures:
        return not_asked("steps", title, "the figures were kept before samplers were compared by diversity and jitter")
    last, most, rows = results.size.samplers[-1], max(few, key=lambda each: each[1]), []
    for each in samplers.variants:
        if each == last:
            continue
        for measure in (*VARIED, "lve_mm"):
            (ours, drawn), (theirs, their_drawn) = samplers.paired((each, last), measure)
            ratio = f"{CATALOGUE[measure].label} of {each[1]} steps of {each[0]} ÷ {last[1]} of {last[0]}"
            label = f"{ratio}: margin within the {_percent(NEAR)} allowed, above or below"
            with np.errstate(divide="ignore", invalid="ignore"):
                off, moved = np.abs(np.log(ours / theirs)), np.abs(np.log(drawn / their_drawn))
            decides = each == most and measure in VARIED
            rows.append(evidence(label, np.log1p(NEAR) - off, np.log1p(NEAR) - moved, "%", decides))
    unit = f"{len(samplers.clips)} sounds of test speakers, the variant without the loss, seed 0."
    return conclude("steps", title, rows, [unit])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _brief(results: ThunderResults, variant: ThunderVariant) -> str:
    return variant.title(results.size.trust).removeprefix(f"{DIFFUSION} + ")


def _there(scores: Scores[Key], variants: Sequence[ThunderVariant]) -> bool:
    return all(variant in scores.variants for variant in variants)


def _gain(
    scores: Scores[Key], pair: Sequence[ThunderVariant], measure: str, decides: bool, usual: str = ""
) -> Evidence:
    """The first variant's lead over the second, above 0 where it is better; they are named where `usual` is given."""
    sign = CATALOGUE[measure].sign
    (ours, drawn), (theirs, their_drawn) = scores.paired(pair, measure)
    label = CATALOGUE[measure].label + (", lower being better" if sign < 0 else "")
    if usual:
        label = f"{pair[0].title(usual)} against {pair[1].title(usual)}: {label}"
    return evidence(label, sign * (ours - theirs), sign * (drawn - their_drawn), measure, decides)


def _unit(scores: Scores[Key], variants: Sequence[ThunderVariant], what: str) -> str:
    """What the interval was drawn from."""
    seeds = scores.shared_seeds(variants)
    return f"Resampled: {len(scores.clips)} {what} × {seeds} seed{'s' if seeds > 1 else ''}, paired."


def _sure_enough(results: ThunderResults, claim: Claim) -> Claim:
    """Too few sounds decide nothing, however narrow their interval."""
    used: Mapping[str, Scores | None] = {
        "closures": results.spoken,
        "touch": results.spoken,
        "steps": results.samplers,
    }
    scores = used.get(claim.key.removesuffix("_paper"), results.test)
    if scores is None or len(scores.clips) >= _FEWEST or not claim.evidence:
        return claim
    few = f"Fewer than {_FEWEST} sounds: nothing is decided."
    rows = tuple(replace(row, verdict=UNDECIDED if row.verdict else "") for row in claim.evidence)
    return replace(claim, verdict=UNDECIDED, evidence=rows, remarks=(*claim.remarks, few))
