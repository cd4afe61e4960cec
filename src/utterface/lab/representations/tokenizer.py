"""A label-supervised tokenizer, the idea of CosyVoice's S3 (Du et al. 2024, 2407.05407 and 2412.10117).

Finite scalar quantisation stands inside a phone recogniser at 25 Hz: below it a Transformer hears, above it another one
must name the phones from the tokens alone. What the phones do not need is dropped on the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import timing
from utterface.lab.batches.crops import Crop, CropBatch, CropSystem
from utterface.lab.measures.probe import labels_at
from utterface.lab.networks.animator import phone_labels
from utterface.lab.networks.blocks import Change, MelStack, Transformer
from utterface.lab.networks.quantisers import FiniteScalar
from utterface.lab.training.loop import config_from
from utterface.phones import SILENCE

TABLES = ("data", "network", "augment")  # of the recipe
_STACK = 4
_BLANK = 0  # CTC's; phone i of `phone_labels` is label i + 1
_NONE = -1  # pads sequences of phones


@dataclass(frozen=True)
class TokenizerConfig:
    """The recipe's table `network`.

    Attributes:
        width, heads, inner, dropout: of both Transformers.
        below, above: layers under and over the tokens.
        levels: of each quantised feature; their product is how many tokens there are.
        past, future: frames of 40 ms that a layer attends to; None for all. What lies above may do the same.
        frame_weight, ctc_weight: of the two losses: the phone of every frame, and the sequence whenever it comes.
    """

    width: int = 256
    heads: int = 4
    inner: int = 1024
    dropout: float = 0.1
    below: int = 3
    above: int = 2
    levels: tuple[int, ...] = (4, 4, 4, 4, 4)
    past: int | None = None
    future: int | None = None
    frame_weight: float = 1.0
    ctc_weight: float = 0.5


class TokenizerOutput(NamedTuple):
    """What the tokenizer answers.

    Attributes:
        vectors: (B, T, number of levels) in −1…1. units: (B, T).
        frames: (B, T, P) logits of the phone that sounds.
        sequence: (B, T, 1 + P) CTC logits, the blank first.
    """

    vectors: Tensor
    units: Tensor
    frames: Tensor
    sequence: Tensor


class TokenizerNetwork(nn.Module):
    """Log-mel at 25 Hz → tokens → phones."""

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        self.config = config
        c = config
        self.mel = MelStack(_STACK)
        self.enter = nn.Linear(80 * _STACK, c.width)
        self.below = Transformer(c.width, c.heads, c.inner, c.below, c.dropout, c.past, c.future)
        self.squeeze = nn.Sequential(nn.LayerNorm(c.width), nn.Linear(c.width, len(c.levels)))
        self.quantiser = FiniteScalar(c.levels)
        self.expand = nn.Linear(len(c.levels), c.width)
        self.above = Transformer(c.width, c.heads, c.inner, c.above, c.dropout, c.past, c.future)
        self.frames = nn.Linear(c.width, len(phone_labels()))
        self.sequence = nn.Linear(c.width, 1 + len(phone_labels()))

    @property
    def look_ahead(self) -> float | None:
        """Seconds of sound after a token's moment on which it depends."""
        frames = self.below.future_frames
        return None if frames is None else frames / self.mel.frame_rate + self.mel.look_ahead

    def tokens(self, samples: Tensor, change: Change | None = None) -> tuple[Tensor, Tensor]:
        """(B, N) samples → vectors (B, T, number of levels), units (B, T)."""
        said = self.quantiser(self.squeeze(self.below(self.enter(self.mel(samples, change)))).float())
        return said.vectors, said.units

    def forward(self, samples: Tensor, change: Change | None = None) -> TokenizerOutput:
        vectors, units = self.tokens(samples, change)
        x = self.above(self.expand(vectors))
        return TokenizerOutput(vectors, units, self.frames(x), self.sequence(x))


class TokenizerSystem(CropSystem):
    """Network, losses and validation of the tokenizer, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.network = TokenizerNetwork(config_from(TokenizerConfig, recipe.get("network", {}), "table [network]"))
        self._number = {label: i for i, label in enumerate(phone_labels())}

    def ask(self, crop: Crop) -> Mapping[str, np.ndarray]:
        """`frames` (T,) the phone at each token's moment; `phones` (L,) those of the crop, silence left out."""
        mel = self.network.mel
        start, end = crop.start, crop.start + crop.rate * crop.duration
        count = timing.frame_count(crop.duration, mel.frame_rate)
        times = start + crop.rate * timing.frame_times(count, mel.frame_rate, mel.start)
        spans = crop.clip.phones()
        frames = np.array([self._number[label] for label in labels_at(spans, times)])
        inside = [s.label for s in spans if start <= (s.start + s.end) / 2 < end and s.label != SILENCE]
        phones = np.full(len(times), _NONE)
        heard = [self._number[label] for label in inside][: len(times)]
        phones[: len(heard)] = heard
        return {"frames": frames, "phones": phones}

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, said = self.network.config, network(batch["samples"], self.disguise(seed))
        return {
            "frames": config.frame_weight
            * F.cross_entropy(said.frames.float().flatten(0, 1), batch["frames"].flatten()),
            "ctc": config.ctc_weight * ctc_loss(said.sequence.float(), batch["phones"]),
        }

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out speakers: 1 − phone error rate of the greedy CTC path, frame accuracy, share of tokens in use."""
        network.eval()
        errors = total = right = frames = 0
        used: set[int] = set()
        for batch in self.held_out(network):
            said = network(batch["samples"])
            used |= set(said.units.flatten().tolist())
            right += int((said.frames.argmax(-1) == batch["frames"]).sum())
            frames += batch["frames"].numel()
            for path, phones in zip(said.sequence.argmax(-1), batch["phones"], strict=True):
                wanted = phones[phones != _NONE].tolist()
                errors += edit_distance(collapse(path.tolist()), wanted)
                total += len(wanted)
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
    loss = F.ctc_loss(log_shares, targets, lengths, known.sum(1), _BLANK, reduction="none", zero_infinity=True)
    return loss.mean() / logits.shape[1]


def collapse(path: list[int]) -> list[int]:
    """A frame-by-frame CTC path as phones: repeats joined, blanks left out."""
    return [label - 1 for label, before in zip(path, [_BLANK, *path], strict=False) if label not in (_BLANK, before)]


def edit_distance(said: list[int], wanted: list[int]) -> int:
    """Least number of insertions, deletions and substitutions from one to the other (Levenshtein 1966)."""
    row = list(range(len(wanted) + 1))
    for i, label in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(wanted, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (label != other))
    return row[-1]


def make(recipe: Mapping[str, Any]) -> TokenizerSystem:
    return TokenizerSystem(recipe)
