"""What our own encoders are built of: stacked log-mel, Transformer blocks, and a codec's strided convolutions."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import speech
from utterface.lab.networks.animator import CARRIED, LogMel

Change = Callable[[Tensor], Tensor]
_LEVEL, _SPREAD = -5.0, 4.0  # about the mean and deviation of natural-log mel energies of speech


class MelStack(nn.Module):
    """Log-mel frames, `stack` of them side by side: speech at 100 / stack frames a second, 80 · stack features."""

    def __init__(self, stack: int) -> None:
        super().__init__()
        self.stack = stack
        self.log_mel = LogMel()

    @property
    def frame_rate(self) -> float:
        return speech.TRACK_RATE / self.stack

    @property
    def start(self) -> float:
        """The moment of frame 0, the middle of its mel frames, seconds."""
        return (self.stack - 1) / 2 / speech.TRACK_RATE

    @property
    def look_ahead(self) -> float:
        """Seconds of sound after a frame's moment that it looks at."""
        return self.start + speech.MEL_WINDOW / 2 / speech.SAMPLE_RATE

    def forward(self, samples: Tensor, change: Change | None = None) -> Tensor:
        """(B, N) samples → (B, ceil(N / (160 · stack)), 80 · stack); `change` alters the (B, T, 80) log-mel."""
        half, pairs = speech.MEL_WINDOW // 2, 2 * speech.HOP
        count = math.ceil(samples.shape[1] / (self.stack * speech.HOP))
        needed = CARRIED + pairs * math.ceil(count * self.stack / 2)
        with torch.autocast(samples.device.type, enabled=False):  # half precision drowns quiet bands
            mel = self.log_mel(F.pad(samples.float(), (half, needed - half - samples.shape[1])))[
                :, : count * self.stack
            ]
            mel = change(mel) if change else mel
        return ((mel - _LEVEL) / _SPREAD).reshape(len(mel), count, -1)


class Transformer(nn.Module):
    """Blocks of attention and a feed-forward net, each behind a normalisation (Vaswani et al. 2017; Xiong et al. 2020).

    Positions are rotations of queries and keys (Su et al., "RoFormer", 2021), so any length will do.

    Args:
        width, heads, inner: features, attention heads, features inside the feed-forward net.
        layers: blocks.
        dropout: share of what each block adds that is dropped in training.
        past, future: frames on either side that a frame attends to in each block; None for all.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        inner: int,
        layers: int,
        dropout: float = 0.0,
        past: int | None = None,
        future: int | None = None,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([TransformerBlock(width, heads, inner, dropout) for _ in range(layers)])
        self.past, self.future = past, future

    @property
    def future_frames(self) -> int | None:
        """Frames after its own on which an answer depends; None for all."""
        return None if self.future is None else self.future * len(self.blocks)

    def forward(self, x: Tensor, layers: int | None = None) -> Tensor:
        """(B, T, W) → (B, T, W), after the first `layers` blocks."""
        allowed = self._band(x.shape[1], x.device)
        for block in self.blocks[:layers]:
            x = block(x, allowed)
        return x

    def _band(self, count: int, device: torch.device) -> Tensor | None:
        """(T, T) bool: which frame (column) each frame (row) attends to."""
        if self.past is None and self.future is None:
            return None
        ahead = torch.arange(count, device=device)[None] - torch.arange(count, device=device)[:, None]
        past = count if self.past is None else self.past
        future = count if self.future is None else self.future
        return (ahead >= -past) & (ahead <= future)


class TransformerBlock(nn.Module):
    """One block of `Transformer`."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.gather = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, allowed: Tensor | None) -> Tensor:
        query, key, value = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.project(self.before(x)).chunk(3, 2)
        )
        attended = F.scaled_dot_product_attention(rotate(query), rotate(key), value, attn_mask=allowed)
        x = x + self.dropout(self.gather(attended.transpose(1, 2).flatten(2)))
        return x + self.dropout(self.feed(self.between(x)))


def rotate(x: Tensor) -> Tensor:
    """(B, H, T, D) with every pair of features turned by an angle that grows with the frame (RoFormer, eq. 34)."""
    half = x.shape[-1] // 2
    rate = 10_000 ** (-torch.arange(half, device=x.device) / half)
    angle = torch.arange(x.shape[2], device=x.device)[:, None] * rate
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * angle.cos() - second * angle.sin(), first * angle.sin() + second * angle.cos()], -1)


class Depthwise(nn.Conv1d):
    """(B, F, T) → the same: each feature by a kernel of its own over an odd number of frames around.

    Worked out in two dimensions, one of them 1: in one, PyTorch takes 25 times as long on a CPU.
    """

    def __init__(self, features: int, kernel: int) -> None:
        super().__init__(features, features, kernel, padding=kernel // 2, groups=features)

    def forward(self, x: Tensor) -> Tensor:
        around = (0, self.kernel_size[0] // 2)
        return F.conv2d(x[:, :, None], self.weight[:, :, None], self.bias, padding=around, groups=self.groups)[:, :, 0]


# -------------------------------------------------------------------------------------------------- a codec's encoder


class Convolution(nn.Module):
    """A causal convolution: output i sees no input after stride · (i + 1) − 1, zeros before the first."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.earlier = (kernel - 1) * dilation + 1 - stride
        self.core = nn.Conv1d(inputs, outputs, kernel, stride, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, N) → (B, outputs, N / stride)."""
        y: Tensor = self.core(F.pad(x, (self.earlier, 0)))
        return y


class ResidualUnit(nn.Module):
    """Adds a convolution over three inputs and a mixing of channels (SEANet; EnCodec, section 3.1)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.ELU(), Convolution(channels, channels // 2, 3), nn.ELU(), Convolution(channels // 2, channels, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.body(x)
        return y


def seanet_encoder(channels: int, strides: tuple[int, ...], features: int) -> nn.Sequential:
    """(B, 1, N) → (B, features, N / Π strides); channels double at every stride (Tagliasacchi et al. 2020)."""
    layers: list[nn.Module] = [Convolution(1, channels, 7)]
    for stride in strides:
        layers += [ResidualUnit(channels), nn.ELU(), Convolution(channels, 2 * channels, 2 * stride, stride)]
        channels *= 2
    return nn.Sequential(*layers, nn.ELU(), Convolution(channels, features, 3))
