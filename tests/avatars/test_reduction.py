"""Looks and the press of lips, beside the matrices that rigs/reduction.py has."""

import numpy as np
import pytest

from utterface.avatars.reduction import REDUCED, reduced
from utterface.motion import ARKIT, Motion


def test_every_reduced_channel_stays_between_0_and_1():
    weights = reduced(Motion(np.random.default_rng(0).uniform(-0.2, 1.3, (60, len(ARKIT))), ARKIT))
    assert set(weights) == set(REDUCED)
    assert all(values.shape == (60,) and values.min() >= 0 and values.max() <= 1 for values in weights.values())


def test_both_eyes_look_the_way_of_the_mean():
    look = reduced(Motion(np.array([[0.8, 0.4]]), ("eyeLookOutLeft", "eyeLookInRight")))
    assert look["lookLeft"][0] == pytest.approx(0.6) and look["lookRight"][0] == 0


def test_only_touching_lips_press():
    press = ("mouthPressLeft", "mouthPressRight", "jawOpen", "mouthClose")
    sealed, parted = reduced(Motion(np.array([[0.1, 0.1, 0, 0], [0.1, 0.1, 0.3, 0]]), press))["viseme_PP"]
    assert sealed > 0.49 > parted
