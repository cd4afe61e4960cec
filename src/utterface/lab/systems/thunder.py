"""*THUNDER* (Daněček, Schmitt, Polikovsky, Black; 3DV 2026, 2504.13386): faces that are sampled, and heard.

    speech ────────────────────────────┐
    noise ─ denoiser, a few steps ─ x̂0 ┴─ vertices ─ listener (frozen) ─ mel, units  ~  the speech's own

    L = w_m2s · (10 · L1 mel + CE units) + L_rec + L_vel

The denoiser predicts clean motion, so losses live on the mesh; the listener is `mesh_to_speech`, frozen. Style goes in
nowhere: another noise is another style. Trains on windows and animates any length, window by window, with noise that
belongs to the frame; the lab runs the engine that runs the bundle, so both give the same face. What the paper states
and what is filled in here: docs/research/thunder.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utterface import rigs
from utterface.engines.bundle import MotionConfig, Noise, Windows
from utterface.engines.contract import Request
from utterface.engines.windowed import WindowedAnimator, WindowPredictor
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import FRAME_RATE, Batch, target
from utterface.lab.bundles.tokens_to_faces import TokensWindow
from utterface.lab.decoders import Kind
from utterface.lab.decoders.diffusion_transformer import DiffusionTransformerDecoder
from utterface.lab.losses.motion import masked_mean
from utterface.lab.measures.predicted import Answered, judge
from utterface.lab.measures.sampled import Sampled, SampleJudge
from utterface.lab.networks import diffusion
from utterface.lab.networks.mesh import choose, offsets
from utterface.lab.systems.tokens_to_faces import FaceNetwork, SamplingConfig, TokensToFaces
from utterface.lab.training.recipe import config_from
from utterface.motion import ARKIT, HEAD, Motion, join

CHANNELS = (*ARKIT, *HEAD)  # what moves; eye angles follow from the gaze
ALIVE = {"blink": "eyeBlinkLeft", "gaze": "eyeLookInLeft", "brows": "browInnerUp", "head": "headYaw"}
_DATA = {"channels": CHANNELS, "scaled": True, "seconds": 2.8}  # 70 frames at the paper's 25 a second
_AT_ONCE = 16  # windows that are answered together; more gain nothing on a CPU
_Window = tuple[np.ndarray, np.ndarray | None]  # (1, N) samples and (1, K, F, C) noise, where there is any
_MM2 = 1e6  # mm² a m²; the paper's vertex term is about as heavy


@dataclass(frozen=True)
class ThunderLossConfig:
    """The recipe's table `losses`; 0 leaves one out.

    Attributes:
        vertices: squared distance of the face's vertices, mm², mean over vertices and frames.
        weights: squared error of the channels, each in its own deviation.
        velocity: of both on first differences, beside what they weigh themselves.
        gap: of the lip gap, mm; not the paper's, which leaves lips at /p b m/ apart by what they are apart on average.
        closing: how many times as much `gap` weighs where the lips should be closed.
        hearing: the paper's w_m2s; what listens is said by the table `hearing`.
    """

    vertices: float = 1.0
    weights: float = 1.0
    velocity: float = 1.0
    gap: float = 0.0
    closing: float = 4.0
    hearing: float = 0.0


@dataclass(frozen=True)
class ThunderSamplingConfig(SamplingConfig):
    """The recipe's table `sampling`.

    Attributes:
        guidance: of the speech, s_a in s_a · x̂0(speech) + (1 − s_a) · x̂0(); the paper's 1 is none.
        takes: of every clip that is judged.
    """

    steps: int = 8
    guidance: float = 1.0
    takes: int = 3


class MeshError(nn.Module):
    """Mean squared distance of the face's vertices between two motions, mm²; the head is held still.

    On a linear rig that is a quadratic form in the difference of the weights, e · G · eᵀ with G the shapes' products:
    all vertices cost as little as none.

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


