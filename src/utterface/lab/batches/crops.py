"""Clips → batches of random crops, for all of our own encoders. Batch i is a function of the seed and i alone."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from utterface import timing
from utterface.errors import CorpusError
from utterface.lab.batches.augment import AugmentConfig, augment, augment_mel, between, replayed, together
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.networks.blocks import Change
from utterface.lab.training.recipe import config_from
from utterface.phones import SILENCE, Span

CropBatch = dict[str, Tensor]


@dataclass(frozen=True)
class CropConfig:
    """The recipe's table `data`.

    Attributes:
        root: folder of the corpora.
        shares: corpus → its share of every batch, relative to the others.
        splits, held_out: the splits to train and to validate on; their speakers never meet.
        batch: crops a batch.
        seconds: length of a crop.
        workers: processes that make batches; 0 makes them in between.
        validation_batches: how many held-out batches are judged, the same ones every time.
    """

    root: Path
    shares: Mapping[str, float]
    splits: tuple[str, ...] = ("train",)
    held_out: tuple[str, ...] = ("valid",)
    batch: int = 16
    seconds: float = 4.0
    workers: int = 1
    validation_batches: int = 8


@dataclass(frozen=True)
class Crop:
    """A piece of a clip, changed in nothing but its rate.

    Attributes:
        clip: of which it is a piece.
        start: moment of its first sample, seconds.
        samples: (N,) float32.
        rate: speed at which it is replayed.
        rng: for everything random about it; None where nothing is drawn.
    """

    clip: CorpusClip
    start: float
    samples: np.ndarray
    rate: float = 1.0
    rng: np.random.Generator | None = None

    @property
    def duration(self) -> float:
        """Seconds, at its rate."""
        return timing.seconds(len(self.samples))


CropArrays = Callable[[Crop], Mapping[str, np.ndarray]]


class Crops(IterableDataset[CropBatch]):
    """Endless batches of crops, from number `first` on.

    Args:
        config: where the clips are.
        splits: which speakers to use.
        seed: of everything random.
        arrays: a crop → its arrays beside the samples, by name.
        augmentation: how the samples of a batch are changed; None leaves them alone.
        first, stride: number of the first batch, and from a batch's number to the next one's.
    """

    def __init__(
        self,
        config: CropConfig,
        splits: Sequence[str],
        seed: int,
        arrays: CropArrays | None = None,
        first: int = 0,
        stride: int = 1,
        augmentation: AugmentConfig | None = None,
    ) -> None:
        self.config, self.seed, self.arrays, self.first, self.stride = config, seed, arrays, first, stride
        self.augmentation = augmentation
        self.clips: list[list[CorpusClip]] = []
        shares = []
        for name, share in config.shares.items():
            clips = [c for c in read_corpus(config.root / name) if c.split in splits]
            if clips:
                self.clips.append(clips)
                shares.append(share)
        if not shares:
            raise CorpusError(f"no clips of {', '.join(splits)} in {', '.join(config.shares)} under {config.root}")
        self.shares = np.array(shares) / np.sum(shares)
        self.ends = [np.cumsum([c.duration for c in clips]) for clips in self.clips]

    def __iter__(self) -> Iterator[CropBatch]:
        return map(self.make, batch_numbers(self.first, self.stride))

    def make(self, number: int) -> CropBatch:
        """Batch `number`: `samples` (B, N) float32 and what `arrays` adds."""
        rng = np.random.default_rng((self.seed, number))
        rows = [self._crop(clip, rng) for clip in self.pick(rng)]
        if self.augmentation:
            clean = [row["samples"] for row in rows]
            for i, row in enumerate(rows):
                row["samples"] = augment(clean[i], _babble(clean, i, rng), self.augmentation, rng)
        return {key: torch.from_numpy(np.stack([row[key] for row in rows])) for key in rows[0]}

    def pick(self, rng: np.random.Generator) -> list[CorpusClip]:
        """The clips of a batch, drawn by their length."""
        groups = rng.choice(len(self.shares), self.config.batch, p=self.shares)
        moments = [rng.uniform(0, self.ends[g][-1]) for g in groups]
        return [self.clips[g][int(np.searchsorted(self.ends[g], m))] for g, m in zip(groups, moments, strict=True)]

    def _crop(self, clip: CorpusClip, rng: np.random.Generator) -> dict[str, Any]:
        count = timing.sample_count(self.config.seconds)
        rate = float(between(self.augmentation.rate, rng)) if self.augmentation else 1.0
        needed = math.ceil(count * rate)
        sound = clip.samples()
        first = int(rng.integers(0, max(1, len(sound) - needed + 1)))
        samples = replayed(sound[first : first + needed], rate, count)
        more = self.arrays(Crop(clip, timing.seconds(first), samples, rate, rng)) if self.arrays else {}
        return {"samples": samples, **more}


def batch_numbers(first: int, stride: int) -> Iterator[int]:
    """Endless numbers first, first + stride, …; in a data-loading process the share of them that is its own."""
    worker = torch.utils.data.get_worker_info()
    step, number = (worker.num_workers, worker.id) if worker else (1, 0)
    return itertools.count(first + number * stride, step * stride)


def labels_at(phones: Sequence[Span], times: np.ndarray) -> np.ndarray:
    """(N,) str: the phone that sounds at each moment; silence outside of all."""
    labels = np.array([*(p.label for p in phones), SILENCE])
    starts, ends = np.array([p.start for p in phones]), np.array([p.end for p in phones])
    at = np.searchsorted(starts, times, "right") - 1
    inside = (at >= 0) & (times < np.append(ends, 0)[at])
    return labels[np.where(inside, at, -1)]


def _babble(voices: Sequence[np.ndarray], own: int, rng: np.random.Generator) -> np.ndarray:
    """Up to six of a batch's other voices at once, since reading more recordings would cost too much."""
    chosen = [voices[i] for i in rng.permutation(len(voices))[: int(rng.integers(1, 7))] if i != own]
    return together(chosen) if chosen else np.zeros_like(voices[own])


