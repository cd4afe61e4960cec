"""The engine that recognises words and phones while the sound comes in, then articulates them; no transcript."""

import numpy as np

from utterface import motion, speech
from utterface.align import Alignment
from utterface.articulation import articulate
from utterface.engines.contract import EngineInfo, Request
from utterface.motion import Motion
from utterface.recognise.words import WordRecogniser, WordStream


class WordsAnimator:
    """Words and phones by `recognise.words`, moved by articulation rules.

    `push` recognises stretches of the sound as they fill and keeps no more than one; `flush` returns the motion.

    Args:
        request: its language, words model, frame rate and strength are heeded; a transcript is not.

    Raises:
        MissingExtra: the extra `words` is not installed. ModelError: a recogniser is missing or damaged.
    """

    def __init__(self, request: Request | None = None) -> None:
        self.request = request or Request()
        self.about = EngineInfo("words", self.request.frame_rate)
        self.alignment: Alignment | None = None
        self._recogniser = WordRecogniser(self.request.words_model)
        self._stream = WordStream(self._recogniser, self.request.language)

    def push(self, samples: np.ndarray) -> Motion:
        """See `Animator.push`; no frame is settled yet."""
        self._stream.push(speech.samples_of(samples))
        return motion.rest(0, self.about.frame_rate)

    def flush(self) -> Motion:
        """See `Animator.flush`."""
        alignment = self._stream.finish()
        self.alignment = alignment
        return articulate(alignment.phones, alignment.duration, self.about.frame_rate, self.request.strength)

    def reset(self) -> None:
        """See `Animator.reset`."""
        self.alignment = None
        self._stream = WordStream(self._recogniser, self.request.language)
