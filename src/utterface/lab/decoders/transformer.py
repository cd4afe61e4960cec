"""The Transformer of *From Tokens to Faces*: frames are queries, the speech is keys and values, all of it at once.

The paper (Corrêa et al., Interspeech 2026) states decoder layers with cross-attention that are not causal, the whole
sequence, one pass. Depth, width, positions and what the queries are it leaves open; the defaults here are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from utterface.errors import ConfigError
from utterface.lab.decoders.contract import Decoder, DecoderInput, sinusoids
from utterface.lab.networks.conditions import ConditionFusion

_LEAST_REACH = 0.2  # seconds; speech may end a little before the last frame, which must still attend to some


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of the Transformer; none is given in the paper.

    Attributes:
        width: features.
        layers: decoder layers.
        heads: of attention.
        inner: features inside the feed-forward part.
        dropout: share of features dropped in training.
        reach: seconds to either side that a frame attends to; 0 is everything, as in the paper.
        position_rate: positions a second, the same scale for frames and speech.
        nearness: how much less a frame attends to what is farther away: head h of H loses nearness · 2^(−8h/H) a
            frame's time of distance (ALiBi, Press et al. 2022, 2108.12409, in both directions); 0 is nothing. Without
            it the way from a frame to its own speech must be learned, which takes thousands of steps.
    """

    width: int = 256
    layers: int = 4
    heads: int = 8
    inner: int = 1024
    dropout: float = 0.1
    reach: float = 0.0
    position_rate: float = 30.0
    nearness: float = 0.0

    def __post_init__(self) -> None:
        if self.width % self.heads or self.width % 2:
            raise ConfigError(
                f"the transformer's width must be even and a multiple of {self.heads} heads: {self.width}"
            )
        if 0 < self.reach < _LEAST_REACH:
            raise ConfigError(f"the transformer's reach must be 0 or at least {_LEAST_REACH} s, got {self.reach}")
        if self.nearness < 0:
            raise ConfigError(f"the transformer's nearness must be 0 or more, got {self.nearness}")


class TransformerDecoder(Decoder):
    """Sinusoidal queries, one a frame, attend to one another and to the speech.

    Both are placed on one axis, seconds times `position_rate`, so speech of any rate lines up with the frames.
    """

    def __init__(self, config: TransformerConfig, features: int, channels: int, conditions: Mapping[str, int]) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Linear(features, config.width)
        layer = nn.TransformerDecoderLayer(
            config.width, config.heads, config.inner, config.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerDecoder(layer, config.layers, nn.LayerNorm(config.width))
        self.leave = nn.Linear(config.width, channels)
        self.fusion = ConditionFusion(conditions, config.width)

    def decode(self, inputs: DecoderInput, noisy: Tensor | None = None, level: Tensor | None = None) -> Tensor:
        queries = self.fusion(self._placed(inputs.frame_times), inputs.conditions, inputs.dropped)
        speech = self.enter(inputs.speech) + self._placed(inputs.times)
        x = self.layers(
            queries,
            speech,
            tgt_mask=self._beyond(inputs.frame_times, inputs.frame_times, inputs.frame_known),
            memory_mask=self._beyond(inputs.frame_times, inputs.times, inputs.known),
        )
        motion: Tensor = self.leave(x)
        return motion

    def _placed(self, times: Tensor) -> Tensor:
        return sinusoids(times * self.config.position_rate, self.config.width)

    def _beyond(self, at: Tensor, other: Tensor, known: Tensor) -> Tensor:
        """(B·H, T, S) bool, True where a frame at one moment does not look at what stands at another.

        With `nearness` floats to add to the attention instead, −∞ there.
        """
        heads, apart = self.config.heads, (at[:, :, None] - other[:, None]).abs()
        hidden = ~known[:, None].expand(-1, at.shape[1], -1)
        if self.config.reach:
            hidden = hidden | (apart > self.config.reach)
        hidden = hidden & ~hidden.all(2, keepdim=True)  # frames beyond the end look anywhere rather than at nothing
        if not self.config.nearness:
            return torch.repeat_interleave(hidden, heads, 0)
        slope = torch.exp2(-8.0 * torch.arange(1, heads + 1, device=at.device) / heads) * self.config.nearness
        bias = -slope[:, None, None] * (self.config.position_rate * apart)[:, None]
        return bias.masked_fill(hidden[:, None], float("-inf")).flatten(0, 1)
