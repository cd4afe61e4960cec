"""The contract of decoders: speech at its own rate and conditions in, motion at an even rate out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from utterface.lab.networks.diffusion import Schedule

SPEECH = "speech"  # its name in `DecoderInput.dropped`


@dataclass(frozen=True)
class DecoderInput:
    """Speech, conditions, and the moments of the frames to predict.

    Attributes:
        speech: (B, S, D) embedded units or features at their own rate; or, for a decoder that has `moments`,
            (B, T, moments · D): features at as many moments evenly apart from each frame's own on.
        times: (B, S) seconds, the moments of the features; of the frames where there are `moments`.
        known: (B, S) bool, False in the padding.
        frame_times: (B, T) seconds.
        frame_known: (B, T) bool, False in the padding.
        conditions: by name, tracks (B, T, D) or vectors (B, I); one that is missing is dropped everywhere.
        dropped: (B,) bool by name of a condition or `speech`: clips for which its learned null stands in its place;
            only a decoder with `dropped` has one for speech.
    """

    speech: Tensor
    times: Tensor
    known: Tensor
    frame_times: Tensor
    frame_known: Tensor
    conditions: Mapping[str, Tensor] = field(default_factory=dict)
    dropped: Mapping[str, Tensor] = field(default_factory=dict)

    def without_speech(self) -> "DecoderInput":
        """The same with the speech of all clips dropped."""
        every = torch.ones(len(self.speech), dtype=torch.bool, device=self.speech.device)
        return replace(self, dropped={**self.dropped, SPEECH: every})


class Decoder(nn.Module):
    """Base of the decoders.

    Attributes:
        moments: how often a frame reads the speech; 0: the decoder reads the speech at the speech's own rate.
        dropped: share of clips whose speech is dropped in training, for classifier-free guidance.
        schedule: of the noise of a denoiser, which predicts clean motion x̂0 from noisy motion and its level.
    """

    moments: int = 0
    dropped: float = 0.0
    schedule: Schedule | None = None

    def forward(self, inputs: DecoderInput, noisy: Tensor | None = None, level: Tensor | None = None) -> Tensor:
        """Speech, and for a denoiser (B, T, C) motion at levels (B,) int64 → (B, T, C) motion."""
        return self.decode(self.encode(inputs), noisy, level)

    def encode(self, inputs: DecoderInput) -> DecoderInput:
        """The part that does not depend on the noise, so that a sampler runs it once."""
        return inputs

    def decode(self, inputs: DecoderInput, noisy: Tensor | None = None, level: Tensor | None = None) -> Tensor:
        """`forward` from the output of `encode` on."""
        raise NotImplementedError


def sinusoids(position: Tensor, width: int) -> Tensor:
    """(…) positions in frames → (…, width), sines and cosines of wavelengths 2π to 2π · 10⁴ (Vaswani et al. 2017)."""
    wave = torch.exp(-torch.arange(0, width, 2, device=position.device) / width * 9.210340371976184)  # 10⁴ = e^9.21
    angle = position[..., None] * wave
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(-2)
