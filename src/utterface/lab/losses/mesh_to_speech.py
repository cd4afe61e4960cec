"""The mesh-to-speech loss of THUNDER (2504.13386, section 3.3): a predicted face should sound like its speech.

    motion (B, T, C) ─ vertices ─ mesh-to-speech model (frozen) ─ mel, units  ~  those of the sound, for its speaker

Even for a true face the model's output differs from the sound. A face that is compared with the sound (the paper)
learns to exploit the model beyond that, with mouths that no speaker makes (docs/research/thunder.md); with
`beside = "face"` it is compared with the model's output for the true face.

A loss for any network that predicts motion. A denoiser's x̂0 is an average face at high levels of noise; how much it
counts there is a choice (`TRUST`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from utterface import timing
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import FaceBatch
from utterface.lab.batches.tracks import Tracks
from utterface.lab.losses.motion import FacePrediction
from utterface.lab.losses.speech import SpeechLossConfig, speech_losses
from utterface.lab.networks.mesh_to_speech import UNIT_RATE, MeshToSpeechModel, MeshToSpeechOutput
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.precision import PRECISIONS, precision_here

BESIDE = ("sound", "face")
# how much x̂0 counts, by the share of the data's variance that is left at its level
TRUST: dict[str, Callable[[Tensor, float], Tensor]] = {
    "even": lambda kept, least: torch.ones_like(kept),  # the paper states no weighting
    "kept": lambda kept, least: kept,  # SNR / (1 + SNR)
    "low": lambda kept, least: (kept >= least).to(kept.dtype),  # only at less noise than that
}


@dataclass(frozen=True)
class MeshToSpeechLossConfig:
    """The recipe's table `mesh_to_speech`; its weight is `losses.mesh_to_speech`.

    Attributes:
        model: checkpoint of the system `mesh_to_speech`.
        mel, units: weights inside the loss, the paper's 10 and 1.
        trust: how much a denoiser's x̂0 counts by level: `even`, `kept` (ᾱ) or `low` (only ᾱ ≥ `least`).
        least: for `low`.
        beside: the model's output for the predicted face is compared with the sound (`sound`, the paper) or with its
            output for the true face (`face`): then L1 of both log-mels, divergence of both distributions of units.
        share: of every batch that the loss is computed on, 0…1: batches are drawn at random, so the first half is a
            random half, and the model costs more than all else.
        precision: `no` or `bf16`, of the model: half the time on CPUs that multiply such numbers.
    """

    model: Path = Path()
    mel: float = 10.0
    units: float = 1.0
    trust: str = "even"
    least: float = 0.3
    beside: str = "sound"
    share: float = 1.0
    precision: str = "no"

    def __post_init__(self) -> None:
        if self.beside not in BESIDE:
            raise ConfigError(f"mesh_to_speech.beside must be {' or '.join(BESIDE)}, got {self.beside!r}")
        if not 0 < self.share <= 1:
            raise ConfigError(f"mesh_to_speech.share must be over 0 and at most 1, got {self.share}")
        if self.precision not in PRECISIONS:
            raise ConfigError(f"mesh_to_speech.precision must be {' or '.join(PRECISIONS)}, got {self.precision!r}")
        if self.trust not in TRUST:
            raise ConfigError(f"mesh_to_speech.trust must be {', '.join(TRUST)}, got {self.trust!r}")


class SpeechTargets(NamedTuple):
    """Clips as the targets and inputs that a mesh-to-speech model was trained with.

    Attributes:
        units: of its output.
        mels: log-mel at one loudness.
        speakers: one vector a clip.
    """

    units: Tracks
    mels: Tracks
    speakers: Tracks


class MeshToSpeechLoss:
    """The frozen model, its targets, and the loss between them; no loss without a weight.

    Args:
        weight: of the loss.
        config: the recipe's table.
        channels: C names of the predicted motion.
        open_targets: recipe of the model → its targets.

    Raises:
        ConfigError: a weight, but no model is named.
    """

    def __init__(
        self,
        weight: float,
        config: MeshToSpeechLossConfig,
        channels: Sequence[str],
        open_targets: Callable[[Mapping[str, Any]], SpeechTargets],
    ) -> None:
        if weight and config.model == Path():
            raise ConfigError(
                "losses.mesh_to_speech needs a model; name a checkpoint of mesh_to_speech in mesh_to_speech.model"
            )
        self.weight, self.config, self.channels, self._open_targets = weight, config, channels, open_targets
        self.loss_config = SpeechLossConfig(config.mel, config.units)

    @cached_property
    def model(self) -> MeshToSpeechModel:
        """ModelError where the checkpoint is none."""
        return MeshToSpeechModel(self.config.model, self.channels)

    @cached_property
    def targets(self) -> SpeechTargets:
        return self._open_targets(load_average(self.config.model)[1])

    def __call__(self, prediction: FacePrediction, batch: FaceBatch) -> dict[str, Tensor]:
        """The weighted losses by name; clips whose speech was dropped do not count."""
        if not self.weight:
            return {}
        parts = self.losses(prediction.motion, batch, self.trust(prediction.kept, prediction.dropped.get("speech")))
        return {name: self.weight * value for name, value in parts.items()}

    def losses(self, motion: Tensor, batch: FaceBatch, trust: Tensor | None = None) -> dict[str, Tensor]:
        """The losses by name, weighted among each other.

        Args:
            motion: (B, T, C) as predicted; gradients reach it.
            batch: with the clips that its crops are of.
            trust: (B,) 0…1, how much each counts; None is 1.

        Raises:
            ConfigError: the batch does not know its clips.
        """
        if len(batch.clips) != len(motion):
            raise ConfigError("the mesh-to-speech loss needs the clips of a batch; make it of pairs that have one")
        model = self.model.to(motion.device)
        count = math.ceil(self.config.share * len(motion))
        motion, batch, trust = motion[:count], batch.first(count), None if trust is None else trust[:count]
        vectors = np.stack([self.targets.speakers[clip].values[0] for clip in batch.clips])
        speaker = torch.from_numpy(vectors).to(motion.device)
        within = batch.frame_known.to(motion.device)[..., None]  # beyond the end a mouth at rest, no gradient
        output = self._run(model, torch.where(within, motion, 0.0), speaker, batch.frame_rate)
        known = self.known(batch, output.units.shape[1]).to(motion.device)
        if self.config.beside == "face":
            with torch.no_grad():
                mel, units = self._run(model, torch.where(within, batch.motion, 0.0), speaker, batch.frame_rate)
        else:
            mel, units = (t.to(motion.device) for t in self.sound(batch, output.units.shape[1]))
        parts = speech_losses(output, mel, units, known, trust, self.loss_config)
        return {f"speech_{name}": value for name, value in parts.items()}

    def _run(self, model: MeshToSpeechModel, motion: Tensor, speaker: Tensor, frame_rate: float) -> MeshToSpeechOutput:
        """The model's output for (B, T, C) motion and (B, S) speakers, at its precision."""
        half = precision_here(self.config.precision, motion.device) == "bf16"
        with torch.autocast(motion.device.type, torch.bfloat16, enabled=half):
            output: MeshToSpeechOutput = model(motion.float(), speaker, frame_rate)
        return output

    def sound(self, batch: FaceBatch, count: int) -> tuple[Tensor, Tensor]:
        """(B, 2U, 80) log-mel and (B, U) units of the sound; U = `count`."""
        moments, twice = timing.frame_times(count, UNIT_RATE), timing.frame_times(2 * count, 2 * UNIT_RATE)
        mel, units = [], []
        for clip, start in zip(batch.clips, batch.frame_times[:, 0].double().tolist(), strict=True):
            mel.append(self.targets.mels[clip].at(start + twice))
            units.append(self.targets.units[clip].at(start + moments)[:, 0])
        return torch.from_numpy(np.stack(mel)), torch.from_numpy(np.stack(units))

    def known(self, batch: FaceBatch, count: int) -> Tensor:
        """(B, U) bool, frames of the model that lie within their crop; U = `count`."""
        moments = torch.from_numpy(timing.frame_times(count, UNIT_RATE))
        return moments[None] * batch.frame_rate < batch.frame_known.sum(1).cpu()[:, None]

    def trust(self, kept: Tensor | None, dropped: Tensor | None = None) -> Tensor | None:
        """(B,) how much each x̂0 counts; None is 1.

        Args:
            kept: (B,) ᾱ of the noise; None of a decoder that does not denoise.
            dropped: (B,) bool, clips whose speech was dropped; they count nothing.
        """
        if kept is None:
            return None
        trusted = TRUST[self.config.trust](kept, self.config.least)
        return trusted if dropped is None else trusted * ~dropped
