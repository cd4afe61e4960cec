"""A face system: everything that papers on speech-driven faces share, put together from parts.

    samples ─ representation (frozen) ─ units ─ embedding ─┐
                                     └─ vectors ───────────┴─ decoder ─ motion (T, C)
    conditions (emotion, identity, text …) ────────────────┘

Holds representation, conditions, decoder, sampler, batches and prediction. A paper's system holds a `FaceSystem` and
adds what is the paper's: which conditions, losses, defaults and measures. Only the decoder, the embedding of units and
the fusion of conditions learn. Rates meet in one place: vectors keep their moments (`Track`), and a decoder either
attends to them there or reads them at its frames; the motion's frame rate is a value of the recipe.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from utterface import rigs, speech, timing
from utterface.engines.bundle import Windows
from utterface.errors import ConfigError
from utterface.lab.batches.augment import AugmentConfig
from utterface.lab.batches.copies import AugmentedCopies, augment_features
from utterface.lab.batches.pairs import ConditionValue, FaceBatch, FaceCondition, Pair, Pairs, collate, target
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.decoders import DecoderInput, make_decoder
from utterface.lab.decoders.contract import SPEECH
from utterface.lab.losses.mesh_to_speech import MeshToSpeechLoss, MeshToSpeechLossConfig, SpeechTargets
from utterface.lab.losses.motion import FacePrediction
from utterface.lab.measures.predicted import ClipPrediction
from utterface.lab.networks import diffusion
from utterface.lab.networks.face import FeatureNorm, MotionScale, UnitEmbedding
from utterface.lab.networks.mesh_to_speech import spoken_mel
from utterface.lab.representations import open_representation
from utterface.lab.representations.contract import RepresentationInfo
from utterface.lab.representations.trained import SoundHops, TrainedEncoder
from utterface.lab.systems.face_recipe import FaceDataConfig, SamplingConfig, SpeechConfig, current_recipe
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.training.recipe import config_from
from utterface.motion import Motion
from utterface.rigs.lips import LipRig
from utterface.track import Track

T = TypeVar("T")
# parts of the life layer and a channel that shows that motion has them already
_LIFE = {"blink": "eyeBlinkLeft", "gaze": "eyeLookInLeft", "brows": "browInnerUp", "head": "headYaw"}


class FaceNetwork(nn.Module):
    """Everything that learns: the embedding of units, where there are units, and the decoder.

    Args:
        about: the representation.
        units: read its units.
        embedding: features of a unit.
        decoder: the recipe's table.
        channels: C.
        scaled: a denoiser works on scaled motion (`MotionScale`).
        conditions: features of each condition, by name.
        encoder: trained too, where the batches' speech is sound.
    """

    def __init__(
        self,
        about: RepresentationInfo,
        units: bool,
        embedding: int,
        decoder: Mapping[str, Any],
        channels: int,
        scaled: bool = False,
        conditions: Mapping[str, int] | None = None,
        encoder: TrainedEncoder | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.scale = MotionScale(channels) if scaled else None
        self.enter = UnitEmbedding(about.codebooks, embedding) if units else FeatureNorm(about.dimension)
        self.decoder = make_decoder(decoder, embedding if units else about.dimension, channels, conditions)

    def forward(
        self,
        batch: FaceBatch,
        noisy: Tensor | None = None,
        level: Tensor | None = None,
        dropped: Mapping[str, Tensor] | None = None,
    ) -> Tensor:
        """(B, T, C) motion; of a denoiser clean motion from `noisy`, both scaled."""
        motion: Tensor = self.decoder(self.inputs(batch, dropped), noisy, level)
        return motion

    def inputs(self, batch: FaceBatch, dropped: Mapping[str, Tensor] | None = None) -> DecoderInput:
        """The decoder's input for a batch; `dropped` as in `DecoderInput`."""
        moments = batch.times, batch.known
        if self.encoder is not None:
            vectors = self.enter(self.encoder(batch.speech, batch.known), batch.known)
            if self.decoder.moments:
                rate, several = batch.frame_rate, self.decoder.moments
                vectors = self.encoder.at_frames(vectors, batch.times, batch.frame_times, rate, several)
                moments = batch.frame_times, batch.frame_known
        else:
            normed = isinstance(self.enter, FeatureNorm)
            vectors = self.enter(batch.speech, batch.known) if normed else self.enter(batch.speech)
            if self.decoder.moments:
                vectors = vectors.flatten(2)
        frames = batch.frame_times, batch.frame_known
        return DecoderInput(vectors, *moments, *frames, batch.conditions, dropped or {})

    def denoiser(self, inputs: DecoderInput, guidance: float) -> diffusion.Denoise:
        """The decoder of some inputs as a function of noisy motion and its level, which a sampler calls."""
        decoder, encoded = self.decoder, self.decoder.encode(inputs)
        if guidance == 1:
            return lambda noisy, level: decoder.decode(encoded, noisy, level)
        free = decoder.encode(inputs.without_speech())
        return diffusion.guided(
            lambda noisy, level: decoder.decode(encoded, noisy, level),
            lambda noisy, level: decoder.decode(free, noisy, level),
            guidance,
        )

    def unscaled(self, motion: Tensor) -> Tensor:
        """Motion from what a denoiser works on."""
        return motion if self.scale is None else self.scale.undo(motion)


