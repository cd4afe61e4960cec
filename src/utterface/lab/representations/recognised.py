"""What the phone recogniser that ships gives for every frame, as a representation: a teacher, or speech by labels."""

import numpy as np

from utterface import timing
from utterface.lab.representations.contract import RepresentationInfo
from utterface.recognise.phones import MARGIN, WINDOW, PhoneRecogniser
from utterface.track import Track


class PhoneLogProbabilities:
    """`recognise.phones` before any decision: log-probabilities of its tokens, 50 frames a second.

    It is trained by connectionist temporal classification (Graves et al. 2006), so most frames are blank and a token
    peaks some 60 ms after the middle of its phone. Windows of 20 s that overlap, on an absolute grid.
    """

    def __init__(self) -> None:
        self._recogniser = PhoneRecogniser()
        config = self._recogniser.config
        self.tokens = config.tokens
        self.about = RepresentationInfo("phones", "label", timing.SAMPLE_RATE / config.hop, len(config.tokens))

    def encode(self, samples: np.ndarray) -> Track:
        hop, step = self._recogniser.config.hop, WINDOW - 2 * MARGIN
        count = max(1, -(-len(samples) // hop))
        values = np.empty((count, self.about.dimension), np.float32)
        for first in range(0, count, step):
            scores = self._recogniser.scores(np.asarray(samples[first * hop : (first + WINDOW) * hop], np.float32))
            edge = MARGIN if first else 0
            values[first + edge : first + len(scores)] = scores[edge : count - first]
            if first + WINDOW >= count:
                break
        return Track(values, self.about.frame_rate)

    def units(self, samples: np.ndarray) -> None:
        return None
