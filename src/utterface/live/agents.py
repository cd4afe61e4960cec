"""Speech of a voice agent on its way out: each chunk goes on once its face is known, so no face comes late."""

from collections import deque
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from utterface.live.voice import LiveSettings, LiveVoice
from utterface.motion import Motion

Chunk = TypeVar("Chunk")


class Passed(NamedTuple, Generic[Chunk]):
    """What goes on, in this order: frames of the face, perhaps none, then chunks whose face is known with them."""

    motion: Motion
    chunks: list[Chunk]


class FaceAhead(Generic[Chunk]):
    """Holds chunks of sound back until their face is known.

    Speech that is made faster than real time is late by the look-ahead once, at its beginning.

    Args:
        settings: how the voice is shown; its sample rate is that of the sound that comes.
    """

    def __init__(self, settings: LiveSettings | None = None) -> None:
        self._settings = settings or LiveSettings()
        self._voice = LiveVoice(self._settings)
        self._held: deque[tuple[float, Chunk]] = deque()  # seconds at which each ends

    def push(self, chunk: Chunk, pcm: bytes, sample_rate: int, channels: int = 1) -> Passed[Chunk]:
        """The next chunk, int16, its channels interleaved.

        Raises:
            AudioError: half a sample; the chunk does not go on.
        """
        if sample_rate != self._voice.settings.sample_rate:
            self._voice = LiveVoice(replace(self._settings, sample_rate=float(sample_rate)))
        samples = np.frombuffer(pcm, "<i2").reshape(-1, channels)
        mono = samples[:, 0] if channels == 1 else samples.mean(1).astype(np.float32) / 32768
        motion = self._voice.push(mono)
        self._held.append((self._voice.heard, chunk))
        return Passed(motion, self._known(motion))

    def finish(self) -> Passed[Chunk]:
        """End of the utterance: the frames and chunks that remain."""
        motion = self._voice.flush()
        return Passed(motion, self._all())

    def interrupt(self) -> Passed[Chunk]:
        """Speech ends here: frames to rest; the chunks are those that go on no more."""
        return Passed(self._voice.interrupt(), self._all())

    def _known(self, motion: Motion) -> list[Chunk]:
        chunks = []
        known = motion.start + motion.duration
        while self._held and self._held[0][0] <= known + 1e-9:
            chunks.append(self._held.popleft()[1])
        return chunks

    def _all(self) -> list[Chunk]:
        chunks = [chunk for _, chunk in self._held]
        self._held.clear()
        return chunks
