"""Training of the vocoder `networks/vocoder.py`, on speech alone and without an adversary.

Spectra at several resolutions and the log-mel must come back. Phases are free as long as overlapping windows agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.batches.crops import CropBatch, CropSystem
from utterface.lab.losses.spectral import spectral_loss
from utterface.lab.networks.blocks import MelStack
from utterface.lab.networks.mesh_to_speech import LEVEL, SPREAD
from utterface.lab.networks.vocoder import VocoderNetwork, vocoder_config
from utterface.lab.training.recipe import config_from


@dataclass(frozen=True)
class VocoderLossConfig:
    """The recipe's table `losses`: weights.

    Attributes:
        mel: absolute error of the log-mel, in its standard deviations over speech.
        spectrum: `spectral_loss` at several resolutions.
        windows: of the spectra, samples.
        noise: deviation of the noise added to the log-mel in training, nats, since predicted log-mels are inexact.
    """

    mel: float = 10.0
    spectrum: float = 1.0
    windows: tuple[int, ...] = (256, 512, 1024, 2048)
    noise: float = 0.1


class VocoderSystem(CropSystem):
    """Network, losses and validation of the vocoder, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.loss_config = config_from(VocoderLossConfig, recipe.get("losses", {}), "table [losses]")
        self.network = VocoderNetwork(vocoder_config(recipe))
        self.mel = MelStack(1)

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, target = self.loss_config, batch["samples"]
        log_mel = self.mel.to(target.device)
        target_mel = log_mel(target)
        noise = np.random.default_rng(seed).standard_normal(target_mel.shape, np.float32)
        mel = target_mel * SPREAD + LEVEL + config.noise * torch.from_numpy(noise).to(target.device)
        predicted = network(mel).float()[:, : target.shape[1]]
        spectra = torch.stack([spectral_loss(predicted, target, window) for window in config.windows])
        return {
            "mel": config.mel * F.l1_loss(log_mel(predicted), target_mel),
            "spectrum": config.spectrum * spectra.mean(),
        }

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out speakers: minus the error of the log-mel (nats), and that of the log spectrum at 1024 samples."""
        network.eval()
        errors, spectra = [], []
        for batch in self.held_out(network):
            target = batch["samples"]
            log_mel = self.mel.to(target.device)
            target_mel = log_mel(target)
            predicted = network(target_mel * SPREAD + LEVEL)[:, : target.shape[1]]
            errors.append(SPREAD * F.l1_loss(log_mel(predicted), target_mel))
            spectra.append(spectral_loss(predicted, target, 1024))
        network.train()
        return {"mel_fit": -float(torch.stack(errors).mean()), "spectrum": float(torch.stack(spectra).mean())}


def make(recipe: Mapping[str, Any]) -> VocoderSystem:
    return VocoderSystem(recipe)
