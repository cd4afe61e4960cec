"""Layers of face networks before and after the decoder: units and vectors of speech in, motion at even scales."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

_LEAST_DEVIATION = 0.02  # of a channel, weights or radians


class UnitEmbedding(nn.Module):
    """One embedding table a codebook, their vectors summed."""

    def __init__(self, sizes: Sequence[int], features: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, features) for size in sizes)

    def forward(self, units: Tensor) -> Tensor:
        """(…, K) int64 → (…, D)."""
        return torch.stack([table(units[..., k]) for k, table in enumerate(self.tables)]).sum(0)


class FeatureNorm(nn.Module):
    """Vectors at mean 0 and deviation 1, feature by feature over many clips, so that loudness still shows."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.batch = nn.BatchNorm1d(features, affine=False)

    def forward(self, vectors: Tensor, known: Tensor) -> Tensor:
        """(B, S, …, D), of which (B, S) are known → the same normalised; 0 where unknown."""
        rows = vectors[known]
        normalised = torch.zeros_like(vectors)
        normalised[known] = self.batch(rows.flatten(0, -2)).view_as(rows)
        return normalised


class MotionScale(nn.Module):
    """Motion at mean 0 and deviation 1, channel by channel, as noise of deviation 1 requires."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def fit(self, motions: Sequence[np.ndarray]) -> None:
        """Measure (T, C) motions; channels that hardly move get a scale so small that noise cannot show in them."""
        total = sum(len(m) for m in motions)
        mean = sum(m.sum(0, dtype=np.float64) for m in motions) / total
        square = sum(((m - mean) ** 2).sum(0) for m in motions) / total
        self.mean.copy_(torch.from_numpy(mean))
        self.deviation.copy_(torch.from_numpy(np.maximum(np.sqrt(square), _LEAST_DEVIATION)))

    def forward(self, motion: Tensor) -> Tensor:
        return (motion - self.mean) / self.deviation

    def undo(self, scaled: Tensor) -> Tensor:
        return scaled * self.deviation + self.mean
