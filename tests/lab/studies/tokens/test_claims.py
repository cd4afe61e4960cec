"""Made-up results of which every verdict is known."""

import numpy as np
import pytest

from support.tokens_results import KINDS, PLAIN, made_up
from utterface.lab.studies.claims import HOLDS, NOT, NOT_ASKED, UNDECIDED, outcome
from utterface.lab.studies.tokens import claims
from utterface.lab.studies.tokens.claims import TokensResults


def results(change, kinds=KINDS, spoken: bool = False, noise: float = 0.02) -> TokensResults:
    """Every representation with Transformer and GRU; `change(representation, decoder)` says what is not plain."""
    systems = {(r, d): PLAIN | change(r, d) for r in kinds for d in ("transformer", "gru_diffusion", "animator")}
    recordings = made_up(systems, noise=noise) if spoken else None
    return TokensResults(made_up(systems, noise=noise), kinds, recordings, speakers=3)


def by_phones(r, d) -> dict:
    return {"closed": 1 + 8 * KINDS[r].phone_accuracy, "hits": 8 * KINDS[r].phone_accuracy}


def against_phones(r, d) -> dict:
    return {"closed": 9 - 8 * KINDS[r].phone_accuracy}


def test_phones_help_where_faces_follow_them():
    result = claims.phonetic(results(by_phones, spoken=True))
    assert result.verdict == HOLDS
    deciding = [row for row in result.evidence if row.decides]
    assert len(deciding) == 1 and deciding[0].effect == pytest.approx(1) and deciding[0].low > 0
    assert any("real speech" in row.label for row in result.evidence)
    assert "BCS below the median: none" in result.remarks[0]


def test_phones_do_not_help_where_faces_go_against_them():
    assert claims.phonetic(results(against_phones)).verdict == NOT


def test_a_close_or_fragile_order_decides_nothing():
    assert claims.phonetic(results(lambda r, d: {}, noise=0.2)).verdict == UNDECIDED
    order = {"mel": 2.0, "codec": 3.0, "units": 1.6, "masked": 1.5, "tokenizer": 9.0}  # without the last the sign turns
    result = claims.phonetic(results(lambda r, d: {"closed": order[r]}, noise=0.001))
    assert result.verdict == UNDECIDED


def test_phones_without_lips_are_named():
    odd = {"masked": 0.5}
    result = claims.phonetic(results(lambda r, d: {"closed": odd.get(r, 8 * KINDS[r].phone_accuracy)}))
    assert "BCS below the median: masked" in result.remarks[0]


def test_too_few_representations_say_nothing():
    few = {k: KINDS[k] for k in ("mel", "units")}
    result = claims.phonetic(results(by_phones, few))
    assert result.verdict == UNDECIDED and not result.evidence and "4 representations" in result.remarks[0]


@pytest.mark.parametrize("poor", [{"hits": 1.9}, {"error": 3.3}])
def test_a_claim_is_not_asked_of_variants_that_have_not_learned(poor):
    """A recall of 19 % and an r² of 1 − 3.3 / 4 = 0.175 are both too little."""
    weak = results(lambda r, d: poor if r == "codec" else {}, noise=0)
    verdicts = [claim.verdict for claim in claims.judge(weak)]
    assert verdicts == [NOT_ASKED] * 5
    assert "codec + Transformer" in claims.phonetic(weak).remarks[0] and "mel" not in claims.phonetic(weak).remarks[0]
    assert outcome(claims.judge(weak)).endswith("5 are not asked")


@pytest.mark.parametrize(("sounds", "speakers"), [(4, 3), (20, 2)])
def test_too_few_sounds_or_speakers_decide_nothing(sounds, speakers):
    systems = {(r, d): PLAIN for r in KINDS for d in ("transformer", "gru_diffusion")}
    few = TokensResults(made_up(systems, clips=sounds), KINDS, speakers=speakers)
    assert {claim.verdict for claim in claims.judge(few)} == {NOT_ASKED}
    assert f"{sounds} test sounds of {speakers} speakers" in claims.phonetic(few).remarks[0]


def test_an_order_that_chance_gives_often_decides_nothing():
    """ρ = 0.8 over five representations: as strong in 16 of the 120 orders, whichever its sign."""
    order = {"codec": 2.0, "mel": 1.5, "units": 3.0, "masked": 5.0, "tokenizer": 4.0}
    result = claims.phonetic(results(lambda r, d: {"closed": order[r]}, noise=0.001))
    row = next(row for row in result.evidence if row.decides)
    assert row.effect == pytest.approx(0.8) and row.low > 0
    assert row.note.startswith("as strong in 13.3 % of orders of 5 representations")
    assert row.verdict == result.verdict == UNDECIDED


