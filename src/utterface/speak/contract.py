"""Contract of speech engines: a voice and a manner of speaking in, sound with phone times out."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from utterface import timing
from utterface.phones import SILENCE, Span


@dataclass(frozen=True)
class SyntheticVoice:
    """One voice of one engine.

    Attributes:
        engine: name of its module, as `flite` or `espeak`.
        name: what the engine calls it.
        language: BCP 47 tag, lower case.
        speaker: whose voice; two engines may share one, and a split never divides it.
        split: of corpora: `train` or `test` (left out of training).
        licence: of the voice's data.
    """

    engine: str
    name: str
    language: str
    speaker: str
    split: str = "train"
    licence: str = ""

    @property
    def title(self) -> str:
        """Name for people and files; that of a path or a command is short and tells neither."""
        return f"{self.engine}:{self.speaker if self.engine in ('piper', 'system') else self.name}"


@dataclass(frozen=True)
class SpeakingManner:
    """How a sentence is spoken, as factors of the voice's own habit.

    Attributes:
        rate: above 1 is faster.
        pitch: mean fundamental frequency.
        range: how far the pitch moves around its mean.
        loudness: gain of the sound.
    """

    rate: float = 1.0
    pitch: float = 1.0
    range: float = 1.0
    loudness: float = 1.0


@dataclass(frozen=True)
class SyntheticUtterance:
    """What an engine spoke.

    Attributes:
        samples: (N,) float32 at 16 kHz.
        phones: IPA, without gaps from 0 to the end.
        text: what was to be said.
        words: one a word of `text` as spaces divide it, empty where the engine does not know; one that is not said
            takes no time.
        sound: (M,) float32 at the engine's own rate, where that is not 16 kHz; else None.
        sample_rate: of `sound`, Hz.
    """

    samples: np.ndarray
    phones: tuple[Span, ...]
    text: str = ""
    words: tuple[Span, ...] = ()
    sound: np.ndarray | None = None
    sample_rate: int = timing.SAMPLE_RATE

    @property
    def duration(self) -> float:
        return timing.seconds(len(self.samples))


Speaker = Callable[[SyntheticVoice, Sequence[tuple[str, SpeakingManner]]], list[SyntheticUtterance | None]]


def whole(
    sound: np.ndarray, phones: Sequence[Span], text: str, sample_rate: int = timing.SAMPLE_RATE
) -> SyntheticUtterance | None:
    """An utterance with silence wherever no phone is named; None where nothing usable came.

    Phones that an engine places beyond the sound are cut; neighbouring silences become one.
    """
    samples = to_16k(sound, sample_rate)
    duration, cursor = timing.seconds(len(samples)), 0.0
    spans: list[Span] = []
    for phone in phones:
        start, end = max(phone.start, cursor), min(phone.end, duration)
        if end <= start:
            continue
        if start > cursor + 1e-6:
            spans.append(Span(SILENCE, cursor, start))
        spans.append(Span(phone.label, max(start, cursor) if start > cursor + 1e-6 else cursor, end, phone.stress))
        cursor = end
    if duration > cursor + 1e-6:
        spans.append(Span(SILENCE, cursor, duration))
    joined: list[Span] = []
    for span in spans:
        if joined and span.label == SILENCE == joined[-1].label:
            joined[-1] = Span(SILENCE, joined[-1].start, span.end)
        else:
            joined.append(span)
    if all(s.label == SILENCE for s in joined):
        return None
    own = None if sample_rate == timing.SAMPLE_RATE else np.ascontiguousarray(sound, np.float32)
    return SyntheticUtterance(
        np.ascontiguousarray(samples, np.float32), tuple(joined), text, sound=own, sample_rate=sample_rate
    )


def to_16k(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """(N,) float32 at 16 kHz."""
    if sample_rate == timing.SAMPLE_RATE:
        return samples.astype(np.float32)
    import soxr

    return soxr.resample(samples.astype(np.float32), sample_rate, timing.SAMPLE_RATE)


def program(name: str) -> str | None:
    """Where a program lies, None where it is not installed."""
    return shutil.which(name)
