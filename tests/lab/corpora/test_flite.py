"""What Flite prints becomes spans."""

from utterface.lab.corpora import flite
from utterface.phones import Span


def test_flite_prints_ends():
    spans = flite.from_segments("pau:0.2 m:0.25 ay:0.4 ")
    assert spans == [Span("sil", 0.0, 0.2), Span("m", 0.2, 0.25), Span("aɪ", 0.25, 0.4)]
