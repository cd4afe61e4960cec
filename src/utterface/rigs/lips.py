"""How far the lips of a rig are apart: the one measure that closure stands and falls with.

The gap is the vertical distance of paired inner-lip vertices around the middle of the mouth, minus the same distance on
the neutral face. Only operators are used that NumPy arrays and torch tensors share: both go through one formula.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from utterface.arrays import read_arrays
from utterface.errors import RigError
from utterface.motion import ARKIT, Motion
from utterface.rigs.protocol import Rig

UPPER, LOWER = "lips_inner_upper", "lips_inner_lower"  # regions, paired one to one
_MM = 1000.0
_UP = 1  # +Y


def lip_distance(vertices: Any, upper: Any, lower: Any) -> Any:
    """Mean vertical distance of lip pairs.

    Args:
        vertices: (…, V, 3) NumPy array or torch tensor.
        upper, lower: (P,) indices of paired vertices.

    Returns:
        (…) in the unit of `vertices`; negative where the lips overlap.
    """
    return (vertices[..., upper, _UP] - vertices[..., lower, _UP]).mean(-1)


def lip_gap(vertices: Any, template: Any, upper: Any, lower: Any) -> Any:
    """`lip_distance` above neutral: (…, V, 3) vertices and (V, 3) template → (…), in their unit."""
    return lip_distance(vertices, upper, lower) - lip_distance(template, upper, lower)


@dataclass(frozen=True)
class LipRig:
    """The lips of a linear blendshape rig, which is all that the gap needs.

    Attributes:
        channels: C names.
        gains_mm: (C,) float64, how much a weight of 1 opens the lips, in millimetres.
        name: shown to people.
    """

    channels: tuple[str, ...]
    gains_mm: np.ndarray
    name: str = "lips"

    def gap_mm(self, motion: Motion) -> np.ndarray:
        """(T,) float64 millimetres above neutral; head and eye angles play no part."""
        return motion.select(self.channels).astype(np.float64) @ self.gains_mm

    @classmethod
    def from_rig(cls, rig: Rig) -> "LipRig":
        """The lips of a rig whose vertices are its template plus a weighted sum of shapes.

        Raises:
            RigError: it names no paired inner lips.
        """
        upper, lower = (rig.regions.get(region, np.zeros(0, np.int64)) for region in (UPPER, LOWER))
        if not len(upper) or len(upper) != len(lower):
            raise RigError(
                f"cannot measure the lips of {rig.name}: its regions {UPPER} and {LOWER} must be paired one to one, "
                f"they have {len(upper)} and {len(lower)} vertices"
            )
        weights = [i for i, channel in enumerate(rig.channels) if channel in ARKIT]
        alone = np.zeros((len(weights), len(rig.channels)), np.float32)
        alone[np.arange(len(weights)), weights] = 1
        template = np.asarray(rig.template, np.float64)
        gains = [
            _MM * float(lip_gap(rig.vertices(row[None])[0].astype(np.float64), template, upper, lower)) for row in alone
        ]
        return cls(tuple(rig.channels[i] for i in weights), np.array(gains), rig.name)

    @classmethod
    def from_npz(cls, path: str | Path) -> "LipRig":
        """Lips alone, in millimetres.

        Args:
            path: .npz with `names` (C,), and `dpairs` (C, P, 2, 3): what each channel does to P pairs of an upper and
                a lower vertex.

        Raises:
            RigError: unreadable, or laid out otherwise.
        """
        try:
            stored = read_arrays(path)
            names, moves = [str(n) for n in stored["names"]], np.asarray(stored["dpairs"], np.float64)
        except FileNotFoundError:
            raise RigError(f"no such file: {path}") from None
        except (OSError, KeyError, ValueError, TypeError) as problem:
            raise RigError(f"cannot read the lips in {path}: expected arrays names and dpairs, {problem}") from None
        if moves.ndim != 4 or moves.shape[0] != len(names) or moves.shape[2:] != (2, 3):
            raise RigError(f"{path}: dpairs must be ({len(names)}, pairs, 2, 3), got {moves.shape}")
        return cls(tuple(names), (moves[:, :, 0, _UP] - moves[:, :, 1, _UP]).mean(1), Path(path).stem)
