"""Training of the codec `networks/codec.py`, without an adversary.

Spectra at several resolutions, log-mel and the samples themselves must come back. With a teacher it is a semantic
codec: the first quantiser also predicts the features of a self-supervised encoder (SpeechTokenizer, Zhang et al. 2023,
2308.16692), so its units carry the phones and the later ones the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import timing
from utterface.lab.batches.crops import Crop, CropBatch, CropSystem
from utterface.lab.losses.spectral import spectral_loss
from utterface.lab.networks.blocks import MelStack
from utterface.lab.networks.codec import CodecConfig, CodecNetwork
from utterface.lab.representations.contract import Representation
from utterface.lab.representations.registry import open_representation
from utterface.lab.training.recipe import config_from


@dataclass(frozen=True)
class CodecLossConfig:
    """The recipe's table `losses`: weights, and who teaches.

    Attributes:
        samples: absolute error of the samples.
        mel: absolute error of the log-mel energies.
        spectrum: `spectral_loss` at several resolutions.
        quantiser: of the codebooks and the commitment to them.
        teaching: of the distillation.
        teacher: a name of `open_representation`; empty for none.
        windows: of the spectra, samples.
    """

    samples: float = 1.0
    mel: float = 4.0
    spectrum: float = 1.0
    quantiser: float = 1.0
    teaching: float = 1.0
    teacher: str = ""
    windows: tuple[int, ...] = (512, 1024, 2048)


class CodecSystem(CropSystem):
    """Network, losses and validation of a codec, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.loss_config = config_from(CodecLossConfig, recipe.get("losses", {}), "table [losses]")
        teacher = self.loss_config.teacher
        self.teacher: Representation | None = open_representation(teacher) if teacher else None
        table = dict(recipe.get("network", {}))
        if self.teacher is not None:
            table["taught"] = self.teacher.about.dimension
        self.network = CodecNetwork(config_from(CodecConfig, table, "table [network]"))
        self.mel = MelStack(1)

    def arrays(self, crop: Crop) -> Mapping[str, np.ndarray]:
        if self.teacher is None:
            return {}
        core = self.network
        count = timing.frame_count(crop.duration, core.frame_rate)
        return {"taught": self.teacher.encode(crop.samples).at(timing.frame_times(count, core.frame_rate, core.start))}

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, target = self.loss_config, batch["samples"]
        output, mel = network(target), self.mel.to(target.device)
        predicted = output.samples.float()
        spectra = torch.stack([spectral_loss(predicted, target, window) for window in config.windows])
        parts = {
            "samples": config.samples * F.l1_loss(predicted, target),
            "mel": config.mel * F.l1_loss(mel(predicted), mel(target)),
            "spectrum": config.spectrum * spectra.mean(),
            "quantiser": config.quantiser * output.loss,
        }
        if output.taught is not None:
            parts["teaching"] = config.teaching * distillation_loss(output.taught.float(), batch["taught"])
        return parts

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out speakers: minus the log-mel error (nats), share of codes in use, agreement with the teacher."""
        network.eval()
        errors, taught, used = [], [], []
        for batch in self.held_out(network):
            target = batch["samples"]
            output, mel = network(target), self.mel.to(target.device)
            errors.append(4 * F.l1_loss(mel(output.samples), mel(target)))  # in natural logarithms
            used.append(output.units)
            if output.taught is not None:
                taught.append(F.cosine_similarity(output.taught, batch["taught"], dim=1).mean())
        network.train()
        units = torch.cat(used).flatten(0, 1)
        most = min(self.network.config.size, len(units))
        figures = {
            "mel_fit": -float(torch.stack(errors).mean()),
            "codes_used": float(np.mean([len(column.unique()) / most for column in units.T])),
        }
        return figures | ({"taught": float(torch.stack(taught).mean())} if taught else {})


def distillation_loss(output: Tensor, taught: Tensor) -> Tensor:
    """−mean over features d of log σ(cos(output[:, :, d], taught[:, :, d])), the cosine over time (SpeechTokenizer).

    Args:
        output, taught: (B, T, D) predicted and true features of the teacher.
    """
    return -F.logsigmoid(F.cosine_similarity(output, taught, dim=1)).mean()


def make(recipe: Mapping[str, Any]) -> CodecSystem:
    return CodecSystem(recipe)
