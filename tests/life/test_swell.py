"""Emotions that swell with the voice."""

import numpy as np

from support.voices import voice
from utterface.life import CONTEXT, swell


def test_an_emotion_shows_more_where_the_voice_is_loud():
    energy, pitch = voice(60)
    times = np.arange(3600) / 60
    course = np.mean([swell(times, energy, pitch, seed) for seed in range(6)], 0)
    phase = times % 4
    assert course[(phase > 1) & (phase < 3)].mean() > course[phase > 3.6].mean() + 0.15
    one = swell(times, energy, pitch, 1)
    assert one.std() > 0.05 and one.min() >= 0.6 and one.max() <= 1.25


def test_any_chunking_gives_the_same_course():
    energy, pitch = voice(20)
    times = np.arange(1200) / 60
    pieces = []
    for first in range(0, 1200, 170):
        here = times[first : first + 170]
        since = max(0, int(100 * (here[0] - CONTEXT)))
        until = int(100 * here[-1]) + 3
        pieces.append(swell(here, energy[since:until], pitch[since:until], 5, since / 100))
    np.testing.assert_allclose(np.concatenate(pieces), swell(times, energy, pitch, 5), atol=1e-9)
