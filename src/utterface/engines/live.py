"""The live engine at its best for one face: the animator's network, with lips that close where the recogniser says so.

    samples ─ the animator's network, 50 Hz ────────────────────▶ articulators ─ settle ─ render ─▶ Motion
          └─ windows of 1.5 s and a future, a block at a time ─▶ closures ┘

Windows of the recogniser stand on a grid that starts at time 0, so any chunking of the sound gives the same motion.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from utterface.articulation import ARTICULATORS
from utterface.engines.bundle import shipped
from utterface.engines.contract import Request
from utterface.engines.neural import NeuralAnimator, NeuralStreams
from utterface.phones import inventory
from utterface.recognise.phones import PhoneRecogniser
from utterface.recognise.tokens import symbols_of

PAST, BLOCK, FUTURE = 75, 3, 4  # frames of 20 ms of a window: before the block, in it, after it
LAG, SPREAD = 2, 1  # frames from the middle of a closure to the spike; frames to either side in which it may come
LIKELY = 0.1  # the probability of a bilabial from which the lips close
_LEAST = 1e-4  # probabilities are kept so far from 0 and 1
_CLOSURE = len(ARTICULATORS)  # column of the network's closure decision, a logit


class ClosureStream:
    """Sound as it comes → how surely a bilabial closes the lips, in frames of 20 ms.

    Args:
        folder: of the recogniser; None takes the one in the package.

    Raises:
        ModelError: the recogniser is missing or damaged.
    """

    reach = LAG + SPREAD  # frames beyond one that its value needs, besides the block's own future

    def __init__(self, folder: Path | None = None) -> None:
        self._recogniser = PhoneRecogniser(folder)
        self.hop = self._recogniser.config.hop
        table, tokens = inventory(), self._recogniser.config.tokens
        self._bilabial = [i for i, name in enumerate(tokens) if any(table[s].is_bilabial for s in symbols_of(name))]
        self.reset()

    def reset(self) -> None:
        """Back to time 0."""
        self._sound = np.zeros(0, np.float32)  # from the first sample of the next window on
        self._past = 0  # frames in it before the block
        self._probability = np.zeros(0, np.float32)  # of frames that the next ones may need
        self._early = LAG - SPREAD  # frames at the start that none needs

    def push(self, samples: np.ndarray) -> np.ndarray:
        """(N,) float32 at 16 kHz, the next stretch → (T,) the log-odds of a closure in the frames that it settles."""
        self._sound = np.concatenate([self._sound, samples])
        while len(self._sound) >= (self._past + BLOCK + FUTURE) * self.hop:
            window = self._sound[: (self._past + BLOCK + FUTURE) * self.hop]
            scores = self._recogniser.scores(window)[self._past : self._past + BLOCK, self._bilabial]
            self._probability = np.concatenate([self._probability, np.exp(scores[self._early :]).sum(1)])
            self._early = 0
            past = min(PAST, self._past + BLOCK)
            self._sound, self._past = self._sound[(self._past + BLOCK - past) * self.hop :], past
        return self._log_odds()

    def _log_odds(self) -> np.ndarray:
        width = 2 * SPREAD + 1
        if len(self._probability) < width:
            return np.zeros(0, np.float32)
        likely = np.lib.stride_tricks.sliding_window_view(self._probability, width).max(1)
        self._probability = self._probability[len(likely) :]
        return np.log((likely + _LEAST) / (1 - likely + _LEAST)).astype(np.float32)


class _LiveStreams(NeuralStreams):
    """One stream of the animator's network whose closures are the recogniser's."""

    _extra = ClosureStream.reach + BLOCK + FUTURE

    def __init__(self, request: Request | None = None, folder: Path | None = None) -> None:
        self._recognised = ClosureStream(folder)
        super().__init__(shipped()["animator"], 1, request)
        likely = self._config.closing
        self._shift = np.float32(np.log(likely / (1 - likely)) - np.log(LIKELY / (1 - LIKELY)))
        own = self.about.look_ahead or 0.0
        ahead = (ClosureStream.reach + BLOCK + FUTURE) / self._config.frame_rate
        self.about = replace(self.about, name="phones-live", look_ahead=own - self._config.look_ahead + ahead)

    def reset(self) -> None:
        super().reset()
        self._recognised.reset()
        self._undecided = self._raw
        self._log_odds = np.zeros(0, np.float32)

    def _run(self, samples: np.ndarray) -> None:
        self._log_odds = np.concatenate([self._log_odds, self._recognised.push(samples[0])])
        super()._run(samples)

    def _decided(self, frames: np.ndarray) -> np.ndarray:
        waiting = np.concatenate([self._undecided, frames])
        count = min(len(waiting), len(self._log_odds))
        waiting[:count, 0, _CLOSURE] = self._log_odds[:count] + self._shift
        self._undecided, self._log_odds = waiting[count:], self._log_odds[count:]
        return waiting[:count]


class LiveAnimator(NeuralAnimator):
    """`Animator` of one live face in any language: closures by the recogniser, the rest by the animator's network.

    Args:
        request: its frame rate, strength and emotions are heeded.
        folder: of the recogniser; None takes the one in the package.

    Raises:
        ModelError: the recogniser is missing or damaged.
    """

    def __init__(self, request: Request | None = None, folder: Path | None = None) -> None:
        self._streams = _LiveStreams(request, folder)
        self.about = self._streams.about
