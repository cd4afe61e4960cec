"""Training of the phone tokenizer `networks/tokenizer.py`: the phone of every frame, and their sequence by CTC."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import timing
from utterface.lab.batches.crops import Crop, CropBatch, CropSystem, labels_at
from utterface.lab.measures.edits import edit_distance
from utterface.lab.networks.animator import phone_labels
from utterface.lab.networks.tokenizer import BLANK, TokenizerConfig, TokenizerNetwork, collapse
from utterface.lab.training.recipe import config_from
from utterface.phones import SILENCE

_NONE = -1  # pads sequences of phones


class TokenizerSystem(CropSystem):
    """Network, losses and validation of the tokenizer, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.network = TokenizerNetwork(config_from(TokenizerConfig, recipe.get("network", {}), "table [network]"))
        self._number = {label: i for i, label in enumerate(phone_labels())}

    def arrays(self, crop: Crop) -> Mapping[str, np.ndarray]:
        """`frames` (T,) the phone at each token's moment; `phones` (L,) those of the crop, silence left out."""
        mel = self.network.mel
        start, end = crop.start, crop.start + crop.rate * crop.duration
        count = timing.frame_count(crop.duration, mel.frame_rate)
        times = start + crop.rate * timing.frame_times(count, mel.frame_rate, mel.start)
        spans = crop.clip.phones()
        frames = np.array([self._number[label] for label in labels_at(spans, times)])
        inside = [s.label for s in spans if start <= (s.start + s.end) / 2 < end and s.label != SILENCE]
        phones = np.full(len(times), _NONE)
        known = [self._number[label] for label in inside][: len(times)]
        phones[: len(known)] = known
        return {"frames": frames, "phones": phones}

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, output = self.network.config, network(batch["samples"], self.change(seed))
        return {
            "frames": config.frame_weight
            * F.cross_entropy(output.frames.float().flatten(0, 1), batch["frames"].flatten()),
            "ctc": config.ctc_weight * ctc_loss(output.sequence.float(), batch["phones"]),
        }

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out speakers: 1 − phone error rate of the greedy CTC path, frame accuracy, share of tokens in use."""
        network.eval()
        errors = total = right = frames = 0
        used: set[int] = set()
        for batch in self.held_out(network):
            output = network(batch["samples"])
            used |= set(output.units.flatten().tolist())
            right += int((output.frames.argmax(-1) == batch["frames"]).sum())
            frames += batch["frames"].numel()
            for path, phones in zip(output.sequence.argmax(-1), batch["phones"], strict=True):
                target = phones[phones != _NONE].tolist()
                errors += edit_distance(collapse(path.tolist()), target)
                total += len(target)
        network.train()
        return {
            "phone_accuracy": 1 - errors / max(1, total),
            "frame_accuracy": right / frames,
            "tokens_used": len(used) / self.network.quantiser.size,
        }


def ctc_loss(logits: Tensor, phones: Tensor) -> Tensor:
    """Connectionist temporal classification (Graves et al. 2006), a frame's share of it.

    Args:
        logits: (B, T, 1 + P). phones: (B, L) padded with −1; a crop with more than fits T frames counts nothing.
    """
    known = phones != _NONE
    lengths = torch.full((len(logits),), logits.shape[1], device=logits.device)
    log_shares = logits.log_softmax(-1).transpose(0, 1)
    targets = (phones + 1) * known
    loss = F.ctc_loss(log_shares, targets, lengths, known.sum(1), BLANK, reduction="none", zero_infinity=True)
    return loss.mean() / logits.shape[1]


def make(recipe: Mapping[str, Any]) -> TokenizerSystem:
    return TokenizerSystem(recipe)
