"""Figures of liveliness, on motions of which they are known."""

import numpy as np
import pytest

from utterface.metrics.liveliness import NAMES, liveliness
from utterface.motion import CHANNELS, Motion, rest


def made(seconds: float = 60.0, **curves) -> Motion:
    values = np.zeros((round(60 * seconds), len(CHANNELS)), np.float32)
    t = np.arange(len(values)) / 60
    for name, curve in curves.items():
        values[:, CHANNELS.index(name)] = curve(t)
    return Motion(values)


def test_a_still_face_has_no_life():
    figures = liveliness(rest(600))
    assert list(figures) == list(NAMES)
    assert figures["moving channels"] == figures["brows"] == 0
    assert np.isnan(figures["blinks"]) and np.isnan(figures["head yaw"]) and np.isnan(figures["side difference"])


def test_blinks_are_counted_and_measured():
    figures = liveliness(made(eyeBlinkLeft=lambda t: (t % 3 > 2.7).astype(float)))
    assert figures["blinks"] == pytest.approx(20, abs=1)
    assert figures["blink length"] == pytest.approx(300, abs=20) and figures["blink unlikeness"] < 0.05


def test_head_gaze_and_vergence_come_in_degrees():
    swing = np.radians(5)
    head = liveliness(made(headYaw=lambda t: swing * np.sin(2 * np.pi * t)))
    assert head["head yaw"] == pytest.approx(5 / np.sqrt(2), rel=0.02) and 25 < head["head speed"] < 32
    aside = {"leftEyeYaw": 0.0, "rightEyeYaw": np.radians(-5)}
    eyes = liveliness(made(**{name: lambda t, v=v: v + np.radians(10) * (t % 4 > 3) for name, v in aside.items()}))
    assert eyes["vergence"] == pytest.approx(5, abs=0.01) and eyes["gaze aside"] == pytest.approx(0.25, abs=0.01)
    assert eyes["gaze jumps"] == pytest.approx(0.5, abs=0.05)


def test_sides_that_differ():
    figures = liveliness(made(mouthSmileLeft=lambda t: 0.55 + 0 * t, mouthSmileRight=lambda t: 0.45 + 0 * t))
    assert figures["side difference"] == pytest.approx(0.2, abs=1e-4) and figures["moving channels"] == 2
