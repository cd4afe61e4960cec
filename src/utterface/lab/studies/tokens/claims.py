"""The findings of *From Tokens to Faces* as claims on the results, see `lab.studies.claims`.

Deciding rows are in the paper's own measures; ours stand beside them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from utterface.lab.measures.catalogue import CATALOGUE
from utterface.lab.studies.claims import (
    HOLDS,
    NOT,
    UNDECIDED,
    Claim,
    Evidence,
    conclude,
    evidence,
    not_asked,
    not_judged,
    wilson,
)
from utterface.lab.studies.runs import ARTICULATION
from utterface.lab.studies.scores import Scores, interval
from utterface.lab.studies.tokens.sizes import TokensVariant
from utterface.metrics.intervals import rank

TRANSFORMER, GRU = "transformer", "gru_diffusion"
LABEL = "label"  # the family learned from transcripts
_LEAST_R2, _LEAST_RECALL = 0.2, 0.2  # below, a comparison says nothing of the paper's questions …
_FEWEST_SOUNDS, _FEWEST_SPEAKERS = 5, 3  # … nor with fewer of these
_CHANCE = 0.05  # share of orders of the representations that may give as much
_FEWEST = 4  # representations of which ranks say something
_ALL_ORDERS, _DRAWN_ORDERS = 7, 5000
_TOLERATED = 0.05  # share of clear pairs that two measures may rank oppositely and still agree
_BEFORE = "the figures were kept before BCS at 1 mm; judge again in a new folder"
Key = TokensVariant | str  # a trivial variant has a name alone


@dataclass(frozen=True)
class RepresentationKind:
    """Facts of a representation that claims rest on.

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
class TokensResults:
    """What claims are judged on.

    Attributes:
        test: scores on test clips, each of a sound of its own.
        kinds: of the representations.
        spoken: scores on real recordings.
        speakers: of the test clips.
    """

    test: Scores[Key]
    kinds: Mapping[str, RepresentationKind]
    spoken: Scores[Key] | None = None
    speakers: int = 0

    @property
    def variants(self) -> list[TokensVariant]:
        """The trained ones."""
        return [v for v in self.test.variants if isinstance(v, TokensVariant)]

    def with_decoder(
        self, decoder: str, keep: Callable[[RepresentationKind], bool] = lambda kind: True
    ) -> list[TokensVariant]:
        """The variants of a decoder whose representation is to be kept."""
        return [
            v for v in self.variants
            if v.decoder == decoder and v.representation in self.kinds and keep(self.kinds[v.representation])
        ]  # fmt: skip


def judge(results: TokensResults) -> list[Claim]:
    """All five."""
    return [
        phonetic(results),
        discrete_need(results),
        measures_disagree(results),
        lower_jitter(results),
        label_best(results),
    ]


def withdrawn(claims: Sequence[Claim], measures: Collection[str]) -> tuple[Claim, ...]:
    """Claims of kept figures; all are withdrawn where closures were not yet judged at 1 mm."""
    if "bcs_mm" in measures:
        return tuple(claims)
    return tuple(not_asked(claim.key, claim.title, _BEFORE) for claim in claims)


def _unlearned(results: TokensResults, variants: Sequence[TokensVariant]) -> str:
    """Why these variants cannot be compared; empty where all have learned to move lips and clips are enough."""
    test = results.test
    if "bcs_mm" not in test.measures:
        return _BEFORE
    if len(test.clips) < _FEWEST_SOUNDS or results.speakers < _FEWEST_SPEAKERS:
        few = f"{len(test.clips)} test sounds of {results.speakers} speakers"
        return f"{few}, {_FEWEST_SOUNDS} of {_FEWEST_SPEAKERS} are needed"
    poor = [
        v
        for v in variants
        if not (test.value(v, "r2") > _LEAST_R2 and test.value(v, "closure_recall") >= _LEAST_RECALL)
    ]
    if not poor:
        return ""
    return (
        f"{len(poor)} of the {len(variants)} variants compared have not learned (r² above {_LEAST_R2:g}, "
        f"closure recall at 1 mm of {100 * _LEAST_RECALL:.0f} % or more): {', '.join(map(_name, poor))}"
    )