class Thunder(TokensToFaces):
    """The work as the training loop sees it."""

    sampling: ThunderSamplingConfig
    loss_config: ThunderLossConfig

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        filled = {**recipe, "data": {**_DATA, **recipe.get("data", {})}}
        super().__init__({**filled, "decoder": {"kind": "diffusion_transformer", **recipe.get("decoder", {})}})
        table = recipe.get("bundle", {})
        self.windows = Windows(**{k: table[k] for k in ("block", "past", "future", "overlap") if k in table})
        if self.sampling.guidance != 1 and not isinstance(self.network.decoder, DiffusionTransformerDecoder):
            raise ConfigError(
                "sampling.guidance needs the decoder diffusion_transformer, which learns without speech too"
            )

    def read_losses(self, kind: Kind, table: Mapping[str, Any]) -> Any:
        return config_from(ThunderLossConfig, table, "table [losses]")

    def read_sampling(self, table: Mapping[str, Any]) -> SamplingConfig:
        return config_from(ThunderSamplingConfig, table, "table [sampling]")

    @cached_property
    def mesh_error(self) -> MeshError:
        """Of the built-in head's face."""
        head = rigs.head()
        every = len(head.template)
        look = offsets(head, self.data.channels, choose(head, "face", every))
        count = len(self.data.channels)
        return MeshError(look(torch.eye(count)))

    @cached_property
    def sample_judge(self) -> SampleJudge:
        """The paper's measures, on the built-in head."""
        return SampleJudge(rigs.head(), self.data.channels)

    def losses(self, network: nn.Module, batch: Batch, seed: tuple[int, int]) -> dict[str, Tensor]:
        """L_rec and L_vel on vertices and on channels, and what the face sounds like (equations 4 to 8)."""
        config = self.loss_config
        predicted = self.predict(network, batch, seed)
        error, known = predicted.motion - batch.motion, batch.frame_known
        change, both = error.diff(dim=1), known[:, 1:] & known[:, :-1]
        mesh = self.mesh_error.to(error.device)
        scale = self.network.scale.deviation if self.network.scale is not None else 1.0
        parts = {
            "vertices": config.vertices * masked_mean(mesh(error), known),
            "weights": config.weights * masked_mean((error / scale).square(), known),
            "vertex_velocity": config.velocity * config.vertices * masked_mean(mesh(change), both),
            "velocity": config.velocity * config.weights * masked_mean((change / scale).square(), both),
        }
        return parts | self.apart(predicted, batch) | self.heard(predicted, batch)

    def takes(self, samples: np.ndarray, seeds: Sequence[int]) -> list[Motion]:
        """Motion for (N,) samples at 16 kHz, one take a seed; of a network that does not sample all are one.

        The network is at rest meanwhile and goes on as it was.
        """
        training = self.network.training
        answers = ThunderWindows(self)
        asked = _Asked(answers.config)
        for seed in seeds:
            _animated(asked, samples, seed)
        told = _Told(answers.config, answers.predict_all(asked.windows))
        moved = [_animated(told, samples, seed) for seed in seeds]
        self.network.train(training)
        return [Motion(m.select(self.data.channels), self.data.channels, FRAME_RATE) for m in moved]

    def validate(self, network: nn.Module) -> dict[str, float]:
        """The paper's measures over several takes and the lips of the first, on held-out speakers and performers."""
        assert isinstance(network, FaceNetwork)
        answers, sampled = [], []
        for number, clip in enumerate(self.held_out):
            reference = Motion(target(clip, self.data.channels), self.data.channels, FRAME_RATE)
            seeds = range(number * self.sampling.takes, (number + 1) * self.sampling.takes)
            takes = self.takes(clip.samples(), seeds if network.decoder.schedule is not None else seeds[:1])
            answers.append(Answered(clip, takes[0], reference))
            sampled.append(Sampled(takes, reference))
        return judge(answers, self.lips) | self.sample_judge(sampled)


