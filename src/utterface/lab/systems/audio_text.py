"""*Joint Audio-Text* (Fan, Lin, Saito, Wang, Komura 2021, 2112.02214): words move the upper face, the voice the mouth.

The decoder `audio_text` with word vectors as its condition; any representation in the place of log-mel, any channels of
the motion: weights, FLAME coefficients or bare vertices. Claims of the paper and what differs here:
docs/research/audio_text.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from utterface.errors import ConfigError
from utterface.lab.batches.pairs import FaceBatch, FaceCondition
from utterface.lab.decoders.audio_text import TEXT
from utterface.lab.measures.predicted import judge
from utterface.lab.systems.face import FaceSystem
from utterface.lab.texts import TextTracks, open_text_encoder
from utterface.lab.training.recipe import config_from

_DEFAULTS = {
    "decoder": {"kind": "utterface.lab.decoders.audio_text:KIND"},
    "speech": {"representation": "mel"},
}


@dataclass(frozen=True)
class TextConfig:
    """The recipe's table `text`.

    Attributes:
        encoder: a name that `open_text_encoder` takes.
        store: folder of encoded sentences.
    """

    encoder: str = "hub:gpt2"
    store: Path = Path("~/.cache/utterface/texts").expanduser()  # noqa: RUF009 - a constant


class AudioText:
    """The paper as the training loop sees it."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        decoder = recipe.get("decoder", {})
        if "kind" in decoder:
            raise ConfigError(
                f"system audio_text has a decoder of its own; leave decoder.kind = {decoder['kind']!r} out"
            )
        conditions, self.texts = {}, None
        if decoder.get("fusion") != "audio":
            text = config_from(TextConfig, recipe.get("text", {}), "table [text]")
            rate = float(recipe.get("data", {}).get("frame_rate", 30.0))
            self.texts = TextTracks(open_text_encoder(text.encoder), rate, text.store.expanduser())
            size = self.texts.encoder.size
            conditions = {TEXT: FaceCondition(size, self.texts.track, dropped=0.0, track=True)}
        self.face = FaceSystem(recipe, _DEFAULTS, conditions)
        self.network = self.face.network

    def batches(self, first: int, stride: int) -> Iterator[FaceBatch]:
        return self.face.batches(first, stride)

    def check_held_out(self) -> None:
        self.face.check_held_out()

    def losses(self, network: nn.Module, batch: FaceBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        """The paper's: squared error, mean over frames and channels."""
        prediction = self.face.predict(network, batch, seed).motion
        error = (prediction - batch.motion)[batch.frame_known]
        return {"motion": (error**2).mean()}

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Lips and weights on held-out speakers, see `measures.predicted`."""
        return judge(self.face.predictions(network), self.face.lips)


def make(recipe: Mapping[str, Any]) -> AudioText:
    return AudioText(recipe)
