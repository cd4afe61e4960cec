"""The shipped animator's body as a decoder: residual blocks with taps into past and near future, a running mean."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.decoders.contract import Decoder, DecoderInput
from utterface.lab.networks.animator import GatheringBlock, Norm
from utterface.lab.networks.conditions import ConditionFusion


@dataclass(frozen=True)
class AnimatorDecoderConfig:
    """Sizes; the taps are in frames of 30 a second, so that they reach about as far as the shipped network's.

    Attributes:
        width: features of the residual stream.
        bottleneck: features of a block's bottleneck.
        taps: for each block the moments it gathers, see `animator.network.NetworkConfig`.
        pooled: features of which the running mean is taken; 0 for none.
        pool_frames: over how many frames that mean runs.
        dropout: share of features dropped in training.
    """

    width: int = 384
    bottleneck: int = 128
    taps: tuple[tuple[int, ...], ...] = (
        (-1, 0, 1), (-1, 0, 1), (-1, 0, 1), (-2, -1, 0), (-2, -1, 0), (-4, -2, 0), (-4, -2, 0), (-6, -3, 0),
    )  # fmt: skip
    pooled: int = 64
    pool_frames: int = 48
    dropout: float = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "taps", tuple(tuple(t) for t in self.taps))


class AnimatorDecoder(Decoder):
    """A frame depends on a finite past and on as many future frames as the taps add up to."""

    moments = 2

    def __init__(
        self, config: AnimatorDecoderConfig, features: int, channels: int, conditions: Mapping[str, int]
    ) -> None:
        super().__init__()
        self.config = config
        blocks = [GatheringBlock(config.width, config.bottleneck, t, config.dropout) for t in config.taps]
        self.delay = sum(block.future for block in blocks)
        self.level = Norm(self.moments * features)
        self.enter = nn.Linear(self.moments * features, config.width)
        self.fusion = ConditionFusion(conditions, config.width)
        self.blocks = nn.ModuleList(blocks)
        if config.pooled:
            self.pool_in = nn.Linear(config.width, config.pooled)
            self.pool_out = nn.Linear(config.pooled, config.width)
        self.finish = Norm(config.width)
        self.leave = nn.Linear(config.width, channels)

    def decode(self, inputs: DecoderInput, noisy: Tensor | None = None, level: Tensor | None = None) -> Tensor:
        x = self.fusion(self.enter(self.level(inputs.speech)), inputs.conditions, inputs.dropped)
        x = x * inputs.frame_known[..., None]  # silence beyond the end
        x = F.pad(x, (0, 0, 0, self.delay))
        for i, block in enumerate(self.blocks):
            assert isinstance(block, GatheringBlock)
            if i == len(self.blocks) // 2 and self.config.pooled:
                x = x + self.pool_out(self._running_mean(F.relu(self.pool_in(x))))
            held = x.new_zeros(len(x), block.carried, self.config.bottleneck)
            x, _, _ = block(x, held, x.new_zeros(len(x), block.future, self.config.width))
        motion: Tensor = self.leave(F.relu(self.finish(x[:, self.delay :])))
        return motion

    def _running_mean(self, x: Tensor) -> Tensor:
        """(B, T, F) → the mean over the last `pool_frames`, at the start over those there were."""
        total = F.pad(x.transpose(1, 2), (self.config.pool_frames - 1, 0))
        count = torch.arange(1, x.shape[1] + 1, device=x.device).clamp(max=self.config.pool_frames)
        mean = F.avg_pool1d(total, self.config.pool_frames, 1).transpose(1, 2)
        return mean * (self.config.pool_frames / count)[:, None]
