"""Conditions, inputs beside speech such as emotion, identity or text, added to features of frames."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class ConditionFusion(nn.Module):
    """Adds any set of conditions: each through an affine layer of its own, or its learned null where it is dropped.

    Args:
        sizes: features of each condition by name; none adds nothing and holds no weights.
        width: features of the frames.
    """

    def __init__(self, sizes: Mapping[str, int], width: int) -> None:
        super().__init__()
        self.enter = nn.ModuleDict({name: nn.Linear(size, width) for name, size in sizes.items()})
        self.null = nn.ParameterDict({name: nn.Parameter(0.02 * torch.randn(width)) for name in sizes})

    def forward(self, frames: Tensor, conditions: Mapping[str, Tensor], dropped: Mapping[str, Tensor]) -> Tensor:
        """The frames with the conditions added.

        Args:
            frames: (B, T, W).
            conditions: by name, tracks (B, T, D) or vectors (B, I); a condition that is missing is dropped everywhere.
            dropped: by name, (B,) bool, where a condition is dropped.
        """
        for name, enter in self.enter.items():
            null = self.null[name].to(frames.dtype)
            if name not in conditions:
                frames = frames + null
                continue
            value = enter(conditions[name])
            value = value if value.ndim == 3 else value[:, None]
            if name in dropped:
                value = torch.where(dropped[name][:, None, None], null, value)
            frames = frames + value
        return frames
