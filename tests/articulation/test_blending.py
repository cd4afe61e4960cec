"""Timed phones → motion: what must happen whatever the phones, and what coarticulation should look like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utterface import timing
from utterface.articulation import ARTICULATORS, articulate, blend, blending, render
from utterface.articulation.pace import paced
from utterface.phones import SILENCE, Span, inventory

SYMBOLS = sorted(inventory())


def say(*labels: str, length: float = 0.1, start: float = 0.4, stress: int = 0) -> tuple[list[Span], float]:
    """Phones of equal length after some silence, and the duration with 0.6 s of silence after them."""
    spans = [Span(p, start + i * length, start + (i + 1) * length, stress) for i, p in enumerate(labels)]
    return spans, start + len(labels) * length + 0.6


def during(values: np.ndarray, span: Span, frame_rate: float = 60.0) -> np.ndarray:
    at = np.arange(len(values)) / frame_rate
    return values[(at >= span.start - 0.01) & (at <= span.end + 0.01)]


@st.composite
def speech(draw: st.DrawFn) -> tuple[list[Span], float]:
    """Any phones of any language, 0.04 to 0.25 s each, with a pause here and there."""
    spans, now = [], draw(st.floats(0, 0.5))
    for symbol in draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=25)):
        length = draw(st.floats(0.04, 0.25))
        spans.append(Span(symbol, now, now + length, draw(st.sampled_from([0, 0, 1, 2]))))
        now += length
    return spans, now + draw(st.floats(0, 0.5))


@settings(max_examples=60, deadline=None)
@given(speech(), st.sampled_from([24.0, 30.0, 60.0, 100.0]), st.sampled_from([0.4, 1.0, 1.5]))
def test_lips_close_where_they_must(rig, spoken, frame_rate, strength):
    phones, duration = spoken
    motion = articulate(phones, duration, frame_rate, strength)
    assert len(motion) == timing.frame_count(duration, frame_rate)
    assert np.isfinite(motion.values).all() and motion.values.min() >= 0 and motion.values.max() <= 1
    gap = rig.gap_mm(motion)
    assert gap.min() > -1
    for span in phones:
        if inventory()[span.label].is_bilabial:
            near = (motion.times > span.start - 0.025) & (motion.times < span.end + 0.025)
            assert gap[near].min() < 1
            assert motion["jawOpen"][near & (gap < 0.5)].max(initial=0) <= 0.1


@settings(max_examples=60, deadline=None)
@given(speech())
def test_lips_close_nowhere_else(rig, spoken):
    phones, duration = spoken
    motion = articulate(phones, duration)
    closed = rig.gap_mm(motion) < 0.95  # /f v/ come as near as 1 mm
    allowed = np.zeros(len(motion), bool)
    edges = [Span(SILENCE, -1, phones[0].start), Span(SILENCE, phones[-1].end, duration)]
    for span in [*phones, *edges]:
        if span.label == SILENCE or inventory()[span.label].is_bilabial:
            allowed |= (motion.times > span.start - 0.06) & (motion.times < span.end + 0.06)
    assert not (closed & ~allowed).any()


def test_vowels_order_by_height_and_stay_open(rig):
    widest = {}
    for vowel in ("ɑ", "æ", "ʌ", "ɛ", "ɝ", "ɪ", "i", "u", "ɔ"):
        phones, duration = say("t", vowel, "t", length=0.12)
        widest[vowel] = during(rig.gap_mm(articulate(phones, duration)), phones[1]).max()
    assert min(widest["ɑ"], widest["æ"]) > max(widest["ʌ"], widest["ɛ"])
    assert min(widest["ʌ"], widest["ɛ"]) > max(widest["ɝ"], widest["ɪ"], widest["i"])
    assert min(widest["ɝ"], widest["ɪ"], widest["i"]) > widest["u"] > 2  # rounding closes the lips
    assert widest["u"] < widest["ɔ"] < widest["ɑ"]


def test_lower_lip_meets_teeth_without_closing(rig):
    phones, duration = say("ɑ", "f", "ɑ", "v", "i")
    motion = articulate(phones, duration)
    for span in (phones[1], phones[3]):
        assert during(motion["mouthRollLower"], span).max() > 0.4
        assert during(motion["jawOpen"], span).min() < 0.1
        assert during(rig.gap_mm(motion), span).min() > 1


@pytest.mark.parametrize("sibilant", ["s", "z", "ʃ", "ʒ", "tʃ", "dʒ"])
def test_sibilants_keep_the_teeth_together(rig, sibilant):
    phones, duration = say("ɑ", sibilant, "ɑ")
    motion = articulate(phones, duration)
    assert during(motion["jawOpen"], phones[1]).min() < 0.1
    assert during(rig.gap_mm(motion), phones[1]).min() > 2  # the lips leave the teeth in sight


def test_rounding_begins_before_its_vowel_and_outlasts_it():
    phones, duration = say("ɑ", "n", "t", "u", "t", "ɑ")
    pucker = articulate(phones, duration)["mouthPucker"]
    onset = round(phones[3].start * 60)
    assert pucker[onset - 6] > 0.1  # 0.1 s before the vowel sounds
    deepest = pucker.argmax() / 60
    assert phones[3].start + 0.04 < deepest < phones[3].end + 0.06
    before, after = pucker[onset - 9 : onset].sum(), pucker[round(phones[3].end * 60) :][:9].sum()
    assert after > before


def test_stress_opens_and_haste_reduces():
    def widest(stress: int, length: float) -> float:
        return articulate(*say("t", "æ", "t", "ʌ", "t", length=length, stress=stress))["jawOpen"].max()

    assert widest(2, 0.1) > widest(1, 0.1) > widest(0, 0.1)
    assert widest(0, 0.14) > widest(0, 0.08) > widest(0, 0.05)


def test_silence_rests_and_returns_to_rest(rig):
    phones, duration = say("ɑ", "ɑ")
    motion = articulate(phones, duration)
    gap = rig.gap_mm(motion)
    late = motion.times > phones[-1].end + 0.25
    assert np.abs(gap[late]).max() < 0.2 and motion.values[late].max() < 0.01
    assert np.abs(gap[motion.times < phones[0].start - 0.12]).max() < 0.5
    assert not articulate([], 0.5).values.any()


def test_short_pauses_are_spoken_over(rig):
    phones = [Span("ɑ", 0.4, 0.6), Span(SILENCE, 0.6, 0.7), Span("ɑ", 0.7, 0.9)]
    motion = articulate(phones, 1.5)
    assert rig.gap_mm(motion)[(motion.times > 0.5) & (motion.times < 0.8)].min() > 2


@pytest.mark.parametrize(("pause", "rests"), [(0.35, False), (0.8, True)])
def test_lips_rest_in_long_pauses_between_words_only(rig, pause, rests):
    phones = [Span("ɑ", 0.4, 0.6), Span(SILENCE, 0.6, 0.6 + pause), Span("ɑ", 0.6 + pause, 0.8 + pause)]
    motion = articulate(phones, 1.4 + pause)
    inside = (motion.times > 0.7) & (motion.times < 0.5 + pause)
    assert (rig.gap_mm(motion)[inside].min() < 0.5) == rests


def test_a_short_silence_at_either_end_is_a_rest(rig):
    phones = [Span("ɑ", 0.15, 0.35)]
    gap = rig.gap_mm(articulate(phones, 0.5))
    assert gap[0] < 0.5 and gap[-1] < 0.5


def test_w_leaves_less_between_the_lips_than_t(rig):
    gaps = {}
    for glide in ("w", "ɹ", "t"):
        phones, duration = say("ɑ", glide, "ɑ")
        gaps[glide] = during(rig.gap_mm(articulate(phones, duration)), phones[1]).min()
    assert 1 < gaps["w"] < gaps["ɹ"] < gaps["t"]


def test_a_pause_before_a_bilabial_is_one_closure(rig):
    phones = [Span("ɑ", 0.3, 0.5), Span("b", 1.0, 1.08), Span("ɑ", 1.08, 1.3)]
    motion = articulate(phones, 1.8)
    assert rig.gap_mm(motion)[(motion.times > 0.65) & (motion.times < 1.07)].max() < 1


@settings(max_examples=30, deadline=None)
@given(speech(), st.integers(1, 70))
def test_blocks_make_no_difference(spoken, block):
    whole = blend(*spoken, 60.0)
    usual, blending._BLOCK = blending._BLOCK, block
    try:
        assert np.array_equal(blend(*spoken, 60.0), whole)
    finally:
        blending._BLOCK = usual
    assert whole.shape[1] == len(ARTICULATORS) and whole.min() >= 0 and whole.max() <= 1
    assert np.array_equal(paced(render(whole)).values, articulate(*spoken).values)


def test_far_phones_have_no_say():
    phones, duration = say(*"tɑtitɑmubɑ" * 3)
    other = [*phones[:20], *(Span("u", p.start, p.end) for p in phones[20:])]
    here, there = articulate(phones, duration).values, articulate(other, duration).values
    apart = np.flatnonzero(np.abs(here - there).max(1) > 1e-6)
    assert apart[0] / 60 > phones[20].start - 0.45


def test_curves_are_smooth_and_human():
    motion = articulate(*say(*"hʌloʊmaɪneɪmɪzbɑb" * 2, length=0.085))
    jaw = motion["jawOpen"]
    power = np.abs(np.fft.rfft((jaw - jaw.mean()) * np.hanning(len(jaw)))) ** 2
    assert power[np.fft.rfftfreq(len(jaw), 1 / 60) > 9].sum() < 0.06 * power.sum()
    fine = articulate(*say(*"mɑ"), frame_rate=960.0).values
    assert np.abs(np.diff(fine, 2, axis=0)).max() < 0.01  # no corner: at 960 Hz one would stand out


def test_left_and_right_do_the_same():
    motion = articulate(*say("b", "i", "v", "ʃ", "u", "θ"))
    for channel in motion.channels:
        if channel.endswith("Left") and not channel.startswith(("jaw", "eyeLook")) and channel != "mouthLeft":
            assert np.array_equal(motion[channel], motion[channel.replace("Left", "Right")])
    assert not motion.select(("jawLeft", "jawRight", "mouthLeft", "mouthRight")).any()


def test_phones_that_overlap_or_leave_gaps_are_taken_as_they_come():
    tidy = [Span("m", 0.3, 0.4), Span("ɑ", 0.4, 0.6), Span(SILENCE, 0.6, 1.0)]
    rough = [Span("m", 0.3, 0.4), Span("ɑ", 0.35, 0.6)]
    assert np.array_equal(articulate(rough, 1.0).values, articulate(tidy, 1.0).values)
    unknown = articulate([Span("ǂ", 0.3, 0.5)], 0.8)
    assert unknown["jawOpen"].max() > 0.1


def test_a_diphthong_turns_a_little_after_its_middle():
    jaw = blend([Span("aɪ", 1.0, 2.0)], 3.0)[:, ARTICULATORS.index("jaw")]
    both = [blend([Span(label, 1.0, 2.0)], 3.0)[90, ARTICULATORS.index("jaw")] for label in ("a", "ɪ")]
    moment = np.argmax(jaw[72:108] < np.mean(both)) / 60 + 1.2  # where the jaw is half way between its vowels
    assert 1.5 < moment < 1.62


def test_a_phone_lets_go_after_its_core_as_it_takes_hold_before():
    curve = blend([Span("ɑ", 1.0, 1.2)], 2.2, 100.0)[:, ARTICULATORS.index("jaw")]
    peak = curve[100:121].max()
    assert peak > 0.2 and curve[:60].max() < 0.05 * peak and curve[165:].max() < 0.05 * peak
    assert curve[121:165].min() < 0.5 * peak
