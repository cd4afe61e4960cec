"""A masked-prediction encoder after HuBERT (Hsu et al. 2021, 2106.07447): the self-supervised member of our own.

Stretches of speech are hidden, and for each hidden frame the network says which cluster it belongs to. The clusters
come from any representation: MFCC first, then a layer of the network trained on those, which is the second round.
What goes in is log-mel at 50 Hz (as in MelHuBERT, Lin et al. 2022, 2211.09944), many times cheaper than samples.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import timing
from utterface.errors import ConfigError
from utterface.lab.batches.crops import Crop, CropBatch, CropSystem
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.networks.blocks import Change, MelStack, Transformer
from utterface.lab.representations.clusters import Clustered, Codebook, fit_codebook
from utterface.lab.representations.contract import Representation
from utterface.lab.representations.registry import open_representation
from utterface.lab.training.loop import config_from

TABLES = ("data", "network", "targets", "augment")  # of the recipe
_STACK = 2
_TEMPERATURE = 0.1  # τ of HuBERT


@dataclass(frozen=True)
class MaskedConfig:
    """The recipe's table `network`.

    Attributes:
        width, heads, inner, layers, dropout: of the Transformer.
        clusters: how many targets there are.
        mask_share: share of frames at which a hidden stretch begins.
        mask_frames: its length; HuBERT hides 10 frames of 20 ms from 8 % of the frames on.
        unit_layer: whose features stand for the network where none is named.
    """

    width: int = 256
    heads: int = 4
    inner: int = 1024
    layers: int = 5
    dropout: float = 0.1
    clusters: int = 100
    mask_share: float = 0.08
    mask_frames: int = 10
    unit_layer: int = 4


@dataclass(frozen=True)
class TargetConfig:
    """The recipe's table `targets`.

    Attributes:
        representation: whose clusters are predicted, a name of `open_representation`.
        sounds: training clips that the clusters are fitted to, where the representation is continuous.
    """

    representation: str = "mfcc"
    sounds: int = 500


class MaskedNetwork(nn.Module):
    """Log-mel at 50 Hz → features of any layer; while training, cluster logits of hidden frames."""

    def __init__(self, config: MaskedConfig) -> None:
        super().__init__()
        self.config = config
        self.mel = MelStack(_STACK)
        self.enter = nn.Linear(80 * _STACK, config.width)
        self.hidden = nn.Parameter(torch.randn(config.width) * 0.1)  # what a masked frame looks like
        self.body = Transformer(config.width, config.heads, config.inner, config.layers, config.dropout)
        self.leave = nn.Linear(config.width, config.width)
        self.clusters = nn.Parameter(torch.randn(config.clusters, config.width))

    def forward(
        self, samples: Tensor, mask: Tensor | None = None, layer: int | None = None, change: Change | None = None
    ) -> Tensor:
        """(B, N) samples → (B, T, width), the features of a layer, by default the last; `mask` (B, T) hides frames."""
        x = self.enter(self.mel(samples, change))
        if mask is not None:
            x = torch.where(mask[..., None], self.hidden, x)
        features: Tensor = self.body(x, layer)
        return features

    def features(self, samples: Tensor, layer: int) -> Tensor:
        """(B, N) samples → (B, T, width), what a layer says, each feature at mean 0 and deviation 1 over the utterance.

        What stays the same all through an utterance is the voice and the room; without it clusters are more about
        phones (on unseen speakers 100 clusters of the first layer have a purity of 0.42 instead of 0.38).
        """
        x = self(samples, layer=layer)
        centred = x - x.mean(1, keepdim=True)
        return centred / (centred.square().mean(1, keepdim=True) + 1e-6).sqrt()

    def logits(self, features: Tensor) -> Tensor:
        """(B, T, width) → (B, T, clusters): cosine to each cluster's vector, over τ."""
        return F.normalize(self.leave(features), dim=-1) @ F.normalize(self.clusters, dim=-1).T / _TEMPERATURE


