"""Losses of predicted motion: the weights, their differences over time, the lip gap.

Transformers of *From Tokens to Faces* learn L1 + velocity + acceleration, its GRU learns L1. The paper leaves open the
form and the weights of the smoothness terms; here they are differences to the reference's own changes,

    L = |x̂ − x| + λ_v |Δx̂ − Δx| + λ_a |Δ²x̂ − Δ²x|

so that a fast movement costs nothing where the reference moves as fast. The lip gap is an addition of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor, nn

from utterface import rigs
from utterface.lab.batches.pairs import FaceBatch
from utterface.metrics.lips import CLOSED_MM
from utterface.rigs.lips import LipRig

_MM = 1000.0


class FacePrediction(NamedTuple):
    """Motion as a network predicts it in training.

    Attributes:
        motion: (B, T, C).
        kept: (B,) ᾱ, the share of variance that the noise left of the motion; None of a decoder that does not denoise.
        dropped: (B,) bool by name, clips whose speech or condition was dropped.
    """

    motion: Tensor
    kept: Tensor | None = None
    dropped: Mapping[str, Tensor] = {}


@dataclass(frozen=True)
class MotionLossConfig:
    """Weights of the losses; 0 leaves one out.

    Attributes:
        weights: the channels themselves.
        velocity, acceleration: their first and second differences, a frame each.
        gap: the lip gap of the built-in head, a millimetre counting as 1.
        closing: how much heavier frames weigh in `gap` where the reference's lips are closed.
        mesh_to_speech: see `lab.losses.mesh_to_speech`.
        huber: below which error (in weights) the square counts instead of the absolute value; 0 is L1, as the paper
            says, 1 what FaceDiffuser's released code does.
    """

    weights: float = 1.0
    velocity: float = 1.0
    acceleration: float = 1.0
    gap: float = 0.0
    closing: float = 1.0
    mesh_to_speech: float = 0.0
    huber: float = 0.0


def motion_losses(predicted: Tensor, target: Tensor, known: Tensor, config: MotionLossConfig) -> dict[str, Tensor]:
    """The weighted losses by name, those with a weight.

    Args:
        predicted, target: (B, T, C).
        known: (B, T) bool, the frames that count.
        config: weights.
    """
    error = predicted - target
    parts = {}
    for name, weight in (("weights", config.weights), ("velocity", config.velocity),
                         ("acceleration", config.acceleration)):  # fmt: skip
        if weight:
            parts[name] = weight * masked_mean(_size(error, config.huber), known)
        error, known = error.diff(dim=1), known[:, 1:] & known[:, :-1]
    return parts


def _size(error: Tensor, huber: float) -> Tensor:
    if not huber:
        return error.abs()
    return torch.where(error.abs() < huber, 0.5 * error.square(), huber * (error.abs() - 0.5 * huber))


def masked_mean(values: Tensor, known: Tensor) -> Tensor:
    """Mean of (B, T, …) over the frames (B, T) that are known; 0 where none is."""
    mask = known.view(*known.shape, *[1] * (values.ndim - known.ndim)).expand_as(values)
    return torch.where(mask, values, 0.0).sum() / mask.sum().clamp(min=1)


class LipGap(nn.Module):
    """Lip gap of weights on a linear rig; equal to `LipRig.gap_mm`.

    Args:
        lips: of the rig.
        channels: C names of the motion; what the rig does not know moves no lip.
    """

    gains: Tensor

    def __init__(self, lips: LipRig, channels: tuple[str, ...]) -> None:
        super().__init__()
        known = dict(zip(lips.channels, lips.gains_mm.tolist(), strict=True))
        gains = torch.tensor([known.get(channel, 0.0) for channel in channels], dtype=torch.float32)
        self.register_buffer("gains", gains, persistent=False)

    def forward(self, motion: Tensor) -> Tensor:
        """(…, C) → (…) mm above neutral."""
        return motion @ self.gains


def gap_loss(predicted: Tensor, target: Tensor, known: Tensor, closing: float) -> Tensor:
    """Mean difference of lip gaps, mm.

    Args:
        predicted, target: (B, T) mm.
        known: (B, T) bool.
        closing: how many times as much a frame counts in which the lips should be closed.
    """
    heavier = 1 + (closing - 1) * (target <= CLOSED_MM)
    return masked_mean((predicted - target).abs() * heavier, known)


class GapLoss:
    """Weighted error of the lip gap of the built-in head; no loss without a weight.

    Args:
        channels: C names of the motion.
        weight: of the loss.
        closing: see `gap_loss`.
    """

    def __init__(self, channels: tuple[str, ...], weight: float, closing: float) -> None:
        self.channels, self.weight, self.closing = channels, weight, closing

    @cached_property
    def gap(self) -> LipGap:
        return LipGap(LipRig.from_rig(rigs.head()), self.channels)

    def __call__(self, prediction: FacePrediction, batch: FaceBatch) -> dict[str, Tensor]:
        if not self.weight:
            return {}
        gap = self.gap.to(batch.motion.device)
        error = gap_loss(gap(prediction.motion), gap(batch.motion), batch.frame_known, self.closing)
        return {"gap": self.weight * error}
