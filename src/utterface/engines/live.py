"""The live engine at its best for one face: the animator's network and the recogniser, which watches over it.

    samples ─ the animator's network, 50 Hz ──────────────▶ articulators ─ settle ─ render ─▶ Motion
          └─ windows of 1.5 s and a future, block by block ─▶ closures, half of the posture ┘

Windows of the recogniser stand on a grid that starts at time 0, so any chunking of the sound gives the same motion.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from utterface.articulation import ARTICULATORS
from utterface.articulation.posture import REACH as AROUND
from utterface.articulation.posture import PhonePosture
from utterface.articulation.rendering import SCALED
from utterface.engines.bundle import shipped
from utterface.engines.contract import Request
from utterface.engines.neural import NeuralAnimator, NeuralStreams
from utterface.phones import inventory
from utterface.recognise.boundaries import REACH
from utterface.recognise.phones import PhoneRecogniser
from utterface.recognise.tokens import symbols_of

PAST, BLOCK, FUTURE = 75, 3, 4  # frames of 20 ms of a window: before the block, in it, after it
LAG, SPREAD = 2, 1  # frames from the middle of a closure to the spike; frames to either side in which it may come
LIKELY = 0.1  # the probability of a bilabial from which the lips close
_LEAST = 1e-4  # probabilities are kept so far from 0 and 1
_SHARE = 0.5  # of the recognised phones in the posture
_CLOSURE = len(ARTICULATORS)  # column of the network's closure decision, a logit
_POSTURE = [ARTICULATORS.index(name) for name in SCALED]


class RecognisedStream:
    """Sound as it comes → what the recogniser says of the mouth, in frames of 20 ms.

    Args:
        folder: of the recogniser; None takes the one in the package.

    Raises:
        ModelError: the recogniser is missing or damaged.
    """

    reach = LAG + SPREAD  # frames beyond one that its values need, besides the block's own future

    def __init__(self, folder: Path | None = None) -> None:
        self._recogniser = PhoneRecogniser(folder)
        self._network = self._recogniser.frames
        self.hop = self._recogniser.config.hop
        table, tokens = inventory(), self._recogniser.config.tokens
        self._bilabial = [i for i, name in enumerate(tokens) if any(table[s].is_bilabial for s in symbols_of(name))]
        self._phones = PhonePosture(self._network.symbols)
        self.reset()

    def reset(self) -> None:
        """Back to time 0."""
        self._sound = np.zeros(0, np.float32)  # from the first sample of the next window on
        self._past = 0  # frames in it before the block
        self._probability = np.zeros(0, np.float32)  # of frames that the next ones may need
        self._early = LAG - SPREAD  # frames at the start that none needs
        self._asked = np.zeros((AROUND, 2 * len(SCALED)), np.float32)  # at 100 Hz, likewise

    def push(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N,) float32 at 16 kHz, the next stretch → (T,) the log-odds of a closure and (T, 4) the posture (`SCALED`)
        in the frames that it settles."""
        self._sound = np.concatenate([self._sound, samples])
        while len(self._sound) >= (self._past + BLOCK + FUTURE) * self.hop:
            window = self._sound[: (self._past + BLOCK + FUTURE) * self.hop]
            scores = self._recogniser.scores(window)[max(0, self._past - REACH) :]
            first = min(REACH, self._past)
            likely = np.exp(scores[first : first + BLOCK, self._bilabial]).sum(1)
            self._probability = np.concatenate([self._probability, likely[self._early :]])
            frames = np.exp(self._network(scores)[2 * first : 2 * (first + BLOCK)])
            self._asked = np.concatenate([self._asked, self._phones.asked(frames)])
            self._early = 0
            past = min(PAST, self._past + BLOCK)
            self._sound, self._past = self._sound[(self._past + BLOCK - past) * self.hop :], past
        return self._settled()

    def _settled(self) -> tuple[np.ndarray, np.ndarray]:
        width = 2 * SPREAD + 1
        count = max(0, min(len(self._probability) - width + 1, (len(self._asked) - 2 * AROUND + 1) // 2))
        if not count:
            return np.zeros(0, np.float32), np.zeros((0, len(SCALED)), np.float32)
        likely = np.lib.stride_tricks.sliding_window_view(self._probability, width)[:count].max(1)
        posture = self._phones.averaged(self._asked)[: 2 * count : 2]
        self._probability, self._asked = self._probability[count:], self._asked[2 * count :]
        return np.log((likely + _LEAST) / (1 - likely + _LEAST)).astype(np.float32), posture


class _LiveStreams(NeuralStreams):
    """One stream of the animator's network whose closures are the recogniser's, and half of its posture."""

    _extra = RecognisedStream.reach + BLOCK + FUTURE

    def __init__(self, request: Request | None = None, folder: Path | None = None) -> None:
        self._recognised = RecognisedStream(folder)
        super().__init__(shipped()["animator"], 1, request)
        likely = self._config.closing
        self._shift = np.float32(np.log(likely / (1 - likely)) - np.log(LIKELY / (1 - LIKELY)))
        own = self.about.look_ahead or 0.0
        ahead = (RecognisedStream.reach + BLOCK + FUTURE) / self._config.frame_rate
        self.about = replace(self.about, name="phones-live", look_ahead=own - self._config.look_ahead + ahead)

    def reset(self) -> None:
        super().reset()
        self._recognised.reset()
        self._undecided = self._raw
        self._log_odds, self._posture = np.zeros(0, np.float32), np.zeros((0, len(SCALED)), np.float32)

    def _run(self, samples: np.ndarray) -> None:
        log_odds, posture = self._recognised.push(samples[0])
        self._log_odds = np.concatenate([self._log_odds, log_odds])
        self._posture = np.concatenate([self._posture, posture])
        super()._run(samples)

    def _decided(self, frames: np.ndarray) -> np.ndarray:
        waiting = np.concatenate([self._undecided, frames])
        count = min(len(waiting), len(self._log_odds))
        waiting[:count, 0, _CLOSURE] = self._log_odds[:count] + self._shift
        own = waiting[:count, 0, _POSTURE]
        wanted = np.float32(self._trained_strength) * self._posture[:count]
        waiting[:count, 0, _POSTURE] = own + np.float32(_SHARE) * (wanted - own)
        self._undecided = waiting[count:]
        self._log_odds, self._posture = self._log_odds[count:], self._posture[count:]
        return waiting[:count]


class LiveAnimator(NeuralAnimator):
    """`Animator` of one live face in any language: closures by the recogniser, posture half by it, the rest by the
    animator's network.

    Args:
        request: its frame rate, strength and emotions are heeded.
        folder: of the recogniser; None takes the one in the package.

    Raises:
        ModelError: the recogniser is missing or damaged.
    """

    def __init__(self, request: Request | None = None, folder: Path | None = None) -> None:
        self._streams = _LiveStreams(request, folder)
        self.about = self._streams.about