def draw_mask(shape: tuple[int, int], config: MaskedConfig, seed: tuple[int, ...]) -> Tensor:
    """(B, T) bool: stretches of `mask_frames` from a random `mask_share` of the frames on; they may overlap."""
    begins = np.random.default_rng(seed).random(shape) < config.mask_share
    begins[:, 0] |= ~begins.any(1)
    mask = np.zeros_like(begins)
    for shift in range(min(config.mask_frames, shape[1])):
        mask[:, shift:] |= begins[:, : shape[1] - shift]
    return torch.from_numpy(mask)


class MaskedSystem(CropSystem):
    """Network, targets, loss and validation of masked prediction, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        config = config_from(MaskedConfig, recipe.get("network", {}), "table [network]")
        self.targets = config_from(TargetConfig, recipe.get("targets", {}), "table [targets]")
        self.folder = Path(recipe.get("train", {}).get("folder", ".")).expanduser()
        self.network = MaskedNetwork(config)
        self._teacher: Representation | None = None

    @property
    def teacher(self) -> Representation:
        """The representation whose units are predicted; its clusters are fitted once and lie beside the checkpoints."""
        if self._teacher is None:
            self._teacher = self._open_teacher()
        return self._teacher

    def _open_teacher(self) -> Representation:
        name, size = self.targets.representation, self.network.config.clusters
        teacher = open_representation(name)
        if not teacher.about.codebooks:
            path = self.folder / "targets.safetensors"
            if not path.exists():
                clips = self._sounds()
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(".targets.part")
                fit_codebook(teacher, (c.samples() for c in clips), size, self.seed).save(part)
                part.replace(path)
            teacher = Clustered(teacher, Codebook.load(path), f"{name}#{path}")
        if teacher.about.codebooks != (size,):
            raise ConfigError(f"network.clusters is {size}; the targets {name} have {teacher.about.codebooks}")
        return teacher

    def _sounds(self) -> list[CorpusClip]:
        """The clips that clusters are fitted to, drawn as batches are."""
        crops = self.crops(self.data.splits)
        rng = np.random.default_rng((self.seed, self.targets.sounds))
        drawn: list[CorpusClip] = []
        while len(drawn) < self.targets.sounds:
            drawn += crops.pick(rng)
        return drawn

    def batches(self, first: int, stride: int) -> Iterator[CropBatch]:
        _ = self.teacher  # fits its clusters here, before there are several processes
        return super().batches(first, stride)

    def ask(self, crop: Crop) -> Mapping[str, np.ndarray]:
        track = self.teacher.units(crop.samples)
        assert track is not None
        mel = self.network.mel
        count = timing.frame_count(crop.duration, mel.frame_rate)
        return {"targets": track.at(timing.frame_times(count, mel.frame_rate, mel.start))}

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        targets = batch["targets"]
        mask = draw_mask((targets.shape[0], targets.shape[1]), self.network.config, (*seed, 1)).to(targets.device)
        logits = self.network.logits(network(batch["samples"], mask, change=self.disguise(seed)))
        return {"masked": F.cross_entropy(logits[mask].float(), targets[mask])}

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """`masked_accuracy` on held-out speakers, and the share of the commonest target, which needs no hearing."""
        network.eval()
        right, commonest = [], []
        for number, batch in enumerate(self.held_out(network)):
            targets = batch["targets"]
            drawn = draw_mask((targets.shape[0], targets.shape[1]), self.network.config, (self.seed, number, 2))
            mask = drawn.to(targets.device)
            said = self.network.logits(network(batch["samples"], mask))[mask].argmax(-1)
            right.append((said == targets[mask]).float().mean())
            commonest.append(targets[mask].bincount().max() / mask.sum())
        network.train()
        return {
            "masked_accuracy": float(torch.stack(right).mean()),
            "commonest": float(torch.stack(commonest).mean()),
        }


def make(recipe: Mapping[str, Any]) -> MaskedSystem:
    return MaskedSystem(recipe)
