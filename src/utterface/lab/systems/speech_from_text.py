"""Training of speech from text, `networks/speech_from_text.py`: tokens from phones, log-mel from tokens.

Both parts learn from the same crops of speech with timed phones and share no weights: the language model to continue
the tokens and the walk along the phones, the conformer to give the log-mel of the tokens in a speaker's voice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import speech, timing
from utterface.errors import ConfigError
from utterface.lab.batches.crops import Crop, CropBatch, CropSystem
from utterface.lab.batches.tracks import Tracks
from utterface.lab.networks.animator import phone_labels
from utterface.lab.networks.mesh_to_speech import SPREAD, gain
from utterface.lab.networks.speech_from_text import (
    MOST_ADVANCE,
    PAD,
    TOKEN_RATE,
    LanguageModelConfig,
    SpeechFromTextConfig,
    SpeechFromTextNetwork,
)
from utterface.lab.representations import open_representation
from utterface.lab.representations.speaker import SpeakerEncoder, SpeakerTrack
from utterface.lab.training.recipe import config_from
from utterface.phones import Span

_SAMPLES = round(timing.SAMPLE_RATE / TOKEN_RATE)  # of a token
TOKENS = "ours:tokenizer"


@dataclass(frozen=True)
class SpeechFromTextLosses:
    """The recipe's table `losses`: weights.

    Attributes:
        token: cross-entropy of the tokens.
        advance: cross-entropy of the walk along the phones.
        mel: absolute error of the log-mel, in its standard deviations over speech.
    """

    token: float = 1.0
    advance: float = 1.0
    mel: float = 10.0


class SpeechFromTextSystem(CropSystem):
    """Networks, losses and validation of speech from text, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.loss_config = config_from(SpeechFromTextLosses, recipe.get("losses", {}), "table [losses]")
        store = Path(recipe.get("speech", {}).get("store", "~/.cache/utterface/tracks")).expanduser()
        self.representation, self.store = open_representation(TOKENS), store
        if abs(self.data.seconds * TOKEN_RATE % 1) > 1e-6:
            raise ConfigError(f"data.seconds must be a multiple of 0.04, a token; got {self.data.seconds}")
        self.speaker = SpeakerEncoder()
        self.network = SpeechFromTextNetwork(network_config(recipe), self.speaker.network.config.features)
        self._number = {label: i for i, label in enumerate(phone_labels())}

    @cached_property
    def tokens(self) -> Tracks:
        """Clips as tokens."""
        return Tracks(self.representation, True, self.store)

    @cached_property
    def voices(self) -> Tracks:
        """Clips as a single vector of their voice."""
        return Tracks(SpeakerTrack(self.speaker), False, self.store)

    @cached_property
    def silence(self) -> int:
        """The token of silence."""
        units = self.representation.units(np.zeros(timing.SAMPLE_RATE, np.float32))
        assert units is not None
        return int(np.bincount(units.values).argmax())

    def batches(self, first: int, stride: int) -> Iterator[CropBatch]:
        self.tokens, self.voices, self.silence  # noqa: B018 - opened before the processes that make batches begin
        return super().batches(first, stride)

    def arrays(self, crop: Crop) -> Mapping[str, np.ndarray]:
        """`tokens`, `place` and `advance` (T,), `phones` (T,), `mel` (4 T, 80), `speaker` (S,).

        A crop begins with a whole token, at most 40 ms before its own start; behind its clip there is silence.
        """
        count = round(self.data.seconds * TOKEN_RATE)
        first = int(crop.start * TOKEN_RATE)
        track, sound = self.tokens[crop.clip], crop.clip.samples()
        known = track.values[first : first + count, 0]
        tokens = np.pad(known, (0, count - len(known)), constant_values=self.silence)
        samples = sound[first * _SAMPLES : (first + count) * _SAMPLES]
        samples = gain(sound) * np.pad(samples, (0, count * _SAMPLES - len(samples)))
        moments = timing.frame_times(count + 1, TOKEN_RATE, first / TOKEN_RATE + track.start)
        phones, place = self.walk(crop.clip.phones(), moments)
        return {
            "tokens": tokens,
            "phones": phones,
            "place": place[:-1],
            "advance": np.diff(place).clip(max=MOST_ADVANCE),
            "mel": speech.log_mel(samples),
            "speaker": self.voices[crop.clip].values[0],
        }

    def walk(self, spans: tuple[Span, ...], moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(T,) numbers of the phones that sound between (T + 1,) moments, and the place of each moment among them."""
        starts = np.array([s.start for s in spans])
        at = np.clip(np.searchsorted(starts, moments, "right") - 1, 0, len(spans) - 1)
        count = len(moments) - 1
        inside = spans[at[0] : at[-1] + 1][:count]
        phones = np.full(count, PAD)
        phones[: len(inside)] = self.numbers([s.label for s in inside])
        return phones, (at - at[0]).clip(max=count - 1)

    def numbers(self, labels: Sequence[str]) -> np.ndarray:
        """(L,) numbers of phones."""
        return np.array([self._number[label] for label in labels], np.int64)

    def losses(self, network: nn.Module, batch: CropBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, names = self.loss_config, ("phones", "place", "tokens", "speaker")
        output, mel = network(*(batch[name] for name in names))
        return {
            "token": config.token * F.cross_entropy(output.tokens.float().flatten(0, 1), batch["tokens"].flatten()),
            "advance": config.advance
            * F.cross_entropy(output.advance.float().flatten(0, 1), batch["advance"].flatten()),
            "mel": config.mel * F.l1_loss(mel, batch["mel"]) / SPREAD,
        }

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out speakers: the losses, and `fit`, minus their sum."""
        network.eval()
        parts = [self.losses(network, batch, (0, 0)) for batch in self.held_out(network)]
        rows = [{name: float(value) for name, value in part.items()} for part in parts]
        network.train()
        means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        return {"fit": -sum(means.values()), **means}


def network_config(recipe: Mapping[str, Any]) -> SpeechFromTextConfig:
    """The networks that a recipe describes."""
    language = config_from(LanguageModelConfig, recipe.get("language", {}), "table [language]")
    plain = SpeechFromTextConfig(language)
    sound = config_from(type(plain.sound), {**vars(plain.sound), **recipe.get("network", {})}, "table [network]")
    if (sound.input, sound.rate) != (plain.sound.input, plain.sound.rate):
        raise ConfigError("network.input and network.rate are those of tokens here; leave them out")
    return SpeechFromTextConfig(language, sound)


def make(recipe: Mapping[str, Any]) -> SpeechFromTextSystem:
    return SpeechFromTextSystem(recipe)
