"""What Flite prints becomes spans."""

from utterface.phones import Span
from utterface.speak import flite


def test_flite_prints_ends():
    spans = flite.from_segments("pau:0.2 m:0.25 ay:0.4 ")
    assert spans == [Span("sil", 0.0, 0.2), Span("m", 0.2, 0.25), Span("aɪ", 0.25, 0.4)]
