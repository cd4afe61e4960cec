"""Text → speech tokens → sound, after the pipeline of *From Tokens to Faces* (Corrêa et al. 2026), at a size for CPUs.

    phones ─ Transformer of their surroundings ─┐ the phone that is spoken now
                          tokens before ─ causal Transformer ─ next token, phones to advance
                                            tokens, speaker ─ conformer of mesh-to-speech ─ log-mel

The language model is decoder-only and walks along the phones: with each token it says by how many phones to move on. No
phone is skipped or said twice, the walk ends after the last one, and when each phone sounds is known on the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.lab.networks.animator import phone_labels
from utterface.lab.networks.blocks import Transformer
from utterface.lab.networks.mesh_to_speech import MeshToSpeechConfig, MeshToSpeechNetwork
from utterface.lab.networks.quantisers import FiniteScalar
from utterface.phones import SILENCE

LEVELS = (4, 4, 4, 4, 4)  # of the tokens `ours:tokenizer`
TOKEN_RATE = 25.0  # Hz
MOST_ADVANCE = 3  # phones that one token may pass
PAD = len(phone_labels())  # stands behind the last phone
PAUSE = 6  # tokens of a pause at most: in training, silence behind a clip has no end
_SILENCE = phone_labels().index(SILENCE)
_AGES = 24  # tokens of one phone that are told apart
_HALF = 0.5  # share of the phones that are over by now: at it a phone ends, so that its length is the median


@dataclass(frozen=True)
class LanguageModelConfig:
    """The recipe's table `language`.

    Attributes:
        width, heads, inner, dropout: of both Transformers.
        phone_layers: over the phones; each sees `phones_around` on either side.
        layers: over the tokens; each sees `past` tokens before.
    """

    width: int = 256
    heads: int = 4
    inner: int = 1024
    dropout: float = 0.1
    phone_layers: int = 2
    phones_around: int = 4
    layers: int = 4
    past: int = 16


class NextToken(NamedTuple):
    """Logits: (B, T, tokens) of each token, (B, T, 1 + MOST_ADVANCE) of the phones passed after it."""

    tokens: Tensor
    advance: Tensor


class TokenLanguageModel(nn.Module):
    """Phones, a speaker and the tokens so far → the next token and when the next phone begins."""

    def __init__(self, config: LanguageModelConfig, speaker: int) -> None:
        super().__init__()
        c, width = config, config.width
        self.config = config
        self.quantiser = FiniteScalar(LEVELS)
        self.phones = nn.Embedding(PAD + 1, width)
        self.reader = Transformer(width, c.heads, c.inner, c.phone_layers, c.dropout, c.phones_around, c.phones_around)
        self.tokens = nn.Embedding(self.quantiser.size + 1, width)  # the last begins
        self.ages = nn.Embedding(_AGES, width)
        self.speaker = nn.Linear(speaker, width)
        self.body = Transformer(width, c.heads, c.inner, c.layers, c.dropout, c.past, 0)
        self.finish = nn.LayerNorm(width)
        self.token = nn.Linear(width, self.quantiser.size)
        self.advance = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, 1 + MOST_ADVANCE))

    def read(self, phones: Tensor) -> Tensor:
        """(B, L) numbers of phones, PAD behind them → (B, L, W)."""
        features: Tensor = self.reader(self.phones(phones))
        return features

    def features(self, read: Tensor, place: Tensor, before: Tensor, age: Tensor, speaker: Tensor) -> Tensor:
        """
        Args:
            read: (B, L, W) of `read`. place: (B, T) the phone of each token. before: (B, T) the token before it.
            age: (B, T) tokens since the phone began. speaker: (B, S).
        """
        spoken = read.gather(1, place[..., None].expand(-1, -1, read.shape[2]))
        x = spoken + self.tokens(before) + self.ages(age.clamp(max=_AGES - 1)) + self.speaker(speaker)[:, None]
        y: Tensor = self.finish(self.body(x))
        return y

    def forward(self, phones: Tensor, place: Tensor, tokens: Tensor, speaker: Tensor) -> NextToken:
        """All of known speech at once: (B, L) phones, (B, T) places and tokens, (B, S) speakers."""
        before = F.pad(tokens[:, :-1], (1, 0), value=self.quantiser.size)
        x = self.features(self.read(phones), place, before, ages(place), speaker)
        return NextToken(self.token(x), self.advance(torch.cat([x, self.tokens(tokens)], 2)))

    @torch.inference_mode()
    def speak(
        self, phones: Tensor, speaker: Tensor, seed: int = 0, temperature: float = 0.5,
        longest: int = 1500,
    ) -> Iterator[tuple[int, int]]:  # fmt: skip
        """The tokens of a text with the number of the phone that each belongs to, as they are drawn.

        Args:
            phones: (L,) without PAD. speaker: (S,).
            seed, temperature: of the draws; 0 takes the likeliest token.
            longest: tokens at most.
        """
        around = self.config.phones_around * self.config.phone_layers
        read = self.read(F.pad(phones, (0, around), value=PAD)[None])
        generator = torch.Generator().manual_seed(seed)
        reach = 1 + self.config.past * self.config.layers
        place, age, left = 0, 0, 1.0
        history = torch.zeros(0, 3, dtype=torch.long)  # place, token before, age
        token = self.quantiser.size
        for _ in range(longest):
            history = torch.cat([history, torch.tensor([[place, token, age]])])[-reach:]
            places, before, aged = history.T[:, None]
            x = self.features(read, places, before, aged, speaker[None])[:, -1]
            token = _draw(self.token(x)[0], temperature, generator)
            yield token, place
            chance = self.advance(torch.cat([x, self.tokens.weight[token][None]], 1))[0].softmax(0)
            left *= float(chance[0])
            age += 1
            if left < _HALF or (age >= PAUSE and int(phones[place]) == _SILENCE):
                place, age, left = place + 1 + int(chance[1:].argmax()), 0, 1.0
                if place >= len(phones):
                    return


def ages(place: Tensor) -> Tensor:
    """(B, T) places that never fall → (B, T) how many tokens before belong to the same one."""
    count = torch.arange(place.shape[1], device=place.device).expand_as(place)
    begins = F.pad(place[:, 1:] != place[:, :-1], (1, 0), value=True)
    return count - torch.where(begins, count, 0).cummax(1).values


def _draw(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    if temperature <= 0:
        return int(logits.argmax())
    return int(torch.multinomial((logits / temperature).softmax(0), 1, generator=generator))


@dataclass(frozen=True)
class SpeechFromTextConfig:
    """Sizes of both networks: the recipe's tables `language` and `network`."""

    language: LanguageModelConfig = field(default_factory=LanguageModelConfig)
    sound: MeshToSpeechConfig = field(default_factory=lambda: MeshToSpeechConfig(input="weights", rate=25))


