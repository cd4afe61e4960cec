"""Training of the masked-prediction encoder `networks/masked.py`.

The clusters to predict come from any representation: MFCC first, then a layer of the network trained on those, which is
the second round of HuBERT.
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
from utterface.lab.networks.masked import MaskedConfig, MaskedNetwork, draw_mask
from utterface.lab.representations.clusters import Clustered, Codebook, fit_codebook
from utterface.lab.representations.contract import Representation
from utterface.lab.representations.registry import open_representation
from utterface.lab.training.recipe import config_from


@dataclass(frozen=True)
class TargetConfig:
    """The recipe's table `targets`.

    Attributes:
        representation: whose clusters are predicted, a name of `open_representation`.
        sounds: training clips that the clusters are fitted to, where the representation is continuous.
    """

    representation: str = "mfcc"
    sounds: int = 500


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

    def arrays(self, crop: Crop) -> Mapping[str, np.ndarray]:
        track = self.teacher.units(crop.samples)
        assert track is not None
        mel = self.network.mel
        count = timing.frame_count(crop.duration, mel.frame_rate)
        return {"targets": track.at(timing.frame_times(count, mel.frame_rate, mel.start))}

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        targets = batch["targets"]
        mask = draw_mask((targets.shape[0], targets.shape[1]), self.network.config, (*seed, 1)).to(targets.device)
        logits = self.network.logits(network(batch["samples"], mask, change=self.change(seed)))
        return {"masked": F.cross_entropy(logits[mask].float(), targets[mask])}

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """`masked_accuracy` on held-out speakers, and the share of the commonest target, which a constant reaches."""
        network.eval()
        right, commonest = [], []
        for number, batch in enumerate(self.held_out(network)):
            targets = batch["targets"]
            drawn = draw_mask((targets.shape[0], targets.shape[1]), self.network.config, (self.seed, number, 2))
            mask = drawn.to(targets.device)
            predicted = self.network.logits(network(batch["samples"], mask))[mask].argmax(-1)
            right.append((predicted == targets[mask]).float().mean())
            commonest.append(targets[mask].bincount().max() / mask.sum())
        network.train()
        return {
            "masked_accuracy": float(torch.stack(right).mean()),
            "commonest": float(torch.stack(commonest).mean()),
        }


def make(recipe: Mapping[str, Any]) -> MaskedSystem:
    return MaskedSystem(recipe)