def phonetic(results: TokensResults) -> Claim:
    """Phonetic information makes better faces: rank correlation over representations.

    Beside the interval over clips and seeds, few orders of the representations may give as much (a permutation test),
    and leaving any one out must not change the sign.
    """
    title = "Phonetic information makes better faces"
    if len(results.with_decoder(TRANSFORMER)) < _FEWEST:
        return not_judged("phonetic", title, f"ranks need {_FEWEST} representations with the Transformer at least")
    if reason := _unlearned(results, results.with_decoder(TRANSFORMER)):
        return not_asked("phonetic", title, reason)
    rows, remarks = [], []
    for decoder, decides in ((TRANSFORMER, True), (GRU, False), ("animator", False)):
        variants = results.with_decoder(decoder)
        if len(variants) < _FEWEST:
            continue
        accuracy = np.array([results.kinds[s.representation].phone_accuracy for s in variants])
        for measure, name in (
            ("bcs_mm", "BCS at 1 mm"),
            ("closure_f1", "closure F1"),
            ("lve", "LVE, lower being better"),
        ):
            label = f"phone probe and {name}, {_decoder_name(decoder)}"
            rows.append(_correlation(label, accuracy, variants, results.test, measure, decides and measure == "bcs_mm"))
        if results.spoken is not None:
            label = f"phone probe and closure F1 on real speech, {_decoder_name(decoder)}"
            rows.append(_correlation(label, accuracy, variants, results.spoken, "closure_f1", False))
    with_units = [
        s for s in results.with_decoder(TRANSFORMER) if results.kinds[s.representation].phone_entropy is not None
    ]
    if len(with_units) >= _FEWEST:
        sure = np.array([-(results.kinds[s.representation].phone_entropy or 0.0) for s in with_units])
        rows.append(_correlation("low phone entropy of units and BCS, Transformer", sure, with_units, results.test,
                                 "bcs_mm", False))  # fmt: skip
    remarks.append(_necessary(results))
    return conclude("phonetic", title, rows, remarks)


def discrete_need(results: TokensResults) -> Claim:
    """Discrete inputs need the Transformer: its lead over the GRU on units, and that it is larger than on vectors."""
    title = "Discrete inputs need the Transformer"
    leads = {}
    for discrete in (True, False):
        variants = results.with_decoder(TRANSFORMER, lambda kind, d=discrete: kind.discrete == d)  # type: ignore[misc]
        leads[discrete] = [s for s in variants if TokensVariant(s.representation, GRU) in results.variants]
    if not leads[True] or not leads[False]:
        return not_judged("discrete", title, "needs discrete and continuous representations with both decoders")
    if reason := _unlearned(
        results, [v for each in (*leads[True], *leads[False]) for v in (each, TokensVariant(each.representation, GRU))]
    ):
        return not_asked("discrete", title, reason)
    rows = []
    for scores, measure, name, decides in _measures(results, ("bcs_mm", "lve"), ("closure_f1",)):
        units, on_units = _lead(scores, leads[True], measure)
        vectors, on_vectors = _lead(scores, leads[False], measure)
        rows.append(evidence(f"Transformer − GRU on units, {name}", units, on_units, measure, decides))
        rows.append(evidence(f"Transformer − GRU on vectors, {name}", vectors, on_vectors, measure, False))
        rows.append(
            evidence(
                f"… more on units than on vectors, {name}", units - vectors, on_units - on_vectors, measure, decides
            )
        )
    return conclude("discrete", title, rows)


def measures_disagree(results: TokensResults) -> Claim:
    """LVE and BCS disagree: of the pairs of variants that both tell apart, the share that they rank oppositely.

    A pair is told apart where the paired interval of its difference leaves zero out. The claim holds where the share is
    above 5 % beyond doubt, does not where it is below. Pairs that share a variant say the same again, and each was
    chosen for being sure of its order, so the interval counts only pairs without a common variant (Wilson 1927).
    """
    title = "LVE and BCS disagree"
    scores, variants = results.test, results.variants
    if reason := _unlearned(results, variants):
        return not_asked("disagree", title, reason)
    clear, named = [], []
    for i, a in enumerate(variants):
        for b in variants[:i]:
            both = [_difference(scores, a, b, measure) for measure in ("lve", "bcs_mm")]
            if all(low > 0 or high < 0 for low, high in (interval(drawn) for _, drawn in both)):
                clear.append(both)
                named.append((a, b))
    if len(clear) < _FEWEST:
        return not_judged("disagree", title, "too few pairs of variants are told apart by both measures")
    share = float(np.mean([lve * bcs > 0 for (lve, _), (bcs, _) in clear]))  # LVE is low where it is good
    count = _without_common_variant(named)
    low, high = (end - _TOLERATED for end in wilson(share, count))
    pairs = f"{len(clear)} that both tell apart ({count} without a common variant)"
    apart = f"pairs ranked oppositely, of {pairs}, above 5 %"
    verdict = HOLDS if low > 0 else NOT if high < 0 else UNDECIDED
    rows = [Evidence(apart, share - _TOLERATED, low, high, "%", verdict, True)]
    points = {f: np.array([scores.value(s, f) for s in variants]) for f in ("lve", "bcs_mm")}
    drawn_points = [np.stack([scores.drawn(s, f) for s in variants]) for f in ("lve", "bcs_mm")]
    moved = np.array([-_spearman(lve, bcs) for lve, bcs in zip(*(d.T for d in drawn_points), strict=True)])
    order = "rank correlation of the two orders; 1 is one and the same"
    rows.append(Evidence(order, -_spearman(points["lve"], points["bcs_mm"]), *interval(moved), "ρ", "", False))
    by_lve, by_bcs = variants[int(points["lve"].argmin())], variants[int(np.nanargmax(points["bcs_mm"]))]
    lost, drawn_lost = _difference(scores, by_bcs, by_lve, "bcs_mm")
    label = f"BCS lost by choosing by LVE ({_name(by_lve)} instead of {_name(by_bcs)})"
    rows.append(evidence(label, lost, drawn_lost, "bcs_mm", False))
    return conclude("disagree", title, rows)


