"""Lip measures against numbers worked by hand."""

import numpy as np
import pytest

from utterface.metrics.intervals import bootstrap
from utterface.metrics.lips import area_under_curve, observe, openness_class, summarise
from utterface.phones import Span

# sil 0-0.4 | m 0.4-0.5 | ɑ 0.5-0.7 | t 0.7-0.8 | i 0.8-1.0 | p 1.0-1.1 | u 1.1-1.3 | sil 1.3-1.8
PHONES = [
    Span("sil", 0, 0.4), Span("m", 0.4, 0.5), Span("ɑ", 0.5, 0.7), Span("t", 0.7, 0.8), Span("i", 0.8, 1.0),
    Span("p", 1.0, 1.1), Span("u", 1.1, 1.3), Span("sil", 1.3, 1.8),
]  # fmt: skip
GRID = np.arange(0, 1.8, 0.01)


def curve(*pieces: tuple[float, float, float]) -> np.ndarray:
    """Gap of 5 mm, but for the pieces (start, end, value)."""
    gap = np.full(len(GRID), 5.0)
    for start, end, value in pieces:
        gap[(start - 1e-9 <= GRID) & (end - 1e-9 > GRID)] = value
    return gap


def figures(gap: np.ndarray, rounding: np.ndarray | None = None) -> dict[str, float]:
    return summarise([observe(PHONES, GRID, gap, np.zeros(len(GRID)) if rounding is None else rounding, 1.8)])


def test_lips_that_do_everything_right():
    found = figures(curve((0, 0.5, 0), (0.5, 0.7, 12), (0.8, 1.0, 4), (1.0, 1.1, -0.5), (1.3, 1.8, 0)))
    assert found["closure_recall"] == 1 and found["closure_precision"] == 1
    assert found["closure_f1"] == pytest.approx(1)
    assert found["over_closed_mm"] == pytest.approx(0.25)  # median of 0 (m) and 0.5 (p)
    assert found["vowel_closed"] == 0 and found["silence_closed"] == 1
    assert found["wide_vowel_gap_mm"] == pytest.approx(12)


def test_a_missed_bilabial_halves_recall_and_a_closure_in_t_halves_precision():
    found = figures(curve((0.72, 0.78, 0), (1.02, 1.08, 0)))
    assert found["closure_recall"] == 0.5  # p closes, m does not
    assert found["closure_precision"] == 0.5  # the closure in t (0.72 s) is more than 40 ms from m and p
    assert found["closure_f1"] == pytest.approx(0.5)
    assert found["silence_closed"] == 0


def test_timing_is_the_distance_of_the_smallest_gap_from_the_middle():
    gap = curve((1.0, 1.1, 0.5))
    gap[np.argmin(abs(GRID - 1.07))] = -0.2
    assert figures(gap)["closure_timing_ms"] == pytest.approx(20, abs=1e-6)  # 1.07 against 1.05


def test_closing_into_a_pause_is_no_event():
    assert len(observe(PHONES, GRID, curve((1.2, 1.8, 0)), np.zeros(len(GRID)), 1.8).event) == 0


@pytest.mark.parametrize(("end", "events"), [(1.28, 0), (1.27, 1)])
def test_a_closure_within_30_ms_of_a_pause_is_none_of_its_own(end, events):
    found = observe(PHONES, GRID, curve((0.82, end, 0)), np.zeros(len(GRID)), 1.8)
    assert len(found.event) == events


def test_lips_that_never_close_get_nothing_and_those_that_had_no_bilabial_are_not_judged():
    found = figures(curve())
    assert found["closure_recall"] == found["closure_precision"] == found["closure_f1"] == 0
    vowel = [Span("ɑ", 0.5, 0.7)]
    assert np.isnan(summarise([observe(vowel, GRID, curve(), np.zeros(len(GRID)), 1.8)])["closure_f1"])


