"""The life layer: any chunking gives the same face, parts can be switched, rates are human."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.voices import stressed_phones, voice
from utterface.articulation import articulate
from utterface.errors import ConfigError
from utterface.life import AHEAD, CONTEXT, PARTS, Manner, layer, live, turn_eyes
from utterface.motion import CHANNELS, EYES, HEAD, Motion, join, rest
from utterface.phones import Span


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=8), st.booleans(), st.integers(0, 10**6))
def test_any_chunking_gives_the_same_face(sizes, with_phones, seed):
    energy, pitch = voice(15)
    phones = stressed_phones(15) if with_phones else []
    whole = live(rest(900), energy, pitch, phones, seed=seed)
    parts, at = [], 0
    for size in [*sizes, 900]:
        piece = rest(min(size, 900 - at), start=at / 60)
        if not len(piece):
            break
        since = max(0, int(100 * at / 60 - 100 * CONTEXT))
        until = int(100 * ((at + len(piece)) / 60 + (AHEAD if with_phones else 0))) + 3
        heard = slice(since, until)
        parts.append(live(piece, energy[heard], pitch[heard], phones, seed=seed, since=since / 100))
        at += len(piece)
    np.testing.assert_allclose(join(parts).values, whole.values, atol=1e-6)


def test_frame_rates_show_the_same_moments():
    energy, pitch = voice(10)
    fast, slow = live(rest(600), energy, pitch), live(rest(300, 30.0), energy, pitch)
    np.testing.assert_allclose(fast.values[::2], slow.values, atol=1e-5)


BROWS = {"browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight"}
LIDS = {"eyeBlinkLeft", "eyeBlinkRight", "eyeSquintLeft", "eyeSquintRight"}


@pytest.mark.parametrize(
    ("part", "channels"),
    [("blink", LIDS | {"browDownLeft", "browDownRight"}), ("brows", BROWS | {"eyeWideLeft", "eyeWideRight"}),
     ("head", {"headYaw", "headPitch", "headRoll"}), ("emotion", set()),
     ("sides", {"jawLeft", "jawRight", "mouthLeft", "mouthRight"})],
)  # fmt: skip
def test_a_part_moves_its_channels_only(part, channels):
    energy, pitch = voice(40)
    moved = live(rest(2400), energy, pitch, stressed_phones(40), parts=[part])
    assert {c for c in CHANNELS if np.abs(moved[c]).max() > 1e-4} == channels


def test_no_part_leaves_the_motion_alone():
    energy, pitch = voice(3)
    values = np.random.default_rng(0).random((180, 61), dtype=np.float32) * 0
    assert not live(Motion(values), energy, pitch, parts=()).values.any()


def test_closures_stay_as_they_are():
    """Every part over speech: each closure of a sound begins and ends at its frame, and none is new."""
    labels = "mɑpibævumʃibu"
    phones = [
        Span(p, 0.5 + k + 0.1 * i, 0.6 + k + 0.1 * i, 2 * (i % 3 == 1)) for k in (0, 3) for i, p in enumerate(labels)
    ]
    plain = articulate(phones, 5.5)
    energy, pitch = voice(5.5)
    for seed in range(5):
        moved = live(plain, energy, pitch, phones, seed=seed)
        closed = [[span for span in m.closures() if span[1] - span[0] < 0.4] for m in (plain, moved)]
        assert closed[0] == closed[1] and len(closed[0]) >= 8


def test_eyes_hold_their_target_while_the_head_turns():
    energy, pitch = voice(60)
    moved = live(rest(3600), energy, pitch)
    gaze = moved["leftEyeYaw"] + moved["headYaw"]
    inward = (moved["leftEyeYaw"] - moved["rightEyeYaw"])[60:] / 2
    assert np.median(np.abs(np.diff((moved["leftEyeYaw"] + moved["rightEyeYaw"]) / 2 + moved["headYaw"]))) < 1e-4
    assert np.degrees(np.abs(gaze).max()) < 20
    assert np.degrees(inward).min() > 1 and np.degrees(np.median(inward)) == pytest.approx(2.5, abs=0.1)
    # both eyes look the same way, and the weights say what the angles say
    assert np.corrcoef(moved["leftEyeYaw"], moved["rightEyeYaw"])[0, 1] > 0.98
    assert moved["leftEyeYaw"] == pytest.approx(0.607 * (moved["eyeLookInLeft"] - moved["eyeLookOutLeft"]), abs=1e-6)


def test_a_wide_eye_still_blinks_shut():
    energy, pitch = voice(30)
    wide = np.zeros((1800, 61), np.float32)
    wide[:, CHANNELS.index("eyeWideLeft")] = 0.8
    moved = live(Motion(wide), energy, pitch)
    shut = moved["eyeBlinkLeft"] > 0.9
    assert shut.any() and moved["eyeWideLeft"][shut].max() < 0.1 and moved["eyeWideLeft"].max() >= 0.79


def test_seeds_differ_and_repeat():
    energy, pitch = voice(10)
    one, again, other = (live(rest(600), energy, pitch, seed=s).values for s in (1, 1, 2))
    assert np.array_equal(one, again) and not np.allclose(one, other)


def test_silence_without_any_sound_is_alive_too():
    moved = live(rest(1200), np.zeros(0), np.zeros(0))
    assert np.isfinite(moved.values).all() and moved["eyeBlinkLeft"].max() > 0.9


def test_unknown_parts_are_named():
    with pytest.raises(ConfigError, match=f"'ears'.*{PARTS[0]}"):
        live(rest(1), np.zeros(1), np.zeros(1), parts=["ears"])


def test_a_manner_is_how_lively_somebody_is():
    energy, pitch = voice(60)
    usual = live(rest(1800, 30.0), energy, pitch, stressed_phones(60))
    lively = live(rest(1800, 30.0), energy, pitch, stressed_phones(60), manner=Manner(2.0, 2.0, 1.5, 2.0))
    assert lively["headYaw"].std() > 1.5 * usual["headYaw"].std()
    assert lively["browInnerUp"].mean() > 1.3 * usual["browInnerUp"].mean()
    counts = [(np.diff((m["eyeBlinkLeft"] > 0.5).astype(int)) > 0).sum() for m in (usual, lively)]
    assert counts[1] > 1.3 * counts[0]
    assert lively["eyeLookOutLeft"].std() > 1.3 * usual["eyeLookOutLeft"].std()


@pytest.mark.parametrize("seed", range(4))
def test_each_stressed_vowel_decides_by_itself_whether_brows_rise(seed):
    energy, pitch = voice(40)
    phones = stressed_phones(40)
    brows = live(rest(2400), energy, pitch, phones, seed=seed, parts=["brows"])["browInnerUp"]
    stressed = [phone for phone in phones if phone.stress == 2]
    raised = [brows[round(60 * phone.start) : round(60 * phone.end)].max() > 0.2 for phone in stressed]
    assert 0.1 < np.mean(raised) < 0.9


def test_eyes_turn_with_a_gaze_that_comes_from_elsewhere():
    energy, pitch = voice(5)
    face = live(rest(300), energy, pitch)
    eyes = [CHANNELS.index(c) for c in EYES]
    still = face.values.copy()
    still[:, eyes] = 0
    assert face.values[:, eyes].any()
    assert np.array_equal(turn_eyes(face.with_values(still)).values, face.values)


def test_blinks_do_not_know_where_work_was_divided(monkeypatch):
    energy, pitch = voice(40)
    for seed in range(4):
        monkeypatch.setattr(layer, "_BLOCK", 10**6)
        whole = live(rest(2400), energy, pitch, seed=seed).values
        monkeypatch.setattr(layer, "_BLOCK", 137)
        np.testing.assert_allclose(live(rest(2400), energy, pitch, seed=seed).values, whole, atol=1e-6)


def test_no_blink_is_cut_by_the_end_of_a_take() -> None:
    motion, quiet = rest(600), np.full(1000, -80.0)
    for seed in range(30):
        lid = live(motion, quiet, np.zeros(1000), seed=seed, parts=("blink",), until=10.0)["eyeBlinkLeft"]
        assert lid[-1] < 0.05, seed
        free = live(motion, quiet, np.zeros(1000), seed=seed, parts=("blink",))["eyeBlinkLeft"]
        assert np.array_equal(lid[: 60 * 9], free[: 60 * 9])  # earlier ones stay where they were


def test_a_head_is_wholly_alive_after_half_a_second():
    energy, pitch = voice(4)
    asleep, awake = (live(rest(120), energy, pitch, seed=3, begin=begin).select(HEAD) for begin in (0.0, -9.0))
    differ = np.abs(asleep - awake).max(1)
    assert differ[:20].max() > 1e-3 and differ[30:].max() < 1e-6
