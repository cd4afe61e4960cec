"""What the life layer knows of a voice: phrases and beats, at once or as the voice comes."""

import numpy as np
import pytest

from support.voices import voice
from utterface.life.voices import VoiceStream, VoiceTracks, smooth


@pytest.fixture
def heard() -> VoiceTracks:
    energy, pitch = voice(20)
    return VoiceTracks.around(np.arange(600, 1200) / 60, energy, pitch, 0.0, 0.0)


def test_phrases_start_and_stop_where_the_voice_does(heard):
    starts, stops = heard.starts[0], heard.stops[0]
    assert len(starts) and np.all(np.isclose(starts % 4, 0.05, atol=0.06))
    assert len(stops) and np.all(np.isclose(stops % 4, 3.0, atol=0.12))


def test_beats_come_where_it_gets_loud(heard):
    beats = heard.beats[0]
    assert len(beats) and np.all((beats % 4 < 3.2) | (beats % 4 > 3.95))


def test_voices_that_come_are_the_voice_at_once(heard):
    """Two voices in steps of their own, the second later than the first, against each at once."""
    energy, pitch = (track[:2000] for track in voice(20))
    stream = VoiceStream(2, 1000)
    for first in range(0, 2000, 4):
        stream.push(np.array([0]), energy[None, first : first + 4], pitch[None, first : first + 4])
        if first >= 1500:
            both = np.array([0, 1])
            stream.push(both[1:], energy[None, first - 1500 : first - 1496], pitch[None, first - 1500 : first - 1496])
    voices = stream.voices()
    since = heard.first[0] + 400 - voices.first[0]
    np.testing.assert_allclose(voices.level[0, since:], heard.level[0, 400 : 400 + 1000 - since], atol=1e-12)
    np.testing.assert_allclose(voices.lift[0, since:], heard.lift[0, 400 : 400 + 1000 - since], atol=1e-9)
    assert voices.first.tolist() == [1000, -500] and not voices.level[1, :500].any()
    for name in ("stops", "starts", "beats", "rises"):
        come, known = getattr(voices, name)[0], getattr(heard, name)[0]
        recent = come[(come > 12) & (come < 19)]
        assert len(recent) and np.allclose(recent, known[(known > 12) & (known < 19)])
    assert np.all((voices.beats[1] < 5) | (voices.beats[1] > 1e6))


def test_a_level_that_stays_is_not_changed_by_smoothing():
    np.testing.assert_allclose(smooth(np.full((1, 50), 0.7), 8), np.full((1, 43), 0.7))
