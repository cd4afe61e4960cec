"""Error of predicted speech: log-mel and units, as THUNDER weighs them."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from utterface.lab.losses.motion import masked_mean
from utterface.lab.networks.mesh_to_speech import SPREAD, MeshToSpeechOutput


@dataclass(frozen=True)
class SpeechLossConfig:
    """Weights of the losses; the paper's are 10 and 1.

    Attributes:
        mel: absolute error of the log-mel, in its standard deviations over speech (4 nats).
        units: cross-entropy of the units.
    """

    mel: float = 10.0
    units: float = 1.0


def speech_losses(
    output: MeshToSpeechOutput,
    mel: Tensor,
    units: Tensor,
    known: Tensor | None = None,
    weight: Tensor | None = None,
    config: SpeechLossConfig | None = None,
) -> dict[str, Tensor]:
    """The weighted losses by name, those with a weight.

    Args:
        output: of the mesh-to-speech model.
        mel: (B, 2U, 80) of the true sound, by `spoken_mel`.
        units: (B, U) int64; or (B, U, K) logits of another face, then their divergence from it counts.
        known: (B, U) bool, the frames that count; all where there is none.
        weight: (B,) how much each row counts, 1 where there is none.
        config: weights of the losses, by default the paper's.
    """
    config = config or SpeechLossConfig()
    known = torch.ones(units.shape[:2], dtype=torch.bool, device=units.device) if known is None else known
    row = 1.0 if weight is None else weight[:, None]
    parts = {}
    if config.mel:
        error = (output.mel - mel).abs().mean(2).unflatten(1, (-1, 2)).mean(2) / SPREAD
        parts["mel"] = config.mel * masked_mean(error * row, known)
    if config.units:
        if units.dim() == 3:
            logits, target = output.units.log_softmax(2), units.log_softmax(2)
            surprise = F.kl_div(logits, target, reduction="none", log_target=True).sum(2)
        else:
            surprise = F.cross_entropy(output.units.transpose(1, 2), units, reduction="none")
        parts["units"] = config.units * masked_mean(surprise * row, known)
    return parts
