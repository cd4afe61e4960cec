"""What every decoder takes and gives: speech as vectors on its own clock in, motion at an even rate out."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from utterface.lab.networks.diffusion import Schedule


@dataclass(frozen=True)
class Heard:
    """Speech as a decoder hears it, and for which moments it owes frames.

    Attributes:
        vectors: (B, S, D) embedded units or features, on their own clock; or, for a decoder that has `moments`,
            (B, T, moments · D): what stands at as many moments evenly apart from each frame's own on.
        times: (B, S) seconds, the moments of the vectors; of the frames where there are `moments`.
        known: (B, S) bool, False where the vectors only fill up.
        frame_times: (B, T) seconds, the moments of the frames.
        frame_known: (B, T) bool, False beyond the end of a clip.
        withheld: (B,) bool, clips whose speech a decoder with `dropped` must do without; None is none of them.
    """

    vectors: Tensor
    times: Tensor
    known: Tensor
    frame_times: Tensor
    frame_known: Tensor
    withheld: Tensor | None = None


class Decoder(nn.Module):
    """Base of the decoders.

    Attributes:
        moments: how often a frame reads the speech; 0: it hears the speech on the speech's own clock.
        dropped: share of clips whose speech is to be withheld in training, for classifier-free guidance.
        schedule: of the noise, where `forward` wants noisy motion and its level and says what is behind the noise.
    """

    moments: int = 0
    dropped: float = 0.0
    schedule: Schedule | None = None

    def forward(self, heard: Heard, noisy: Tensor | None = None, level: Tensor | None = None) -> Tensor:
        """Speech, and where there is a schedule (B, T, C) motion at levels (B,) int64 → (B, T, C) motion."""
        raise NotImplementedError


def sinusoids(position: Tensor, width: int) -> Tensor:
    """(…) positions in frames → (…, width), sines and cosines of wavelengths 2π to 2π · 10⁴ (Vaswani et al. 2017)."""
    wave = torch.exp(-torch.arange(0, width, 2, device=position.device) / width * 9.210340371976184)  # 10⁴ = e^9.21
    angle = position[..., None] * wave
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(-2)
