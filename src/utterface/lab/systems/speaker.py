"""Training of the speaker encoder `networks/speaker.py`: clips of one speaker lie together and others apart.

The generalised end-to-end loss (GE2E, Wan et al. 2018, 1710.10467) needs no list of speakers: a batch holds a few
speakers with a few clips each. It is judged by the equal error rate over pairs of clips of unseen speakers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.errors import ConfigError, CorpusError
from utterface.lab.batches.crops import CropBatch, CropConfig, Crops, CropSystem
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.networks.speaker import SpeakerConfig, SpeakerNetwork
from utterface.lab.training.recipe import config_from


def ge2e_loss(embeddings: Tensor, scale: Tensor | float, shift: Tensor | float) -> Tensor:
    """Softmax form of GE2E (equations 5, 6, 8, 9): each clip must lie nearest to the mean of its own speaker's others.

    Args:
        embeddings: (S, M, D) of M clips of S speakers, of length 1.
        scale, shift: w > 0 and b.
    """
    speakers, clips, _ = embeddings.shape
    total = embeddings.sum(1)
    centres = F.normalize(total, dim=-1)
    similarity = torch.einsum("smd,td->smt", embeddings, centres)
    others = F.normalize(total[:, None] - embeddings, dim=-1)  # of the own speaker, the clip itself left out
    own = (embeddings * others).sum(-1)
    same = torch.eye(speakers, dtype=torch.bool, device=embeddings.device)[:, None]
    logits = scale * torch.where(same, own[..., None], similarity) + shift
    targets = torch.arange(speakers, device=embeddings.device).repeat_interleave(clips)
    return F.cross_entropy(logits.flatten(0, 1), targets)


def equal_error_rate(scores: np.ndarray, same: np.ndarray) -> float:
    """Where as many pairs of one speaker are rejected as pairs of two are accepted, a share of each.

    Between two thresholds the rates are joined by straight lines.

    Args:
        scores: (N,) the higher, the more alike. same: (N,) bool, whether a pair is of one speaker.
    """
    if same.all() or not same.any():
        raise CorpusError("an equal error rate needs pairs of the same and of different speakers")
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)  # equal scores are accepted together
    accepted = np.append(0, (np.cumsum(~same[order]) / (~same).sum())[last])
    rejected = np.append(1, 1 - (np.cumsum(same[order]) / same.sum())[last])
    after = int(np.argmax(accepted >= rejected))
    gap = rejected[after - 1] - accepted[after - 1]
    share = gap / (gap + accepted[after] - rejected[after])
    return float(accepted[after - 1] + share * (accepted[after] - accepted[after - 1]))


class SpeakerCrops(Crops):
    """Crops of a few speakers, `each` of every one, one speaker after the other; corpora have no shares here.

    Speakers need two clips, or one that is long enough for two crops that do not overlap.
    """

    def __init__(
        self, config: CropConfig, splits: Sequence[str], seed: int, each: int, first: int = 0, stride: int = 1
    ) -> None:
        super().__init__(config, splits, seed, None, first, stride)
        speakers: dict[str, list[CorpusClip]] = {}
        for clip in (clip for clips in self.clips for clip in clips):
            speakers.setdefault(clip.speaker, []).append(clip)
        long = 2 * config.seconds
        self.speakers = {
            name: clips
            for name, clips in sorted(speakers.items())
            if len(clips) >= 2 or any(clip.duration >= long for clip in clips)
        }
        self.each, self.count = each, min(config.batch // each, len(self.speakers))
        if self.count < 2:
            there = f"{len(self.speakers)} in {', '.join(splits)}"
            raise CorpusError(f"a batch needs two speakers with two clips or a long one each, got {there}")

    def pick(self, rng: np.random.Generator) -> list[CorpusClip]:
        picked = []
        for name in rng.choice(list(self.speakers), self.count, replace=False):
            own = self.speakers[name]
            picked += [own[i] for i in rng.choice(len(own), self.each, replace=len(own) < self.each)]
        return picked


class SpeakerSystem(CropSystem):
    """Network, loss and validation of the speaker encoder, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.network = SpeakerNetwork(config_from(SpeakerConfig, recipe.get("network", {}), "table [network]"))
        if not 2 <= self.network.config.clips <= self.data.batch // 2:
            raise ConfigError(f"network.clips must be 2 to half of data.batch, got {self.network.config.clips}")

    def crops(self, splits: Sequence[str], first: int = 0, stride: int = 1) -> Crops:
        return SpeakerCrops(self.data, splits, self.seed, self.network.config.clips, first, stride)

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        core = self.network
        embeddings = network(batch["samples"]).float().unflatten(0, (-1, core.config.clips))
        return {"ge2e": ge2e_loss(embeddings, core.scale.clamp(min=1e-6), core.shift)}

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """`separation`, 1 − the mean equal error rate over all pairs of each held-out batch, and that rate."""
        network.eval()
        rates = []
        for batch in self.held_out(network):
            embeddings = network(batch["samples"]).cpu().numpy()
            whose = np.arange(len(embeddings)) // self.network.config.clips
            first, second = np.triu_indices(len(embeddings), 1)
            scores = (embeddings[first] * embeddings[second]).sum(1)
            rates.append(equal_error_rate(scores, whose[first] == whose[second]))
        network.train()
        return {"separation": 1 - float(np.mean(rates)), "equal_error_rate": float(np.mean(rates))}


def make(recipe: Mapping[str, Any]) -> SpeakerSystem:
    return SpeakerSystem(recipe)
