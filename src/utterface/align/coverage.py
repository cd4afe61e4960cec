"""Which stretches of the sound have no words, though somebody seems to speak there."""

from collections.abc import Sequence

import numpy as np

from utterface import timing
from utterface.phones import SILENCE, Span

_FRAME = 0.01  # seconds
_LEAST = 1.0  # seconds without words in which words may have been forgotten
_EDGE = 0.1  # seconds at either end of a pause in which neighbours fade
_NEAR = 5.0  # dB below the median of what is said; half of anybody's frames are louder than that, steady noise is not
_SHARE = 0.35  # of a stretch that is so loud


def unspoken(phones: Sequence[Span], pcm: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Pauses as loud as the speech beside them: the transcript lacks words, or music plays.

    Args:
        phones: in order, tiling the sound.
        pcm: (N,) int16.

    Returns:
        Seconds from and to, in order.
    """
    size = timing.sample_count(_FRAME)
    frames = pcm[: len(pcm) // size * size].reshape(-1, size).astype(np.float32)
    level = 10 * np.log10(np.mean(frames * frames, 1) + 1e-3)
    middle = (np.arange(len(level)) + 0.5) * _FRAME
    said = np.zeros(len(level), bool)
    for phone in phones:
        if phone.label != SILENCE:
            said[slice(*np.searchsorted(middle, (phone.start, phone.end)))] = True
    if not said.any():
        return ()
    loud = level > np.median(level[said]) - _NEAR
    found = []
    for phone in phones:
        if phone.label == SILENCE and phone.end - phone.start >= _LEAST:
            inside = loud[slice(*np.searchsorted(middle, (phone.start + _EDGE, phone.end - _EDGE)))]
            if len(inside) and inside.mean() >= _SHARE:
                found.append((phone.start, phone.end))
    return tuple(found)
