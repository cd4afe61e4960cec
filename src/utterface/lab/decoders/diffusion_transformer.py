"""The denoiser of THUNDER (Daněček et al., 3DV 2026, 2504.13386): noisy frames, each beside its own speech.

Noisy frames attend to one another, the nearer the more (ALiBi, in both directions), and to two tokens: the speech at
their own moment and the noise level. The paper writes the latter as attention over speech and level token, appended
along time, under a diagonal mask; only the two unmasked tokens are computed here. No style goes in: style is noise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.errors import ConfigError
from utterface.lab.decoders.contract import SPEECH, Decoder, DecoderInput, sinusoids
from utterface.lab.networks.conditions import ConditionFusion
from utterface.lab.networks.diffusion import noise_schedule


@dataclass(frozen=True)
class DiffusionTransformerConfig:
    """Sizes; depth, heads, width, noise and `dropped` are the paper's, the rest it leaves open.

    Attributes:
        width: features.
        layers: of self-attention, cross-attention and feed-forward.
        heads: of attention.
        inner: features inside the feed-forward part.
        dropout: share of features dropped in training.
        moments: how often a frame reads the speech.
        convolutions: layers of convolution over five frames of speech before the denoiser; 0, as in the paper, expects
            a representation whose frames depend on their neighbours.
        dropped: share of clips whose speech is dropped in training, for classifier-free guidance.
        levels: of noise.
        schedule: of the noise: `linear` or `cosine`.
    """

    width: int = 128
    layers: int = 8
    heads: int = 4
    inner: int = 512
    dropout: float = 0.1
    moments: int = 2
    convolutions: int = 0
    dropped: float = 0.2
    levels: int = 1000
    schedule: str = "linear"

    def __post_init__(self) -> None:
        if self.width % self.heads or self.width % 2:
            raise ConfigError(f"the denoiser's width must be even and a multiple of {self.heads} heads: {self.width}")
        if self.moments < 1:
            raise ConfigError(f"each frame of the denoiser reads its own speech, once at least; moments={self.moments}")


class DiffusionTransformerDecoder(Decoder):
    """Clean motion from noisy motion (B, T, C) at levels (B,) and the speech of the same frames."""

    def __init__(
        self, config: DiffusionTransformerConfig, features: int, channels: int, conditions: Mapping[str, int]
    ) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.moments, self.dropped = config.moments, config.dropped
        self.schedule = noise_schedule(config.schedule, config.levels)
        self.enter_speech = nn.Linear(config.moments * features, width)  # "every input goes through its own affine"
        self.enter_motion = nn.Linear(channels, width)
        self.enter_level = nn.Linear(width, width)
        # `hearing` and `withheld` (in the place of dropped speech) are the names of these weights in checkpoints
        self.hearing = nn.ModuleList(_SpeechConvolution(width, config.dropout) for _ in range(config.convolutions))
        self.withheld = nn.Parameter(0.02 * torch.randn(width))
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.finish = nn.LayerNorm(width)
        self.leave = nn.Linear(width, channels)
        self.fusion = ConditionFusion(conditions, width)

    def encode(self, inputs: DecoderInput) -> DecoderInput:
        """The speech as (B, T, W) tokens with the conditions added; it does not depend on the level."""
        speech = self.enter_speech(inputs.speech)
        for layer in self.hearing:
            speech = layer(speech, inputs.frame_known)
        if SPEECH in inputs.dropped:
            speech = torch.where(inputs.dropped[SPEECH][:, None, None], self.withheld.to(speech.dtype), speech)
        return replace(inputs, speech=self.fusion(speech, inputs.conditions, inputs.dropped))

    def decode(self, inputs: DecoderInput, noisy: Tensor | None = None, level: Tensor | None = None) -> Tensor:
        assert noisy is not None and level is not None, "a denoiser needs noisy motion and its level"
        token = self.enter_level(sinusoids(level.to(noisy.dtype), self.config.width))[:, None]
        bias = alibi(noisy.shape[1], self.config.heads, noisy.device)
        unseen = ~inputs.frame_known & inputs.frame_known.any(1, keepdim=True)
        bias = bias + torch.zeros_like(unseen, dtype=bias.dtype).masked_fill(unseen, float("-inf"))[:, None, None]
        x = self.enter_motion(noisy)
        for layer in self.layers:
            x = layer(x, inputs.speech, token, bias.to(x.dtype))
        clean: Tensor = self.leave(self.finish(x))
        return clean


def alibi(count: int, heads: int, device: torch.device | None = None) -> Tensor:
    """(H, T, T) what is taken from attention, by distance (Press et al. 2022, 2108.12409); here it looks both ways.

    Head h of H loses 2^(−8 (h + 1) / H) a frame.
    """
    frame = torch.arange(count, device=device)
    slope = torch.exp2(-8.0 * torch.arange(1, heads + 1, device=device) / heads)
    return -slope[:, None, None] * (frame[:, None] - frame).abs()


class _SpeechConvolution(nn.Module):
    """A convolution over five frames of speech, in a residual."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.level = nn.LayerNorm(width)
        self.near = nn.Conv1d(width, width, 5, padding=2)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        y = (self.level(x) * known[..., None]).transpose(1, 2)
        z: Tensor = x + self.drop(F.gelu(self.near(y)).transpose(1, 2))
        return z


class _Layer(nn.Module):
    """Self-attention among frames, attention to each frame's own speech and the level, feed-forward; norms first."""

    def __init__(self, config: DiffusionTransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.before_frames, self.before_speech, self.before_feed = (nn.LayerNorm(width) for _ in range(3))
        self.frames_in, self.frames_out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.query, self.speech_in, self.speech_out = (nn.Linear(width, n * width) for n in (1, 2, 1))
        self.feed = nn.Sequential(
            nn.Linear(width, config.inner), nn.GELU(), nn.Dropout(config.dropout), nn.Linear(config.inner, width)
        )
        self.drop = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, speech: Tensor, token: Tensor, bias: Tensor) -> Tensor:
        x = x + self.drop(self._among_frames(self.before_frames(x), bias))
        x = x + self.drop(self._to_speech(self.before_speech(x), speech, token))
        y: Tensor = x + self.drop(self.feed(self.before_feed(x)))
        return y

    def _among_frames(self, x: Tensor, bias: Tensor) -> Tensor:
        query, key, value = self.frames_in(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, bias)
        return self.frames_out(seen.transpose(1, 2).flatten(2))

    def _to_speech(self, x: Tensor, speech: Tensor, token: Tensor) -> Tensor:
        """Of two tokens the softmax is the logistic function of the difference."""
        split = (self.heads, -1)
        query = self.query(x).unflatten(-1, split)
        key, value = self.speech_in(speech).chunk(2, -1)
        level_key, level_value = self.speech_in(token).chunk(2, -1)
        apart = (query * (key - level_key).unflatten(-1, split)).sum(-1, keepdim=True) / query.shape[-1] ** 0.5
        share = apart.sigmoid()
        value, level_value = value.unflatten(-1, split), level_value.unflatten(-1, split)
        return self.speech_out((level_value + share * (value - level_value)).flatten(2))
