"""The motion prior of LSF-Animation (Lu et al., SIGGRAPH Asia 2025), after ProbTalk3D: motion ↔ codes of one book.

    motion (T, C) ─ convolution, Transformer ─ z (T, W) ─ nearest codes ─ ẑ ─ convolution, Transformer ─ motion

The released code flattens z as channels × time, so that one code stands for 128 moments of one channel (`flatten =
"time"`); the paper describes codes of a frame (`"frame"`). A nearest code passes gradients straight through.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.errors import ConfigError

FLATTENINGS, NORMS = ("frame", "time"), ("instance", "layer")
_SLOPE = 0.2  # of LeakyReLU


@dataclass(frozen=True)
class MotionPriorConfig:
    """The recipe's table `network` of `motion_prior`.

    Attributes:
        width: W, a multiple of `code`.
        layers, heads, inner: of each Transformer.
        codes, code: in the book, and numbers of each.
        commitment: β.
        flatten: what a code stands for, `frame` or `time`.
        norm: after a convolution: `instance`, over the frames of a clip, as released; or `layer`, of each frame.
        dropout: of the positions.
        revive: in training, codes that a batch leaves unused move onto its inputs, with this chance; 0 as released.
    """

    width: int = 256
    layers: int = 6
    heads: int = 8
    inner: int = 384
    codes: int = 256
    code: int = 128
    commitment: float = 0.25
    flatten: str = "frame"
    norm: str = "instance"
    dropout: float = 0.1
    revive: float = 0.0

    def __post_init__(self) -> None:
        if self.width % self.code or self.width % self.heads:
            raise ConfigError(f"network.width must be a multiple of code and heads, got {self.width}")
        if self.flatten not in FLATTENINGS or self.norm not in NORMS:
            raise ConfigError(
                f"network.flatten is one of {', '.join(FLATTENINGS)}, norm one of {', '.join(NORMS)}; "
                f"got {self.flatten} and {self.norm}"
            )


class FrameNorm(nn.Module):
    """Mean 0 and deviation 1 without learned scale: of each channel over a clip's known frames, or of each frame."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(B, T, W), of which (B, T) are known."""
        if self.kind == "layer":
            return F.layer_norm(x, x.shape[-1:])
        weight = known[..., None].to(x.dtype)
        count = weight.sum(1, keepdim=True)
        mean = (x * weight).sum(1, keepdim=True) / count
        variance = ((x - mean).square() * weight).sum(1, keepdim=True) / count
        return (x - mean) / (variance + 1e-5).sqrt()


