"""Gestures: what they move and leave alone, and that any stretch of a take shows the same."""

from dataclasses import replace

import numpy as np
import pytest

from utterface.life import Manner, gesture_face, gestures_of
from utterface.life.gestures import rules
from utterface.motion import CHANNELS, HEAD, MOUTH, rest
from utterface.phones import Span
from utterface.text.cues import KINDS

SEEDS = range(12)


def shown(kind: str, seed: int = 0, **options) -> dict[str, np.ndarray]:
    """Channel → (240,) at 60 Hz for one cue from 1.0 to 1.5 s over a face at rest."""
    motion = rest(240)
    face = gesture_face(motion, gestures_of([Span(kind, 1.0, 1.5)], seed), **options)
    return dict(zip(CHANNELS, face.T, strict=True))


def test_every_kind_of_cue_has_a_rule_of_known_channels():
    assert set(rules()) == set(KINDS)
    for rule in rules().values():
        for name in rule.weights:
            assert name in CHANNELS or f"{name}Left" in CHANNELS
            assert not name.startswith(MOUTH)


@pytest.mark.parametrize("kind", KINDS)
def test_a_gesture_begins_at_rest_ends_at_rest_and_leaves_the_mouth(kind):
    for seed in SEEDS:
        face = shown(kind, seed)
        assert not any(values.any() for channel, values in face.items() if channel.startswith(MOUTH))
        for channel, values in face.items():
            assert not values[:40].any() and not values[-20:].any()
            assert np.abs(np.diff(values)).max() < (0.25 if channel.startswith("eyeLook") else 0.15)  # eyes jump


@pytest.mark.parametrize(
    "kind, up, down",
    [
        ("yes-no question", "browInnerUp", "browDownLeft"),
        ("wh-question", "browDownLeft", "browInnerUp"),
        ("negation", "browDownLeft", "browOuterUpLeft"),
        ("intensifier", "eyeWideRight", "browDownLeft"),
        ("pleasant", "cheekSquintLeft", "noseSneerLeft"),
        ("unpleasant", "noseSneerLeft", "cheekSquintLeft"),
        ("contrast", "browOuterUpLeft", "browDownLeft"),
    ],
)
def test_each_kind_moves_its_own_channels(kind, up, down):
    seed = next(seed for seed in SEEDS if gestures_of([Span(kind, 1.0, 1.5)], seed))
    face = shown(kind, seed)
    assert face[up].max() > 0.2 and not face[down].any()


def test_negation_shakes_to_both_sides_lists_nod_and_doubt_looks_away():
    seed = next(seed for seed in SEEDS if all(gestures_of([Span(k, 1.0, 1.5)], seed) for k in KINDS))
    yaw = np.degrees(shown("negation", seed)["headYaw"])
    assert yaw.max() > 1.5 and yaw.min() < -1.5
    pitch = np.degrees(shown("list item", seed)["headPitch"])
    assert pitch.max() > 2 and pitch.min() > -0.1
    doubt = shown("hedge", seed)
    assert max(doubt["eyeLookInLeft"].max(), doubt["eyeLookOutLeft"].max()) > 0.1


def test_eyes_stay_on_the_listener_while_the_head_shakes():
    face = shown("negation", 1)
    eye = 0.605 * (face["eyeLookInLeft"] - face["eyeLookOutLeft"])
    assert np.abs(eye + face["headYaw"]).max() < 1e-4 < np.abs(face["headYaw"]).max()


def test_a_stretch_of_a_take_shows_what_the_whole_shows():
    cues = [Span("negation", 0.5, 0.8), Span("yes-no question", 1.2, 2.4), Span("hedge", 2.0, 2.3)]
    motion = rest(240)
    whole = gesture_face(motion, gestures_of(cues, 4))
    part = replace(motion, values=motion.values[70:150], start=70 / 60)
    np.testing.assert_allclose(gesture_face(part, gestures_of(cues, 4)), whole[70:150], atol=1e-5)


def test_seed_strength_manner_and_amounts_change_what_they_name():
    cues = [Span(kind, 1.0 + i, 1.3 + i) for i, kind in enumerate(KINDS)]
    motion = rest(900)
    usual = gesture_face(motion, gestures_of(cues, 1))
    assert np.array_equal(usual, gesture_face(motion, gestures_of(cues, 1)))
    assert not np.array_equal(usual, gesture_face(motion, gestures_of(cues, 2)))
    assert not gesture_face(motion, gestures_of(cues, 1), strength=0).any()
    head = [CHANNELS.index(name) for name in HEAD]
    still = gesture_face(motion, gestures_of(cues, 1), Manner(head=0, gaze=0))
    assert not still[:, head].any() and np.abs(usual[:, head]).max() > 0.03
    shy = gesture_face(motion, gestures_of(cues, 1, dict.fromkeys(KINDS, 0.5)))
    assert 0.3 < np.abs(shy).sum() / np.abs(usual).sum() < 0.75


def test_weights_that_are_high_already_stay_within_1():
    motion = rest(240)
    full = motion.with_values(np.full(motion.values.shape, 0.9, np.float32))
    for kind in KINDS:
        weights = (full.values + gesture_face(full, gestures_of([Span(kind, 1.0, 1.5)], 3), strength=2))[:, :52]
        assert weights.min() >= 0 and weights.max() <= 1 + 1e-6
