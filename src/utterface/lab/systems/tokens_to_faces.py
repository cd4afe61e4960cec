"""*From Tokens to Faces* (Corrêa, Perrotin, Sadok, Costa, Hueber; Interspeech 2026): which speech makes good faces?

    samples ─ representation (frozen) ─ units ─ embedding ─┐
                                     └─ vectors ───────────┴─ decoder ─ weights (T, C), 30 a second

Any representation, any decoder; only the decoder and the embedding of units learn. Rates meet in one place: vectors
keep the moments at which they stand (`Track`), and a decoder either attends to them there or reads them at its frames.
What the paper states and what is filled in here: docs/research/tokens_to_faces.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from utterface import rigs, timing
from utterface.errors import ConfigError
from utterface.lab.batches.augment import AugmentConfig
from utterface.lab.batches.copies import Disguised, disguise_speech
from utterface.lab.batches.pairs import FRAME_RATE, Batch, Pair, Pairs, Tracks, collate, target
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.decoders import Heard, Kind, decoder_kind, make_decoder
from utterface.lab.losses.mesh_to_speech import Hearing, HearingConfig
from utterface.lab.losses.motion import LipGap, gap_loss, motion_losses
from utterface.lab.measures.predicted import Answered, judge
from utterface.lab.networks import diffusion
from utterface.lab.representations import open_representation
from utterface.lab.representations.contract import RepresentationInfo
from utterface.lab.training.recipe import config_from
from utterface.motion import ARKIT, Motion
from utterface.rigs.lips import LipRig
from utterface.track import Track

# of the recipe
_LEAST_DEVIATION = 0.02  # of a channel, weights or radians


@dataclass(frozen=True)
class SpeechConfig:
    """The recipe's table `speech`.

    Attributes:
        representation: a name that `open_representation` takes.
        units: whether units are read, through fresh embedding tables, rather than vectors; by default where there are.
        embedding: features of a unit; those of several codebooks are summed.
        store: folder of the encoded clips.
    """

    representation: str
    units: bool | None = None
    embedding: int = 256
    store: Path = Path("~/.cache/utterface/tracks").expanduser()  # noqa: RUF009 - a constant


@dataclass(frozen=True)
class DataConfig:
    """The recipe's table `data`.

    Attributes:
        root: folder of the corpora.
        corpora: names of those to train on.
        validation: names of those to validate on; by default the same.
        splits, held_out: the splits to train and to validate on.
        channels: of the motion; the paper's are ARKit's without the tongue.
        batch: crops a batch.
        seconds: greatest length of a crop.
        clips, judged: at most so many clips to train and to validate on, evenly taken; 0 is all.
        scaled: whether a denoiser sees each channel at mean 0 and deviation 1.
        disguises: how many times each clip is learned from in another place, through another microphone, beside as it
            is; the recipe's table `augment` says how it may sound.
    """

    root: Path
    corpora: tuple[str, ...]
    validation: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("train",)
    held_out: tuple[str, ...] = ("valid",)
    channels: tuple[str, ...] = ARKIT[:-1]
    batch: int = 8
    seconds: float = 10.0
    clips: int = 0
    judged: int = 20
    scaled: bool = False
    disguises: int = 0


@dataclass(frozen=True)
class SamplingConfig:
    """The recipe's table `sampling`, for decoders that denoise.

    Attributes:
        sampler: `ddpm`, `ddim`, `dpm++` or `renoise`; the paper's is `ddpm` with all levels as steps.
        steps: of the sampler.
    """

    sampler: str = "dpm++"
    steps: int = 20


class UnitEmbedding(nn.Module):
    """A fresh table a codebook, their vectors summed."""

    def __init__(self, sizes: Sequence[int], features: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, features) for size in sizes)

    def forward(self, units: Tensor) -> Tensor:
        """(…, K) int64 → (…, D)."""
        return torch.stack([table(units[..., k]) for k, table in enumerate(self.tables)]).sum(0)


class Level(nn.Module):
    """Vectors at mean 0 and deviation 1, feature by feature over many clips, so that how loud it is still shows."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.batch = nn.BatchNorm1d(features, affine=False)

    def forward(self, vectors: Tensor, known: Tensor) -> Tensor:
        """(B, S, …, D), those of them that are known (B, S) → the same; 0 where unknown."""
        rows = vectors[known]
        levelled = torch.zeros_like(vectors)
        levelled[known] = self.batch(rows.flatten(0, -2)).view_as(rows)
        return levelled


