"""The engine that recognises phones while the sound comes in, then articulates them: any language, no transcript.

Recognised phones say which gestures are made, when lips seal and when they rest. How far jaw and lips go in between is
the mean of three, whose mistakes are others (docs/research/recognition.md): what these phones ask for, what all phones
ask for by their probability in each 10 ms, and what the animator's network says.
"""

from pathlib import Path

import numpy as np

from utterface import motion, speech, timing
from utterface.align import Alignment
from utterface.articulation import ARTICULATORS, blend, render
from utterface.articulation.pace import paced
from utterface.articulation.posture import PhonePosture
from utterface.articulation.rendering import SCALED
from utterface.engines.bundle import shipped
from utterface.engines.contract import EngineInfo, Request
from utterface.engines.neural import NeuralStreams
from utterface.motion import Motion
from utterface.recognise.boundaries import FRAME_RATE
from utterface.recognise.phones import PhoneRecogniser, PhoneStream

_POSTURE = [ARTICULATORS.index(name) for name in SCALED]
_BLOCK = 81_920  # samples that the animator's network takes at once; in any other cut its last bits would differ


class PhonesAnimator:
    """Phones by `recognise.phones`, moved by articulation rules.

    `push` recognises windows of the sound as they fill and keeps no more than one; `flush` returns the motion.

    Args:
        request: its language, frame rate and strength are heeded; a transcript is not.
        folder: of the recogniser; None takes the one in the package.

    Raises:
        ModelError: the recogniser is missing or damaged.
    """

    def __init__(self, request: Request | None = None, folder: Path | None = None) -> None:
        self.request = request or Request()
        self.about = EngineInfo("phones", self.request.frame_rate)
        self.alignment: Alignment | None = None
        self._recogniser = PhoneRecogniser(folder)
        self._asks = PhonePosture(self._recogniser.frames.symbols)
        self._fine = timing.fine_rate(self.request.frame_rate)
        self._network = NeuralStreams(shipped()["animator"], 1, Request(frame_rate=self._fine))
        self.reset()

    def reset(self) -> None:
        """See `Animator.reset`."""
        self.alignment = None
        self._stream = PhoneStream(self._recogniser, self.request.language)
        self._network.reset()
        self._waiting = np.zeros(0, np.float32)  # samples short of a block
        self._postures: list[np.ndarray] = []  # (T, 4) each

    def push(self, samples: np.ndarray) -> Motion:
        """See `Animator.push`; no frame is settled yet."""
        samples = speech.samples_of(samples)
        self._stream.push(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        while len(self._waiting) >= _BLOCK:
            self._listen(self._waiting[:_BLOCK])
            self._waiting = self._waiting[_BLOCK:]
        return motion.rest(0, self.about.frame_rate)

    def flush(self) -> Motion:
        """See `Animator.flush`."""
        alignment = self._stream.finish()
        self.alignment = alignment
        self._listen(self._waiting)
        self._postures.append(self._network.flush_articulators()[:, 0, _POSTURE])
        articulators = blend(alignment.phones, alignment.duration, self._fine)
        times = timing.frame_times(len(articulators), self._fine)
        probable = timing.sample_at(self._asks(self._stream.frames()), FRAME_RATE, times)
        articulators[:, _POSTURE] = (articulators[:, _POSTURE] + probable + np.concatenate(self._postures)) / 3
        moved = paced(render(articulators, self._fine, self.request.strength))
        return moved if self._fine == self.about.frame_rate else moved.at_rate(self.about.frame_rate)

    def _listen(self, samples: np.ndarray) -> None:
        self._postures.append(self._network.push_articulators(samples[None])[:, 0, _POSTURE])
