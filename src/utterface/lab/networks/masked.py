"""A masked-prediction encoder after HuBERT (Hsu et al. 2021, 2106.07447): the self-supervised encoder of our own.

Stretches of speech are hidden, and for each hidden frame the network says which cluster it belongs to. Its input is
log-mel at 50 Hz (as in MelHuBERT, Lin et al. 2022, 2211.09944), many times cheaper than samples.
`lab/systems/masked.py` trains it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.networks.blocks import Change, MelStack, Transformer

_STACK = 2
_TEMPERATURE = 0.1  # τ of HuBERT


@dataclass(frozen=True)
class MaskedConfig:
    """The recipe's table `network`.

    Attributes:
        width, heads, inner, layers, dropout: of the Transformer.
        clusters: how many targets there are.
        mask_share: share of frames at which a hidden stretch begins.
        mask_frames: its length; HuBERT hides 10 frames of 20 ms from 8 % of the frames on.
        unit_layer: whose features stand for the network where none is named.
    """

    width: int = 256
    heads: int = 4
    inner: int = 1024
    layers: int = 5
    dropout: float = 0.1
    clusters: int = 100
    mask_share: float = 0.08
    mask_frames: int = 10
    unit_layer: int = 4


class MaskedNetwork(nn.Module):
    """Log-mel at 50 Hz → features of any layer; while training, cluster logits of hidden frames."""

    def __init__(self, config: MaskedConfig) -> None:
        super().__init__()
        self.config = config
        self.mel = MelStack(_STACK)
        self.enter = nn.Linear(80 * _STACK, config.width)
        self.hidden = nn.Parameter(torch.randn(config.width) * 0.1)  # what a masked frame looks like
        self.body = Transformer(config.width, config.heads, config.inner, config.layers, config.dropout)
        self.leave = nn.Linear(config.width, config.width)
        self.clusters = nn.Parameter(torch.randn(config.clusters, config.width))

    def forward(
        self, samples: Tensor, mask: Tensor | None = None, layer: int | None = None, change: Change | None = None
    ) -> Tensor:
        """(B, N) samples → (B, T, width), the features of a layer, by default the last; `mask` (B, T) hides frames."""
        x = self.enter(self.mel(samples, change))
        if mask is not None:
            x = torch.where(mask[..., None], self.hidden, x)
        features: Tensor = self.body(x, layer)
        return features

    def features(self, samples: Tensor, layer: int) -> Tensor:
        """(B, N) samples → (B, T, width), a layer with each feature at mean 0, deviation 1 over the utterance.

        What stays the same all through an utterance is the voice and the room; without it clusters are more about
        phones (on unseen speakers 100 clusters of the first layer have a purity of 0.42 instead of 0.38).
        """
        x = self(samples, layer=layer)
        centred = x - x.mean(1, keepdim=True)
        return centred / (centred.square().mean(1, keepdim=True) + 1e-6).sqrt()

    def logits(self, features: Tensor) -> Tensor:
        """(B, T, width) → (B, T, clusters): cosine to each cluster's vector, over τ."""
        return F.normalize(self.leave(features), dim=-1) @ F.normalize(self.clusters, dim=-1).T / _TEMPERATURE


def draw_mask(shape: tuple[int, int], config: MaskedConfig, seed: tuple[int, ...]) -> Tensor:
    """(B, T) bool: stretches of `mask_frames` from a random `mask_share` of the frames on; they may overlap."""
    begins = np.random.default_rng(seed).random(shape) < config.mask_share
    begins[:, 0] |= ~begins.any(1)
    mask = np.zeros_like(begins)
    for shift in range(min(config.mask_frames, shape[1])):
        mask[:, shift:] |= begins[:, : shape[1] - shift]
    return torch.from_numpy(mask)
