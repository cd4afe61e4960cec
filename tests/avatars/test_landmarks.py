"""Landmarks of rigs, of bones and of the user's numbers."""

import numpy as np

from utterface import rigs
from utterface.avatars import landmarks


def test_a_rig_has_them_all():
    places = landmarks.of_rig(rigs.head())
    assert set(landmarks.NAMES) == set(places)
    assert places["mouth_left"][0] > 0 > places["mouth_right"][0] and places["eye_left"][0] > 0
    heights = [places[name][1] for name in ("lid_upper_left", "eye_left", "nose", "lip_upper", "chin")]
    assert heights == sorted(heights, reverse=True)
    assert places["nose"][2] > places["lip_upper"][2] > places["eye_left"][2]


def test_bones_give_the_middle_of_what_they_hold():
    vertices = np.array([[0.0, 0, 0], [2, 0, 0], [9, 9, 9]])
    shares = {"Bip01 MUpperLip": np.array([0.9, 0.9, 0.1]), "Bip01 Head": np.ones(3), "rig:LipCorner_L": np.eye(3)[2]}
    places = landmarks.of_bones(vertices, shares, {"eye_left": vertices[2]})
    assert places["lip_upper"].tolist() == [1, 0, 0] and places["mouth_left"].tolist() == [9, 9, 9]
    assert set(places) == {"lip_upper", "mouth_left", "eye_left"}
    assert landmarks.sides_of_bones(shares, 3).tolist() == [1, 1, 0]


def test_eyes_lie_between_lids_that_were_named():
    places = landmarks.of_numbers(np.eye(3), {"lid_upper_left": 0, "lid_lower_left": 1, "chin": 7})
    assert places["eye_left"].tolist() == [0.5, 0.5, 0] and "chin" not in places


def test_shapes_give_the_lips_that_part_and_the_lids_that_meet():
    """A plate with a slit: two rows of vertices in one place, of which the lower moves most in the middle."""
    x = np.linspace(-2, 2, 9)
    upper, lower = (np.stack([x, y * np.ones(9), np.zeros(9)], 1) for y in (0.0, -0.01))
    teeth = upper - [0, 0, 0.5]
    lids = np.array([[1.0, 3, 0], [1, 2, 0], [-1, 3, 0], [-1, 2, 0]])
    vertices = np.concatenate([upper, lower, teeth, teeth, lids])
    jaw, blink = np.zeros_like(vertices), np.zeros_like(vertices)
    jaw[9:18, 1] = -np.clip(1 - (x / 1.5) ** 2, 0, 1)
    jaw[27:36] = jaw[9:18]
    blink[[36, 38], 1] = -0.97  # both eyes at once
    places, sides = landmarks.of_shapes(vertices, {"aa": jaw, "eyeBlinkLeft": blink, "eyeBlinkRight": blink})
    assert places["mouth_left"].tolist() == [1, -0.005, 0] and places["mouth_right"].tolist() == [-1, -0.005, 0]
    assert places["lip_upper"].tolist() == [0, 0, 0] and places["lip_lower"].tolist() == [0, -0.01, 0]
    assert sides[4] == 1 and sides[13] == -1 and not sides[36:].any()
    assert places["lid_upper_left"].tolist() == [1, 3, 0] and places["lid_lower_right"].tolist() == [-1, 2, 0]
    assert landmarks.of_shapes(vertices, {})[0] == {}


def test_the_corners_of_a_rigs_mouth_are_where_its_jaw_ends_to_part_the_lips():
    rig = rigs.head()
    inner = rig.template[rig.regions["lips_inner_upper"], 0]
    places = landmarks.of_rig(rig)
    assert 1.2 * inner.max() < places["mouth_left"][0] < 1.6 * inner.max()
    np.testing.assert_allclose(places["mouth_left"] * [-1, 1, 1], places["mouth_right"], atol=1e-4)
