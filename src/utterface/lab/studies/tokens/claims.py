"""The findings of *From Tokens to Faces*, each as a question to the results, see `lab.studies.evidence`.

Rows that decide are in the paper's own measures; ours stand beside them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from utterface.lab.studies.evidence import HOLDS, NOT, UNDECIDED, Claim, Evidence, conclude, evidence, left_open, wilson
from utterface.lab.studies.scores import interval
from utterface.lab.studies.tokens.scores import Scores, System
from utterface.metrics.intervals import rank

TRANSFORMER, GRU = "transformer", "gru_diffusion"
LABEL = "label"  # the family learned from transcripts
_FEWEST = 4  # representations of which ranks say something
_TOLERATED = 0.05  # share of clear pairs that two measures may rank oppositely and still agree
_LOW_IS_GOOD = frozenset({"lve", "lve_mm", "mve_mm", "jitter", "dtw_mm"})


@dataclass(frozen=True)
class Held:
    """What a claim must know of a representation.

    Attributes:
        discrete: whether decoders read units.
        family: of `representations.FAMILIES`.
        phone_accuracy: of the linear probe.
        phone_entropy: of its units, normalised; None where it has none or several codebooks.
    """

    discrete: bool
    family: str
    phone_accuracy: float
    phone_entropy: float | None = None


@dataclass(frozen=True)
class Study:
    """What claims are judged on: test clips with references, real recordings where there are some."""

    test: Scores
    held: Mapping[str, Held]
    spoken: Scores | None = None

    def with_decoder(self, decoder: str, keep: Callable[[Held], bool] = lambda held: True) -> list[System]:
        """The systems of a decoder whose representation is to be kept."""
        return [
            s for s in self.test.systems
            if s.decoder == decoder and s.representation in self.held and keep(self.held[s.representation])
        ]  # fmt: skip


def judge(study: Study) -> list[Claim]:
    """All five."""
    return [phonetic(study), discrete_need(study), measures_disagree(study), lower_jitter(study), label_best(study)]


def phonetic(study: Study) -> Claim:
    """Phonetic information makes better faces: rank correlation over representations.

    Beside the interval over clips and seeds, leaving any one representation out must not change the sign.
    """
    title = "Phonetic information makes better faces"
    if len(study.with_decoder(TRANSFORMER)) < _FEWEST:
        return left_open("phonetic", title, f"ranks need {_FEWEST} representations with the Transformer at least")
    rows, remarks = [], []
    for decoder, decides in ((TRANSFORMER, True), (GRU, False), ("animator", False)):
        systems = study.with_decoder(decoder)
        if len(systems) < _FEWEST:
            continue
        told = np.array([study.held[s.representation].phone_accuracy for s in systems])
        for figure, name in (("bcs", "BCS"), ("closure_f1", "closure F1"), ("lve", "LVE, lower being better")):
            label = f"phone probe and {name}, {_decoder_name(decoder)}"
            rows.append(_correlation(label, told, systems, study.test, figure, decides and figure == "bcs"))
        if study.spoken is not None:
            label = f"phone probe and closure F1 on real speech, {_decoder_name(decoder)}"
            rows.append(_correlation(label, told, systems, study.spoken, "closure_f1", False))
    with_units = [s for s in study.with_decoder(TRANSFORMER) if study.held[s.representation].phone_entropy is not None]
    if len(with_units) >= _FEWEST:
        sure = np.array([-(study.held[s.representation].phone_entropy or 0.0) for s in with_units])
        rows.append(_correlation("low phone entropy of units and BCS, Transformer", sure, with_units, study.test,
                                 "bcs", False))  # fmt: skip
    remarks.append(_necessary(study))
    return conclude("phonetic", title, rows, remarks)


def discrete_need(study: Study) -> Claim:
    """Discrete inputs need the Transformer: its lead over the GRU on units, and that it is larger than on vectors."""
    title = "Discrete inputs need the Transformer"
    leads = {}
    for discrete in (True, False):
        systems = study.with_decoder(TRANSFORMER, lambda held, d=discrete: held.discrete == d)  # type: ignore[misc]
        leads[discrete] = [s for s in systems if System(s.representation, GRU) in study.test.systems]
    if not leads[True] or not leads[False]:
        return left_open("discrete", title, "needs discrete and continuous representations with both decoders")
    rows = []
    for scores, figure, name, decides in _measures(study, ("bcs", "lve"), ("closure_f1",)):
        units, on_units = _lead(scores, leads[True], figure)
        vectors, on_vectors = _lead(scores, leads[False], figure)
        rows.append(evidence(f"Transformer − GRU on units, {name}", units, on_units, figure, decides))
        rows.append(evidence(f"Transformer − GRU on vectors, {name}", vectors, on_vectors, figure, False))
        rows.append(
            evidence(
                f"… more on units than on vectors, {name}", units - vectors, on_units - on_vectors, figure, decides
            )
        )
    return conclude("discrete", title, rows)


def measures_disagree(study: Study) -> Claim:
    """LVE and BCS disagree: of the pairs of systems that both tell apart, the share that they rank oppositely.

    A pair is told apart where the paired interval of its difference leaves zero out. The claim holds where the share is
    above 5 % beyond doubt, does not where it is below. Pairs that share a system say the same again, and each was
    chosen for being sure of its order, so the interval counts only pairs without a common system (Wilson 1927).
    """
    title = "LVE and BCS disagree"
    scores, systems = study.test, study.test.systems
    clear, named = [], []
    for i, a in enumerate(systems):
        for b in systems[:i]:
            both = [_difference(scores, a, b, figure) for figure in ("lve", "bcs")]
            if all(low > 0 or high < 0 for low, high in (interval(drawn) for _, drawn in both)):
                clear.append(both)
                named.append((a, b))
    if len(clear) < _FEWEST:
        return left_open("disagree", title, "too few pairs of systems are told apart by both measures")
    share = float(np.mean([lve * bcs > 0 for (lve, _), (bcs, _) in clear]))  # LVE is low where it is good
    count = _without_common_system(named)
    low, high = (end - _TOLERATED for end in wilson(share, count))
    told = f"{len(clear)} that both tell apart ({count} without a common system)"
    apart = f"pairs ranked oppositely, of {told}, above 5 %"
    verdict = HOLDS if low > 0 else NOT if high < 0 else UNDECIDED
    rows = [Evidence(apart, share - _TOLERATED, low, high, "%", verdict, True)]
    points = {f: np.array([scores.value(s, f) for s in systems]) for f in ("lve", "bcs")}
    drawn_points = [np.stack([scores.drawn(s, f) for s in systems]) for f in ("lve", "bcs")]
    moved = np.array([-_spearman(lve, bcs) for lve, bcs in zip(*(d.T for d in drawn_points), strict=True)])
    order = "rank correlation of the two orders; 1 is one and the same"
    rows.append(Evidence(order, -_spearman(points["lve"], points["bcs"]), *interval(moved), "ρ", "", False))
    by_lve, by_bcs = systems[int(points["lve"].argmin())], systems[int(np.nanargmax(points["bcs"]))]
    lost, drawn_lost = _difference(scores, by_bcs, by_lve, "bcs")
    label = f"BCS lost by choosing by LVE ({_name(by_lve)} instead of {_name(by_bcs)})"
    rows.append(evidence(label, lost, drawn_lost, "bcs", False))
    return conclude("disagree", title, rows)


def _without_common_system(pairs: Sequence[tuple[System, System]]) -> int:
    """How many of the pairs, taken in order, share no system with one taken before."""
    taken: set[System] = set()
    count = 0
    for pair in pairs:
        if not taken & set(pair):
            taken |= set(pair)
            count += 1
    return count


def lower_jitter(study: Study) -> Claim:
    """Transformers lower jitter: how much less than the GRU's on the same representation, geometric mean."""
    title = "Transformers lower jitter"
    pairs = [
        (s, System(s.representation, GRU))
        for s in study.with_decoder(TRANSFORMER)
        if System(s.representation, GRU) in study.test.systems
    ]
    if not pairs:
        return left_open("jitter", title, "no representation was decoded by both")
    rows, lower = [], 0
    for name, scores in (("", study.test), (" on real speech", study.spoken)):
        if scores is None:
            continue
        logs = [np.log(scores.value(t, "jitter") / scores.value(g, "jitter")) for t, g in pairs]
        drawn = np.mean([np.log(scores.drawn(t, "jitter") / scores.drawn(g, "jitter")) for t, g in pairs], axis=0)
        effect = 1 - float(np.exp(np.mean(logs)))
        rows.append(evidence(f"jitter below the GRU's{name}, mean ratio", effect, 1 - np.exp(drawn), "%", not name))
        lower = lower if name else sum(value < 0 for value in logs)
    return conclude("jitter", title, rows, [f"Lower with {lower} of {len(pairs)} representations."])


