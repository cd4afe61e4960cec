"""Frames → sound: ConvNeXt blocks, then magnitude and phase of every frame through an inverse Fourier transform.

Vocos (Siuzdak 2023, 2306.00814): all layers run at the frame rate, nothing at the sample rate, so it costs a fraction
of transposed convolutions. The inverse transform is a matrix product and four shifted sums, in real numbers, and so
goes into an ONNX graph as it stands. The codec decodes with it, the vocoder is nothing else.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.networks.blocks import Depthwise

_OVERLAP = 4  # hops in a window
_LOUDEST = 100.0  # no bin of a frame is louder; Vocos cuts there too


@dataclass(frozen=True)
class WaveConfig:
    """Sizes.

    Attributes:
        width, inner: features of a frame, and inside a block.
        blocks: how many there are.
        kernel: frames that a block's convolution sees.
        hop: samples a frame; a window is four hops long.
    """

    width: int = 192
    inner: int = 576
    blocks: int = 6
    kernel: int = 7
    hop: int = 160


class ConvNeXtBlock(nn.Module):
    """A depthwise convolution over time, a normalisation, a feed-forward net (Liu et al. 2022, as in Vocos)."""

    def __init__(self, width: int, inner: int, kernel: int) -> None:
        super().__init__()
        self.near = Depthwise(width, kernel)
        self.level = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))
        self.share = nn.Parameter(torch.full((width,), 0.1))  # a block begins as little more than its input

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, W) → (B, T, W)."""
        near = self.near(x.transpose(1, 2)).transpose(1, 2)
        y: Tensor = x + self.share * self.feed(self.level(near))
        return y


class WaveDecoder(nn.Module):
    """(B, T, features) → (B, T · hop) samples; frame t gives samples t · hop to (t + 1) · hop."""

    def __init__(self, features: int, config: WaveConfig) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Conv1d(features, config.width, config.kernel, padding=config.kernel // 2)
        self.level = nn.LayerNorm(config.width)
        blocks = [ConvNeXtBlock(config.width, config.inner, config.kernel) for _ in range(config.blocks)]
        self.blocks = nn.Sequential(*blocks)
        self.finish = nn.LayerNorm(config.width)
        self.inverse = InverseTransform(config.hop)
        self.leave = nn.Linear(config.width, 2 * self.inverse.bins)

    @property
    def reach(self) -> int:
        """Frames on either side of its own that a frame's samples depend on."""
        return (self.config.kernel // 2) * (1 + self.config.blocks) + _OVERLAP // 2

    def forward(self, frames: Tensor) -> Tensor:
        x = self.level(self.enter(frames.transpose(1, 2)).transpose(1, 2))
        loudness, phase = self.leave(self.finish(self.blocks(x))).float().chunk(2, -1)
        size = loudness.clamp(max=math.log(_LOUDEST)).exp()
        with torch.autocast(x.device.type, enabled=False):  # half precision is audible as noise
            samples: Tensor = self.inverse(size * phase.cos(), size * phase.sin())
        return samples


class InverseTransform(nn.Module):
    """Real and imaginary parts of windows, (B, T, 2 · hop + 1) each → (B, T · hop) samples, by overlap and addition.

    The window is a Hann window for analysis and synthesis, which at a quarter's hop adds up to 3/2 everywhere.
    Frame t is centred on the middle of its own hop.
    """

    real: Tensor
    imaginary: Tensor

    def __init__(self, hop: int) -> None:
        super().__init__()
        window, self.hop, self.bins = _OVERLAP * hop, hop, _OVERLAP // 2 * hop + 1
        turn = 2 * math.pi * torch.arange(self.bins)[:, None] * torch.arange(window) / window
        twice = torch.full((self.bins, 1), 2.0)  # a real signal's negative frequencies mirror the positive ones
        twice[0] = twice[-1] = 1.0
        shape = torch.hann_window(window) / window / 1.5
        self.register_buffer("real", twice * turn.cos() * shape, persistent=False)
        self.register_buffer("imaginary", -twice * turn.sin() * shape, persistent=False)

    def forward(self, real: Tensor, imaginary: Tensor) -> Tensor:
        frames = (real @ self.real + imaginary @ self.imaginary).unflatten(-1, (_OVERLAP, self.hop))
        count = frames.shape[1]
        padded = F.pad(frames, (0, 0, 0, 0, _OVERLAP - 1, _OVERLAP - 1))  # windows that would stand outside are silent
        shifted = [padded[:, _OVERLAP - 1 - k : 2 * _OVERLAP - 2 - k + count, k] for k in range(_OVERLAP)]
        total = torch.stack(shifted).sum(0).flatten(1)  # begins with frame 0's window, 1.5 hops before its own hop
        begin = (_OVERLAP - 1) * self.hop // 2
        return total[:, begin : begin + count * self.hop]
