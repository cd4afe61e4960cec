"""A small neural vocoder: log-mel at 100 Hz → samples.

Vocos (Siuzdak 2023, 2306.00814) at a size for a CPU (`waves.WaveDecoder`). `lab/systems/vocoder.py` trains it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utterface import speech
from utterface.errors import ModelError
from utterface.lab.networks.mesh_to_speech import LEVEL, SPREAD
from utterface.lab.networks.waves import WaveConfig, WaveDecoder
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from


@dataclass(frozen=True)
class VocoderConfig:
    """The recipe's table `network`: sizes of `waves.WaveConfig`."""

    width: int = 256
    inner: int = 768
    blocks: int = 6
    kernel: int = 7


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
            samples: np.ndarray = self.network(torch.from_numpy(np.asarray(mel, np.float32))[None])[0].numpy()
        return samples


def vocoder_config(recipe: Mapping[str, Any]) -> VocoderConfig:
    """The network that a recipe describes."""
    return config_from(VocoderConfig, recipe.get("network", {}), "table [network]")
