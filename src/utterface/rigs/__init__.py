"""Rigs: what turns channels into vertices."""

from typing import TYPE_CHECKING

import numpy as np

from utterface.rigs.protocol import Joint, Part, Rig
from utterface.rigs.solver import Solution, Strengths, solve

if TYPE_CHECKING:
    from utterface.rigs.mannequin.rig import HeadRig

__all__ = ["Joint", "Part", "Rig", "Solution", "Strengths", "head", "solve"]


def head(identity: np.ndarray | None = None) -> "HeadRig":
    """The built-in head: ARKit's 52 shapes, teeth, tongue, eyes, brows and lashes, made by our own code.

    Args:
        identity: (I,) face-shape parameters in standard deviations from the mean head; None is the mean.
    """
    from utterface.rigs.mannequin import build

    return build.head(identity)
