"""Voices made of numbers: energy, pitch and phones of syllables at 4 Hz."""

import numpy as np

from utterface.phones import Span


def voice(seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Syllables at 4 Hz with a swinging pitch, one second of quiet in every four."""
    t = np.arange(round(seconds * 100)) / 100
    speaking = t % 4 < 3
    energy = np.where(speaking, -22 + 6 * np.sin(2 * np.pi * 4 * t), -75.0)
    pitch = np.where(speaking & (t % 0.25 < 0.18), 180 * 2 ** (0.35 * np.sin(2 * np.pi * 0.9 * t)), 0.0)
    return energy, pitch


def stressed_phones(seconds: float) -> list[Span]:
    phones = []
    for beat in np.arange(0, seconds - 0.25, 0.25):
        if beat % 4 < 3:
            phones += [Span("t", beat, beat + 0.08), Span("æ", beat + 0.08, beat + 0.25, 2 if beat % 1 == 0 else 0)]
    return phones
