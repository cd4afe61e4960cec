"""Left and right: unlike by about a tenth, one way for seconds, with the lip gap as it was."""

import numpy as np

from support.voices import voice
from utterface.life import live
from utterface.motion import CHANNELS, Motion

SPOKEN = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")


def leaned(seed: int) -> Motion:
    energy, pitch = voice(30)
    values = np.zeros((1800, len(CHANNELS)), np.float32)
    values[:, [CHANNELS.index(c) for c in SPOKEN]] = 0.3
    return live(Motion(values), energy, pitch, seed=seed, parts=["sides"])


def test_the_sides_differ_by_about_a_tenth():
    shares = []
    for seed in range(10):
        moved = leaned(seed)
        shares.append(np.abs(moved[SPOKEN[0]] - moved[SPOKEN[1]])[60:].mean() / 0.6)
        np.testing.assert_allclose(moved[SPOKEN[0]] + moved[SPOKEN[1]], 0.6, atol=1e-5)
    assert 0.05 < np.mean(shares) < 0.15


def test_they_differ_one_way_for_seconds():
    lean = np.concatenate([(m := leaned(seed))[SPOKEN[0]][60:] - m[SPOKEN[1]][60:] for seed in range(6)])
    assert np.corrcoef(lean[:-30], lean[30:])[0, 1] > 0.8  # half a second on
    assert np.abs(np.diff(lean)).max() < 0.02 or lean.std() < 0.1