def test_an_interval_counts_the_draws_in_which_nothing_closes():
    closing = observe(PHONES, GRID, curve((1.0, 1.1, 0)), np.zeros(len(GRID)), 1.8)
    still = observe(PHONES, GRID, curve(), np.zeros(len(GRID)), 1.8)
    low, high = bootstrap([closing, *[still] * 4], lambda some: {"f1": summarise(some)["closure_f1"]})["f1"]
    assert low == 0 and high > 0.2


def test_vowel_closed_counts_the_middle_half_only():
    # ɑ's middle half is 0.55-0.65: closing 0.5-0.6 covers half of it and nothing of i; u is rounded and not judged
    found = figures(curve((0.5, 0.6, 0), (1.1, 1.3, 0)))
    assert found["vowel_closed"] == pytest.approx(5 / 20, abs=0.03)  # the grid takes 9 to 11 frames of each


def test_a_closure_at_a_narrow_phone_alone_counts_neither_way():
    near_u, near_t = (1.2, 1.25, 0), (0.72, 0.76, 0)  # u begins at 1.1, right after p
    seen = observe(PHONES, GRID, curve(near_u, near_t), np.zeros(len(GRID)), 1.8)
    assert seen.event.tolist() == [0]  # t's closure is wrong, u's is left out
    assert observe(PHONES, GRID, curve((1.12, 1.25, 0)), np.zeros(len(GRID)), 1.8).event.tolist() == [1]  # reaches p


@pytest.mark.parametrize(("length", "frames"), [(0.65, 0), (0.9, 30)])
def test_rest_is_asked_for_in_long_pauses_only(length, frames):
    spans = [Span("ɑ", 0, 0.5), Span("sil", 0.5, 0.5 + length), Span("ɑ", 0.5 + length, 1.8)]
    assert len(observe(spans, GRID, curve(), np.zeros(len(GRID)), 1.8).rest) == pytest.approx(frames, abs=1)


def test_rest_before_and_after_speech_leaves_120_ms():
    seen = observe([Span("ɑ", 0.3, 1.5)], GRID, curve((0, 0.2, 0)), np.zeros(len(GRID)), 1.8)
    assert len(seen.rest) == pytest.approx(12, abs=2) and seen.rest[:6].all() and not seen.rest[6:].any()


def test_rounding_separates_u_from_i():
    rounding = np.where((GRID >= 1.1) & (GRID < 1.3), 0.8, 0.1)
    assert figures(curve(), rounding)["rounding_auc"] == 1
    assert figures(curve(), 1 - rounding)["rounding_auc"] == 0


def test_area_under_curve_by_hand():
    # pairs (3,2) (3,4) (5,2) (5,4): three of four in order
    assert area_under_curve(np.array([3.0, 5]), np.array([2.0, 4])) == 0.75
    assert area_under_curve(np.array([1.0]), np.array([1.0])) == 0.5
    assert np.isnan(area_under_curve(np.zeros(0), np.ones(1)))


def test_openness_classes_follow_height_outside_english():
    assert openness_class("ɑ") == 3 and openness_class("aʊ") == 3
    assert openness_class("a") == 3 and openness_class("e") == 2 and openness_class("ɯ") == 1


@pytest.mark.parametrize("symbol", ["u", "ʊ", "oʊ", "ɔ", "ɔɪ", "ɝ", "ɚ", "y", "ø"])
def test_rounded_and_rhotic_vowels_have_no_openness_class(symbol):
    assert openness_class(symbol) is None


def test_each_vowel_is_observed_with_its_class_and_its_widest_gap():
    seen = observe(PHONES, GRID, curve((0.5, 0.7, 12), (0.8, 1.0, 4)), np.zeros(len(GRID)), 1.8)
    vowels = [label for label in "ɑiu" if openness_class(label) is not None]
    assert seen.openness.tolist() == [openness_class(label) for label in vowels]
    assert seen.opening.tolist() == [{"ɑ": 12, "i": 4, "u": 5}[label] for label in vowels]
