"""Readings of a transcript that fit the sound badly where they stand, against the other readings of the same place."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from utterface import timing
from utterface.align import decoding, lexicon
from utterface.align.graph import Path
from utterface.text.readings import Slot

BAD = -5.0  # nats a frame; below it other readings are tried
MOST = 40  # places that are tried
_CONTEXT = 1  # word on either side
_MARGIN = 0.1  # seconds on either side of them
_FRAME = 0.01  # seconds
_LOUD = 10.0  # dB below the words; louder sound beside them is unexplained
_UNEXPLAINED = -12.0  # nats a frame


def rescored(pcm: np.ndarray, path: Path, slots: Sequence[Slot], language: str) -> list[Slot]:
    """The slots with one reading each where several were possible: that of the path, or one that fits better there.

    The best path of a whole utterance may leave speech to the silence of a pause, where a shorter reading wins; here
    loud sound without a word counts against a reading.

    Args:
        pcm: (N,) int16.
        path: through the slots.
        slots: of the transcript.
        language: of its words.
    """
    settled = list(slots)
    for tried, number in enumerate(i for i, slot in enumerate(slots) if len(slot.readings) > 1):
        own = [i for i, slot in enumerate(path.slots) if slot == number]
        chosen = tuple(path.words[i].word for i in own)
        if own and tried < MOST:
            chosen = _best(pcm, path, own, slots[number], language)
        settled[number] = replace(slots[number], readings=(chosen,))
    return settled


def _best(pcm: np.ndarray, path: Path, own: Sequence[int], slot: Slot, language: str) -> tuple[str, ...]:
    """The reading of one place that fits best between its neighbours."""
    chosen = tuple(path.words[i].word for i in own)
    first, last = max(0, own[0] - _CONTEXT), min(len(path.words), own[-1] + 1 + _CONTEXT)
    end = path.placed[last][1] if last < len(path.placed) else timing.seconds(len(pcm))
    start = max(0.0, path.placed[first][1] - _MARGIN)
    piece = pcm[timing.sample_count(start) : timing.sample_count(min(end, path.placed[last - 1][2] + 1.0))]
    before = [word.key for word in path.words[first : own[0]]]
    after = [word.key for word in path.words[own[-1] + 1 : last]]

    def score(reading: Sequence[str]) -> float:
        return _score(piece, [*before, *(entry.key for entry in lexicon.entries(reading, language)), *after])

    best, highest = chosen, score(chosen)
    if highest >= BAD:
        return chosen
    for reading in slot.readings:
        if reading and reading != chosen and (value := score(reading)) > highest:
            best, highest = reading, value
    return best


def _score(piece: np.ndarray, keys: Sequence[str]) -> float:
    """Nats a frame of words in a piece of sound, loud frames without a word included; −∞ where no path fits."""
    found = decoding.phones_along(piece, keys, check=True)
    if found is None or found[1] is None:
        return -np.inf
    size = timing.sample_count(_FRAME)
    frames = piece[: len(piece) // size * size].reshape(-1, size).astype(np.float32)
    level = 10 * np.log10((frames**2).mean(1) + 1)
    spoken = np.zeros(len(level), bool)
    for word in found[0]:
        if word.index >= 0:
            spoken[round(word.start / _FRAME) : round(word.end / _FRAME)] = True
    if not spoken.any():
        return -np.inf
    loud = int((level[~spoken] > np.median(level[spoken]) - _LOUD).sum())
    return (found[1] * spoken.sum() + _UNEXPLAINED * loud) / (spoken.sum() + loud)
