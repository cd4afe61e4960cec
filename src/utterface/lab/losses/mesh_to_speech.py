"""The loop of THUNDER (2504.13386, section 3.3): what a face says, as a frozen listener hears it, beside what was said.

    motion (B, T, C) ─ vertices ─ listener (frozen) ─ mel, units  ~  those of the sound, in its speaker's voice

Of a true face the listener does not hear all that was said. What is asked to sound like the sound learns to please the
listener beyond that, with unnatural mouth shapes (docs/log/2026-11-28-thunder.md, "Pleasing the listener"); beside
`face` it is asked to sound as the true face does to the same listener. The paper compares with the sound.

A loss for any network that gives motion. Of one that denoises, motion is x̂0, and at high levels of noise an average
face that says nothing in particular: how much it is then asked to say is a choice (`TRUST`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from utterface import speech, timing
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import FRAME_RATE, Batch, Tracks
from utterface.lab.losses.speech import SpeechLossConfig, speech_losses
from utterface.lab.networks.diffusion import Schedule
from utterface.lab.networks.mesh_to_speech import UNIT_RATE, MeshToSpeechModel, MeshToSpeechOutput, spoken_mel
from utterface.lab.representations.contract import RepresentationInfo
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.precision import PRECISIONS, precision_here
from utterface.track import Track

BESIDE = ("sound", "face")
# how much x̂0 is listened to, by the share of the data's variance that is left at its level
TRUST: dict[str, Callable[[Tensor, float], Tensor]] = {
    "even": lambda kept, least: torch.ones_like(kept),  # the paper says nothing else
    "kept": lambda kept, least: kept,  # SNR / (1 + SNR)
    "low": lambda kept, least: (kept >= least).to(kept.dtype),  # only where there is less noise than that
}


@dataclass(frozen=True)
class HearingConfig:
    """The recipe's table `hearing`; its weight is `losses.hearing`.

    Attributes:
        listener: checkpoint of the system `mesh_to_speech`.
        mel, units: weights inside the loss, the paper's 10 and 1.
        trust: how much a denoiser's x̂0 is listened to by level: `even`, `kept` (ᾱ) or `low` (ᾱ ≥ `least` alone).
        least: for `low`.
        beside: what is heard is compared with what was said (`sound`, the paper) or with what is heard of the true face
            (`face`): then L1 of both log-mels, divergence of both distributions of units.
        share: of every batch that is listened to, 0…1: a batch is drawn at random, so its first half is a random half,
            and listening costs more than all else.
        precision: `no` or `bf16`, in which the listener works: half the time on CPUs that multiply such numbers.
    """

    listener: Path = Path()
    mel: float = 10.0
    units: float = 1.0
    trust: str = "even"
    least: float = 0.3
    beside: str = "sound"
    share: float = 1.0
    precision: str = "no"

    def __post_init__(self) -> None:
        if self.beside not in BESIDE:
            raise ConfigError(f"hearing.beside must be {' or '.join(BESIDE)}, got {self.beside!r}")
        if not 0 < self.share <= 1:
            raise ConfigError(f"hearing.share must be over 0 and at most 1, got {self.share}")
        if self.precision not in PRECISIONS:
            raise ConfigError(f"hearing.precision must be {' or '.join(PRECISIONS)}, got {self.precision!r}")
        if self.trust not in TRUST:
            raise ConfigError(f"hearing.trust must be {', '.join(TRUST)}, got {self.trust!r}")


class Hearing:
    """The frozen listener, what was said, and the loss between them.

    Args:
        config: the recipe's table.
        channels: C names of the motion that is judged.

    Raises:
        ConfigError: no listener is named. ModelError: it is none.
    """

    def __init__(self, config: HearingConfig, channels: Sequence[str]) -> None:
        if config.listener == Path():
            raise ConfigError("losses.hearing needs a listener; name a mesh_to_speech checkpoint in hearing.listener")
        self.config = config
        self.loss_config = SpeechLossConfig(config.mel, config.units)
        self.listener = MeshToSpeechModel(config.listener, channels)
        _, recipe, _ = load_average(config.listener)
        self.taught = MeshToSpeechSystem(recipe)  # whose units and voices it knows

    @cached_property
    def mels(self) -> Tracks:
        """Clips as the log-mel that the listener was taught."""
        return Tracks(_AsLoudAsAll(), False, self.taught.voice.store)

    def losses(self, motion: Tensor, batch: Batch, trust: Tensor | None = None) -> dict[str, Tensor]:
        """The losses by name, weighted among each other.

        Args:
            motion: (B, T, C) as predicted; gradients reach it.
            batch: whose crops these are; it must know its clips.
            trust: (B,) 0…1, how much each counts; None is 1.

        Raises:
            ConfigError: the batch does not know its clips.
        """
        if len(batch.clips) != len(motion):
            raise ConfigError("to listen, a batch must know whose crops it holds; make it of pairs that have a clip")
        self.listener.to(motion.device)
        count = math.ceil(self.config.share * len(motion))
        motion, batch, trust = motion[:count], batch.first(count), None if trust is None else trust[:count]
        voices = torch.from_numpy(np.stack([self.taught.voices[clip].values[0] for clip in batch.clips]))
        speaker = voices.to(motion.device)
        within = batch.frame_known.to(motion.device)[..., None]  # beyond the end a mouth at rest, no gradient
        told = self.hear(torch.where(within, motion, 0.0), speaker)
        known = self.known(batch, told.units.shape[1]).to(motion.device)
        if self.config.beside == "face":
            with torch.no_grad():
                mel, units = self.hear(torch.where(within, batch.motion, 0.0), speaker)
        else:
            mel, units = (t.to(motion.device) for t in self.said(batch, told.units.shape[1]))
        parts = speech_losses(told, mel, units, known, trust, self.loss_config)
        return {f"heard_{name}": value for name, value in parts.items()}

    def hear(self, motion: Tensor, speaker: Tensor) -> MeshToSpeechOutput:
        """What the listener makes of (B, T, C) motion in (B, S) voices, at its precision."""
        half = precision_here(self.config.precision, motion.device) == "bf16"
        with torch.autocast(motion.device.type, torch.bfloat16, enabled=half):
            told: MeshToSpeechOutput = self.listener(motion.float(), speaker, FRAME_RATE)
        return told

    def said(self, batch: Batch, count: int) -> tuple[Tensor, Tensor]:
        """(B, 2U, 80) log-mel and (B, U) units of the sound; U = `count`."""
        moments, twice = timing.frame_times(count, UNIT_RATE), timing.frame_times(2 * count, 2 * UNIT_RATE)
        mel, units = [], []
        for clip, start in zip(batch.clips, batch.frame_times[:, 0].double().tolist(), strict=True):
            mel.append(self.mels[clip].at(start + twice))
            units.append(self.taught.units[clip].at(start + moments)[:, 0])
        return torch.from_numpy(np.stack(mel)), torch.from_numpy(np.stack(units))

    def known(self, batch: Batch, count: int) -> Tensor:
        """(B, U) bool, which frames of the listener lie within their crop; U = `count`."""
        moments = torch.from_numpy(timing.frame_times(count, UNIT_RATE))
        return moments[None] * FRAME_RATE < batch.frame_known.sum(1).cpu()[:, None]

    def trust(self, level: Tensor | None, schedule: Schedule | None, withheld: Tensor | None) -> Tensor | None:
        """(B,) how much each x̂0 is listened to; nothing of what was denoised without its speech.

        Args:
            level: (B,) int64, of the noise; None of a decoder that does not denoise, which is listened to in full.
            schedule: of the noise.
            withheld: (B,) bool.
        """
        if level is None or schedule is None:
            return None
        kept = torch.as_tensor(schedule.kept, dtype=torch.float32, device=level.device)[level]
        trusted = TRUST[self.config.trust](kept, self.config.least)
        return trusted if withheld is None else trusted * ~withheld


class _AsLoudAsAll:
    """`spoken_mel` as a representation."""

    about = RepresentationInfo("mel at one loudness", "spectral", speech.TRACK_RATE, speech.MEL_COUNT)

    def encode(self, samples: np.ndarray) -> Track:
        return Track(spoken_mel(samples), speech.TRACK_RATE)

    def units(self, samples: np.ndarray) -> None:
        return None