class SpeechFromTextNetwork(nn.Module):
    """`language`, the language model, and `sound`, a mesh-to-speech network that reads tokens instead of motion."""

    def __init__(self, config: SpeechFromTextConfig, speaker: int) -> None:
        super().__init__()
        self.language = TokenLanguageModel(config.language, speaker)
        self.sound = MeshToSpeechNetwork(config.sound, len(LEVELS), 1, speaker)
        self.sound.units.requires_grad_(False)  # no unit is predicted here

    def forward(self, phones: Tensor, place: Tensor, tokens: Tensor, speaker: Tensor) -> tuple[NextToken, Tensor]:
        """See `TokenLanguageModel.forward` and `mel`."""
        return self.language(phones, place, tokens, speaker), self.mel(tokens, speaker)

    def mel(self, tokens: Tensor, speaker: Tensor) -> Tensor:
        """(B, T) tokens and (B, S) speakers → (B, 4 T, 80) log-mel, see `speech.log_mel`."""
        mel: Tensor = self.sound(self.language.quantiser.look_up(tokens), speaker, TOKEN_RATE).mel
        return mel

    @torch.inference_mode()
    def whole_mel(self, tokens: np.ndarray, speaker: np.ndarray) -> np.ndarray:
        """(T,) tokens and (S,) of a speaker → (4 T, 80) log-mel."""
        rows = self.mel(torch.from_numpy(np.asarray(tokens))[None], torch.from_numpy(speaker)[None])
        mel: np.ndarray = rows[0].numpy()
        return mel
