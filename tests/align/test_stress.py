import numpy as np

from utterface.align.stress import with_stress
from utterface.phones import Span


def test_the_loudest_full_vowel_is_stressed() -> None:
    phones = [Span("B", 0, 0.1), Span("AH", 0.1, 0.2), Span("N", 0.2, 0.3), Span("AE", 0.3, 0.4), Span("N", 0.4, 0.5),
              Span("AH", 0.5, 0.6)]  # fmt: skip
    pcm = np.full(16000, 1000, np.int16)
    named = with_stress(phones, [Span("banana", 0, 0.6)], pcm)
    assert [(p.label, p.stress) for p in named] == [("b", 0), ("ə", 0), ("n", 0), ("æ", 2), ("n", 0), ("ə", 0)]


def test_energy_decides_between_full_vowels() -> None:
    phones = [Span("IY", 0, 0.1), Span("T", 0.1, 0.2), Span("OW", 0.2, 0.3)]
    pcm = np.r_[np.full(1600, 2000), np.zeros(1600), np.full(1600, 500)].astype(np.int16)
    assert [p.stress for p in with_stress(phones, [Span("veto", 0, 0.3)], pcm)] == [2, 0, 0]
    assert [p.stress for p in with_stress(phones, [Span("veto", 0, 0.3)], pcm[::-1])] == [0, 0, 2]


def test_light_words_stay_light() -> None:
    phones = [
        Span("DH", 0, 0.05),
        Span("AH", 0.05, 0.1),
        Span("K", 0.1, 0.2),
        Span("AH", 0.2, 0.3),
        Span("P", 0.3, 0.4),
    ]
    named = with_stress(phones, [Span("the", 0, 0.1), Span("cup", 0.1, 0.4)], np.ones(8000, np.int16))
    assert [(p.label, p.stress) for p in named if p.label in "əʌ"] == [("ə", 0), ("ʌ", 2)]