def label_best(study: Study) -> Claim:
    """Label-based tokens are the best discrete choice: their lead over the best other units, with the Transformer."""
    title = "Label-based tokens are the best discrete choice"
    label = study.with_decoder(TRANSFORMER, lambda held: held.discrete and held.family == LABEL)
    others = study.with_decoder(TRANSFORMER, lambda held: held.discrete and held.family != LABEL)
    if not label or not others:
        return left_open("label", title, "needs label-based units and others with the Transformer")
    rows = []
    for scores, figure, name, decides in _measures(study, ("bcs", "lve"), ("closure_f1",)):
        sign = _sign(figure)
        ours, rival = (max(group, key=lambda s: sign * scores.value(s, figure)) for group in (label, others))
        effect, drawn = _difference(scores, ours, rival, figure)
        rows.append(
            evidence(f"{ours.representation} − {rival.representation}, {name}", sign * effect, sign * drawn, figure,
                      decides)
        )  # fmt: skip
    return conclude("label", title, rows)


def _measures(study: Study, deciding: Sequence[str], ours: Sequence[str]) -> list[tuple[Scores, str, str, bool]]:
    names = {"bcs": "BCS", "lve": "LVE", "closure_f1": "closure F1"}
    rows = [(study.test, f, names[f], True) for f in deciding] + [(study.test, f, names[f], False) for f in ours]
    if study.spoken is not None:
        rows += [(study.spoken, f, f"{names[f]} on real speech", False) for f in ours]
    return rows


