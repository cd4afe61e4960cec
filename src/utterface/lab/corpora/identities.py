"""Performers whose neutral face says something of how they move, in one of two ways.

geometric   gap and fullness of the lips: lips that stand apart at rest need more `mouthClose`, full lips roll in;
            a cause in the performer's own face
planted     style = √ρ² · W · identity + √(1 − ρ²) · noise with a W of the seed: it tests whether a network reads an
            identity, not whether nature writes one
"""

from dataclasses import dataclass, replace

import numpy as np

from utterface.articulation.expression import GAP_MM
from utterface.lab.corpora.performers import Performer
from utterface.motion import Motion

KINDS = ("geometric", "planted")
SIZE = 16  # numbers of an identity
SHARE = 0.6  # ρ²: of the variance of a planted style, what the identity says
TRAITS = ("strength", "brows")  # planted, in this order
_APART, _FULL, _CLOSED = 2.5, 0.5, 1.5  # mm at rest at most; weight of rolled lips at most; mm of a gap that is closed


@dataclass(frozen=True)
class PerformerIdentity:
    """A neutral face's shape vector and what follows from it.

    Attributes:
        vector: (16,) float32, normally distributed.
        gap_mm: between the lips at rest.
        fullness: 0…1.
    """

    vector: np.ndarray
    gap_mm: float = 0.0
    fullness: float = 0.0


def with_identity(performer: Performer, kind: str, seed: int) -> tuple[Performer, PerformerIdentity]:
    """A performer's identity, drawn from its name, and the performer moving as that says."""
    rng = np.random.default_rng([seed, *performer.name.encode()])
    vector = rng.standard_normal(SIZE).astype(np.float32)
    if kind == "geometric":
        first, second = (float(1 / (1 + np.exp(-1.7 * v))) for v in vector[:2])
        return performer, PerformerIdentity(vector, _APART * first, second)
    mixing = np.random.default_rng([seed, SIZE]).standard_normal((len(TRAITS), SIZE))
    mixing /= np.linalg.norm(mixing, axis=1, keepdims=True)
    strength, brows = np.sqrt(SHARE) * mixing @ vector + np.sqrt(1 - SHARE) * rng.standard_normal(len(TRAITS))
    manner = replace(performer.manner, brows=float(np.exp(0.6 * brows)))
    moved = float(np.clip(np.exp(0.3 * strength), 0.5, 1.6))
    return replace(performer, strength=moved, manner=manner, frown=0.0), PerformerIdentity(vector)


def closed_by(identity: PerformerIdentity, motion: Motion) -> Motion:
    """The motion on a face whose lips stand apart and are full: what closes them takes more."""
    gap = motion.values @ np.array([GAP_MM.get(c, 0.0) for c in motion.channels], np.float32)
    closed = np.clip(1 - gap / _CLOSED, 0, 1)
    values = motion.values.copy()
    more = {"mouthClose": identity.gap_mm / -GAP_MM["mouthClose"]}
    more |= dict.fromkeys(("mouthRollLower", "mouthRollUpper"), _FULL * identity.fullness)
    for channel, amount in more.items():
        column = motion.index(channel)
        values[:, column] = np.clip(values[:, column] + amount * closed, 0, 1)
    return motion.with_values(values)