class ConvolvedFrames(nn.Module):
    """A convolution of five frames with replicated edges, LeakyReLU, a norm."""

    def __init__(self, width: int, norm: str) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(width, width, 5, padding=2, padding_mode="replicate")
        self.norm = FrameNorm(norm)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(B, T, W) → (B, T, W)."""
        mixed = F.leaky_relu(self.convolution(x.transpose(1, 2)).transpose(1, 2), _SLOPE)
        normed: Tensor = self.norm(mixed, known)
        return normed


class FullScaleBlock(nn.Module):
    """A pre-norm Transformer block whose attention is scaled by the whole width, as in the released code."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads, self.scale = heads, width**-0.5
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.project, self.gather = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.Linear(width, inner), nn.GELU("tanh"), nn.Linear(inner, width))

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(B, T, W) → (B, T, W); unknown frames are not attended to."""
        query, key, value = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.project(self.before(x)).chunk(3, 2)
        )
        mask = known[:, None, None]
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=self.scale)
        x = x + self.gather(attended.transpose(1, 2).flatten(2))
        fed: Tensor = x + self.feed(self.between(x))
        return fed


def placed(x: Tensor) -> Tensor:
    """(B, T, W) with the sinusoids of its frames added."""
    wave = torch.exp(-torch.arange(0, x.shape[2], 2, device=x.device) / x.shape[2] * math.log(1e4))
    angle = torch.arange(x.shape[1], device=x.device)[:, None] * wave
    return x + torch.stack([angle.sin(), angle.cos()], -1).flatten(-2).to(x.dtype)


class MotionCodes(NamedTuple):
    """What the book answers: (B, T, W) vectors with straight gradients, those of the book, (B, N) units, the loss."""

    vectors: Tensor
    nearest: Tensor
    units: Tensor
    loss: Tensor


class CodeBook(nn.Module):
    """256 codes of 128 numbers: the nearest one, or in sampling one drawn by softmax(−d / τ)."""

    def __init__(self, config: MotionPriorConfig) -> None:
        super().__init__()
        self.config = config
        self.codes = nn.Parameter(torch.empty(config.codes, config.code).uniform_(-1 / config.codes, 1 / config.codes))

    def flat(self, z: Tensor) -> Tensor:
        """(B, T, W) → (B, N, code), what each code stands for."""
        if self.config.flatten == "time":
            z = z.transpose(1, 2)
        return z.reshape(len(z), -1, self.config.code)

    def shaped(self, flat: Tensor, frames: int) -> Tensor:
        """(B, N, code) → (B, T, W)."""
        if self.config.flatten == "time":
            return flat.reshape(len(flat), -1, frames).transpose(1, 2)
        return flat.reshape(len(flat), frames, -1)

    def forward(self, z: Tensor, temperature: float = 0.0, generator: torch.Generator | None = None) -> MotionCodes:
        """The codes of (B, T, W); the temperature τ draws them, 0 takes the nearest."""
        flat = self.flat(z)
        distances = flat.square().sum(-1, keepdim=True) - 2 * flat @ self.codes.T + self.codes.square().sum(-1)
        if temperature:
            likely = F.softmax(-distances / temperature, -1).flatten(0, 1)
            units = torch.multinomial(likely.cpu(), 1, generator=generator).view(flat.shape[:2]).to(z.device)
        else:
            units = distances.argmin(-1)
        if self.training and self.config.revive:
            self._revive(flat, units)
        nearest = self.shaped(self.codes[units], z.shape[1])
        loss = self.config.commitment * F.mse_loss(z, nearest.detach()) + F.mse_loss(nearest, z.detach())
        return MotionCodes(z + (nearest - z).detach(), nearest, units, loss)

    @torch.no_grad()
    def _revive(self, flat: Tensor, units: Tensor) -> None:
        used = torch.bincount(units.flatten(), minlength=len(self.codes)) > 0
        moved = ~used & (torch.rand(len(used), device=used.device) < self.config.revive)
        rows = flat.flatten(0, 1)
        drawn = rows[torch.randint(len(rows), (len(used),), device=used.device)]
        self.codes[moved] = drawn[moved].to(self.codes.dtype)


class MotionPrior(nn.Module):
    """Motion scaled to 0…1 ↔ codes.

    Args:
        config: its sizes.
        channels: C.
    """

    def __init__(self, config: MotionPriorConfig, channels: int) -> None:
        super().__init__()
        self.config, width = config, config.width
        blocks = [
            nn.ModuleList([FullScaleBlock(width, config.heads, config.inner) for _ in range(config.layers)])
            for _ in range(2)
        ]
        self.enter, self.leave = nn.Linear(channels, width), nn.Linear(width, channels, bias=False)
        self.before, self.after = ConvolvedFrames(width, config.norm), ConvolvedFrames(width, config.norm)
        self.encoded, self.decoded = nn.Linear(width, width), nn.Linear(width, width)
        self.encoder, self.decoder = blocks
        self.book, self.dropout = CodeBook(config), nn.Dropout(config.dropout)

    def encode(self, motion: Tensor, known: Tensor) -> Tensor:
        """(B, T, C) → z (B, T, W)."""
        x = self.before(F.leaky_relu(self.enter(motion), _SLOPE), known)
        x = self.dropout(placed(self.encoded(x)))
        for block in self.encoder:
            x = block(x, known)
        return x

    def decode(self, vectors: Tensor, known: Tensor) -> Tensor:
        """ẑ (B, T, W) → motion (B, T, C)."""
        x = self.dropout(placed(self.decoded(self.after(vectors, known))))
        for block in self.decoder:
            x = block(x, known)
        motion: Tensor = self.leave(x)
        return motion

    def forward(self, motion: Tensor, known: Tensor) -> tuple[Tensor, MotionCodes]:
        """Motion (B, T, C) there and back, and its codes."""
        codes: MotionCodes = self.book(self.encode(motion, known))
        return self.decode(codes.vectors, known), codes
