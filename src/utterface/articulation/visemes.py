"""What the mouth looks like in the middle of a sound: the 15 Oculus visemes as weights."""

from functools import cache

import numpy as np

from utterface.articulation.blending import articulate
from utterface.motion import ARKIT
from utterface.phones import OCULUS, SILENCE, Span

# The phone that shows each viseme best, in the order of `phones.OCULUS`.
SHOWN_BY = (SILENCE, "p", "f", "θ", "t", "k", "tʃ", "s", "n", "ɹ", "ɑ", "ɛ", "ɪ", "ɔ", "u")
_HOLD = 0.3  # seconds; long enough to be reached in full
_LEAST = 0.005


@cache
def viseme_weights() -> dict[str, dict[str, float]]:
    """Viseme → ARKit weights of the face that says it, alone and unhurried; weights near zero are left out."""
    spans, frame_rate = [], 100.0
    for i, phone in enumerate(SHOWN_BY):
        start = 2 * i * _HOLD
        spans += [Span(SILENCE, start, start + _HOLD), Span(phone, start + _HOLD, start + 2 * _HOLD)]
    values = articulate(spans, spans[-1].end, frame_rate).select(ARKIT)
    middles = np.round((2 * np.arange(len(SHOWN_BY)) + 1.5) * _HOLD * frame_rate).astype(int)
    return {
        viseme: {channel: round(float(w), 3) for channel, w in zip(ARKIT, values[middle], strict=True) if w > _LEAST}
        for viseme, middle in zip(OCULUS, middles, strict=True)
    }
