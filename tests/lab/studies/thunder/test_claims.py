"""Made-up results of which every verdict is known."""

from dataclasses import replace

import pytest

from support.thunder_results import BEST, SIZE, better, made_up, results
from utterface.lab.studies.claims import HOLDS, NOT, NOT_ASKED, UNDECIDED
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.thunder import claims
from utterface.lab.studies.thunder.claims import ThunderResults
from utterface.lab.studies.thunder.report import MEASURES
from utterface.lab.studies.thunder.sizes import Best


@pytest.mark.parametrize(("share", "verdict"), [(0.1, HOLDS), (-0.1, NOT), (0.0, UNDECIDED)])
def test_the_loss_improves_the_lips(share, verdict):
    result = claims.lips(results({BEST.variant: better(share)}), BEST.variant)
    assert result.verdict == verdict
    deciding = {row.unit: row for row in result.evidence if row.decides}
    assert set(deciding) == {"lve_mm", "l_ccc", "l_pcc", "dtw_mm"}
    assert deciding["lve_mm"].effect == pytest.approx(share, abs=0.02)
    assert result.remarks == ("Resampled: 20 sounds of test speakers × 3 seeds, paired.",)


def test_one_measure_that_worsens_leaves_it_open():
    assert claims.lips(results({BEST.variant: better(0.1) | {"dtw_mm": 1.1}}), BEST.variant).verdict == UNDECIDED


def test_a_seed_that_differs_widens_the_interval():
    rows = {row: {} for row in SIZE.variants(BEST)}
    rows[SIZE.plain()] = [{}, {}, {}]
    even = made_up(rows | {BEST.variant: [better(0.05)] * 3})
    uneven = made_up(rows | {BEST.variant: [better(0.2), better(-0.1), better(0.05)]})
    result = [claims.lips(ThunderResults(SIZE, BEST, scores), BEST.variant) for scores in (even, uneven)]
    assert [claim.verdict for claim in result] == [HOLDS, UNDECIDED]
    assert result[1].evidence[0].effect == pytest.approx(result[0].evidence[0].effect, abs=0.02)


@pytest.mark.parametrize(("hits", "verdict"), [(8.0, HOLDS), (3.0, NOT), (5.0, UNDECIDED)])
def test_closures_are_judged_on_real_speech(hits, verdict):
    changes = {BEST.variant: {"hits": hits}}
    assert claims.closures(results(changes, spoken=True), BEST.variant).verdict == verdict
    assert not claims.closures(results(changes), BEST.variant).evidence


@pytest.mark.parametrize(("left", "verdict"), [(0.09, HOLDS), (0.05, NOT), (0.075, UNDECIDED)])
def test_three_quarters_of_the_upper_faces_variety_must_stay(left, verdict):
    result = claims.diversity(results({BEST.variant: {"s_div_u": left}}), BEST.variant)
    assert result.verdict == verdict
    assert result.evidence[0].effect == pytest.approx(left / 0.1 - 0.75, abs=0.02)
    assert [row.verdict for row in result.evidence[1:]] == ["", ""]


@pytest.mark.parametrize(
    ("face", "weights", "verdict"), [(0.1, 0.0, HOLDS), (0.3, 0.4, NOT), (0.3, 0.1, UNDECIDED), (0.2, 0.2, UNDECIDED)]
)
def test_inputs_of_the_mesh_to_speech_model(face, weights, verdict):
    shares = {"mouth": 0.2, "face": face, "weights": weights}
    changes = {replace(BEST.variant, input=name): better(share) for name, share in shares.items()}
    result = claims.inputs(results(changes, noise=0.001))
    assert result.verdict == verdict
    assert any("mouth × 1 against diffusion + face × 1: LVE" in row.label for row in result.evidence)
    assert "× 1 seed, paired" in result.remarks[0]


@pytest.mark.parametrize(("hits", "verdict"), [(8.0, HOLDS), (2.0, NOT), (5.0, UNDECIDED)])
def test_lip_contact_as_an_input(hits, verdict):
    changes = {BEST.variant: {}, replace(BEST.variant, input="touch"): {"hits": hits}}
    result = claims.touch(results(changes, spoken=True))
    assert result.verdict == verdict and result.evidence[0].decides
    assert not claims.touch(results(changes)).evidence


def test_other_decoders():
    rows = {replace(BEST.variant, decoder=name): better(0.1) for name in ("transformer", "gru")}
    result = claims.others(results(rows))
    assert result.verdict == HOLDS and {row.label.split(":")[0] for row in result.evidence} == {"transformer", "gru"}
    only = claims.others(results(dict(zip(rows, (better(0.1), better(-0.1)), strict=True))))
    assert only.verdict == UNDECIDED


@pytest.mark.parametrize(
    ("eight", "verdict"),
    [
        ({"lve_mm": 1.5}, HOLDS),  # LVE rewards the mean face and decides nothing
        ({"s_div_u": 0.07, "t_div_u": 0.7, "jitter": 0.7}, NOT),
        ({"s_div_u": 0.14, "t_div_u": 1.4, "jitter": 1.4}, NOT),  # too much is as far off as too little
        ({"s_div_u": 0.07}, UNDECIDED),
    ],
)
def test_eight_steps_keep_the_yardsticks_variety(eight, verdict):
    steps = {("dpm++", 4): {"s_div_u": 0.05}, ("dpm++", 8): eight, ("dpm++", 20): {}, ("ddpm", 50): {}}
    result = claims.few_steps(replace(results({}), samplers=made_up(steps)))
    assert result.verdict == verdict
    deciding = [row.label.split(" of ")[0] for row in result.evidence if row.decides]
    assert deciding == ["S-DIV-U", "T-DIV-U", "jitter"] and len(result.evidence) == 3 * 4
    assert claims.few_steps(results({})).verdict == UNDECIDED


def test_samplers_of_older_figures_are_not_asked_for_variety():
    older = Scores({("dpm++", 8): [{"s": {"lve_mm": 1.0, "lve_mm_sounds": 1.0}}], ("ddpm", 50): [{"s": {}}]}, MEASURES)
    assert claims.few_steps(replace(results({}), samplers=older)).verdict == NOT_ASKED


def test_few_sounds_decide_nothing_and_missing_variants_are_named():
    result = claims.judge(results({BEST.variant: better(0.3)}, sounds=4))
    assert {claim.verdict for claim in result} == {UNDECIDED}
    assert "Fewer than 5 sounds" in result[0].remarks[-1]
    alone = ThunderResults(SIZE, BEST, made_up({SIZE.plain(): {}}))
    assert [claim.remarks[0][:9] for claim in claims.judge(alone)] == ["Not judge"] * 7


def test_the_papers_loss_is_judged_where_another_was_chosen():
    best = Best(SIZE.with_loss(1.0, "face"), SIZE.with_loss(1.0))
    rows = {row: {} for row in SIZE.variants(best)} | {best.variant: better(0.1), best.paper: better(-0.1)}
    told = {claim.key: claim for claim in claims.judge(ThunderResults(SIZE, best, made_up(rows)))}
    assert list(told)[:6] == ["lips", "closures", "diversity", "lips_paper", "closures_paper", "diversity_paper"]
    assert (told["lips"].verdict, told["lips_paper"].verdict) == (HOLDS, NOT)
    assert "mouth × 1, beside the true face against" in told["lips"].title
