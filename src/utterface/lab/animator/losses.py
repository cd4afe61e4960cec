"""What the animator is trained to get right. Closures come first: listeners rank by them (see docs/metrics.md)."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from utterface.articulation import ARTICULATORS
from utterface.lab.animator.feed import Batch
from utterface.lab.animator.network import Output

_SEEN = ("jaw", "aperture", "rounding", "spread", "labiodental", "sibilant", "seal", "rest")  # the eye sees these


@dataclass(frozen=True)
class LossConfig:
    """Weights of the losses; 0 leaves one out.

    Attributes:
        articulators: squared error, `closing` times as heavy while a bilabial sounds.
        velocity: squared error of the change from frame to frame.
        closure, silence: cross-entropy of the two decisions.
        phones: cross-entropy of the phone, an auxiliary task that is left out of the bundle.
        closing: how much heavier frames with a bilabial weigh in `articulators`.
        smoothing: share of the phone target spread over all phones.
    """

    articulators: float = 6.0
    velocity: float = 6.0
    closure: float = 2.0
    silence: float = 0.5
    phones: float = 1.0
    closing: float = 3.0
    smoothing: float = 0.1


def losses(output: Output, batch: Batch, delay: int, config: LossConfig) -> dict[str, Tensor]:
    """The weighted losses by name; their sum is what is minimised.

    Args:
        output: of the whole crop; frame i of the batch is answered at step i + delay.
        batch: what was asked.
        delay: frames.
        config: weights.
    """
    count = batch.phones.shape[1] - delay
    trust = batch.weight[:, None]
    weight = trust * (1 + (config.closing - 1) * batch.closure[:, :count])
    seen = torch.tensor([1.0 if name in _SEEN else 0.2 for name in ARTICULATORS], device=weight.device)
    said, wanted = output.articulators[:, delay:], batch.articulators[:, :count]
    change = (said.diff(dim=1) - wanted.diff(dim=1)).square()
    phones = F.cross_entropy(output.phones[:, delay:].flatten(0, 1), batch.phones[:, :count].flatten(),
                             reduction="none", label_smoothing=config.smoothing)  # fmt: skip
    closure = F.binary_cross_entropy_with_logits(output.closure[:, delay:], batch.closure[:, :count], reduction="none")
    silence = F.binary_cross_entropy_with_logits(output.silence[:, delay:], batch.silence[:, :count], reduction="none")
    return {
        "articulators": config.articulators * (((said - wanted).square() * seen).mean(2) * weight).mean(),
        "velocity": config.velocity * ((change * seen).mean(2) * trust).mean(),
        "closure": config.closure * (closure * trust).mean(),
        "silence": config.silence * (silence * trust).mean(),
        "phones": config.phones * (phones.view_as(closure) * trust).mean(),
    }
