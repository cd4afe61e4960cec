"""Which vowels are stressed, told from the sound: the vowel of a word that is loudest and longest."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from utterface import timing
from utterface.phones import ARPABET_TO_IPA, Span, inventory

# Words that seldom carry stress.
_LIGHT = frozenset(
    "a an the and or but nor so as if of to in on at by for from with into than that this these those is am are was "
    "were be been being do does did has have had will would shall should can could may might must i you he she it we "
    "they me him her us them my your his its our their there who whom which what when where while because not".split()
)
_REDUCED = ("ə", "ɨ", "ʌ", "ɚ", "ɝ")  # the dictionary writes schwa as ʌ
_SCHWA = 0.075  # seconds; a shorter ʌ without stress is a schwa


def with_stress(phones: Sequence[Span], words: Sequence[Span], pcm: np.ndarray) -> list[Span]:
    """Phones (ARPAbet or IPA) as IPA; the vowel with the most energy of each word that is not light has stress 2.

    A ʌ without stress in a longer word, or in a light one, becomes ə.

    Args:
        phones: in order.
        words: in order.
        pcm: (N,) int16 at 16 kHz.
    """
    named = [replace(p, label=ARPABET_TO_IPA.get(p.label, p.label)) for p in phones]
    starts = np.array([p.start for p in named])
    for word in words:
        first, last = np.searchsorted(starts, (word.start - 1e-6, word.end - 1e-6))
        vowels = [i for i in range(first, last) if (kind := inventory().get(named[i].label)) and kind.is_vowel]
        light = word.label.lower() in _LIGHT
        if vowels and not light:
            full = [i for i in vowels if named[i].label not in _REDUCED] or vowels
            peak = max(full, key=lambda i: _energy(named[i], pcm))
            named[peak] = replace(named[peak], stress=2)
        for i in vowels:
            if (
                named[i].label == "ʌ"
                and not named[i].stress
                and (len(vowels) > 1 or named[i].end - named[i].start < _SCHWA)
            ):
                named[i] = replace(named[i], label="ə")
    return named


def _energy(phone: Span, pcm: np.ndarray) -> float:
    """Sum of squares: loud and long at once."""
    part = pcm[timing.sample_count(phone.start) : timing.sample_count(phone.end)].astype(np.float64)
    return float((part**2).sum())