def _lead(scores: Scores, systems: Sequence[System], figure: str) -> tuple[float, np.ndarray]:
    """Mean of Transformer − GRU over representations, above 0 where the Transformer is better."""
    ours, drawn = scores.mean(systems, figure)
    theirs, their_drawn = scores.mean([System(s.representation, GRU) for s in systems], figure)
    return _sign(figure) * (ours - theirs), _sign(figure) * (drawn - their_drawn)


def _difference(scores: Scores, a: System, b: System, figure: str) -> tuple[float, np.ndarray]:
    return scores.value(a, figure) - scores.value(b, figure), scores.drawn(a, figure) - scores.drawn(b, figure)


def _correlation(
    label: str, told: np.ndarray, systems: Sequence[System], scores: Scores, figure: str, decides: bool
) -> Evidence:
    sign = _sign(figure)
    good = sign * np.array([scores.value(s, figure) for s in systems])
    drawn = sign * np.stack([scores.drawn(s, figure) for s in systems])  # (systems, R)
    effect, moved = _spearman(told, good), np.array([_spearman(told, column) for column in drawn.T])
    kept = [np.arange(len(told)) != i for i in range(len(told))]
    without = np.array([_spearman(told[k], good[k]) for k in kept])
    row = evidence(label, effect, moved, "ρ", decides)
    row = replace(row, note=f"any one left out: {without.min():+.2f} to {without.max():+.2f}")
    steady = (without > 0).all() if row.verdict == HOLDS else (without < 0).all()
    return row if row.verdict == UNDECIDED or steady else replace(row, verdict=UNDECIDED)


def _necessary(study: Study) -> str:
    """Who breaks "necessary, but not sufficient": phones without lips, lips without phones."""
    systems = study.with_decoder(TRANSFORMER)
    told = {s: study.held[s.representation].phone_accuracy for s in systems}
    good = {s: study.test.value(s, "bcs") for s in systems}
    middle = float(np.median(list(told.values()))), float(np.median(list(good.values())))
    without_lips = [s.representation for s in systems if told[s] > middle[0] and good[s] < middle[1]]
    without_phones = [s.representation for s in systems if told[s] < middle[0] and good[s] > middle[1]]
    return (
        "The paper: necessary, not sufficient. Here phones above and BCS below the median: "
        f"{', '.join(without_lips) or 'none'}; the other way round: {', '.join(without_phones) or 'none'}."
    )


def _sign(figure: str) -> int:
    return -1 if figure in _LOW_IS_GOOD else 1


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(rank(a), rank(b))[0, 1])


def _decoder_name(kind: str) -> str:
    return {TRANSFORMER: "Transformer", GRU: "GRU"}.get(kind, kind)


def _name(system: System) -> str:
    return f"{system.representation} + {_decoder_name(system.decoder)}"
