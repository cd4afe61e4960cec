"""A small neural vocoder: log-mel at 100 Hz → samples, so that what a face tells can be heard.

Vocos (Siuzdak 2023, 2306.00814) at a size for a CPU (`waves.WaveDecoder`), trained on speech alone and without an
adversary: spectra at several resolutions and the log-mel must come back. Phases are free to be what they like as long
as overlapping windows agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import speech
from utterface.errors import ModelError
from utterface.lab.batches.crops import CropBatch, CropSystem
from utterface.lab.networks.blocks import MelStack
from utterface.lab.networks.mesh_to_speech import LEVEL, SPREAD
from utterface.lab.networks.waves import WaveConfig, WaveDecoder
from utterface.lab.representations.codec import spectral_loss
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.loop import config_from

TABLES = ("data", "network", "losses")  # of the recipe


@dataclass(frozen=True)
class VocoderConfig:
    """The recipe's table `network`: sizes of `waves.WaveConfig`."""

    width: int = 256
    inner: int = 768
    blocks: int = 6
    kernel: int = 7


@dataclass(frozen=True)
class VocoderLossConfig:
    """The recipe's table `losses`: weights.

    Attributes:
        mel: absolute error of the log-mel, in its standard deviations over speech.
        spectrum: `codec.spectral_loss` at several resolutions.
        windows: of the spectra, samples.
        noise: deviation of what is added to the log-mel in training, nats: no listener tells it exactly.
    """

    mel: float = 10.0
    spectrum: float = 1.0
    windows: tuple[int, ...] = (256, 512, 1024, 2048)
    noise: float = 0.1


class VocoderNetwork(nn.Module):
    """(B, T, 80) log-mel as `speech.log_mel` has it → (B, 160 T) samples, 160 a frame."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        wave = WaveConfig(config.width, config.inner, config.blocks, config.kernel, speech.HOP)
        self.decoder = WaveDecoder(speech.MEL_COUNT, wave)

    @property
    def reach(self) -> int:
        """Frames on either side of its own that a frame's samples depend on."""
        return self.decoder.reach

    def forward(self, mel: Tensor) -> Tensor:
        samples: Tensor = self.decoder((mel - LEVEL) / SPREAD)
        return samples


class VocoderSystem(CropSystem):
    """Network, losses and validation of the vocoder, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.loss_config = config_from(VocoderLossConfig, recipe.get("losses", {}), "table [losses]")
        self.network = VocoderNetwork(vocoder_config(recipe))
        self.mel = MelStack(1)

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, wanted = self.loss_config, batch["samples"]
        listen = self.mel.to(wanted.device)
        heard = listen(wanted)
        noise = np.random.default_rng(seed).standard_normal(heard.shape, np.float32)
        mel = heard * SPREAD + LEVEL + config.noise * torch.from_numpy(noise).to(wanted.device)
        came = network(mel).float()[:, : wanted.shape[1]]
        spectra = torch.stack([spectral_loss(came, wanted, window) for window in config.windows])
        return {
            "mel": config.mel * F.l1_loss(listen(came), heard),
            "spectrum": config.spectrum * spectra.mean(),
        }

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out speakers: minus the error of the log-mel (nats), and that of the log spectrum at 1024 samples."""
        network.eval()
        errors, spectra = [], []
        for batch in self.held_out(network):
            wanted = batch["samples"]
            listen = self.mel.to(wanted.device)
            heard = listen(wanted)
            came = network(heard * SPREAD + LEVEL)[:, : wanted.shape[1]]
            errors.append(SPREAD * F.l1_loss(listen(came), heard))
            spectra.append(spectral_loss(came, wanted, 1024))
        network.train()
        return {"mel_fit": -float(torch.stack(errors).mean()), "spectrum": float(torch.stack(spectra).mean())}


class Vocoder:
    """A trained vocoder: (T, 80) log-mel → (160 T,) samples.

    Raises:
        ModelError: no checkpoint, or one of another system.
    """

    def __init__(self, path: str | Path) -> None:
        weights, recipe, _ = load_average(path)
        if recipe.get("system") != "vocoder":
            raise ModelError(f"{path} holds a {recipe.get('system')}; expected a vocoder")
        self.network = VocoderNetwork(vocoder_config(recipe))
        self.network.load_state_dict({k: v.float() for k, v in weights.items()})
        self.network.eval().requires_grad_(False)

    def __call__(self, mel: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            found: np.ndarray = self.network(torch.from_numpy(np.asarray(mel, np.float32))[None])[0].numpy()
        return found


def vocoder_config(recipe: Mapping[str, Any]) -> VocoderConfig:
    """The network that a recipe describes."""
    return config_from(VocoderConfig, recipe.get("network", {}), "table [network]")


def make(recipe: Mapping[str, Any]) -> VocoderSystem:
    return VocoderSystem(recipe)
