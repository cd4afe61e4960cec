"""The GRU of *From Tokens to Faces*, FaceDiffuser's denoiser for BEAT.

A diffusion process whose network predicts clean motion, x̂0 (Corrêa et al., Interspeech 2026). Sizes are those
of FaceDiffuser's released `FaceDiffBeat` (Stan et al. 2023, 2309.11306): two moments of speech a frame, the noisy
weights and a token of the noise level side by side, a layer norm over all of it, two GRU layers that know no future.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.decoders.contract import Decoder, DecoderInput
from utterface.lab.networks.conditions import ConditionFusion
from utterface.lab.networks.diffusion import noise_schedule


@dataclass(frozen=True)
class GruDiffusionConfig:
    """Sizes of the denoiser.

    Attributes:
        width: features of the GRU.
        layers: of the GRU.
        token: features of the noise level's token.
        dropout: between the layers.
        levels: of noise.
        schedule: of the noise: `cosine` or `linear`.
    """

    width: int = 256
    layers: int = 2
    token: int = 256
    dropout: float = 0.3
    levels: int = 1000
    schedule: str = "cosine"


class GruDiffusionDecoder(Decoder):
    """Clean motion from noisy motion, frame after frame."""

    moments = 2

    def __init__(self, config: GruDiffusionConfig, features: int, channels: int, conditions: Mapping[str, int]) -> None:
        super().__init__()
        self.config = config
        self.schedule = noise_schedule(config.schedule, config.levels)
        inside = self.moments * features + channels + config.token
        self.level = nn.Sequential(nn.Linear(config.levels, config.token), nn.Mish())
        self.enter = nn.LayerNorm(inside)
        self.fusion = ConditionFusion(conditions, inside)
        dropout = config.dropout if config.layers > 1 else 0.0
        self.gru = nn.GRU(inside, config.width, config.layers, batch_first=True, dropout=dropout)
        self.leave = nn.Linear(config.width, channels)

    def decode(self, inputs: DecoderInput, noisy: Tensor | None = None, level: Tensor | None = None) -> Tensor:
        assert noisy is not None and level is not None, "a denoiser needs noisy motion and its level"
        token = self.level(F.one_hot(level, self.config.levels).to(noisy.dtype))
        tokens = token[:, None].expand(-1, noisy.shape[1], -1)
        x = self.enter(torch.cat([inputs.speech, noisy, tokens], 2))
        x, _ = self.gru(self.fusion(x, inputs.conditions, inputs.dropped))
        motion: Tensor = self.leave(x)
        return motion