class Scale(nn.Module):
    """Motion at mean 0 and deviation 1, channel by channel, which is what noise of deviation 1 suits."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def fit(self, motions: Sequence[np.ndarray]) -> None:
        """Measure (T, C) motions; what hardly moves keeps so small a scale that noise cannot show in it."""
        total = sum(len(m) for m in motions)
        mean = sum(m.sum(0, dtype=np.float64) for m in motions) / total
        square = sum(((m - mean) ** 2).sum(0) for m in motions) / total
        self.mean.copy_(torch.from_numpy(mean))
        self.deviation.copy_(torch.from_numpy(np.maximum(np.sqrt(square), _LEAST_DEVIATION)))

    def forward(self, motion: Tensor) -> Tensor:
        return (motion - self.mean) / self.deviation

    def undo(self, scaled: Tensor) -> Tensor:
        return scaled * self.deviation + self.mean


class Predicted(NamedTuple):
    """Motion as a network gives it in training.

    Attributes:
        motion: (B, T, C).
        level: (B,) int64, of the noise that it was behind; None of a decoder that does not denoise.
        withheld: (B,) bool, clips whose speech was withheld.
    """

    motion: Tensor
    level: Tensor | None = None
    withheld: Tensor | None = None


class FaceNetwork(nn.Module):
    """What learns: the embedding of units, where there are units, and the decoder.

    Args:
        about: the representation.
        units: whether its units are read.
        embedding: features of a unit.
        decoder: the recipe's table.
        channels: C.
        scaled: whether what is denoised is `Scale`d.
    """

    def __init__(
        self,
        about: RepresentationInfo,
        units: bool,
        embedding: int,
        decoder: Mapping[str, Any],
        channels: int,
        scaled: bool = False,
    ) -> None:
        super().__init__()
        self.scale = Scale(channels) if scaled else None
        self.enter = UnitEmbedding(about.codebooks, embedding) if units else Level(about.dimension)
        self.decoder = make_decoder(decoder, embedding if units else about.dimension, channels)

    def forward(
        self,
        batch: Batch,
        noisy: Tensor | None = None,
        level: Tensor | None = None,
        withheld: Tensor | None = None,
    ) -> Tensor:
        """(B, T, C) motion; of a denoiser what is behind `noisy`, in its own measure (`scale`)."""
        motion: Tensor = self.decoder(self.hear(batch, withheld), noisy, level)
        return motion

    def hear(self, batch: Batch, withheld: Tensor | None = None) -> Heard:
        """What the decoder hears of a batch; `withheld` (B,) bool are clips whose speech it must do without."""
        levels = isinstance(self.enter, Level)
        vectors = self.enter(batch.speech, batch.known) if levels else self.enter(batch.speech)
        if self.decoder.moments:
            vectors = vectors.flatten(2)
        return Heard(vectors, batch.times, batch.known, batch.frame_times, batch.frame_known, withheld)


class TokensToFaces:
    """The work as the training loop sees it."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        self.data = config_from(DataConfig, recipe.get("data", {}), "table [data]")
        self.speech = config_from(SpeechConfig, recipe.get("speech", {}), "table [speech]")
        self.sampling = self.read_sampling(recipe.get("sampling", {}))
        table = recipe.get("decoder", {})
        kind = decoder_kind(table)
        self.loss_config = self.read_losses(kind, recipe.get("losses", {}))
        self.representation = open_representation(self.speech.representation)
        about = self.representation.about
        self.units = bool(about.codebooks) if self.speech.units is None else self.speech.units
        if self.units and not about.codebooks:
            raise ConfigError(f"{about.name} has no units; say speech.units = false, or cluster it")
        self.seed = int(recipe.get("train", {}).get("seed", 0))
        torch.manual_seed(self.seed)
        self.network = FaceNetwork(
            about, self.units, self.speech.embedding, table, len(self.data.channels), self.data.scaled
        )
        self.augmentation = config_from(AugmentConfig, recipe.get("augment", {}), "table [augment]")
        self.hearing_config = config_from(HearingConfig, recipe.get("hearing", {}), "table [hearing]")

    def read_losses(self, kind: Kind, table: Mapping[str, Any]) -> Any:
        """The recipe's table `losses`, filled up with what the decoder is trained with."""
        return config_from(type(kind.losses), {**vars(kind.losses), **table}, "table [losses]")

    def read_sampling(self, table: Mapping[str, Any]) -> SamplingConfig:
        """The recipe's table `sampling`."""
        return config_from(SamplingConfig, table, "table [sampling]")

    @cached_property
    def tracks(self) -> Tracks:
        """Clips through the representation."""
        return Tracks(self.representation, self.units, self.speech.store)

    @cached_property
    def lips(self) -> LipRig:
        """The built-in head's, by which closures are judged."""
        return LipRig.from_rig(rigs.head())

    @cached_property
    def gap(self) -> LipGap:
        """The lip gap of motion, to learn from."""
        return LipGap(self.lips, self.data.channels)

    @cached_property
    def hearing(self) -> Hearing:
        """What listens to the faces."""
        return Hearing(self.hearing_config, self.data.channels)

    def check_held_out(self) -> None:
        """ConfigError where the recipe's corpora have no held-out clips."""
        _ = self.held_out

    @cached_property
    def held_out(self) -> list[CorpusClip]:
        """The clips to validate on."""
        corpora = self.data.validation or self.data.corpora
        clips = self._clips(corpora, self.data.held_out, self.data.judged)
        if not clips:
            raise ConfigError(f"no clips of {', '.join(self.data.held_out)} speakers in {', '.join(corpora)}")
        return clips

    def batches(self, first: int, stride: int) -> Iterator[Batch]:
        data = self.data
        clips = self._clips(data.corpora, data.splits, data.clips)
        moments = self.network.decoder.moments
        disguised = Disguised(self.tracks, clips, data.disguises, self.augmentation)
        drawn = disguised.drawn if data.disguises else None
        pairs = Pairs(clips, self.tracks, data.channels, moments, data.batch, data.seconds, self.seed, drawn)
        if self.network.scale is not None:
            self.network.scale.fit(pairs.motion)
        return pairs.batches(first, stride)

    def losses(self, network: nn.Module, batch: Batch, seed: tuple[int, int]) -> dict[str, Tensor]:
        predicted = self.predict(network, batch, seed)
        parts = motion_losses(predicted.motion, batch.motion, batch.frame_known, self.loss_config)
        return parts | self.apart(predicted, batch) | self.heard(predicted, batch)

    def apart(self, predicted: Predicted, batch: Batch) -> dict[str, Tensor]:
        """How far the lips are further apart or nearer than they should be, weighted; nothing without a weight."""
        config = self.loss_config
        if not config.gap:
            return {}
        gap = self.gap.to(batch.motion.device)
        error = gap_loss(gap(predicted.motion), gap(batch.motion), batch.frame_known, config.closing)
        return {"gap": config.gap * error}

    def predict(self, network: nn.Module, batch: Batch, seed: tuple[int, int]) -> Predicted:
        """Motion for a batch; of a denoiser what is behind noise of levels drawn by the seed."""
        core, schedule = self.network, self.network.decoder.schedule
        if self.data.disguises and not self.units:
            about = self.representation.about
            batch = replace(batch, speech=disguise_speech(about, batch.speech, self.augmentation, seed))
        if schedule is None:
            return Predicted(network(batch))
        drawn, device = np.random.default_rng(seed), batch.motion.device
        level = torch.from_numpy(drawn.integers(len(schedule), size=len(batch.motion))).to(device)
        noise = torch.from_numpy(drawn.standard_normal(batch.motion.shape, np.float32)).to(device)
        withheld = torch.from_numpy(drawn.uniform(size=len(batch.motion)) < core.decoder.dropped).to(device)
        clean = batch.motion if core.scale is None else core.scale(batch.motion)
        found = network(batch, diffusion.add_noise(clean, noise, level, schedule), level, withheld)
        return Predicted(found if core.scale is None else core.scale.undo(found), level, withheld)

    def heard(self, predicted: Predicted, batch: Batch) -> dict[str, Tensor]:
        """What the predicted faces sound like beside what was said, weighted; nothing where it has no weight."""
        weight = self.loss_config.hearing
        if not weight:
            return {}
        trust = self.hearing.trust(predicted.level, self.network.decoder.schedule, predicted.withheld)
        parts = self.hearing.losses(predicted.motion, batch, trust)
        return {name: weight * value for name, value in parts.items()}

    def animate(self, network: FaceNetwork, speech: Track, duration: float, seed: int = 0) -> Motion:
        """Motion for a whole utterance.

        Args:
            network: as trained.
            speech: as `tracks.encode` gives it.
            duration: of the sound, seconds.
            seed: of what is sampled.
        """
        count, channels = timing.frame_count(duration, FRAME_RATE), self.data.channels
        blank = Pair(speech, np.zeros((count, len(channels)), np.float32))
        generator = torch.Generator().manual_seed(seed)
        start = torch.randn((1, count, len(channels)), generator=generator)
        found = self.sample(network, collate([blank], network.decoder.moments), start, generator)
        return Motion(found[0].numpy(), channels, FRAME_RATE)

    @torch.no_grad()
    def sample(self, network: FaceNetwork, batch: Batch, start: Tensor, generator: torch.Generator) -> Tensor:
        """(B, T, C) motion of a batch, whose own motion is not looked at.

        Args:
            network: as trained.
            batch: what is heard.
            start: (B, T, C) noise that a denoiser begins with; others do without.
            generator: of the noise that its sampler adds on the way.
        """
        schedule, device = network.decoder.schedule, next(network.parameters()).device
        batch = batch.to(device)
        if schedule is None:
            return network(batch).float().cpu()
        updates = diffusion.plan(self.sampling.sampler, schedule, self.sampling.steps)
        found = diffusion.sample(lambda x, level: network(batch, x, level), start.to(device), updates, generator)
        return (found if network.scale is None else network.scale.undo(found)).float().cpu()

    def validate(self, network: nn.Module) -> dict[str, float]:
        """The paper's measures and ours on held-out speakers, see `judging`."""
        assert isinstance(network, FaceNetwork)
        network.eval()
        answers = []
        for clip in self.held_out:
            said = self.animate(network, self.tracks[clip], clip.duration, self.seed)
            reference = Motion(target(clip, self.data.channels), self.data.channels, FRAME_RATE)
            answers.append(Answered(clip, said, reference))
        network.train()
        return judge(answers, self.lips)

    def _clips(self, names: Sequence[str], splits: Sequence[str], most: int) -> list[CorpusClip]:
        corpora = [read_corpus(self.data.root / name) for name in names]
        clips = [c for corpus in corpora for c in corpus if c.split in splits]
        return clips[:: -(-len(clips) // most)] if most and clips else clips


def make(recipe: Mapping[str, Any]) -> TokensToFaces:
    return TokensToFaces(recipe)
