"""*THUNDER* (Daněček, Schmitt, Polikovsky, Black; 3DV 2026, 2504.13386): sampled faces that sound like their speech.

    speech ────────────────────────────┐
    noise ─ denoiser, a few steps ─ x̂0 ┴─ vertices ─ mesh-to-speech model (frozen) ─ mel, units  ~  the speech's own

    L = w_m2s · (10 · L1 mel + CE units) + L_rec + L_vel

The denoiser predicts clean motion, so losses live on the mesh; the mesh-to-speech model is frozen. There is no style
input: another noise is another style. Trains on crops and animates any length in windows, with noise that belongs to
the frame, as the engine does that runs the bundle. Claims of the paper and additions of ours: docs/research/thunder.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utterface import rigs
from utterface.lab.batches.pairs import FaceBatch
from utterface.lab.losses.motion import GapLoss, masked_mean
from utterface.lab.measures.predicted import ClipPrediction, judge
from utterface.lab.measures.sampled import ClipTakes, SampleJudge
from utterface.lab.networks.mesh import choose, offsets
from utterface.lab.systems import face_windows
from utterface.lab.systems.face import FaceSystem
from utterface.motion import ARKIT, HEAD, Motion

CHANNELS = (*ARKIT, *HEAD)  # the eyes' angles follow from the gaze
DEFAULTS: dict[str, dict[str, Any]] = {
    "data": {"channels": CHANNELS, "scaled": True, "seconds": 2.8},  # 70 frames at the paper's 25 Hz
    "decoder": {"kind": "diffusion_transformer"},
    "sampling": {"steps": 8, "takes": 3},
}
_MM2 = 1e6  # mm² a m²; the paper's vertex term weighs about as much


@dataclass(frozen=True)
class ThunderLossConfig:
    """The recipe's table `losses`; 0 leaves one out.

    Attributes:
        vertices: squared distance of the face's vertices, mm², mean over vertices and frames.
        weights: squared error of the channels, each in its own deviation.
        velocity: of both on first differences, times their own weights.
        gap: of the lip gap, mm; not the paper's, under which lips stay apart at /p b m/ by their average error.
        closing: how many times as much `gap` weighs where the lips should be closed.
        mesh_to_speech: the paper's w_m2s; the table `mesh_to_speech` names the model.
    """

    vertices: float = 1.0
    weights: float = 1.0
    velocity: float = 1.0
    gap: float = 0.0
    closing: float = 4.0
    mesh_to_speech: float = 0.0


class MeshError(nn.Module):
    """Mean squared distance of the face's vertices between two motions, mm²; the head is held still.

    On a linear rig that is a quadratic form in the difference of the weights, e · G · eᵀ with G the shapes' products,
    so its cost does not depend on the number of vertices.

    Args:
        moves: (C, n, 3) metres, what a weight of 1 does.
    """

    products: Tensor

    def __init__(self, moves: Tensor) -> None:
        super().__init__()
        flat = moves.double().flatten(1)
        self.register_buffer("products", (_MM2 * flat @ flat.T / moves.shape[1]).float(), persistent=False)

    def forward(self, error: Tensor) -> Tensor:
        """(…, C) difference of weights → (…) mm²."""
        return ((error @ self.products) * error).sum(-1)


class Thunder:
    """The paper as the training loop sees it."""

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        self.face = FaceSystem(recipe, DEFAULTS, lives=True)
        self.network = self.face.network
        self.weights = self.face.read("losses", ThunderLossConfig)
        self.gap = GapLoss(self.face.data.channels, self.weights.gap, self.weights.closing)
        self.mesh_to_speech = self.face.mesh_to_speech(self.weights.mesh_to_speech)

    @cached_property
    def mesh_error(self) -> MeshError:
        """Of the built-in head's face."""
        head, channels = rigs.head(), self.face.data.channels
        look = offsets(head, channels, choose(head, "face", len(head.template)))
        return MeshError(look(torch.eye(len(channels))))

    @cached_property
    def sample_judge(self) -> SampleJudge:
        """The paper's measures, on the built-in head."""
        return SampleJudge(rigs.head(), self.face.data.channels)

    def batches(self, first: int, stride: int) -> Iterator[FaceBatch]:
        return self.face.batches(first, stride)

    def check_held_out(self) -> None:
        self.face.check_held_out()

    def losses(self, network: nn.Module, batch: FaceBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        """L_rec and L_vel on vertices and on channels, and the mesh-to-speech loss (equations 4 to 8)."""
        prediction, config = self.face.predict(network, batch, seed), self.weights
        error, known = prediction.motion - batch.motion, batch.frame_known
        change, both = error.diff(dim=1), known[:, 1:] & known[:, :-1]
        mesh = self.mesh_error.to(error.device)
        scale = self.network.scale.deviation if self.network.scale is not None else 1.0
        parts = {
            "vertices": config.vertices * masked_mean(mesh(error), known),
            "weights": config.weights * masked_mean((error / scale).square(), known),
            "vertex_velocity": config.velocity * config.vertices * masked_mean(mesh(change), both),
            "velocity": config.velocity * config.weights * masked_mean((change / scale).square(), both),
        }
        return parts | self.gap(prediction, batch) | self.mesh_to_speech(prediction, batch)

    def takes(self, samples: np.ndarray, seeds: Sequence[int]) -> list[Motion]:
        """Motion for (N,) samples at 16 kHz, one take a seed, see `face_windows.takes`."""
        return face_windows.takes(self.face, samples, seeds)

    def validate(self, network: nn.Module) -> dict[str, float]:
        """The paper's measures over several takes and the lips of the first, on held-out speakers and performers."""
        predictions, sampled = [], []
        count = self.face.sampling.takes if self.network.decoder.schedule is not None else 1
        for number, clip in enumerate(self.face.held_out):
            first, reference = number * self.face.sampling.takes, self.face.reference(clip)
            takes = self.takes(clip.samples(), range(first, first + count))
            predictions.append(ClipPrediction(clip, takes[0], reference))
            sampled.append(ClipTakes(takes, reference))
        return judge(predictions, self.face.lips) | self.sample_judge(sampled)


def make(recipe: Mapping[str, Any]) -> Thunder:
    return Thunder(recipe)
