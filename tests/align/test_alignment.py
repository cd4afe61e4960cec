import numpy as np

from utterface.align import tile, to_pcm
from utterface.phones import Span


def labels(spans: tuple[Span, ...]) -> list[tuple[str, float, float]]:
    return [(s.label, round(s.start, 3), round(s.end, 3)) for s in spans]


def test_gaps_become_silence_and_crumbs_join() -> None:
    phones = [Span("M", 0.2, 0.3), Span("AA", 0.3, 0.4), Span("P", 0.42, 0.5), Span("S", 0.8, 0.9)]
    assert labels(tile(phones, 1.0)) == [
        ("sil", 0, 0.2), ("m", 0.2, 0.3), ("ɑ", 0.3, 0.42), ("p", 0.42, 0.5), ("sil", 0.5, 0.8), ("s", 0.8, 0.9),
        ("sil", 0.9, 1.0),
    ]  # fmt: skip


def test_silences_join_and_the_end_is_kept() -> None:
    assert labels(tile([Span("SIL", 0, 0.2), Span("+NSN+", 0.2, 0.5), Span("B", 0.5, 0.7)], 0.71)) == [
        ("sil", 0, 0.5), ("b", 0.5, 0.71),
    ]  # fmt: skip
    assert labels(tile([], 2.0)) == [("sil", 0, 2.0)]
    assert labels(tile([Span("B", 0.0, 0.9)], 0.5)) == [("b", 0, 0.5)]


def test_stress_survives() -> None:
    assert tile([Span("ɑ", 0, 0.1, 2), Span("t", 0.12, 0.2)], 0.2)[0] == Span("ɑ", 0, 0.12, 2)


def test_full_scale_and_what_lies_beyond_it_keep_their_sign_as_int16() -> None:
    pcm = to_pcm(np.array([1.0, -1.0, 3.0, -3.0, 0.5], np.float32))
    assert pcm.dtype == np.int16 and pcm.tolist() == [32767, -32767, 32767, -32767, 16383]
    assert to_pcm(pcm) is pcm
