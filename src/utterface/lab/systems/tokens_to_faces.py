"""*From Tokens to Faces* (Corrêa, Perrotin, Sadok, Costa, Hueber; Interspeech 2026): which speech makes good faces?

Any representation, of vectors or of units, with any decoder; no condition beside speech. Losses and measures are below;
the parts are put together in `systems/face.py`. Claims of the paper and additions of ours:
docs/research/tokens_to_faces.md.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from utterface.lab.batches.pairs import FaceBatch
from utterface.lab.decoders import decoder_kind
from utterface.lab.losses.motion import GapLoss, motion_losses
from utterface.lab.measures.predicted import judge
from utterface.lab.systems.face import FaceSystem


class TokensToFaces:
    """The paper as the training loop sees it."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        self.face = FaceSystem(recipe)
        self.network = self.face.network
        default = decoder_kind(self.face.recipe.get("decoder", {})).losses  # the paper's differ by decoder
        self.weights = self.face.read("losses", type(default), **vars(default))
        self.gap = GapLoss(self.face.data.channels, self.weights.gap, self.weights.closing)
        self.mesh_to_speech = self.face.mesh_to_speech(self.weights.mesh_to_speech)

    def batches(self, first: int, stride: int) -> Iterator[FaceBatch]:
        return self.face.batches(first, stride)

    def check_held_out(self) -> None:
        self.face.check_held_out()

    def losses(self, network: nn.Module, batch: FaceBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        """Weights and their differences over time; the lip gap and the mesh-to-speech loss are additions of ours."""
        prediction = self.face.predict(network, batch, seed)
        parts = motion_losses(prediction.motion, batch.motion, batch.frame_known, self.weights)
        return parts | self.gap(prediction, batch) | self.mesh_to_speech(prediction, batch)

    def validate(self, network: nn.Module) -> dict[str, float]:
        """The paper's measures and ours on held-out speakers, see `measures.predicted`."""
        return judge(self.face.predictions(network), self.face.lips)


def make(recipe: Mapping[str, Any]) -> TokensToFaces:
    return TokensToFaces(recipe)
