"""A neural codec: convolutions of the samples, residual vector quantisation at 50 Hz, an inverse Fourier transform.

SoundStream (Zeghidour et al. 2021, 2107.03312) and EnCodec (Défossez et al. 2022, 2210.13438), small, decoded as in
Vocos and WavTokenizer (`waves.py`). `lab/systems/codec.py` trains it.

The encoder adds the log-mel energies to its convolutions, which find loudness and formants by themselves, but late:
with them, and a weight of 4 instead of 1 on the log-mel in the losses, half as many channels were enough for that of
unseen speakers to come back within 1.1 nats after 500 steps instead of 2.1. The two were not tried apart.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import speech
from utterface.errors import ConfigError
from utterface.lab.networks.blocks import MelStack, seanet_encoder
from utterface.lab.networks.quantisers import ResidualVQ
from utterface.lab.networks.waves import WaveConfig, WaveDecoder


@dataclass(frozen=True)
class CodecConfig:
    """The recipe's table `network`.

    Attributes:
        channels: of the first convolution of the samples; they double at every stride.
        strides: of the encoder, in order; their product is the hop, a multiple of 160. The long ones come first: what
            runs at the sample rate is what costs.
        features: of the latent that is quantised.
        codebooks, size: how many there are, and codes in each.
        width, inner, blocks: of the decoder, see `waves.WaveConfig`.
        windows: of the decoder in a hop of the encoder.
        taught: features of the teacher that the first codebook is distilled from; 0 for none.
    """

    channels: int = 8
    strides: tuple[int, ...] = (8, 5, 4, 2)
    features: int = 128
    codebooks: int = 8
    size: int = 1024
    width: int = 192
    inner: int = 576
    blocks: int = 6
    windows: int = 2
    taught: int = 0

    @property
    def hop(self) -> int:
        """Samples a frame."""
        return int(np.prod(self.strides))


class CodecOutput(NamedTuple):
    """Output of the codec.

    Attributes:
        samples: (B, N) what comes back.
        units: (B, T, K).
        taught: (B, T, teacher's features) the first codebook's prediction of them; None without a teacher.
        loss: the quantisers'.
    """

    samples: Tensor
    units: Tensor
    taught: Tensor | None
    loss: Tensor


class CodecNetwork(nn.Module):
    """Samples → units → samples."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        if config.hop % speech.HOP:
            raise ConfigError(
                f"network.strides multiply to {config.hop}; expected whole frames of {speech.HOP} samples"
            )
        self.encoder = seanet_encoder(config.channels, config.strides, config.features)
        self.mel = MelStack(config.hop // speech.HOP)
        self.hear = nn.Linear(self.mel.stack * speech.MEL_COUNT, config.features)
        self.quantiser = ResidualVQ(config.features, config.size, config.codebooks)
        wave = WaveConfig(config.width, config.inner, config.blocks, hop=config.hop // config.windows)
        self.spread = nn.Linear(config.features, config.windows * config.features)
        self.decoder = WaveDecoder(config.features, wave)
        self.taught = nn.Linear(config.features, config.taught) if config.taught else None

    @property
    def frame_rate(self) -> float:
        return speech.SAMPLE_RATE / self.config.hop

    @property
    def start(self) -> float:
        """The moment of frame 0: the middle of the samples that it decodes to."""
        return self.config.hop / 2 / speech.SAMPLE_RATE

    @property
    def look_ahead(self) -> float:
        """Seconds of sound after a frame's moment on which it depends."""
        return max(self.start, self.mel.start + self.mel.look_ahead - self.start)

    def latent(self, samples: Tensor) -> Tensor:
        """(B, N) → (B, ceil(N / hop), features).

        In full precision: PyTorch 2.13's half-precision convolution of 16 samples by strides of 8 is wrong on some CPUs
        (an error as large as the answer), and a codec trained around it fails everywhere else.
        """
        padded = F.pad(samples, (0, -samples.shape[1] % self.config.hop))
        with torch.autocast(samples.device.type, enabled=False):
            latent: Tensor = self.encoder(padded[:, None].float()).transpose(1, 2)
            return latent + self.hear(self.mel(padded))

    def decode(self, vectors: Tensor) -> Tensor:
        """(B, T, features) → (B, T · hop) samples."""
        spread = self.spread(vectors).unflatten(2, (self.config.windows, -1)).flatten(1, 2)
        samples: Tensor = self.decoder(spread)
        return samples

    def forward(self, samples: Tensor) -> CodecOutput:
        quantised, first = self.quantiser(self.latent(samples))
        taught = None if self.taught is None else self.taught(first)
        return CodecOutput(
            self.decode(quantised.vectors)[:, : samples.shape[1]], quantised.units, taught, quantised.loss
        )
