"""Breath: lips that open in the third of a second before a phrase, where the phones are known.

Speakers breathe in through the open mouth before most phrases, in 0.3 to 0.6 s (Winkworth et al. 1995). Motion has no
channel of the shoulders, so they are still.
"""

import numpy as np

from utterface.life.passage import Passage
from utterface.life.voices import TRACK_RATE

_BREATH = 700  # stream
_COURSE = np.array([-0.33, -0.14, -0.1, 0.02])  # s around the start of the phrase


def breath(passage: Passage) -> dict[str, np.ndarray]:
    """Channel → (T,) what is joined with it: jaw and lips."""
    at = passage.events.breaths
    height = 0.7 + 0.3 * passage.draws(_BREATH, np.round(at * TRACK_RATE), 1)[0]
    parted = passage.pulses(at[..., None] + _COURSE)(height)
    return {
        "jawOpen": 0.07 * parted,
        "mouthLowerDownLeft": 0.10 * parted,
        "mouthLowerDownRight": 0.10 * parted,
        "mouthUpperUpLeft": 0.04 * parted,
        "mouthUpperUpRight": 0.04 * parted,
    }
