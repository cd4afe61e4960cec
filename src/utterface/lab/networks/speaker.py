"""A speaker encoder: time-delay layers over log-mel, mean and deviation over the utterance (x-vectors, Snyder 2018)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.networks.blocks import MelStack

_TAPS = ((5, 1), (3, 2), (3, 3), (1, 1))  # kernel and dilation of each time-delay layer, of x-vectors


@dataclass(frozen=True)
class SpeakerConfig:
    """The recipe's table `network`.

    Attributes:
        width: features of the time-delay layers.
        features: of the embedding.
        clips: of each speaker in a batch; `data.batch` / `clips` speakers are in it.
    """

    width: int = 384
    features: int = 192
    clips: int = 4


class SpeakerNetwork(nn.Module):
    """(B, N) samples → (B, features), of length 1."""

    def __init__(self, config: SpeakerConfig) -> None:
        super().__init__()
        self.config = config
        self.mel = MelStack(1)
        layers: list[nn.Module] = []
        inputs = 80
        for kernel, dilation in _TAPS:
            layers += [nn.Conv1d(inputs, config.width, kernel, dilation=dilation, padding="same"), nn.ReLU(),
                       nn.BatchNorm1d(config.width)]  # fmt: skip
            inputs = config.width
        self.frames = nn.Sequential(*layers)
        self.leave = nn.Linear(2 * config.width, config.features)
        self.scale = nn.Parameter(torch.tensor(10.0))  # w and b of GE2E's equation 5, begun as in the paper
        self.shift = nn.Parameter(torch.tensor(-5.0))

    def forward(self, samples: Tensor) -> Tensor:
        return self.embed(self.mel(samples))

    def embed(self, log_mel: Tensor) -> Tensor:
        """(B, T, 80) log-mel as `MelStack` has it → (B, features)."""
        x = self.frames((log_mel - log_mel.mean(1, keepdim=True)).transpose(1, 2))  # the channel's colour is left out
        return F.normalize(self.leave(torch.cat([x.mean(2), (x.var(2) + 1e-5).sqrt()], 1)), dim=1)
