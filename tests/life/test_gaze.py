"""Gaze: at the listener, with small jumps; away where phrases begin, and back."""

import numpy as np

from support.voices import stressed_phones, voice
from utterface.life import Manner, live
from utterface.life.chance import steps
from utterface.motion import rest


def gaze_of(seed: int, seconds: float = 60.0, **options) -> np.ndarray:
    """(T, 2) degrees of yaw and pitch of both eyes' mean."""
    energy, pitch = voice(seconds)
    moved = live(
        rest(round(60 * seconds)), energy, pitch, stressed_phones(seconds), parts=["gaze"], seed=seed, **options
    )
    return np.degrees(np.stack([(moved["leftEyeYaw"] + moved["rightEyeYaw"]) / 2, moved["leftEyePitch"]], 1))


def test_the_eyes_look_away_now_and_then_by_8_to_15_degrees():
    far = np.concatenate([np.hypot(*gaze_of(seed).T) for seed in range(6)])
    assert 0.05 < np.mean(far > 6) < 0.4
    assert far.max() < 20 and np.mean(far < 3.2) > 0.55


def test_they_look_away_rather_where_phrases_begin():
    away = np.mean([np.hypot(*gaze_of(seed).T) > 6 for seed in range(24)], 0)
    phase = np.arange(len(away)) / 60 % 4  # phrases begin at 0
    later = np.arange(len(away)) > 240
    assert away[later & (phase > 0.2) & (phase < 0.6)].mean() > 1.6 * away[later & (phase > 1.8) & (phase < 2.6)].mean()


def test_they_meet_the_viewer_at_first():
    assert max(np.hypot(*gaze_of(seed)[:54].T).max() for seed in range(20)) < 4


def test_microsaccades_are_less_than_a_degree_and_one_or_two_a_second():
    jumps = np.hypot(*np.diff(gaze_of(2), axis=0).T)
    begins = np.flatnonzero((jumps[1:] > 0.05) & (jumps[:-1] <= 0.05))
    assert 1 < len(begins) / 60 < 4


def test_a_gaze_is_lowered_by_its_manner():
    assert gaze_of(1, manner=Manner(lowered=4))[120:, 1].mean() - gaze_of(1)[120:, 1].mean() > 3.5


def test_a_jump_takes_as_long_as_people_take():
    times = np.arange(0, 1, 0.001)
    moments, targets = np.array([[-1.0, 0.2]]), np.radians([[[0, 0], [10, 0]]])
    yaw = np.degrees(steps(times, np.zeros(1000, int), moments, targets)[:, 0])
    moving = times[(yaw > 0.01) & (yaw < 9.99)]
    assert 0.035 < np.ptp(moving) < 0.05
