"""Losses of the animator. Closures come first: listeners rank by them (docs/reference/conventions.md)."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from utterface.articulation import ARTICULATORS
from utterface.articulation.rendering import SCALED
from utterface.lab.batches.articulators import ArticulatorBatch
from utterface.lab.losses.lips import ArticulatedGap
from utterface.lab.networks.animator import AnimatorOutput

_SPIKE = 5.0  # how much heavier a frame with a token weighs than a blank one, as most are
_BLANK = -1  # the teacher's last token
_SEEN = ("jaw", "aperture", "rounding", "spread", "labiodental", "sibilant", "seal", "rest")  # the eye sees these


@dataclass(frozen=True)
class LossConfig:
    """Weights of the losses; 0 leaves one out.

    Attributes:
        articulators: squared error, `closing` times as heavy while a bilabial sounds.
        velocity: squared error of the change from frame to frame.
        lip_gap: absolute error of the built-in head's lip gap, in millimetres, weighed as `articulators` is.
        expression: squared error of what moods add to the channels, where the network has them as controls.
        closure, silence: cross-entropy of the two decisions.
        phones: cross-entropy of the phone, an auxiliary task that is left out of the bundle.
        teacher: cross-entropy with a teacher's probabilities (Hinton, Vinyals, Dean 2015), where the batches have them.
        closing: how much heavier frames with a bilabial weigh in `articulators` and `lip_gap`.
        smoothing: share of the phone target spread over all phones.
    """

    articulators: float = 6.0
    velocity: float = 6.0
    lip_gap: float = 0.0
    expression: float = 20.0
    closure: float = 2.0
    silence: float = 0.5
    phones: float = 1.0
    teacher: float = 1.0
    closing: float = 3.0
    smoothing: float = 0.1


def losses(
    output: AnimatorOutput, batch: ArticulatorBatch, delay: int, config: LossConfig, gap: ArticulatedGap | None = None
) -> dict[str, Tensor]:
    """The weighted losses by name; their sum is what is minimised.

    Args:
        output: of the whole crop; frame i of the batch is answered at step i + delay.
        batch: inputs and targets.
        delay: frames.
        config: weights.
        gap: of the lips that `lip_gap` looks at.
    """
    count = batch.phones.shape[1] - delay
    trust = batch.weight[:, None]
    weight = trust * (1 + (config.closing - 1) * batch.closure[:, :count])
    seen = torch.tensor([1.0 if name in _SEEN else 0.2 for name in ARTICULATORS], device=weight.device)
    predicted, target = output.articulators[:, delay:], batch.articulators[:, :count]
    change = (predicted.diff(dim=1) - target.diff(dim=1)).square()
    phones = F.cross_entropy(output.phones[:, delay:].flatten(0, 1), batch.phones[:, :count].flatten(),
                             reduction="none", label_smoothing=config.smoothing)  # fmt: skip
    closure = F.binary_cross_entropy_with_logits(output.closure[:, delay:], batch.closure[:, :count], reduction="none")
    silence = F.binary_cross_entropy_with_logits(output.silence[:, delay:], batch.silence[:, :count], reduction="none")
    parts = {
        "articulators": config.articulators * (((predicted - target).square() * seen).mean(2) * weight).mean(),
        "velocity": config.velocity * ((change * seen).mean(2) * trust).mean(),
        "closure": config.closure * (closure * trust).mean(),
        "silence": config.silence * (silence * trust).mean(),
        "phones": config.phones * (phones.view_as(closure) * trust).mean(),
    }
    if batch.tokens.shape[2]:
        likely = batch.tokens[:, :count]
        spoken = 1 + (_SPIKE - 1) * (1 - likely[..., _BLANK])
        error = -(likely * output.tokens[:, delay:].log_softmax(2)).sum(2) * spoken
        parts["teacher"] = config.teacher * error.sum() / spoken.sum()
    shown, expected = output.expression[:, delay:], batch.expression[:, :count]
    if shown.shape[2]:
        parts["expression"] = config.expression * ((shown - expected).square().mean(2) * trust).mean()
    if gap is not None and config.lip_gap:
        apart = gap(_unscaled(predicted, batch.strength), batch.strength, shown)
        wished = gap(_unscaled(target, batch.strength), batch.strength, expected)
        parts["lip_gap"] = config.lip_gap * ((apart - wished).abs() * weight).mean()
    return parts


def _unscaled(articulators: Tensor, strength: Tensor) -> Tensor:
    """(B, T, A) that a strength (B, 1) scaled → those of strength 1, which is what `posture` takes."""
    scaled = torch.tensor([name in SCALED for name in ARTICULATORS], device=articulators.device)
    return torch.where(scaled, articulators / strength[..., None], articulators)