def _without_common_variant(pairs: Sequence[tuple[TokensVariant, TokensVariant]]) -> int:
    """How many of the pairs, taken in order, share no variant with one taken before."""
    taken: set[TokensVariant] = set()
    count = 0
    for pair in pairs:
        if not taken & set(pair):
            taken |= set(pair)
            count += 1
    return count


def lower_jitter(results: TokensResults) -> Claim:
    """Transformers lower jitter: how much less than the GRU's on the same representation, geometric mean.

    A face that hardly moves has none, so jitter is divided by speed; and it must come nearer the reference's own: of
    the sizes of the two logarithms of that ÷ the reference's, the Transformer's must be the smaller.
    """
    title = "Transformers lower jitter"
    pairs = [
        (s, TokensVariant(s.representation, GRU))
        for s in results.with_decoder(TRANSFORMER)
        if TokensVariant(s.representation, GRU) in results.variants
    ]
    if not pairs:
        return not_judged("jitter", title, "no representation was decoded by both")
    if reason := _unlearned(results, [v for pair in pairs for v in pair]):
        return not_asked("jitter", title, reason)
    rows, lower = [], 0
    for name, scores in (("", results.test), (" on real speech", results.spoken)):
        if scores is None:
            continue
        for measure, label in (("unrest", "jitter at equal motion"), ("jitter", "jitter as it is")):
            logs = [np.log(scores.value(t, measure) / scores.value(g, measure)) for t, g in pairs]
            drawn = np.mean([np.log(scores.drawn(t, measure) / scores.drawn(g, measure)) for t, g in pairs], axis=0)
            effect, decides = 1 - float(np.exp(np.mean(logs))), measure == "unrest" and not name
            rows.append(evidence(f"{label} below the GRU's{name}, mean ratio", effect, 1 - np.exp(drawn), "%", decides))
            lower = sum(value < 0 for value in logs) if decides else lower
        if ARTICULATION in scores.trivial:
            rows.append(_nearer(scores, pairs, name))
    remark = f"At equal motion lower with {lower} of {len(pairs)} representations."
    return conclude("jitter", title, rows, [remark])


def _nearer(scores: Scores[Key], pairs: Sequence[tuple[TokensVariant, TokensVariant]], name: str) -> Evidence:
    """How much nearer the reference's jitter ÷ speed Transformers are than GRUs, in logarithms; means over pairs."""
    true, drawn_true = scores.value(ARTICULATION, "unrest"), scores.drawn(ARTICULATION, "unrest")
    off = [[abs(np.log(scores.value(v, "unrest") / true)) for v in pair] for pair in pairs]
    drawn = [[np.abs(np.log(scores.drawn(v, "unrest") / drawn_true)) for v in pair] for pair in pairs]
    label = f"nearer the reference's jitter at equal motion ({true:.1f} s⁻¹) than the GRU's{name}, mean of logarithms"
    moved = np.mean([theirs - own for own, theirs in drawn], axis=0)
    return evidence(label, float(np.mean([theirs - own for own, theirs in off])), moved, "", not name)


def label_best(results: TokensResults) -> Claim:
    """Label-based tokens are the best discrete choice: their lead over the best other units, with the Transformer."""
    title = "Label-based tokens are the best discrete choice"
    label = results.with_decoder(TRANSFORMER, lambda kind: kind.discrete and kind.family == LABEL)
    others = results.with_decoder(TRANSFORMER, lambda kind: kind.discrete and kind.family != LABEL)
    if not label or not others:
        return not_judged("label", title, "needs label-based units and others with the Transformer")
    if reason := _unlearned(results, [*label, *others]):
        return not_asked("label", title, reason)
    rows = []
    for scores, measure, name, decides in _measures(results, ("bcs_mm", "lve"), ("closure_f1",)):
        sign = _sign(measure)
        ours, rival = (max(group, key=lambda s: sign * scores.value(s, measure)) for group in (label, others))
        effect, drawn = _difference(scores, ours, rival, measure)
        rows.append(
            evidence(f"{ours.representation} − {rival.representation}, {name}", sign * effect, sign * drawn, measure,
                      decides)
        )  # fmt: skip
    return conclude("label", title, rows)


