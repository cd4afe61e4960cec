"""A seed from the sound, so that no two recordings blink alike: known after its first tenth of a second."""

from hashlib import blake2b

import numpy as np

BLOCK = 1600  # samples, 0.1 s at 16 kHz


class SoundSeed:
    """The seed of a sound that comes in blocks of any length.

    The sound is cut into blocks of 0.1 s from its first sample on. The seed is a hash of the first whole block that is
    not digital silence, as 16-bit samples: a stream knows it a tenth of a second after its sound begins, and a
    finished recording has the same one. Two recordings share a seed only where that tenth of a second is equal to the
    bit, as in two sentences of one text-to-speech voice that begin alike; give one of them a seed of its own.

    Attributes:
        seed: 0 to 2³² − 1; None before that block is whole.
        begin: the end of the block in seconds; the life layer begins there.
    """

    def __init__(self) -> None:
        self.seed: int | None = None
        self.begin = 0.0
        self._waiting = np.zeros(0, np.float32)
        self._passed = 0  # samples

    def push(self, samples: np.ndarray) -> None:
        """The next (N,) float32 samples at 16 kHz."""
        if self.seed is not None:
            return
        self._waiting = np.concatenate([self._waiting, samples])
        whole = len(self._waiting) // BLOCK
        pcm = np.round(np.clip(self._waiting[: whole * BLOCK], -1, 1) * 32767).astype("<i2").reshape(whole, BLOCK)
        sounding = np.flatnonzero(pcm.any(1))
        taken = whole if not len(sounding) else int(sounding[0]) + 1
        self._waiting = self._waiting[taken * BLOCK :]
        self._passed += taken * BLOCK
        if len(sounding):
            self.seed = int.from_bytes(blake2b(pcm[sounding[0]].tobytes(), digest_size=4).digest(), "little")
            self.begin = self._passed / (10 * BLOCK)
