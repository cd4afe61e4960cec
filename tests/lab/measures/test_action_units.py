"""Units from weights, their errors, and events counted as a person would."""

from dataclasses import replace

import numpy as np
import pytest

from utterface.lab.measures.action_units import LOWER_UNITS, UPPER_UNITS, event_sums, intensities, unit_sums
from utterface.life import gesture_face, gestures_of
from utterface.motion import CHANNELS, rest
from utterface.phones import Span


def raised(channel: str, weight: float, first: int = 30, last: int = 60):
    motion = rest(120, 30.0)
    values = motion.values.copy()
    values[first:last, CHANNELS.index(channel)] = weight
    return motion.with_values(values)


def test_a_full_weight_is_5_and_sides_are_averaged():
    values = intensities(raised("browDownLeft", 1.0), UPPER_UNITS)
    assert values[40].tolist() == [0, 0, 2.5, 0, 0, 0, 0, 0] and not values[:30].any()
    assert intensities(raised("jawOpen", 0.2), LOWER_UNITS)[40, -2:] == pytest.approx([1.0, 1.0])


def test_errors_are_counted_by_face_half():
    sums = unit_sums(raised("browInnerUp", 1.0), rest(120, 30.0))
    assert sums["upper_error"] == pytest.approx(5 * 30) and sums["lower_error"] == 0
    assert sums["upper_values"] == 120 * 8 and sums["lower_values"] == 120 * 9


def test_a_performance_meets_its_own_events_and_stillness_meets_none():
    cues = [Span("unpleasant", 1.0, 1.4), Span("yes-no question", 2.5, 3.2)]
    gestures = next(g for seed in range(9) if len(g := gestures_of(cues, seed)) == 2)
    still = rest(150, 30.0)
    shown = still.with_values(gesture_face(still, gestures))
    own = event_sums(shown, gestures)
    assert own["event_met"] == own["event_wanted"] == 3  # drawn brows and nose, raised brows
    assert event_sums(still, gestures) == {"event_met": 0, "event_seen": 0, "event_wanted": 3}


def test_an_event_elsewhere_does_not_count_and_is_seen():
    gestures = next(g for seed in range(9) if (g := gestures_of([Span("unpleasant", 1.0, 1.2)], seed)))
    late = replace(gestures[0], moments=tuple(at + 2.0 for at in gestures[0].moments))
    still = rest(150, 30.0)
    shown = still.with_values(gesture_face(still, [late]))
    assert event_sums(shown, gestures, "pair") == {"pair_met": 0, "pair_seen": 2, "pair_wanted": 2}
    assert np.array_equal(shown.values[:60], still.values[:60])
