"""Mesh-to-speech of *THUNDER* (Daněček, Schmitt, Polikovsky, Black; 3DV 2026) as the training loop sees it.

    phones or captured motion ─ crop, noise ─ offsets (B, T, n, 3) ─┐
                                  sound ─ speaker encoder (frozen) ─┴─ network ─ mel, units  ~  the sound's own

Where a clip has no motion, its phones are articulated for every crop with a random strength and emotion, so the network
sees the same words from many mouths, and a decoder's output is one more of them. What the paper states and what is
filled in here: docs/research/thunder.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utterface import rigs, speech, timing
from utterface.articulation import EMOTIONS, articulate, express
from utterface.errors import ConfigError, CorpusError
from utterface.lab.batches.crops import Crop, CropBatch, Crops, CropSystem
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.losses.speech import SpeechLossConfig, speech_losses
from utterface.lab.networks.mesh_to_speech import (
    UNIT_RATE,
    MeshToSpeechNetwork,
    MeshToSpeechOutput,
    gain,
    look,
    network_config,
    seen_size,
    trained_channels,
)
from utterface.lab.representations import open_representation
from utterface.lab.representations.speaker import SpeakerEncoder, SpeakerTrack
from utterface.lab.training.recipe import config_from
from utterface.motion import Motion
from utterface.phones import Span
from utterface.rigs import Rig
from utterface.rigs.flame import read_flame

REGION_FILES = ("FLAME_masks.pkl", "lve.txt")  # lips of FLAME, beside its model
_CONTEXT = 0.4  # seconds on either side of a crop whose phones still move its mouth


@dataclass(frozen=True)
class SpeechTargetConfig:
    """The recipe's table `speech`.

    Attributes:
        units: a name of `open_representation`, discrete with one codebook.
        speaker: checkpoint of a speaker encoder; empty for the one that ships.
        store: folder of the encoded clips.
    """

    units: str = "ours:units"
    speaker: str = ""
    store: Path = Path("~/.cache/utterface/tracks").expanduser()  # noqa: RUF009 - a constant


@dataclass(frozen=True)
class MotionInputConfig:
    """The recipe's table `motion`.

    Attributes:
        channels: of the input motion; empty for ARKit's without the tongue.
        rig: a FLAME model file with its vertex lists beside it, for corpora on FLAME; empty for the built-in head.
        strength: range of articulation of crops without captured motion.
        moods: share of those crops that show an emotion.
        noise: greatest deviation of the noise added to every channel, in weights.
        frame_rate: of the motion, Hz.
    """

    channels: tuple[str, ...] = ()
    rig: str = ""
    strength: tuple[float, float] = (0.5, 1.5)
    moods: float = 0.4
    noise: float = 0.02
    frame_rate: float = 30.0


class MeshToSpeechSystem(CropSystem):
    """Network, losses and validation of a mesh-to-speech model, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.voice = config_from(SpeechTargetConfig, recipe.get("speech", {}), "table [speech]")
        self.motion = config_from(MotionInputConfig, recipe.get("motion", {}), "table [motion]")
        self.loss_config = config_from(SpeechLossConfig, recipe.get("losses", {}), "table [losses]")
        if abs(self.data.seconds * 5 % 1) > 1e-6:
            raise ConfigError(f"data.seconds must be a multiple of 0.2, so that frames fit; got {self.data.seconds}")
        self.channels = trained_channels(recipe)
        self.representation = open_representation(self.voice.units)
        about = self.representation.about
        if len(about.codebooks) != 1:
            raise ConfigError(f"speech.units must have one codebook, {about.name} has {len(about.codebooks)}")
        self.speaker = SpeakerEncoder(Path(self.voice.speaker).expanduser() if self.voice.speaker else None)
        config = network_config(recipe)
        self.look = look(config, self.channels, self._rig())
        features = self.speaker.network.config.features
        torch.manual_seed(self.seed)
        inputs, units = seen_size(self.look, self.channels), about.codebooks[0]
        self.network = MeshToSpeechNetwork(config, inputs, units, features, self.look)
        self._gains: dict[str, float] = {}

    def _rig(self) -> Rig:
        if not self.motion.rig:
            return rigs.head()
        path = Path(self.motion.rig).expanduser()
        return read_flame(path, [p for p in sorted(path.parent.iterdir()) if p.name in REGION_FILES])

    @cached_property
    def units(self) -> Tracks:
        """Clips as units."""
        return Tracks(self.representation, True, self.voice.store)

    @cached_property
    def voices(self) -> Tracks:
        """Clips as a single vector of their voice."""
        return Tracks(SpeakerTrack(self.speaker), False, self.voice.store)

    def crops(self, splits: Sequence[str], first: int = 0, stride: int = 1) -> Crops:
        trains = tuple(splits) == self.data.splits
        return Crops(self.data, splits, self.seed, self.arrays if trains else self._same_arrays, first, stride)

    def arrays(self, crop: Crop) -> Mapping[str, np.ndarray]:
        """`motion` (T, C), `mel` (2U, 80), `units` (U,) and `speaker` (S,) of a crop; an `rng` makes another mouth."""
        moments = timing.frame_times(timing.frame_count(crop.duration, UNIT_RATE), UNIT_RATE, crop.start)
        units, voice = self.units[crop.clip], self.voices[crop.clip]
        return {
            "motion": self._motion(crop),
            "mel": speech.log_mel(self._gain(crop.clip) * crop.samples),
            "units": units.at(moments)[:, 0],
            "speaker": voice.values[0],
        }

    def _same_arrays(self, crop: Crop) -> Mapping[str, np.ndarray]:
        """`arrays` with the same mouth every time."""
        return self.arrays(replace(crop, rng=None))

    def _gain(self, clip: CorpusClip) -> float:
        if clip.id not in self._gains:
            self._gains[clip.id] = gain(clip.samples())
        return self._gains[clip.id]

    def _motion(self, crop: Crop) -> np.ndarray:
        clip, start, seconds = crop.clip, crop.start, crop.duration
        captured = clip.motion()
        rate = self.motion.frame_rate
        if captured is not None:
            times = timing.frame_times(timing.frame_count(seconds, rate), rate, start)
            return timing.sample_at(captured.select(self.channels), captured.frame_rate, times, captured.start)
        if clip.labels == "none":
            raise CorpusError(f"clip {clip.id} has neither motion nor phones; import its corpus with phones")
        return mouthed(clip.phones(), start, seconds, self.motion, crop.rng).select(self.channels)

    def batches(self, first: int, stride: int) -> Iterator[CropBatch]:
        self.units, self.voices  # noqa: B018 - opened before the processes that make batches begin
        return super().batches(first, stride)

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        drawn = np.random.default_rng(seed)
        motion = batch["motion"]
        size = self.motion.noise * drawn.uniform(size=(len(motion), 1, 1))
        noise = torch.from_numpy((size * drawn.standard_normal(motion.shape)).astype(np.float32))
        output = network(self._looked(motion + noise.to(motion.device)), batch["speaker"], self.motion.frame_rate)
        return speech_losses(output, batch["mel"], batch["units"], config=self.loss_config)

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out speakers: error of the log-mel (nats) and share of right units, of the motion and of another's.

        `fit` is minus the loss.
        """
        network.eval()
        rows = []
        for batch in self.held_out(network):
            output = network(self._looked(batch["motion"]), batch["speaker"], self.motion.frame_rate)
            loss = torch.stack(
                list(speech_losses(output, batch["mel"], batch["units"], config=self.loss_config).values())
            )
            other = network(self._looked(batch["motion"].roll(1, 0)), batch["speaker"], self.motion.frame_rate)
            rows.append((float(-loss.sum()), *compare(output, batch), *compare(other, batch)))
        network.train()
        names = ("fit", "mel_distance", "unit_accuracy", "mel_distance_shuffled", "unit_accuracy_shuffled")
        return dict(zip(names, np.mean(rows, 0).tolist(), strict=True))

    def _looked(self, motion: Tensor) -> Tensor:
        inputs: Tensor = self.look.to(motion.device)(motion)
        return inputs


def compare(output: MeshToSpeechOutput, batch: CropBatch) -> tuple[float, float]:
    """(mean absolute error of the log-mel in nats, share of right units)."""
    right = (output.units.argmax(2) == batch["units"]).float().mean()
    return float((output.mel - batch["mel"]).abs().mean()), float(right)


def mouthed(
    phones: Sequence[Span], start: float, seconds: float, config: MotionInputConfig, rng: np.random.Generator | None
) -> Motion:
    """What phones ask of the mouth from `start` on; silence beyond their ends.

    Args:
        phones: of the whole clip.
        start, seconds: the stretch.
        config: frame rate, and how much strength and mood vary.
        rng: draws strength and emotion; without it the mouth articulates as measured.
    """
    rate = config.frame_rate
    near = [p for p in phones if p.end > start - _CONTEXT and p.start < start + seconds + _CONTEXT]
    begin, end = (near[0].start, near[-1].end) if near else (start, start)  # a phone that is cut is another phone
    lead = timing.frame_count(start - begin, rate) if begin < start else 0
    begin = start - timing.frame_times(1, rate, lead / rate)[0]
    moved = [Span(p.label, p.start - begin, p.end - begin, p.stress) for p in near]
    strength = 1.0 if rng is None else float(rng.uniform(*config.strength))
    motion = articulate(moved, max(end, start + seconds) - begin, rate, strength)
    if rng is not None and rng.uniform() < config.moods:
        motion = express(motion, {str(rng.choice(list(EMOTIONS))): float(rng.uniform(0.2, 1))})
    return motion.with_values(motion.values[lead : lead + timing.frame_count(seconds, rate)])


def make(recipe: Mapping[str, Any]) -> MeshToSpeechSystem:
    return MeshToSpeechSystem(recipe)
