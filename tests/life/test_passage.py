"""What the life layer knows of the voice: phrases, beats and breaths."""

import numpy as np
import pytest

from support.voices import voice
from utterface.life.passage import Events, Voice, smooth
from utterface.phones import SILENCE, Span


@pytest.fixture
def heard() -> Voice:
    energy, pitch = voice(20)
    return Voice.around(np.arange(600, 1200) / 60, energy, pitch, 0.0, 0.0)


def test_phrases_start_and_stop_where_the_voice_does(heard):
    starts, stops = heard.starts(), heard.stops()
    assert len(starts) and np.all(np.isclose(starts % 4, 0.05, atol=0.06))
    assert len(stops) and np.all(np.isclose(stops % 4, 3.0, atol=0.12))


def test_beats_come_where_it_gets_loud(heard):
    beats = heard.beats()
    assert len(beats) and np.all((beats % 4 < 3.2) | (beats % 4 > 3.95))


def test_a_level_that_stays_is_not_changed_by_smoothing():
    np.testing.assert_allclose(smooth(np.full(50, 0.7), 8)[8:], 0.7)


def test_events_of_phones():
    phones = [Span("t", 0.2, 0.3), Span("ɑ", 0.3, 0.5, 2), Span(SILENCE, 0.5, 1.5), Span("s", 1.5, 1.6),
              Span("p", 2.9, 3.0)]  # fmt: skip
    events = Events.of(phones)
    assert events.known and events.stressed.tolist() == [[0.3, 0.5]]
    assert events.stops.tolist() == [0.5, 1.6, 3.0] and events.starts.tolist() == [1.5, 2.9]
    assert events.breaths.tolist() == [1.5]  # before p the lips are closed
    assert not Events.of([]).known