def _measures(
    results: TokensResults, deciding: Sequence[str], ours: Sequence[str]
) -> list[tuple[Scores[Key], str, str, bool]]:
    names = {"bcs_mm": "BCS at 1 mm", "lve": "LVE", "closure_f1": "closure F1"}
    rows = [(results.test, f, names[f], True) for f in deciding] + [(results.test, f, names[f], False) for f in ours]
    if results.spoken is not None:
        rows += [(results.spoken, f, f"{names[f]} on real speech", False) for f in ours]
    return rows


def _lead(scores: Scores[Key], variants: Sequence[TokensVariant], measure: str) -> tuple[float, np.ndarray]:
    """Mean of Transformer − GRU over representations, above 0 where the Transformer is better."""
    ours, drawn = scores.mean(variants, measure)
    theirs, their_drawn = scores.mean([TokensVariant(s.representation, GRU) for s in variants], measure)
    return _sign(measure) * (ours - theirs), _sign(measure) * (drawn - their_drawn)


def _difference(scores: Scores[Key], a: TokensVariant, b: TokensVariant, measure: str) -> tuple[float, np.ndarray]:
    return scores.value(a, measure) - scores.value(b, measure), scores.drawn(a, measure) - scores.drawn(b, measure)


def _correlation(
    label: str, given: np.ndarray, variants: Sequence[TokensVariant], scores: Scores[Key], measure: str, decides: bool
) -> Evidence:
    sign = _sign(measure)
    good = sign * np.array([scores.value(s, measure) for s in variants])
    drawn = sign * np.stack([scores.drawn(s, measure) for s in variants])  # (variants, R)
    effect, moved = _spearman(given, good), np.array([_spearman(given, column) for column in drawn.T])
    kept = [np.arange(len(given)) != i for i in range(len(given))]
    without = np.array([_spearman(given[k], good[k]) for k in kept])
    row = evidence(label, effect, moved, "ρ", decides)
    chance = permutation_share(given, good)
    note = f"as strong in {100 * chance:.1f} % of orders of {len(given)} representations"
    row = replace(row, note=f"{note}; any one left out: {without.min():+.2f} to {without.max():+.2f}")
    steady = (without > 0).all() if row.verdict == HOLDS else (without < 0).all()
    return row if row.verdict == UNDECIDED or (steady and chance < _CHANCE) else replace(row, verdict=UNDECIDED)


def permutation_share(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the orders of `b` in which its rank correlation with `a` is at least as strong, whichever its sign.

    All orders of up to seven values, else 5000 drawn ones, to which the order as it is counts.
    """
    known = np.isfinite(a) & np.isfinite(b)
    a, b = rank(a[known]), rank(b[known])
    if len(a) <= _ALL_ORDERS:
        orders = np.array(list(permutations(range(len(a)))))
    else:
        random = np.random.default_rng(0)
        orders = np.stack([np.arange(len(a)), *(random.permutation(len(a)) for _ in range(_DRAWN_ORDERS))])
    together = b[orders] @ (a - a.mean())  # the only part of the correlation that depends on the order
    return float((np.abs(together) >= np.abs(together[0]) - 1e-9).mean())


def _necessary(results: TokensResults) -> str:
    """Who breaks "necessary, but not sufficient": phones without lips, lips without phones."""
    variants = results.with_decoder(TRANSFORMER)
    phones = {s: results.kinds[s.representation].phone_accuracy for s in variants}
    good = {s: results.test.value(s, "bcs_mm") for s in variants}
    middle = float(np.median(list(phones.values()))), float(np.median(list(good.values())))
    without_lips = [s.representation for s in variants if phones[s] > middle[0] and good[s] < middle[1]]
    without_phones = [s.representation for s in variants if phones[s] < middle[0] and good[s] > middle[1]]
    return (
        "The paper: necessary, not sufficient. Here phones above and BCS below the median: "
        f"{', '.join(without_lips) or 'none'}; the other way round: {', '.join(without_phones) or 'none'}."
    )


def _sign(measure: str) -> int:
    return CATALOGUE[measure].sign


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(rank(a), rank(b))[0, 1])


def _decoder_name(kind: str) -> str:
    return {TRANSFORMER: "Transformer", GRU: "GRU"}.get(kind, kind)


def _name(variant: TokensVariant) -> str:
    return f"{variant.representation} + {_decoder_name(variant.decoder)}"
