"""A label-supervised tokenizer, the idea of CosyVoice's S3 (Du et al. 2024, 2407.05407 and 2412.10117).

Finite scalar quantisation stands inside a phone recogniser at 25 Hz: a Transformer below it reads log-mel, another one
above it must name the phones from the tokens alone. What the phones do not need is dropped on the way.
`lab/systems/tokenizer.py` trains it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from utterface.lab.networks.animator import phone_labels
from utterface.lab.networks.blocks import Change, MelStack, Transformer
from utterface.lab.networks.quantisers import FiniteScalar

_STACK = 4
BLANK = 0  # CTC's; phone i of `phone_labels` is label i + 1


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
    """Output of the tokenizer.

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
        quantised = self.quantiser(self.squeeze(self.below(self.enter(self.mel(samples, change)))).float())
        return quantised.vectors, quantised.units

    def forward(self, samples: Tensor, change: Change | None = None) -> TokenizerOutput:
        vectors, units = self.tokens(samples, change)
        x = self.above(self.expand(vectors))
        return TokenizerOutput(vectors, units, self.frames(x), self.sequence(x))


def collapse(path: list[int]) -> list[int]:
    """A frame-by-frame CTC path as phones: repeats joined, blanks left out."""
    return [label - 1 for label, before in zip(path, [BLANK, *path], strict=False) if label not in (BLANK, before)]
