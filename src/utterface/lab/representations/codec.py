"""A neural codec: convolutions of the samples, residual vector quantisation at 50 Hz, an inverse Fourier transform.

SoundStream (Zeghidour et al. 2021, 2107.03312) and EnCodec (Défossez et al. 2022, 2210.13438), small, decoded as in
Vocos and WavTokenizer (`waves.py`), and trained without an adversary: spectra at several resolutions, log-mel, and
the samples themselves are what must come back. With a teacher it is a semantic codec: the first quantiser must also say
what a self-supervised encoder hears (SpeechTokenizer, Zhang et al. 2023, 2308.16692), so its units carry the phones and
the later ones the rest.

The encoder adds the log-mel energies to what its convolutions hear, which find loudness and formants by themselves, but
late: with them, and a weight of 4 instead of 1 on the log-mel in the losses, half as many channels were enough for that
of unseen speakers to come back within 1.1 nats after 500 steps instead of 2.1. The two were not tried apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import speech, timing
from utterface.errors import ConfigError
from utterface.lab.batches.crops import Crop, CropBatch, CropSystem
from utterface.lab.networks.blocks import MelStack, seanet_encoder
from utterface.lab.networks.quantisers import ResidualVQ
from utterface.lab.networks.waves import WaveConfig, WaveDecoder
from utterface.lab.representations.contract import Representation
from utterface.lab.representations.registry import open_representation
from utterface.lab.training.loop import config_from

TABLES = ("data", "network", "losses", "augment")  # of the recipe


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


class CodecOutput(NamedTuple):
    """What the codec answers.

    Attributes:
        samples: (B, N) what comes back.
        units: (B, T, K).
        taught: (B, T, teacher's features) what the first codebook says of them; None without a teacher.
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
        (an error as large as the answer), and a codec that learned around it says nonsense everywhere else.
        """
        padded = F.pad(samples, (0, -samples.shape[1] % self.config.hop))
        with torch.autocast(samples.device.type, enabled=False):
            found: Tensor = self.encoder(padded[:, None].float()).transpose(1, 2)
            return found + self.hear(self.mel(padded))

    def decode(self, vectors: Tensor) -> Tensor:
        """(B, T, features) → (B, T · hop) samples."""
        spread = self.spread(vectors).unflatten(2, (self.config.windows, -1)).flatten(1, 2)
        samples: Tensor = self.decoder(spread)
        return samples

    def forward(self, samples: Tensor) -> CodecOutput:
        said, first = self.quantiser(self.latent(samples))
        taught = None if self.taught is None else self.taught(first)
        return CodecOutput(self.decode(said.vectors)[:, : samples.shape[1]], said.units, taught, said.loss)


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

    def ask(self, crop: Crop) -> Mapping[str, np.ndarray]:
        if self.teacher is None:
            return {}
        core = self.network
        count = timing.frame_count(crop.duration, core.frame_rate)
        return {"taught": self.teacher.encode(crop.samples).at(timing.frame_times(count, core.frame_rate, core.start))}

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, wanted = self.loss_config, batch["samples"]
        said, mel = network(wanted), self.mel.to(wanted.device)
        came = said.samples.float()
        parts = {
            "samples": config.samples * F.l1_loss(came, wanted),
            "mel": config.mel * F.l1_loss(mel(came), mel(wanted)),
            "spectrum": config.spectrum * torch.stack([spectral_loss(came, wanted, w) for w in config.windows]).mean(),
            "quantiser": config.quantiser * said.loss,
        }
        if said.taught is not None:
            parts["teaching"] = config.teaching * distillation_loss(said.taught.float(), batch["taught"])
        return parts

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out speakers: minus the log-mel error (nats), share of codes in use, agreement with the teacher."""
        network.eval()
        errors, taught, used = [], [], []
        for batch in self.held_out(network):
            wanted = batch["samples"]
            said, mel = network(wanted), self.mel.to(wanted.device)
            errors.append(4 * F.l1_loss(mel(said.samples), mel(wanted)))  # in natural logarithms
            used.append(said.units)
            if said.taught is not None:
                taught.append(F.cosine_similarity(said.taught, batch["taught"], dim=1).mean())
        network.train()
        units = torch.cat(used).flatten(0, 1)
        most = min(self.network.config.size, len(units))
        figures = {
            "mel_fit": -float(torch.stack(errors).mean()),
            "codes_used": float(np.mean([len(column.unique()) / most for column in units.T])),
        }
        return figures | ({"taught": float(torch.stack(taught).mean())} if taught else {})


def spectral_loss(said: Tensor, wanted: Tensor, window: int) -> Tensor:
    """‖|Y| − |X|‖ / ‖|X|‖ + mean |log |Y| − log |X||, spectral convergence and log magnitude (Yamamoto et al. 2020).

    Args:
        said, wanted: (B, N) samples. window: length of the Hann window; the hop is a quarter.
    """
    hann = torch.hann_window(window, device=said.device)
    came, meant = (
        torch.stft(x, window, window // 4, window=hann, return_complex=True).abs().clamp(min=1e-5)
        for x in (said, wanted)
    )
    convergence = torch.linalg.vector_norm(came - meant) / torch.linalg.vector_norm(meant)
    return convergence + (came.log() - meant.log()).abs().mean()


def distillation_loss(said: Tensor, taught: Tensor) -> Tensor:
    """−mean over features d of log σ(cos(said[:, :, d], taught[:, :, d])), the cosine over time (SpeechTokenizer).

    Args:
        said, taught: (B, T, D).
    """
    return -F.logsigmoid(F.cosine_similarity(said, taught, dim=1)).mean()


def make(recipe: Mapping[str, Any]) -> CodecSystem:
    return CodecSystem(recipe)
