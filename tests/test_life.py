"""The life layer: any chunking gives the same face, parts can be switched, rates are human."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utterface import life
from utterface.errors import ConfigError
from utterface.life import AHEAD, CONTEXT, PARTS, Manner, live, parts_of, turn_eyes
from utterface.motion import CHANNELS, EYES, Motion, join, rest
from utterface.phones import Span


def voice(seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Syllables at 4 Hz with a swinging pitch, one second of quiet in every four."""
    t = np.arange(round(seconds * 100)) / 100
    speaking = t % 4 < 3
    energy = np.where(speaking, -22 + 6 * np.sin(2 * np.pi * 4 * t), -75.0)
    pitch = np.where(speaking & (t % 0.25 < 0.18), 180 * 2 ** (0.35 * np.sin(2 * np.pi * 0.9 * t)), 0.0)
    return energy, pitch


def stressed_phones(seconds: float) -> list[Span]:
    phones = []
    for beat in np.arange(0, seconds - 0.25, 0.25):
        if beat % 4 < 3:
            phones += [Span("t", beat, beat + 0.08), Span("æ", beat + 0.08, beat + 0.25, 2 if beat % 1 == 0 else 0)]
    return phones


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


@pytest.mark.parametrize(
    ("part", "channels"),
    [("blink", {"eyeBlinkLeft", "eyeBlinkRight"}), ("brows", {"browInnerUp", "browOuterUpLeft", "browOuterUpRight"}),
     ("head", {"headYaw", "headPitch", "headRoll"})],
)  # fmt: skip
def test_a_part_moves_its_channels_only(part, channels):
    energy, pitch = voice(40)
    moved = live(rest(2400), energy, pitch, stressed_phones(40), parts=[part])
    assert {c for c in CHANNELS if np.abs(moved[c]).max() > 1e-4} == channels


def test_no_part_leaves_the_motion_alone():
    energy, pitch = voice(3)
    values = np.random.default_rng(0).random((180, 61), dtype=np.float32) * 0
    assert not live(Motion(values), energy, pitch, parts=()).values.any()


def test_nobody_touches_the_mouth():
    energy, pitch = voice(20)
    moved = live(rest(1200), energy, pitch)
    mouth = [c for c in CHANNELS if c.startswith(("mouth", "jaw", "tongue", "cheek", "nose"))]
    assert not moved.select(mouth).any()


def test_blinks_are_as_many_as_people_make_and_close_fully_at_film_rate():
    energy, pitch = voice(300)
    lid = live(rest(300 * 24, 24.0), energy, pitch, parts=["blink"])["eyeBlinkLeft"]
    begins = np.flatnonzero((lid[1:] > 0.5) & (lid[:-1] <= 0.5))
    assert 12 <= len(begins) / 5 <= 32  # a minute
    assert all(lid[i : i + 5].max() > 0.9 for i in begins)


def test_eyes_hold_their_target_while_the_head_turns():
    energy, pitch = voice(60)
    moved = live(rest(3600), energy, pitch)
    gaze = moved["leftEyeYaw"] + moved["headYaw"]
    assert np.median(np.abs(np.diff(gaze))) < 1e-6  # still between jumps
    assert np.degrees(np.abs(gaze).max()) < 12
    # both eyes look the same way, and the weights say what the angles say
    assert np.corrcoef(moved["leftEyeYaw"], moved["rightEyeYaw"])[0, 1] > 0.99
    assert moved["leftEyeYaw"] == pytest.approx(0.607 * (moved["eyeLookInLeft"] - moved["eyeLookOutLeft"]), abs=1e-6)


def test_the_head_moves_a_little_and_slowly():
    energy, pitch = voice(60)
    moved = live(rest(3600), energy, pitch, parts=["head"])
    angles = np.degrees(moved.select(("headYaw", "headPitch", "headRoll")))
    assert angles.std(0).max() > 0.5 and np.abs(angles).max() < 8
    assert np.abs(np.diff(angles, axis=0) * 60).max() < 40  # degrees a second


def test_the_head_nods_down_where_speech_is_loud():
    """`headPitch` turns the face down; the drift differs from seed to seed and averages out."""
    t = np.arange(4000) / 100
    energy = np.where(t % 2 < 0.5, -15.0, -40.0)  # half a second loud in every two
    pitch = np.zeros_like(energy)
    nods = np.mean([live(rest(2400), energy, pitch, parts=["head"], seed=s)["headPitch"] for s in range(8)], 0)
    at = np.arange(2400) / 60 % 2
    assert nods[(at > 0.3) & (at < 0.6)].mean() > nods[(at > 1.2) & (at < 1.8)].mean() + 0.005


def test_a_wide_eye_still_blinks_shut():
    energy, pitch = voice(30)
    wide = np.zeros((1800, 61), np.float32)
    wide[:, CHANNELS.index("eyeWideLeft")] = 0.8
    moved = live(Motion(wide), energy, pitch)
    shut = moved["eyeBlinkLeft"] > 0.9
    assert shut.any() and moved["eyeWideLeft"][shut].max() < 0.1 and moved["eyeWideLeft"].max() == pytest.approx(0.8)


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
    np.testing.assert_allclose(lively["headYaw"], 2 * usual["headYaw"], rtol=1e-5)
    assert lively["browInnerUp"].mean() > 1.3 * usual["browInnerUp"].mean()
    counts = [(np.diff((m["eyeBlinkLeft"] > 0.5).astype(int)) > 0).sum() for m in (usual, lively)]
    assert counts[1] > 1.3 * counts[0]
    assert lively["eyeLookOutLeft"].std() > 1.3 * usual["eyeLookOutLeft"].std()


def test_eyes_turn_with_a_gaze_that_comes_from_elsewhere():
    energy, pitch = voice(5)
    face = live(rest(300), energy, pitch)
    eyes = [CHANNELS.index(c) for c in EYES]
    still = face.values.copy()
    still[:, eyes] = 0
    assert face.values[:, eyes].any()
    assert np.array_equal(turn_eyes(face.with_values(still)).values, face.values)


def test_blinks_do_not_know_where_work_was_divided(monkeypatch):
    energy, pitch = voice(120)
    for seed in range(6):
        monkeypatch.setattr(life, "_BLOCK", 10**6)
        whole = live(rest(7200), energy, pitch, seed=seed).values
        monkeypatch.setattr(life, "_BLOCK", 137)
        np.testing.assert_allclose(live(rest(7200), energy, pitch, seed=seed).values, whole, atol=1e-6)


def test_parts_as_they_are_typed() -> None:
    assert (parts_of("on"), parts_of("off"), parts_of("blink, head")) == (PARTS, (), ("blink", "head"))


def test_no_blink_is_cut_by_the_end_of_a_take() -> None:
    motion, quiet = rest(600), np.full(1000, -80.0)
    for seed in range(30):
        lid = live(motion, quiet, np.zeros(1000), seed=seed, parts=("blink",), until=10.0)["eyeBlinkLeft"]
        assert lid[-1] < 0.05, seed
        free = live(motion, quiet, np.zeros(1000), seed=seed, parts=("blink",))["eyeBlinkLeft"]
        assert np.array_equal(lid[: 60 * 9], free[: 60 * 9])  # earlier ones stay where they were
