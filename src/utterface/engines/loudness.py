"""How loud a recording is, block by block, and by how much one is amplified that is too quiet for the networks."""

import numpy as np

from utterface import timing

_FRAME = 0.025  # seconds
_FAINT = -45.0  # dB re full scale; nobody records speech whose loudest frame is quieter, and means it
_WANTED = -25.0  # dB of the loudest frame after amplification
_NOTHING = -85.0  # dB; a step of a 16-bit file
_SPEECH = 12.0  # dB from the quiet to the loud frames of speech; steady noise has less


class Loudness:
    """Levels of the frames of sound that comes in blocks."""

    def __init__(self) -> None:
        self._levels: list[np.ndarray] = []

    def push(self, samples: np.ndarray) -> None:
        """The next (N,) float32 samples at 16 kHz; frames do not reach over blocks."""
        size = timing.sample_count(_FRAME)
        frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
        self._levels.append(10 * np.log10((frames**2).mean(1) + 1e-12))

    @property
    def is_faint(self) -> bool:
        """Whether the loudest frame is too quiet for speech."""
        return bool(self._all().max(initial=-120) < _FAINT)

    def gain(self) -> float | None:
        """The factor that makes a faint recording of speech loud enough; None where there is no speech in it."""
        levels = self._all()
        loudest = levels.max(initial=-120)
        if not _NOTHING < loudest < _FAINT or loudest - np.percentile(levels, 10) < _SPEECH:
            return None
        return float(10 ** ((_WANTED - loudest) / 20))

    def _all(self) -> np.ndarray:
        return np.concatenate([np.zeros(0), *self._levels])
