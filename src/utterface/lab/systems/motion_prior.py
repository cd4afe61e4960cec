"""Stage 1 of *LSF-Animation* (Lu, Zhuang, Jin, Lu, Wang, Liu, Xiao; SIGGRAPH Asia 2025): the motion prior.

    L = 1.5 · L_codes + 0.5 · L1(face) + 0.1 · L1(jaw),  L_codes = β ‖sg[ẑ] − z‖² + ‖ẑ − sg[z]‖²

Trains on motion alone, so the speech of its batches is the cheapest there is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from utterface.errors import ConfigError
from utterface.lab.batches.pairs import FaceBatch, FaceCondition, Pairs, target
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.losses.motion import masked_mean
from utterface.lab.networks.lsf import MotionRange
from utterface.lab.networks.motion_prior import MotionPrior, MotionPriorConfig
from utterface.lab.representations import open_representation
from utterface.lab.systems.face_recipe import FaceDataConfig
from utterface.lab.training.recipe import config_from
from utterface.motion import Motion

_JAW = "jaw"  # how names of the jaw's channels begin, of ARKit and of FLAME


@dataclass(frozen=True)
class PriorLossConfig:
    """The recipe's table `losses`: weights of the paper."""

    codes: float = 1.5
    face: float = 0.5
    jaw: float = 0.1


def channel_losses(
    error: Tensor, known: Tensor, channels: tuple[str, ...], face: float, jaw: float
) -> dict[str, Tensor]:
    """L1 of (B, T, C) scaled errors, of the jaw's channels and of all others."""
    is_jaw = torch.tensor([c.startswith(_JAW) for c in channels], device=error.device)
    losses = {}
    for name, chosen, weight in (("face", ~is_jaw, face), ("jaw", is_jaw, jaw)):
        if chosen.any():
            losses[name] = weight * masked_mean(error[..., chosen].abs().mean(-1), known)
    return losses


class MotionData:
    """Clips with motion, and batches of them, from a recipe's table `data`."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        self.data = config_from(FaceDataConfig, recipe.get("data", {}), "table [data]")
        self.seed = int(recipe.get("train", {}).get("seed", 0))
        torch.manual_seed(self.seed)

    def clips(self, splits: tuple[str, ...], most: int) -> list[CorpusClip]:
        """The clips of some splits, evenly taken; ConfigError for none."""
        clips = [c for name in self.data.corpora for c in read_corpus(self.data.root / name) if c.split in splits]
        if not clips:
            raise ConfigError(f"no clips of {', '.join(splits)} speakers in {', '.join(self.data.corpora)}")
        return clips[:: -(-len(clips) // most)] if most else clips

    @cached_property
    def held_out(self) -> list[CorpusClip]:
        return self.clips(self.data.held_out, self.data.judged)

    def check_held_out(self) -> None:
        _ = self.held_out

    def pairs(
        self, tracks: Tracks, conditions: Mapping[str, FaceCondition], first: int, stride: int
    ) -> Iterator[FaceBatch]:
        """Batches of training clips, speech and conditions at the frames."""
        data = self.data
        clips = self.clips(data.splits, data.clips)
        pairs = Pairs(
            clips, tracks, data.channels, data.frame_rate, 1, data.batch, data.seconds, self.seed, conditions=conditions
        )
        return pairs.batches(first, stride)

    def reference(self, clip: CorpusClip) -> Motion:
        return Motion(target(clip, self.data.channels, self.data.frame_rate), self.data.channels, self.data.frame_rate)


class MotionPriorSystem(MotionData):
    """Stage 1 as the training loop sees it."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.weights = config_from(PriorLossConfig, recipe.get("losses", {}), "table [losses]")
        self.network = MotionPrior(
            config_from(MotionPriorConfig, recipe.get("network", {}), "table [network]"), len(self.data.channels)
        )
        self.range = MotionRange(self.data.channels)
        self.store = Path(recipe.get("speech", {}).get("store", "~/.cache/utterface/tracks")).expanduser()

    def batches(self, first: int, stride: int) -> Iterator[FaceBatch]:
        return self.pairs(Tracks(open_representation("mel"), False, self.store), {}, first, stride)

    def losses(self, network: nn.Module, batch: FaceBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, motion = self.weights, self.range.to(batch.motion.device)(batch.motion)
        predicted, codes = network(motion, batch.frame_known)
        errors = channel_losses(predicted - motion, batch.frame_known, self.data.channels, config.face, config.jaw)
        return {"codes": config.codes * codes.loss, **errors}

    @torch.inference_mode()
    def rebuilt(self, network: MotionPrior, motion: Motion) -> tuple[Motion, Tensor]:
        """A motion there and back, and its units."""
        device = next(network.parameters()).device
        scale = self.range.to(device)
        values = scale(torch.from_numpy(motion.values).to(device)[None])
        known = torch.ones(values.shape[:2], dtype=torch.bool, device=device)
        predicted, codes = network(values, known)
        return motion.with_values(scale.undo(predicted)[0].cpu().numpy()), codes.units[0].cpu()

    def validate(self, network: nn.Module) -> dict[str, float]:
        """`fit`, minus the mean absolute error of channels there and back, and the share of codes in use."""
        network.eval()
        errors, used = [], set()
        for clip in self.held_out:
            reference = self.reference(clip)
            rebuilt, units = self.rebuilt(network, reference)  # type: ignore[arg-type]
            errors.append(abs(rebuilt.values - reference.values).mean())
            used |= set(units.tolist())
        network.train()
        return {"fit": -float(sum(errors) / len(errors)), "codes": len(used) / self.network.config.codes}


def make(recipe: Mapping[str, Any]) -> MotionPriorSystem:
    return MotionPriorSystem(recipe)
