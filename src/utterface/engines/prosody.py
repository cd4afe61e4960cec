"""Energy and pitch of sound that comes in blocks: the same numbers as from all of it at once."""

import numpy as np

from utterface import speech, timing


class ProsodyStream:
    """`speech.prosody` block by block; only the sound that later frames look at is kept.

    Attributes:
        count: samples pushed so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._waiting = np.zeros(0, np.float32)  # from the sample of frame `_first` on
        self._first = self._done = 0  # frames of 10 ms
        self._energy: list[np.ndarray] = []
        self._pitch: list[np.ndarray] = []

    def push(self, samples: np.ndarray) -> None:
        """The next (N,) float32 samples at 16 kHz."""
        self.count += len(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        self._measure(max(self._done, (self.count - speech.PROSODY_CONTEXT) // speech.HOP))

    def tracks(self) -> tuple[np.ndarray, np.ndarray]:
        """(energy, pitch), (T,) each at 100 Hz, of everything pushed; nothing may be pushed afterwards."""
        if self.count:
            self._measure(timing.frame_count(timing.seconds(self.count), speech.TRACK_RATE))
        empty = [np.zeros(0, np.float32)]
        return np.concatenate(self._energy or empty), np.concatenate(self._pitch or empty)

    def _measure(self, frames: int) -> None:
        """Measure up to frame `frames` and drop the sound that no later frame looks at."""
        if frames <= self._done:
            return
        prosody = speech.prosody(self._waiting)
        new = slice(self._done - self._first, frames - self._first)
        self._energy.append(prosody.energy[new])
        self._pitch.append(prosody.pitch[new])
        first = max(0, frames - -(-speech.PROSODY_CONTEXT // speech.HOP))
        self._waiting = self._waiting[(first - self._first) * speech.HOP :]
        self._first, self._done = first, frames
