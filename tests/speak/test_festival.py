"""What Festival prints becomes spans, its names IPA."""

from utterface.phones import Span, inventory
from utterface.speak import festival


def test_festival_prints_segments():
    lines = "noise\nSEGMENT 1 # 0.1 0\nSEGMENT 1 b 0.2 1\nSEGMENT 1 o1 0.3 1\nSEGMENT 0 el 0.2 0\n"
    first, second = festival.from_segments(lines, "it", 2)
    assert second == [Span("sil", 0.0, 0.1), Span("b", 0.1, 0.2), Span("o", 0.2, 0.3, 2)]
    assert first == [Span("sil", 0.0, 0.2)]  # no Italian phone
    assert festival.to_ipa("el", "en-us") == ["ə", "l"]
    assert festival.to_ipa("ksh", "hi") == ["k", "ʂ"]


def test_every_name_festival_is_taught_is_a_phone():
    names = {ipa for table in festival._NAMES.values() for row in table.values() for ipa in row.split()}
    assert names <= set(inventory())
