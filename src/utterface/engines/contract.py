"""The contract every engine keeps: sound in, motion out, streaming as the only path."""

from typing import Protocol, runtime_checkable

import numpy as np

from utterface.motion import Motion


@runtime_checkable
class Animator(Protocol):
    """Samples → Motion. `animate(file)` is push, push, …, flush; any chunking gives the same motion.

    Attributes:
        name: which engine speaks, as the summary prints it.
        frame_rate: frames a second of what it gives.
        look_ahead: seconds of later sound a frame needs; None where the whole utterance is needed.
    """

    name: str
    frame_rate: float
    look_ahead: float | None

    def push(self, samples: np.ndarray) -> Motion:
        """(N,) float32 at 16 kHz, the next stretch of sound → the frames that it settles, possibly none."""
        ...

    def flush(self) -> Motion:
        """End of the sound: the frames that remain. Afterwards only `reset` may follow."""
        ...

    def reset(self) -> None:
        """Back to time 0."""
        ...
