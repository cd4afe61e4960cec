"""Emotions over speech: the lips still seal, contempt is lopsided, nothing else is touched."""

import numpy as np
import pytest

from utterface.articulation import EMOTIONS, articulate, express, lay
from utterface.errors import ConfigError
from utterface.motion import CHANNELS, Motion, rest
from utterface.phones import Span

NAMES = ["neutral", "joy", "anger", "sadness", "fear", "disgust", "surprise", "contempt"]


def sentence() -> Motion:
    labels = "mɑpibævumʃibu"
    return articulate([Span(p, 0.5 + 0.1 * i, 0.6 + 0.1 * i) for i, p in enumerate(labels)], 2.5)


def test_the_eight_are_there_and_differ():
    assert list(EMOTIONS) == NAMES
    faces = [express(rest(1), {n: 1.0}).values[0] for n in NAMES]
    apart = [np.abs(a - b).max() for i, a in enumerate(faces) for b in faces[:i]]
    assert min(apart) > 0.3


@pytest.mark.parametrize("emotion", NAMES)
def test_sealed_lips_stay_sealed(rig, emotion):
    plain = sentence()
    shown = express(plain, {emotion: 1.0})
    closed = (rig.gap_mm(plain) < 0.5) & (plain["mouthClose"] > 0.03)
    assert closed.any()
    assert np.abs(rig.gap_mm(shown)[closed]).max() <= 1
    assert shown.values.min() >= 0 and shown.values.max() <= 1


@pytest.mark.parametrize("emotion", NAMES)
def test_open_vowels_stay_open(rig, emotion):
    plain = sentence()
    open_ = rig.gap_mm(plain) > 3
    assert rig.gap_mm(express(plain, {emotion: 1.0}))[open_].min() > 1.5


@pytest.mark.parametrize("emotion", NAMES)
def test_lips_at_rest_stay_closed(rig, emotion):
    assert np.abs(rig.gap_mm(express(rest(3), {emotion: 1.0}))).max() <= 1


def test_intensity_scales_and_emotions_add_up():
    half, full = (express(rest(1), {"joy": i}) for i in (0.5, 1.0))
    assert half["mouthSmileLeft"] == pytest.approx(full["mouthSmileLeft"] / 2)
    both = express(rest(1), {"joy": 1.0, "surprise": 1.0})
    assert both["mouthSmileLeft"] == full["mouthSmileLeft"] and both["browOuterUpLeft"] > 0.5


def test_contempt_is_on_one_side_and_the_rest_are_even():
    for name in NAMES:
        shown = express(rest(1), {name: 1.0})
        sides = [(shown[c], shown[c.replace("Left", "Right")]) for c in CHANNELS[:52] if c.endswith("Left")]
        uneven = any(a != b for a, b in sides)
        assert uneven == (name == "contempt")


def test_frames_do_not_know_each_other():
    plain = sentence()
    whole = express(plain, {"fear": 0.8}).values
    parts = [express(plain.with_values(plain.values[i : i + 7]), {"fear": 0.8}).values for i in range(0, len(plain), 7)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_angles_and_neutral_are_left_alone():
    turned = rest(2).values.copy()
    turned[:, 52:] = 0.2
    assert np.array_equal(express(Motion(turned), {"joy": 1.0}).values[:, 52:], turned[:, 52:])
    plain = sentence()
    assert np.array_equal(express(plain, {"neutral": 1.0}).values, plain.values)
    assert np.array_equal(express(plain, {}).values, plain.values)


def test_bad_requests_are_told():
    with pytest.raises(ConfigError, match="no emotion is called 'bliss'; there are neutral, joy"):
        express(rest(1), {"bliss": 1.0})
    with pytest.raises(ConfigError, match=r"intensity of joy must lie in 0 to 1, got 2"):
        express(rest(1), {"joy": 2.0})


@pytest.mark.parametrize("emotion", NAMES)
def test_a_face_from_elsewhere_does_not_part_sealed_lips(rig, emotion):
    """Even one that takes no heed of the speech."""
    plain, face = sentence(), np.zeros(len(CHANNELS), np.float32)
    for channel, weight in EMOTIONS[emotion].items():
        face[CHANNELS.index(channel)] = weight
    shown = lay(plain, np.tile(face, (len(plain), 1)))
    closed = (rig.gap_mm(plain) < 0.5) & (plain["mouthClose"] > 0.03)
    assert rig.gap_mm(shown)[closed].max() <= 1
    open_ = rig.gap_mm(plain) > 5
    np.testing.assert_allclose(shown.values[open_], np.clip(plain.values[open_] + face, 0, 1), atol=1e-6)


def test_no_face_changes_nothing():
    plain = sentence()
    np.testing.assert_array_equal(lay(plain, np.zeros_like(plain.values)).values, plain.values)


def test_no_emotion_asks_for_more_than_a_whole_weight():
    asked = [weight for channels in EMOTIONS.values() for weight in channels.values()]
    assert min(asked) > 0 and max(asked) == 1