class CropSystem:
    """Base of the systems that train on crops: data, batches and held-out batches of a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        self.data = config_from(CropConfig, recipe.get("data", {}), "table [data]")
        table = recipe.get("augment")
        self.augmentation = None if table is None else config_from(AugmentConfig, table, "table [augment]")
        self.seed = int(recipe.get("train", {}).get("seed", 0))
        self._held_out: list[CropBatch] | None = None
        torch.manual_seed(self.seed)

    def arrays(self, crop: Crop) -> Mapping[str, np.ndarray]:
        """The arrays of a batch beside the samples, by name."""
        return {}

    def change(self, seed: tuple[int, ...]) -> Change | None:
        """The augmentation of the log-mel in a training step; None where the recipe has none."""
        if self.augmentation is None:
            return None
        return partial(augment_mel, config=self.augmentation, rng=np.random.default_rng((*seed, 3)))

    def crops(self, splits: Sequence[str], first: int = 0, stride: int = 1) -> Crops:
        augmentation = self.augmentation if tuple(splits) == self.data.splits else None
        return Crops(self.data, splits, self.seed, self.arrays, first, stride, augmentation)

    def batches(self, first: int, stride: int) -> Iterator[CropBatch]:
        crops = self.crops(self.data.splits, first, stride)
        if self.data.workers == 0:
            return iter(crops)
        return iter(DataLoader(crops, None, num_workers=self.data.workers, prefetch_factor=4))

    def check_held_out(self) -> None:
        """CorpusError where the recipe's corpora have no held-out clips."""
        self.crops(self.data.held_out)

    def held_out(self, network: nn.Module) -> Iterator[CropBatch]:
        """The batches of validation, made once, on the device of the network."""
        if self._held_out is None:
            crops = self.crops(self.data.held_out)
            self._held_out = [crops.make(i) for i in range(self.data.validation_batches)]
        device = next(network.parameters()).device
        return (send_to_device(batch, device) for batch in self._held_out)
