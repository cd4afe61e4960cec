"""The engine that knows the phones: a transcript followed through the sound, or words heard, then articulation."""

import numpy as np

from utterface import align, motion, speech
from utterface.align import Alignment
from utterface.articulation import articulate
from utterface.engines.contract import Take
from utterface.motion import Motion
from utterface.phones import Span
from utterface.recognise import recognise


class AlignedAnimator:
    """Phones by alignment (with a transcript) or recognition (without), moved by articulation rules.

    It needs the whole utterance: `push` keeps the sound as 16-bit samples (115 MB an hour), `flush` answers. After
    `flush`, `alignment` holds the timed words and phones.

    Raises:
        TextError: from `flush`, where the transcript does not fit the sound.
    """

    look_ahead: float | None = None

    def __init__(self, take: Take | None = None) -> None:
        self.take = take or Take()
        self.name = "recogniser" if self.take.text is None else "aligned"
        self.frame_rate = self.take.frame_rate
        self.alignment: Alignment | None = None
        self._heard: list[np.ndarray] = []

    @property
    def words(self) -> tuple[Span, ...]:
        """Timed words, known after `flush`."""
        return self.alignment.words if self.alignment else ()

    @property
    def phones(self) -> tuple[Span, ...]:
        """Timed phones, known after `flush`."""
        return self.alignment.phones if self.alignment else ()

    def push(self, samples: np.ndarray) -> Motion:
        self._heard.append(align.to_pcm(speech.samples_of(samples)))
        return motion.rest(0, self.frame_rate)

    def flush(self) -> Motion:
        pcm = np.concatenate(self._heard) if self._heard else np.zeros(0, np.int16)
        self._heard = [pcm]
        if self.take.text is None:
            self.alignment = recognise(pcm, self.take.language)
        else:
            self.alignment = align.align(pcm, self.take.text, self.take.language)
        return articulate(self.alignment.phones, self.alignment.duration, self.frame_rate, self.take.strength)

    def reset(self) -> None:
        self.alignment = None
        self._heard = []
