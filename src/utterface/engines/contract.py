"""The contract every engine keeps: sound in, motion out, streaming as the only path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from utterface.motion import Motion


@dataclass(frozen=True)
class Take:
    """What an engine is told about one take; it uses what it can.

    Attributes:
        text: the transcript; None where nobody knows it.
        language: code of the language spoken, e.g. `en`.
        frame_rate: frames a second that will be asked for; an engine with its own rate keeps that. Below 50 a
            closure may fall between two frames of a neural engine; `animate` works at a multiple, see `timing`.
        strength: how much the lips articulate, 1 = as measured.
        seed: of engines that sample.
        emotions: name → intensity 0…1, for engines that show them by themselves.
    """

    text: str | None = None
    language: str = "en"
    frame_rate: float = 60.0
    strength: float = 1.0
    seed: int = 0
    emotions: Mapping[str, float] = field(default_factory=dict)


@runtime_checkable
class Animator(Protocol):
    """Samples → Motion. `animate(file)` is push, push, …, flush; any chunking gives the same motion.

    Attributes:
        name: which engine speaks, as the summary prints it.
        frame_rate: frames a second of what it gives.
        look_ahead: seconds of later sound a frame needs; None where the whole utterance is needed.

    An engine that knows what was said and when also has `alignment` after `flush` (`utterface.align.Alignment`); one
    that moves parts of the face which the life layer would has `alive`, their names in `life.PARTS`; one that shows
    emotions by itself has `directed`, their names, and nobody else adds those.
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
