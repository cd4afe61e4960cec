"""The Conformer (Gulati et al. 2020, 2005.08100): attention sees the whole, a convolution the neighbourhood.

A block is half a feed-forward net, attention, convolution, half a feed-forward net, each behind a normalisation and
added to its input. Relative positions are rotations of queries and keys (Su et al., "RoFormer", 2021). The
convolution is normalised by layer and not by batch, so that training and use see the same numbers.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.networks.blocks import Depthwise, rotate


class Conformer(nn.Module):
    """(B, T, W) → (B, T, W), of any length.

    Args:
        width, heads, inner: features, attention heads, features inside the feed-forward nets.
        layers: blocks.
        kernel: frames that a block's convolution sees, odd.
        dropout: share of what each part adds that is dropped in training.
    """

    def __init__(self, width: int, heads: int, inner: int, layers: int, kernel: int = 31, dropout: float = 0.0) -> None:
        super().__init__()
        blocks = [ConformerBlock(width, heads, inner, kernel, dropout) for _ in range(layers)]
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.blocks(x)
        return y


class ConformerBlock(nn.Module):
    """One block of `Conformer`."""

    def __init__(self, width: int, heads: int, inner: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.first = _feed(width, inner, dropout)
        self.attention = Attention(width, heads)
        self.convolution = Neighbourhood(width, kernel)
        self.second = _feed(width, inner, dropout)
        self.finish = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + 0.5 * self.first(x)
        x = x + self.dropout(self.attention(x))
        x = x + self.dropout(self.convolution(x))
        x = x + 0.5 * self.second(x)
        y: Tensor = self.finish(x)
        return y


def _feed(width: int, inner: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(width),
        nn.Linear(width, inner),
        nn.SiLU(),
        nn.Dropout(dropout),
        nn.Linear(inner, width),
        nn.Dropout(dropout),
    )


class Attention(nn.Module):
    """Every frame attends to every frame."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.gather = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.project(self.before(x)).chunk(3, 2)
        )
        query, key = rotate(query), rotate(key)  # float32, whatever the value is
        if value.is_cuda:
            attended = F.scaled_dot_product_attention(query.to(value.dtype), key.to(value.dtype), value)
        else:  # in bfloat16 it takes 2.6 times as long on CPUs, where all else gains
            with torch.autocast("cpu", enabled=False):
                attended = F.scaled_dot_product_attention(query, key, value.float())
        y: Tensor = self.gather(attended.transpose(1, 2).flatten(2))
        return y


class Neighbourhood(nn.Module):
    """A gate, a depthwise convolution over time, a normalisation, a mixing of features."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.before = nn.LayerNorm(width)
        self.enter = nn.Linear(width, 2 * width)
        self.near = Depthwise(width, kernel)
        self.level = nn.LayerNorm(width)
        self.leave = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        gated = F.glu(self.enter(self.before(x)), dim=2)
        near = self.near(gated.transpose(1, 2)).transpose(1, 2)
        y: Tensor = self.leave(F.silu(self.level(near)))
        return y
