"""The contract of speech representations: samples in, a Track out."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from utterface.track import Track

FAMILIES = ("spectral", "self-supervised", "codec", "label")


@dataclass(frozen=True)
class RepresentationInfo:
    """The facts of a representation.

    Attributes:
        name: as `open_representation` takes it.
        family: `spectral`, `self-supervised`, `codec` or `label` (learned from transcripts).
        frame_rate: frames a second.
        dimension: features a frame of `encode`.
        codebooks: sizes of the codebooks whose units describe a frame; empty where the representation is continuous.
        start: seconds, the moment of the sound that frame 0 describes.
        look_ahead: seconds of sound after a frame's moment on which it depends; None where that is the utterance.
        parameters: weights at work in `encode` and `units`.
    """

    name: str
    family: str
    frame_rate: float
    dimension: int
    codebooks: tuple[int, ...] = ()
    start: float = 0.0
    look_ahead: float | None = None
    parameters: int = 0

    @property
    def bitrate(self) -> float | None:
        """Bits a second of the units, each codebook at log2 of its size; None where there are none."""
        return self.frame_rate * sum(math.log2(size) for size in self.codebooks) if self.codebooks else None


class Representation(Protocol):
    """Speech as a frozen encoder sees it."""

    about: RepresentationInfo

    def encode(self, samples: np.ndarray) -> Track:
        """(N,) float32 at 16 kHz → vectors (T, D); of a discrete representation, the codebook vectors of its units."""
        ...

    def units(self, samples: np.ndarray) -> Track | None:
        """(N,) float32 at 16 kHz → units (T,), or (T, K) of K codebooks; None where it is continuous."""
        ...
