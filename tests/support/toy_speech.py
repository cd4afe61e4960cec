"""Sounds that stand for speech: a tone is /ɑ/, noise is /s/, near silence is /b/ or a pause."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from utterface.lab.corpora.manifest import CorpusClip
from utterface.phones import Span

PHONES = (Span("sil", 0.0, 0.2), Span("m", 0.2, 0.3), Span("ɑ", 0.3, 0.55, 2), Span("tʃ", 0.55, 1.0))


def tone(duration: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(np.arange(round(16000 * duration)) * 0.05)).astype(np.float32)


def clip(name: str = "one", **changes: Any) -> CorpusClip:
    """A clip of a second, with `PHONES`."""
    return CorpusClip(**({"id": name, "duration": 1.0, "speaker": "ann", "text": "Mach’s gut"} | changes))


def speak(phones: Iterable[tuple[str, float]], pitch: float, rng: np.random.Generator) -> tuple[np.ndarray, list[Span]]:
    """Labels and their lengths in seconds → (N,) samples at 16 kHz and the timed phones."""
    pieces: list[np.ndarray] = []
    spans: list[Span] = []
    now = 0.0
    for label, length in phones:
        t = np.arange(round(length * 16000)) / 16000
        noise = rng.standard_normal(len(t))
        tone = 0.3 * np.sin(2 * np.pi * pitch * t)
        pieces.append({"ɑ": tone, "s": 0.2 * noise}.get(label, 0.001 * noise))
        spans.append(Span(label, now, now + length))
        now = round(now + length, 6)
    return np.concatenate(pieces).astype(np.float32), spans
