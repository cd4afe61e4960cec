"""The engine that knows the phones: a transcript aligned to the sound, or recognition, then articulation."""

import numpy as np

from utterface import align, motion, speech, timing
from utterface.align import Alignment
from utterface.articulation import articulate
from utterface.engines.contract import EngineInfo, Request
from utterface.motion import Motion
from utterface.recognise import recognise


class AlignedAnimator:
    """Phones that the transcript knows, by alignment to it, or by recognition without one; moved by articulation rules.

    It needs the whole utterance: `push` keeps the sound as 16-bit samples (115 MB an hour), `flush` returns the motion.

    Raises:
        TextError: from `flush`, where the transcript does not fit the sound.
    """

    def __init__(self, request: Request | None = None) -> None:
        self.request = request or Request()
        known = self.request.transcript is not None
        self.about = EngineInfo("aligned" if known else "recogniser", self.request.frame_rate, needs_text=known)
        self.alignment: Alignment | None = None
        self._blocks: list[np.ndarray] = []

    def push(self, samples: np.ndarray) -> Motion:
        """See `Animator.push`; no frame is settled yet."""
        self._blocks.append(align.to_pcm(speech.samples_of(samples)))
        return motion.rest(0, self.about.frame_rate)

    def flush(self) -> Motion:
        """See `Animator.flush`."""
        pcm = np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.int16)
        self._blocks = [pcm]
        transcript = self.request.transcript
        if transcript is None:
            alignment = recognise(pcm, self.request.language)
        elif transcript.phones:
            words, phones = transcript.words, transcript.phones
            alignment = Alignment(words, phones, timing.seconds(len(pcm)), engine=transcript.source)
        else:
            alignment = align.align(pcm, transcript.text, transcript.language)
        self.alignment = alignment
        return articulate(alignment.phones, alignment.duration, self.about.frame_rate, self.request.strength)

    def reset(self) -> None:
        """See `Animator.reset`."""
        self.alignment = None
        self._blocks = []
