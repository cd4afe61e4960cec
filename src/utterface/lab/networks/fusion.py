"""How two streams of speech become one: LSF-Animation's HIFB, and what it is compared with.

HIFB: n learned fusion tokens stand before each stream in its own block; then they attend to every pair of an emotion
frame and a motion frame. Keys and values of a pair are linear in (e_i; m_j), without dropout: its logits are a_i + b_j,
the softmax over pairs is a product of two, and the attention over T² pairs is exactly the sum of two over T frames.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.networks.motion_prior import FullScaleBlock

_HEADS, _DIMS, _SCALE = 8, 8, 32**-0.5  # of the Cartesian attention; the released scale is of 32 dimensions a head


class CartesianAttention(nn.Module):
    """Fusion tokens over all pairs of frames, in time linear in the frames; no bias, no dropout."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = _HEADS * _DIMS
        self.query = nn.Linear(width, inner, bias=False)
        self.pair = nn.Linear(2 * width, 2 * inner, bias=False)  # of (e; m)
        self.gather = nn.Linear(inner, width, bias=False)

    def forward(self, tokens: Tensor, emotion: Tensor, motion: Tensor, known: Tensor) -> Tensor:
        """Tokens (B, n, W), two streams (B, T, W), of which (B, T) frames are known → (B, n, W)."""
        query = self._heads(self.query(tokens))
        total = torch.zeros_like(query)
        for stream, weight in zip((emotion, motion), self.pair.weight.chunk(2, 1), strict=True):
            key, value = map(self._heads, F.linear(stream, weight).chunk(2, -1))
            mask = known[:, None, None]
            total = total + F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=_SCALE)
        gathered: Tensor = self.gather(total.transpose(1, 2).flatten(2))
        return gathered

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (_HEADS, _DIMS)).transpose(1, 2)


class HifbLayer(nn.Module):
    """One layer: a block for each stream with the tokens before it, then the tokens over the pairs."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.motion = FullScaleBlock(width, heads, inner)
        self.emotion = FullScaleBlock(width, heads, inner)
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = CartesianAttention(width)
        hidden = round(1.5 * width)
        self.feed = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, tokens: Tensor, motion: Tensor, emotion: Tensor, known: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(tokens, motion, emotion) after the layer."""
        count = tokens.shape[1]
        both = torch.cat([known.new_ones(len(known), count), known], 1)
        motion, emotion = (
            block(torch.cat([tokens, stream], 1), both)[:, count:]
            for block, stream in ((self.motion, motion), (self.emotion, emotion))
        )
        tokens = tokens + self.attention(self.before(tokens), emotion, motion, known)
        return tokens + self.feed(self.between(tokens)), motion, emotion


class Hifb(nn.Module):
    """Hierarchical fusion: the last motion stream is the answer, so the last emotion block learns nothing."""

    def __init__(self, width: int, layers: int, heads: int, inner: int, tokens: int = 4) -> None:
        super().__init__()
        self.tokens = nn.Parameter(0.02 * torch.randn(tokens, width))
        self.layers = nn.ModuleList([HifbLayer(width, heads, inner) for _ in range(layers)])

    def forward(self, motion: Tensor, emotion: Tensor, known: Tensor) -> Tensor:
        """Two streams (B, T, W) → (B, T, W)."""
        tokens = self.tokens.expand(len(motion), -1, -1)
        for layer in self.layers:
            tokens, motion, emotion = layer(tokens, motion, emotion, known)
        return motion


class PlainFusion(nn.Module):
    """Streams joined once, by a matrix (`concat`) or a gate (`gated`), then a stack of blocks."""

    def __init__(self, width: int, layers: int, heads: int, inner: int, gated: bool) -> None:
        super().__init__()
        self.join = nn.Linear(2 * width, width)
        self.gate = nn.Linear(2 * width, width) if gated else None
        self.blocks = nn.ModuleList([FullScaleBlock(width, heads, inner) for _ in range(2 * layers)])

    def forward(self, motion: Tensor, emotion: Tensor, known: Tensor) -> Tensor:
        """Two streams (B, T, W) → (B, T, W)."""
        both = torch.cat([motion, emotion], 2)
        x = self.join(both) if self.gate is None else motion + self.gate(both).sigmoid() * self.join(both)
        for block in self.blocks:
            x = block(x, known)
        return x


class CrossFusion(nn.Module):
    """Each layer of the motion stream attends to the emotion stream, after a block of its own for each."""

    def __init__(self, width: int, layers: int, heads: int, inner: int) -> None:
        super().__init__()
        self.motion = nn.ModuleList([FullScaleBlock(width, heads, inner) for _ in range(layers)])
        self.emotion = nn.ModuleList([FullScaleBlock(width, heads, inner) for _ in range(layers)])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(layers)])
        self.attentions = nn.ModuleList([nn.MultiheadAttention(width, heads, batch_first=True) for _ in range(layers)])

    def forward(self, motion: Tensor, emotion: Tensor, known: Tensor) -> Tensor:
        """Two streams (B, T, W) → (B, T, W)."""
        for own, other, norm, attention in zip(self.motion, self.emotion, self.norms, self.attentions, strict=True):
            motion, emotion = own(motion, known), other(emotion, known)
            motion = motion + attention(norm(motion), emotion, emotion, ~known, need_weights=False)[0]
        return motion


FUSIONS = ("hifb", "concat", "gated", "cross")


def make_fusion(kind: str, width: int, layers: int, heads: int, inner: int, tokens: int = 4) -> nn.Module:
    """A fusion with as many weights as HIFB of these sizes, as nearly as a whole `inner` of its blocks allows."""

    def of(kind: str, inner: int) -> nn.Module:
        if kind == "hifb":
            return Hifb(width, layers, heads, inner, tokens)
        if kind == "cross":
            return CrossFusion(width, layers, heads, inner)
        return PlainFusion(width, layers, heads, inner, kind == "gated")

    def count(module: nn.Module) -> int:
        return sum(p.numel() for p in module.parameters())

    if kind == "hifb":
        return of(kind, inner)
    with torch.device("meta"):
        wanted, least = count(of("hifb", inner)), count(of(kind, 1))
        step = count(of(kind, 2)) - least
    return of(kind, max(1, 1 + round((wanted - least) / step)))
