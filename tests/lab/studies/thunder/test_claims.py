"""Made-up results of which every verdict is known."""

from dataclasses import replace

import pytest

from made_thunder import BEST, GRID, better, made_up, study
from utterface.lab.studies.evidence import HOLDS, NOT, UNDECIDED
from utterface.lab.studies.thunder import claims
from utterface.lab.studies.thunder.claims import Study
from utterface.lab.studies.thunder.grid import Best


@pytest.mark.parametrize(("share", "verdict"), [(0.1, HOLDS), (-0.1, NOT), (0.0, UNDECIDED)])
def test_listening_improves_the_lips(share, verdict):
    found = claims.lips(study({BEST.row: better(share)}), BEST.row)
    assert found.verdict == verdict
    deciding = {row.unit: row for row in found.evidence if row.decides}
    assert set(deciding) == {"lve_mm", "l_ccc", "l_pcc", "dtw_mm"}
    assert deciding["lve_mm"].effect == pytest.approx(share, abs=0.02)
    assert found.remarks == ("Resampled: 20 sounds of test speakers × 3 seeds, paired.",)


def test_one_measure_that_worsens_leaves_it_open():
    assert claims.lips(study({BEST.row: better(0.1) | {"dtw_mm": 1.1}}), BEST.row).verdict == UNDECIDED


def test_a_seed_that_differs_widens_the_interval():
    rows = {row: {} for row in GRID.rows(BEST)}
    rows[GRID.plain()] = [{}, {}, {}]
    even = made_up(rows | {BEST.row: [better(0.05)] * 3})
    uneven = made_up(rows | {BEST.row: [better(0.2), better(-0.1), better(0.05)]})
    found = [claims.lips(Study(GRID, BEST, scores), BEST.row) for scores in (even, uneven)]
    assert [claim.verdict for claim in found] == [HOLDS, UNDECIDED]
    assert found[1].evidence[0].effect == pytest.approx(found[0].evidence[0].effect, abs=0.02)


@pytest.mark.parametrize(("hits", "verdict"), [(8.0, HOLDS), (3.0, NOT), (5.0, UNDECIDED)])
def test_closures_are_judged_on_real_speech(hits, verdict):
    changes = {BEST.row: {"hits": hits}}
    assert claims.closures(study(changes, spoken=True), BEST.row).verdict == verdict
    assert not claims.closures(study(changes), BEST.row).evidence


@pytest.mark.parametrize(("left", "verdict"), [(0.09, HOLDS), (0.05, NOT), (0.075, UNDECIDED)])
def test_three_quarters_of_the_upper_faces_variety_must_stay(left, verdict):
    found = claims.diversity(study({BEST.row: {"s_div_u": left}}), BEST.row)
    assert found.verdict == verdict
    assert found.evidence[0].effect == pytest.approx(left / 0.1 - 0.75, abs=0.02)
    assert [row.verdict for row in found.evidence[1:]] == ["", ""]


@pytest.mark.parametrize(
    ("face", "weights", "verdict"), [(0.1, 0.0, HOLDS), (0.3, 0.4, NOT), (0.3, 0.1, UNDECIDED), (0.2, 0.2, UNDECIDED)]
)
def test_what_the_listener_looks_at(face, weights, verdict):
    shares = {"mouth": 0.2, "face": face, "weights": weights}
    changes = {replace(BEST.row, listener=name): better(share) for name, share in shares.items()}
    found = claims.inputs(study(changes, noise=0.001))
    assert found.verdict == verdict
    assert any("mouth × 1 against diffusion + face × 1: LVE" in row.label for row in found.evidence)
    assert "× 1 seed, paired" in found.remarks[0]


@pytest.mark.parametrize(("hits", "verdict"), [(8.0, HOLDS), (2.0, NOT), (5.0, UNDECIDED)])
def test_a_listener_may_be_told_whether_lips_touch(hits, verdict):
    changes = {BEST.row: {}, replace(BEST.row, listener="touch"): {"hits": hits}}
    found = claims.touch(study(changes, spoken=True))
    assert found.verdict == verdict and found.evidence[0].decides
    assert not claims.touch(study(changes)).evidence


def test_other_decoders_are_asked_too():
    rows = {replace(BEST.row, decoder=name): better(0.1) for name in ("transformer", "gru")}
    found = claims.others(study(rows))
    assert found.verdict == HOLDS and {row.label.split(":")[0] for row in found.evidence} == {"transformer", "gru"}
    only = claims.others(study(dict(zip(rows, (better(0.1), better(-0.1)), strict=True))))
    assert only.verdict == UNDECIDED


@pytest.mark.parametrize(("eight", "verdict"), [(1.01, HOLDS), (1.2, NOT), (1.05, UNDECIDED)])
def test_eight_steps_come_near_the_yardstick(eight, verdict):
    told = {("dpm++", 4): {"lve_mm": 1.5}, ("dpm++", 8): {"lve_mm": eight}, ("dpm++", 20): {}, ("ddpm", 50): {}}
    found = claims.few_steps(replace(study({}), ladder=made_up(told)))
    assert found.verdict == verdict
    assert [row.decides for row in found.evidence] == [False, True, False]
    assert claims.few_steps(study({})).verdict == UNDECIDED


def test_few_sounds_decide_nothing_and_missing_rows_are_told():
    found = claims.judge(study({BEST.row: better(0.3)}, sounds=4))
    assert {claim.verdict for claim in found} == {UNDECIDED}
    assert "Fewer than 5 sounds" in found[0].remarks[-1]
    alone = Study(GRID, BEST, made_up({GRID.plain(): {}}))
    assert [claim.remarks[0][:9] for claim in claims.judge(alone)] == ["Not asked"] * 7


def test_listening_as_the_paper_does_is_judged_too_where_something_else_was_chosen():
    best = Best(GRID.heard(1.0, "face"), GRID.heard(1.0))
    rows = {row: {} for row in GRID.rows(best)} | {best.row: better(0.1), best.paper: better(-0.1)}
    told = {claim.key: claim for claim in claims.judge(Study(GRID, best, made_up(rows)))}
    assert list(told)[:6] == ["lips", "closures", "diversity", "lips_paper", "closures_paper", "diversity_paper"]
    assert (told["lips"].verdict, told["lips_paper"].verdict) == (HOLDS, NOT)
    assert "mouth × 1, beside the true face against" in told["lips"].title