def test_the_share_of_orders_by_hand():
    assert claims.permutation_share(np.arange(4), np.array([3, 4, 7, 9])) == pytest.approx(2 / 24)
    assert claims.permutation_share(np.arange(4), np.array([9, 7, 4, 3])) == pytest.approx(2 / 24)
    assert claims.permutation_share(np.arange(3), np.ones(3)) == 1
    drawn = claims.permutation_share(np.arange(9), np.random.default_rng(0).permutation(9))
    assert 0 < drawn < 1 and claims.permutation_share(np.arange(9), np.arange(9)) < 0.001


def needs(on_units: float, on_vectors: float):
    """The Transformer's lead in bilabial frames closed and in error."""

    def change(r, d):
        lead = (on_units if KINDS[r].discrete else on_vectors) if d == "transformer" else 0.0
        return {"closed": 5 + lead, "error": 1 - lead / 10}

    return change


@pytest.mark.parametrize(
    ("on_units", "on_vectors", "verdict"),
    [(3.0, 0.5, HOLDS), (-3.0, 0.5, NOT), (0.0, 0.0, UNDECIDED), (2.0, 4.0, UNDECIDED)],
)
def test_discrete_inputs_need_the_transformer(on_units, on_vectors, verdict):
    assert claims.discrete_need(results(needs(on_units, on_vectors))).verdict == verdict


def test_needs_both_kinds_of_input():
    units = {k: h for k, h in KINDS.items() if h.discrete}
    assert claims.discrete_need(results(needs(3, 0), units)).verdict == UNDECIDED


def test_measures_disagree_where_they_rank_oppositely():
    steps = {r: i for i, r in enumerate(KINDS)}
    agreeing = claims.measures_disagree(results(lambda r, d: {"closed": 1 + steps[r], "error": 2 - 0.3 * steps[r]}))
    opposite = claims.measures_disagree(results(lambda r, d: {"closed": 1 + steps[r], "error": 1 + 0.3 * steps[r]}))
    alike = claims.measures_disagree(results(lambda r, d: {}))
    assert (agreeing.verdict, opposite.verdict, alike.verdict) == (UNDECIDED, HOLDS, UNDECIDED)
    assert "(6 without a common variant)" in agreeing.evidence[0].label and agreeing.evidence[0].effect == -0.05
    assert opposite.evidence[0].effect == pytest.approx(0.95)
    assert opposite.evidence[1].effect < -0.9 and opposite.evidence[1].verdict == ""
    assert "codec" not in opposite.evidence[2].label and "mel" in opposite.evidence[2].label


@pytest.mark.parametrize(("shaken", "verdict"), [(110.0, HOLDS), (200.0, NOT), (150.0, UNDECIDED), (40.0, UNDECIDED)])
def test_transformers_lower_jitter_where_it_comes_nearer_the_references(shaken, verdict):
    result = claims.lower_jitter(results(lambda r, d: {"shaken": shaken if d == "transformer" else 150.0}))
    assert result.verdict == verdict
    lower, plain, nearer = result.evidence
    assert (lower.decides, plain.decides, nearer.decides) == (True, False, True)
    assert lower.effect == pytest.approx(1 - shaken / 150, abs=0.02)
    assert nearer.effect == pytest.approx(np.log(150 / 100) - abs(np.log(shaken / 100)), abs=0.03)
    if verdict == HOLDS:
        assert result.remarks == ("At equal motion lower with 5 of 5 representations.",)


def test_a_face_that_shakes_less_because_it_moves_less_is_no_better():
    def change(r, d):
        return {"shaken": 75.0, "moved": 5.0} if d == "transformer" else {"shaken": 150.0, "moved": 10.0}

    systems = {(r, d): PLAIN | change(r, d) for r in KINDS for d in ("transformer", "gru_diffusion")}
    result = claims.lower_jitter(TokensResults(made_up(systems, noise=0.001), KINDS, speakers=3))
    assert result.verdict == UNDECIDED
    assert result.evidence[0].effect == pytest.approx(0, abs=0.02) and result.evidence[1].effect > 0.4


@pytest.mark.parametrize(("closed", "error", "verdict"), [(8.0, 0.5, HOLDS), (2.0, 2.0, NOT), (8.0, 2.0, UNDECIDED)])
def test_label_tokens_are_the_best_units(closed, error, verdict):
    def change(r, d):
        return {"closed": closed, "error": error} if KINDS[r].family == "label" else {}

    assert claims.label_best(results(change)).verdict == verdict


def test_all_five_are_asked_in_the_papers_order():
    result = claims.judge(results(by_phones, spoken=True))
    assert [c.key for c in result] == ["phonetic", "discrete", "disagree", "jitter", "label"]
    for claim in result:
        for row in claim.evidence:
            assert row.low <= row.effect + 1e-9 or np.isnan(row.low), row
