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
