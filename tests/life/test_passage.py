"""Events of phones: phrases, stresses and breaths."""

from utterface.life.passage import Events
from utterface.phones import SILENCE, Span


def test_events_of_phones():
    phones = [Span("t", 0.2, 0.3), Span("ɑ", 0.3, 0.5, 2), Span(SILENCE, 0.5, 1.5), Span("s", 1.5, 1.6),
              Span("p", 2.9, 3.0)]  # fmt: skip
    events = Events.of(phones)
    assert events.known and events.stressed[0].tolist() == [[0.3, 0.5]]
    assert events.stops[0].tolist() == [0.5, 1.6, 3.0] and events.starts[0].tolist() == [1.5, 2.9]
    assert events.breaths[0].tolist() == [1.5]  # before p the lips are closed
    assert not Events.of([]).known