class FaceSystem:
    """The parts of a face system, from a recipe.

    Args:
        recipe: with the tables that the registry lists.
        defaults: of a paper: table → keys and values, which the recipe goes before.
        conditions: inputs beside speech, by name.
        lives: whether motion on eyes, brows and head is alive by itself, so that a bundle's life layer leaves them.

    Raises:
        ConfigError: unknown keys, units that do not exist, guidance without dropped speech.
    """

    def __init__(
        self,
        recipe: Mapping[str, Any],
        defaults: Mapping[str, Mapping[str, Any]] | None = None,
        conditions: Mapping[str, FaceCondition] | None = None,
        lives: bool = False,
    ) -> None:
        self.recipe = current_recipe(recipe, defaults or {})
        self.conditions = dict(conditions or {})
        self.data = self.read("data", FaceDataConfig)
        self.speech = self.read("speech", SpeechConfig)
        self.sampling = self.read("sampling", SamplingConfig)
        self.augmentation = self.read("augment", AugmentConfig)
        self.representation = open_representation(self.speech.representation)
        about = self.representation.about
        self.units = bool(about.codebooks) if self.speech.units is None else self.speech.units
        if self.units and not about.codebooks:
            raise ConfigError(f"{about.name} has no units; set speech.units = false, or cluster it")
        self.seed = int(recipe.get("train", {}).get("seed", 0))
        torch.manual_seed(self.seed)
        data, decoder = self.data, self.recipe.get("decoder", {})
        sizes = {name: condition.size for name, condition in self.conditions.items()}
        encoder = TrainedEncoder(self.representation) if self.speech.trained else None
        self.network = FaceNetwork(
            about, self.units, self.speech.embedding, decoder, len(data.channels), data.scaled, sizes, encoder
        )
        self.moments = 0 if encoder else self.network.decoder.moments  # at which batches read the speech
        if self.sampling.guidance != 1 and not self.network.decoder.dropped:
            raise ConfigError(
                "sampling.guidance needs a decoder that is trained without speech too; "
                "use diffusion_transformer with decoder.dropped above 0"
            )
        self.alive = tuple(part for part, channel in _LIFE.items() if lives and channel in data.channels)

    def read(self, table: str, kind: type[T], **defaults: Any) -> T:
        """A table of the recipe as a record."""
        return config_from(kind, {**defaults, **self.recipe.get(table, {})}, f"table [{table}]")

    @cached_property
    def windows(self) -> Windows:
        """In which long sounds are animated: those of the recipe's table `bundle`."""
        table = self.recipe.get("bundle", {})
        return Windows(**{k: table[k] for k in ("block", "past", "future", "overlap") if k in table})

    @cached_property
    def tracks(self) -> Tracks:
        """Clips through the representation; where it is trained too, in pieces as it reads them."""
        frozen = SoundHops(self.representation.about) if self.speech.trained else self.representation
        return Tracks(frozen, self.units, self.speech.store)

    @cached_property
    def lips(self) -> LipRig:
        """Of the built-in head, on which closures are measured."""
        return LipRig.from_rig(rigs.head())

    @cached_property
    def held_out(self) -> list[CorpusClip]:
        """The clips to validate on."""
        corpora = self.data.validation or self.data.corpora
        clips = self._clips(corpora, self.data.held_out, self.data.judged)
        if not clips:
            raise ConfigError(f"no clips of {', '.join(self.data.held_out)} speakers in {', '.join(corpora)}")
        return clips

    def check_held_out(self) -> None:
        """ConfigError where the recipe's corpora have no held-out clips."""
        _ = self.held_out

    def mesh_to_speech(self, weight: float) -> MeshToSpeechLoss:
        """The mesh-to-speech loss of the recipe's table `mesh_to_speech`."""
        config = self.read("mesh_to_speech", MeshToSpeechLossConfig)
        return MeshToSpeechLoss(weight, config, self.data.channels, speech_targets)

    def batches(self, first: int, stride: int) -> Iterator[FaceBatch]:
        """See `System.batches`."""
        data = self.data
        clips = self._clips(data.corpora, data.splits, data.clips)
        copies = AugmentedCopies(self.tracks, clips, data.copies, self.augmentation)
        pairs = Pairs(
            clips,
            self.tracks,
            data.channels,
            data.frame_rate,
            self.moments,
            data.batch,
            data.seconds,
            self.seed,
            copies.draw if data.copies else None,
            self.conditions,
        )
        if self.network.scale is not None:
            self.network.scale.fit(pairs.motion)
        return pairs.batches(first, stride)

    def predict(self, network: nn.Module, batch: FaceBatch, seed: tuple[int, int]) -> FacePrediction:
        """Motion for a batch in training; of a denoiser x̂0 from noise of levels drawn by the seed."""
        schedule, scale = self.network.decoder.schedule, self.network.scale
        if self.data.copies and not self.units and not self.speech.trained:
            about = self.representation.about
            batch = replace(batch, speech=augment_features(about, batch.speech, self.augmentation, seed))
        rng, count, device = np.random.default_rng(seed), len(batch.motion), batch.motion.device
        noisy = level = kept = None
        shares = {name: condition.dropped for name, condition in self.conditions.items()}
        if schedule is not None:
            level = torch.from_numpy(rng.integers(len(schedule), size=count)).to(device)
            noise = torch.from_numpy(rng.standard_normal(batch.motion.shape, np.float32)).to(device)
            clean = batch.motion if scale is None else scale(batch.motion)
            noisy = diffusion.add_noise(clean, noise, level, schedule)
            kept = torch.as_tensor(schedule.kept, dtype=torch.float32, device=device)[level]
            shares = {SPEECH: self.network.decoder.dropped, **shares}
        dropped = {name: torch.from_numpy(rng.uniform(size=count) < share).to(device) for name, share in shares.items()}
        motion = network(batch, noisy, level, dropped)
        return FacePrediction(motion if noisy is None else self.network.unscaled(motion), kept, dropped)

    def animate(
        self,
        network: FaceNetwork,
        speech: Track,
        duration: float,
        seed: int = 0,
        conditions: Mapping[str, ConditionValue] | None = None,
    ) -> Motion:
        """Motion for a whole utterance.

        Args:
            network: as trained.
            speech: as `tracks.encode` gives it.
            duration: of the sound, seconds.
            seed: of the noise.
            conditions: by name; the learned null stands for those that are missing.
        """
        rate, channels = self.data.frame_rate, self.data.channels
        count = timing.frame_count(duration, rate)
        blank = Pair(speech, np.zeros((count, len(channels)), np.float32), rate, conditions=conditions or {})
        generator = torch.Generator().manual_seed(seed)
        start = torch.randn((1, count, len(channels)), generator=generator)
        motion = self.sample(network, collate([blank], self.moments), start, generator)
        return Motion(motion[0].numpy(), channels, rate)

    @torch.no_grad()
    def sample(self, network: FaceNetwork, batch: FaceBatch, start: Tensor, generator: torch.Generator) -> Tensor:
        """(B, T, C) motion of a batch, whose own motion is not read.

        Args:
            network: as trained.
            batch: of speech and conditions.
            start: (B, T, C) noise that a denoiser starts from.
            generator: of the noise that its sampler adds in its steps.
        """
        schedule, device = network.decoder.schedule, next(network.parameters()).device
        inputs = network.inputs(batch.to(device))
        if schedule is None:
            return network.decoder(inputs).float().cpu()
        updates = diffusion.plan(self.sampling.sampler, schedule, self.sampling.steps)
        denoise = network.denoiser(inputs, self.sampling.guidance)
        motion = diffusion.sample(denoise, start.to(device), updates, generator)
        return network.unscaled(motion).float().cpu()

    def predictions(self, network: nn.Module) -> list[ClipPrediction]:
        """`sampling.takes` predictions of each held-out clip."""
        assert isinstance(network, FaceNetwork)
        with at_rest(network):
            return [
                ClipPrediction(clip, self.predict_clip(network, clip, self.seed + take), self.reference(clip))
                for clip in self.held_out
                for take in range(self.sampling.takes)
            ]

    def predict_clip(self, network: FaceNetwork, clip: CorpusClip, seed: int) -> Motion:
        """Motion for a clip, under its own conditions."""
        return self.animate(network, self.tracks[clip], clip.duration, seed, self.conditions_of(clip))

    def conditions_of(self, clip: CorpusClip) -> dict[str, ConditionValue]:
        return {name: condition.value(clip) for name, condition in self.conditions.items()}

    def reference(self, clip: CorpusClip) -> Motion:
        """The motion to predict for a clip."""
        data = self.data
        return Motion(target(clip, data.channels, data.frame_rate), data.channels, data.frame_rate)

    def _clips(self, names: Sequence[str], splits: Sequence[str], most: int) -> list[CorpusClip]:
        corpora = [read_corpus(self.data.root / name) for name in names]
        clips = [c for corpus in corpora for c in corpus if c.split in splits]
        return clips[:: -(-len(clips) // most)] if most and clips else clips


@contextmanager
def at_rest(network: nn.Module) -> Iterator[None]:
    """The network in evaluation mode, and afterwards in the mode that it had."""
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(training)


def speech_targets(recipe: Mapping[str, Any]) -> SpeechTargets:
    """Targets and inputs of a mesh-to-speech model by its recipe."""
    system = MeshToSpeechSystem(recipe)
    return SpeechTargets(system.units, Tracks(_EvenMel(), False, system.voice.store), system.voices)


class _EvenMel:
    """`spoken_mel` as a representation."""

    about = RepresentationInfo("mel at one loudness", "spectral", speech.TRACK_RATE, speech.MEL_COUNT)

    def encode(self, samples: np.ndarray) -> Track:
        return Track(spoken_mel(samples), speech.TRACK_RATE)

    def units(self, samples: np.ndarray) -> None:
        return None
