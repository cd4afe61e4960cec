"""Blinks: as many as people make, none like another."""

import numpy as np
import pytest

from support.voices import voice
from utterface.life import Manner, live
from utterface.motion import rest

RATE = 120.0


def lid_of(seed: int, seconds: float = 300.0, **options) -> np.ndarray:
    energy, pitch = voice(seconds)
    return live(rest(round(seconds * RATE), RATE), energy, pitch, parts=["blink"], seed=seed, **options)["eyeBlinkLeft"]


def blinks_of(lid: np.ndarray) -> list[tuple[float, float, float]]:
    """Start, length and height of each blink."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lid > 0.05, [0]])))
    return [(a / RATE, (b - a) / RATE, float(lid[a:b].max())) for a, b in edges.reshape(-1, 2)]


def test_blinks_are_as_many_as_people_make():
    assert 14 <= np.mean([len(blinks_of(lid_of(seed))) for seed in range(4)]) / 5 <= 30  # a minute


@pytest.mark.parametrize("begin", [0.0, 0.1, 2.5])
def test_the_first_blink_comes_within_half_a_second_and_two(begin):
    starts = [blinks_of(lid_of(seed, 8.0, begin=begin))[0][0] - begin for seed in range(40)]
    assert min(starts) >= 0.5 and max(starts) <= 2.0 and np.ptp(starts) > 1


def test_no_blink_is_like_another():
    blinks = [blink for seed in range(3) for blink in blinks_of(lid_of(seed))]
    lengths, heights = np.array([b[1] for b in blinks]), np.array([b[2] for b in blinks])
    assert np.ptp(lengths) > 0.15 and 0.15 < np.median(lengths) < 0.4
    assert 0.05 < np.mean(heights < 0.8) < 0.3 and np.mean(heights > 0.93) > 0.6
    gaps = np.diff([b[0] for b in blinks_of(lid_of(0))])
    assert np.mean(gaps < 0.6) > 0.02  # twice


def test_a_manner_blinks_more_often():
    assert len(blinks_of(lid_of(1, manner=Manner(blink=1.7)))) > 1.2 * len(blinks_of(lid_of(1)))


def test_lower_lids_rise_and_eyes_go_down_in_a_blink():
    energy, pitch = voice(60)
    moved = live(rest(3600), energy, pitch, parts=["blink", "gaze"])
    shut = moved["eyeBlinkLeft"] > 0.9
    assert moved["eyeSquintLeft"][shut].min() > 0.1 and not moved["eyeSquintLeft"][moved["eyeBlinkLeft"] == 0].any()
    assert moved["leftEyePitch"][shut].mean() > moved["leftEyePitch"][~shut].mean() + np.radians(1)
