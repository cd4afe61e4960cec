"""The contract every engine keeps: sound in, motion out, streaming as the only path."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from utterface.align import Alignment
from utterface.articulation import check_emotions
from utterface.errors import ConfigError
from utterface.motion import Motion
from utterface.text import Transcript
from utterface.track import Track

FRAME_RATES = (1.0, 240.0)  # Hz
STRENGTHS = (0.0, 2.0)
LISTEN = ("words", "phones", "animator")  # what recognises speech; each needs less than the one before


@dataclass(frozen=True)
class Request:
    """What an engine is asked to make; it uses what it can.

    Attributes:
        transcript: what is said, where that is known.
        language: code of the language spoken, e.g. `en`, for recognition without a transcript.
        frame_rate: frames a second that are wanted, 1 to 240; an engine with its own rate keeps that. Below 50 a
            closure may fall between two frames of a neural engine; `animate` works at a multiple, see `timing`.
        strength: how much the lips articulate, 0 to 2, 1 = as measured.
        seed: random seed of engines that sample.
        emotions: name → intensity 0…1, for engines that show them.
        conditions: name → vector or track, for bundles that declare them; the learned null stands for the others.
        listen: what recognises speech where there is no transcript, or one that does not fit: one of `LISTEN`.
        words_model: of the recogniser of words, see `recognise.words`; None takes the one of the extra `words`.

    Raises:
        ConfigError: a value out of its range, an unknown emotion or recogniser.
    """

    transcript: Transcript | None = None
    language: str = "en"
    frame_rate: float = 60.0
    strength: float = 1.0
    seed: int = 0
    emotions: Mapping[str, float] = field(default_factory=dict)
    conditions: Mapping[str, Track | np.ndarray] = field(default_factory=dict)
    listen: str = "phones"
    words_model: str | None = None

    def __post_init__(self) -> None:
        if self.transcript is not None and not isinstance(self.transcript, Transcript):
            raise ConfigError(f"the transcript must be a Transcript, got {type(self.transcript).__name__}")
        check_range("frame rate", self.frame_rate, FRAME_RATES, " a second")
        check_range("strength", self.strength, STRENGTHS, " (1 is as measured)")
        check_emotions(self.emotions)
        if not isinstance(self.seed, int | np.integer):
            raise ConfigError(f"a seed is a whole number, got {self.seed!r}")
        object.__setattr__(self, "seed", int(self.seed))
        if self.listen not in LISTEN:
            raise ConfigError(f"no recogniser is called {self.listen!r}; there are {', '.join(LISTEN)}")


@dataclass(frozen=True)
class EngineInfo:
    """What an open engine is and does.

    Attributes:
        name: name of the engine or bundle, as the summary prints it.
        frame_rate: frames a second of its motion.
        look_ahead: seconds of later sound that a frame needs; None where it needs the whole utterance.
        moves: parts of `life.PARTS` that it moves; the life layer leaves these alone.
        emotions: emotions that it shows; they are not added to its motion again.
        needs_text: whether it needs a transcript.
        sampled: whether another seed gives another motion.
        conditions: names of the inputs that it reads beside the sound.
    """

    name: str
    frame_rate: float
    look_ahead: float | None = None
    moves: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    needs_text: bool = False
    sampled: bool = False
    conditions: tuple[str, ...] = ()


@runtime_checkable
class Animator(Protocol):
    """Samples → Motion. `animate(file)` is push, push, …, flush; any chunking gives the same motion."""

    @property
    def about(self) -> EngineInfo:
        """What the engine is and does; the same from opening on."""
        ...

    @property
    def alignment(self) -> Alignment | None:
        """Timed words and phones behind the motion, after `flush`; None before, and of engines that know none."""
        ...

    def push(self, samples: np.ndarray) -> Motion:
        """(N,) float32 at 16 kHz, the next stretch of sound → the frames that it settles, possibly none."""
        ...

    def flush(self) -> Motion:
        """End of the sound: the frames that remain. Afterwards only `reset` may follow."""
        ...

    def reset(self) -> None:
        """Back to time 0."""
        ...


def check_range(name: str, value: float, limits: tuple[float, float], unit: str) -> None:
    """ConfigError where a value is no number within limits."""
    low, high = limits
    number = not isinstance(value, bool | str) and isinstance(value, int | float | np.number)
    if not number or not math.isfinite(value) or not low <= value <= high:
        shown = f"{value:g}" if number else repr(value)
        raise ConfigError(f"{name} must lie in {low:g} to {high:g}{unit}, got {shown}")
