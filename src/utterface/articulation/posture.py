"""How far jaw and lips go, from how probable each phone is: the law of articulation before any phone is decided.

What a phone asks of an articulator (`targets.aim`) counts by its probability and by how firmly it insists, as the
dominance of Cohen & Massaro (1993) does, and is averaged over 90 ms.
"""

from collections.abc import Sequence

import numpy as np

from utterface.articulation.rendering import SCALED
from utterface.articulation.targets import BLENDED, aim

_WEIGHTS = np.hanning(11)[1:-1].astype(np.float32)  # of the frames of 10 ms around one
REACH = len(_WEIGHTS) // 2  # frames to either side that a posture depends on
_BLOCK = 10_000  # frames worked on at once
_LEAST = 1e-4  # of what insists, so that silence asks for nothing


class PhonePosture:
    """What phones ask of `SCALED`: jaw, aperture, rounding and spread.

    Args:
        symbols: the P phones in IPA, silence among them, in the order of their probabilities.
    """

    def __init__(self, symbols: Sequence[str]) -> None:
        columns = [BLENDED.index(name) for name in SCALED]
        aims = [aim(symbol) for symbol in symbols]
        holds = np.array([each.hold for each in aims], np.float32)[:, columns]
        targets = np.array([each.target for each in aims], np.float32)[:, columns]
        self._asks = np.hstack([holds * targets, holds])  # (P, 8)

    def asked(self, probabilities: np.ndarray) -> np.ndarray:
        """(T, P) at 100 Hz → (T, 8) float32: what is asked for times its weight, and the weight."""
        return np.asarray(probabilities, np.float32) @ self._asks

    def averaged(self, asked: np.ndarray) -> np.ndarray:
        """(T + 2 `REACH`, 8) of `asked` → (T, 4) float32, 0…1."""
        if len(asked) < len(_WEIGHTS):
            return np.zeros((0, len(SCALED)), np.float32)
        around = np.lib.stride_tricks.sliding_window_view(asked, len(_WEIGHTS), 0) @ _WEIGHTS
        wanted, held = np.split(around, 2, 1)
        posture: np.ndarray = wanted / (held + np.float32(_LEAST))
        return posture

    def __call__(self, log_probabilities: np.ndarray) -> np.ndarray:
        """(T, P) at 100 Hz, a whole recording → (T, 4) float32."""
        blocks = [log_probabilities[i : i + _BLOCK] for i in range(0, len(log_probabilities), _BLOCK)]
        around = np.zeros((REACH, self._asks.shape[1]), np.float32)
        asked = [self.asked(np.exp(block.astype(np.float32))) for block in blocks]
        return self.averaged(np.concatenate([around, *asked, around]))
