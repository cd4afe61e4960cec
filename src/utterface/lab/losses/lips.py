"""Articulators → lip gap of a rig in millimetres, differentiable: what the eye sees of a closure."""

from functools import cache

import torch
from torch import Tensor, nn

from utterface import rigs
from utterface.articulation.rendering import posture
from utterface.rigs.lips import LipRig


@cache
def head_lips() -> LipRig:
    """Those of the built-in head; measured on its vertices once."""
    return LipRig.from_rig(rigs.head())


class ArticulatedGap(nn.Module):
    """`LipRig.gap_mm` of what `render` makes of articulators, and of an expression over it.

    On a rig whose vertices are a weighted sum of shapes a weight opens the lips by so much a unit, whatever the others
    do; these gains are all that is needed of the mesh.

    Args:
        lips: of the rig.
        expression: names of channels that are added to what is rendered.
    """

    expression: Tensor

    def __init__(self, lips: LipRig, expression: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.gains = {name: float(gain) for name, gain in zip(lips.channels, lips.gains_mm, strict=True) if gain}
        gains = torch.tensor([self.gains.get(name, 0.0) for name in expression], dtype=torch.float32)
        self.register_buffer("expression", gains, persistent=False)

    def forward(self, articulators: Tensor, strength: Tensor | float = 1.0, expression: Tensor | None = None) -> Tensor:
        """(…, A) in 0…1, strength that goes with (…), (…, E) weights → (…) mm above neutral."""
        weights = posture(torch, articulators, strength)
        gap = torch.stack([self.gains[name] * torch.clip(w, 0, 1) for name, w in weights.items() if name in self.gains])
        added = 0.0 if expression is None else (expression * self.expression).sum(-1)
        return gap.sum(0) + added
