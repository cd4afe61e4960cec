"""What phones ask for: every phone of every language has an aim, ordered by its features."""

import pytest

from utterface.articulation.targets import AT_REST, BLENDED, Aim, aim, openness
from utterface.phones import inventory

JAW, ROUNDING, SPREAD = (BLENDED.index(name) for name in ("jaw", "rounding", "spread"))


@pytest.mark.parametrize("symbol", sorted(inventory()))
def test_every_phone_has_an_aim_within_bounds(symbol):
    want = aim(symbol)
    assert all(len(part) == len(BLENDED) for part in (want.target, want.hold, want.reach, want.ahead))
    assert all(0 <= value <= 1 for value in want.target)
    assert min(want.hold) > 0 and min(want.reach) > 0 and min(want.ahead) > 0


def test_openness_falls_with_height():
    table = inventory()
    assert [openness(table[v]) for v in "aæɛəeɪi"] == sorted((openness(table[v]) for v in "aæɛəeɪi"), reverse=True)
    assert openness(table["ɔ"]) > openness(table["ʌ"]) > openness(table["ɝ"]) > openness(table["u"])
    assert openness(table["æ"]) == pytest.approx(0.95) and openness(table["i"]) == pytest.approx(0.12)


def test_lips_round_or_spread_but_not_both():
    assert aim("u").target[ROUNDING] == 1 and aim("u").target[SPREAD] == 0
    assert aim("i").target[ROUNDING] == 0 and aim("i").target[SPREAD] == 1
    assert 0 < aim("ʃ").target[ROUNDING] < aim("w").target[ROUNDING]


def test_sibilants_hold_the_jaw_hardest_and_glottals_hardly():
    def hold(symbol: str) -> float:
        return aim(symbol).hold[JAW]

    assert min(hold("s"), hold("ʃ")) > hold("b") > hold("t") > hold("k") > hold("h")


def test_rounding_lasts_longer_than_it_leads():
    assert aim("u").reach[ROUNDING] > aim("u").ahead[ROUNDING] > 0.04


def test_what_is_no_phone_is_taken_for_a_schwa():
    assert aim("ǂ") == aim("ə") and isinstance(AT_REST, Aim)