class ThunderWindow(TokensWindow):
    """A window of sound as motion: (B, N) samples[, noise (B, K, F, C)] → (B, F, C), all steps of the sampler in it.

    What is heard of the speech does not depend on the level, so it is heard once.
    """

    def __init__(self, system: Thunder, windows: Windows | None = None, exported: bool = True) -> None:
        super().__init__(system, windows or system.windows, exported)
        self.guidance = system.sampling.guidance

    def forward(self, samples: Tensor, noise: Tensor | None = None) -> Tensor:
        network, heard = self.network, self._heard(self._vectors(samples))
        decoder = network.decoder
        if not self.updates:
            motion: Tensor = decoder(heard)
            return motion
        assert noise is not None
        start, *others = noise.unbind(1)
        denoise: diffusion.Denoise = lambda x, level: decoder(heard, x, level)  # noqa: E731 - one of two
        if isinstance(decoder, DiffusionTransformerDecoder):
            speech = decoder.listen(heard)
            free = decoder.nothing(speech)
            denoise = diffusion.guided(
                lambda x, level: decoder.denoise(speech, x, level),
                lambda x, level: decoder.denoise(free, x, level),
                self.guidance,
            )
        found = diffusion.walk(denoise, start, self.updates, iter(others))
        return found if network.scale is None else network.scale.undo(found)


class ThunderWindows:
    """A system's network in the place of a bundle's, at rest: what `WindowedAnimator` asks for a window.

    Args:
        system: with the weights that it shall have.
        name: of the bundle.
        licence: of the weights.
    """

    def __init__(self, system: Thunder, name: str = "thunder", licence: str = "") -> None:
        self.device = next(system.network.parameters()).device
        self.window = ThunderWindow(system, exported=False).to(self.device).eval()
        channels = system.data.channels
        noise = Noise(len(channels), self.window.draws) if self.window.draws else None
        self.config = MotionConfig(
            name, licence, channels, round(FRAME_RATE), system.windows, noise, alive_in(channels)
        )

    def predict_all(self, windows: Sequence[_Window]) -> Iterator[np.ndarray]:
        """(1, F, C) for every window of `predict`, several in one product."""
        for first in range(0, len(windows), _AT_ONCE):
            samples, noise = zip(*windows[first : first + _AT_ONCE], strict=True)
            drawn = None if self.config.noise is None else np.concatenate(noise)
            yield from self.predict(np.concatenate(samples), drawn)[:, None]

    def predict(self, samples: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
        """See `WindowNetwork.predict`."""
        given = [torch.from_numpy(np.ascontiguousarray(v)).to(self.device) for v in (samples, noise) if v is not None]
        with torch.inference_mode():
            motion: np.ndarray = self.window(*given).float().cpu().numpy()
        return motion


class _Asked:
    """In the place of a network: remembers what windows it is asked and lets the face rest.

    Windows hang on the sound and the noise and on nothing that another one said. So the engine may ask twice: once to
    be told by `_Told` what all were answered at once, in half the time.
    """

    def __init__(self, config: MotionConfig) -> None:
        self.config = config
        self.windows: list[_Window] = []
        self._rest = np.zeros((1, config.frames, len(config.channels)), np.float32)

    def predict(self, samples: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
        self.windows.append((samples, noise))
        return self._rest


class _Told:
    """In the place of a network: gives the answers that are there, in the order of the windows."""

    def __init__(self, config: MotionConfig, answers: Iterator[np.ndarray]) -> None:
        self.config, self._answers = config, answers

    def predict(self, samples: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
        return next(self._answers)


def _animated(network: WindowPredictor, samples: np.ndarray, seed: int) -> Motion:
    animator = WindowedAnimator(network, Request(seed=seed))
    return join([animator.push(samples), animator.flush()])


def alive_in(channels: Sequence[str]) -> tuple[str, ...]:
    """Which parts of the life layer motion on these channels has already."""
    return tuple(part for part, channel in ALIVE.items() if channel in channels)


def make(recipe: Mapping[str, Any]) -> Thunder:
    return Thunder(recipe)
