"""Training of the animator `networks/animator.py`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from utterface.errors import ConfigError
from utterface.lab.batches.articulators import ArticulatorBatch, ArticulatorBatches, ArticulatorSource
from utterface.lab.batches.augment import AugmentConfig, augment_mel
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.losses.articulators import LossConfig, losses
from utterface.lab.losses.lips import ArticulatedGap, head_lips
from utterface.lab.networks.animator import CARRIED, FRAME_RATE, AnimatorNetwork, animator_config
from utterface.lab.networks.controls import ControlConfig, Director
from utterface.lab.representations import open_representation
from utterface.lab.systems.animator_validation import validate
from utterface.lab.training.recipe import config_from

_THRESHOLDS = tuple(np.round(np.arange(0.15, 0.86, 0.05), 2).tolist())


@dataclass(frozen=True)
class AnimatorDataConfig:
    """The recipe's table `data`.

    Attributes:
        root: folder of the corpora.
        shares: corpus → its share of every batch, relative to the others.
        speakers: corpus → the part of its speakers that is trained on, where it is not all of them.
        validation: corpora whose held-out speakers are validated on.
        splits, held_out: the splits to train and to validate on.
        batch: crops a batch.
        seconds: length of a crop.
        workers: processes that make batches; 0 makes them in between.
        teacher: representation whose log-probabilities of tokens, the last of them a blank, are soft targets; its
            tokens are counted in `network.tokens`. Empty for none.
        store: folder of its tracks.
    """

    root: Path
    shares: Mapping[str, float]
    validation: tuple[str, ...]
    speakers: Mapping[str, float] = field(default_factory=dict)
    splits: tuple[str, ...] = ("train",)
    held_out: tuple[str, ...] = ("valid",)
    batch: int = 24
    seconds: float = 5.0
    workers: int = 1
    teacher: str = ""
    store: Path = Path("~/.cache/utterface/tracks")


class AnimatorSystem:
    """Network, batches, losses and validation of the animator, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        self.data = config_from(AnimatorDataConfig, recipe.get("data", {}), "table [data]")
        self.augmentation = config_from(AugmentConfig, recipe.get("augment", {}), "table [augment]")
        self.loss_config = config_from(LossConfig, recipe.get("losses", {}), "table [losses]")
        config = animator_config(recipe)
        self.director = Director(
            config.controls, config_from(ControlConfig, recipe.get("controls", {}), "table [controls]")
        )
        self.gap = ArticulatedGap(head_lips(), config.expression) if self.loss_config.lip_gap else None
        self.seed = int(recipe.get("train", {}).get("seed", 0))
        torch.manual_seed(self.seed)
        self.network = AnimatorNetwork(config)
        self._held_out: list[CorpusClip] | None = None
        self.teacher = self._open_teacher(config.tokens)

    def batches(self, first: int, stride: int) -> Iterator[ArticulatorBatch]:
        data = self.data
        sources = [self.source(name) for name in data.shares]
        frames = round(data.seconds * FRAME_RATE)
        feed = ArticulatorBatches(
            sources,
            data.splits,
            data.batch,
            frames,
            self.augmentation,
            self.seed,
            first,
            stride,
            self.director,
            self.teacher,
        )
        if data.workers == 0:
            return iter(feed)
        return iter(DataLoader(feed, None, num_workers=data.workers, prefetch_factor=8))

    def _open_teacher(self, tokens: int) -> Tracks | None:
        name = self.data.teacher
        if not name:
            if tokens:
                raise ConfigError(f"network.tokens is {tokens}, but data.teacher names no representation")
            return None
        representation = open_representation(name)
        if representation.about.dimension != tokens:
            raise ConfigError(
                f"data.teacher {name!r} has {representation.about.dimension} tokens; set network.tokens to it"
            )
        return Tracks(representation, False, self.data.store.expanduser())

    def source(self, name: str) -> ArticulatorSource:
        """A corpus of the recipe, as it is trained on."""
        return ArticulatorSource(self.data.root / name, self.data.shares[name], self.data.speakers.get(name, 1.0))

    def losses(self, network: nn.Module, batch: ArticulatorBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        core = self.network  # what `network` wraps
        output, _ = network(self.log_mel(batch, seed), None, batch.controls if core.config.controls else None)
        gap = self.gap and self.gap.to(batch.samples.device)
        return losses(output, batch, core.config.delay, self.loss_config, gap)

    def log_mel(self, batch: ArticulatorBatch, seed: tuple[int, int]) -> Tensor:
        """(B, 2 n, 80) log-mel of a batch, with shifted formants and masked parts."""
        device = batch.samples.device
        with torch.no_grad(), torch.autocast(device.type, enabled=False):
            quiet = torch.zeros(len(batch.samples), CARRIED, device=device)
            mel = self.network.log_mel(torch.cat([quiet, batch.samples], 1))
            return augment_mel(mel, self.augmentation, np.random.default_rng((*seed, 1)))

    def held_out(self) -> list[CorpusClip]:
        """The clips to validate on."""
        if self._held_out is None:
            corpora = [read_corpus(self.data.root / name) for name in self.data.validation]
            self._held_out = [c for corpus in corpora for c in corpus if c.split in self.data.held_out]
            if not self._held_out:
                raise ConfigError(f"no clips of {self.data.held_out} speakers in {', '.join(self.data.validation)}")
        return self._held_out

    def check_held_out(self) -> None:
        """ConfigError where the recipe's corpora have no held-out clips."""
        self.held_out()

    def validate(self, network: nn.Module) -> dict[str, float]:
        assert isinstance(network, AnimatorNetwork)
        return validate(network, self.held_out(), _THRESHOLDS)


def make(recipe: Mapping[str, Any]) -> AnimatorSystem:
    return AnimatorSystem(recipe)
