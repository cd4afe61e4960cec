"""Mesh-to-speech: what would this face sound like? (THUNDER, Daněček et al. 2026, section 3.1; Choi et al. 2023.)

    motion (B, T, …) ─ 25 or 50 Hz ─ MLP ─ 50 Hz ─ conformer ─┬─ unit logits (B, U, K), 50 Hz
                                                    speaker ──┴─ log-mel (B, 2U, 80), 100 Hz

It reads the mouth's vertices, the whole face's, or the weights themselves. Once trained it is frozen and judges other
networks: `MeshToSpeechModel` reads their motion, and gradients go through it to the face.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from utterface import rigs, speech, timing
from utterface.errors import ConfigError, ModelError
from utterface.lab.networks.conformer import Conformer
from utterface.lab.networks.mesh import LinearOffsets, Touching, choose, offsets
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from
from utterface.motion import ARKIT
from utterface.rigs import Rig

UNIT_RATE = 50.0  # Hz of conformer and units; mel has twice as many frames
INPUTS = ("mouth", "face", "weights", "touch")
LEVEL, SPREAD = -5.0, 4.0  # about the mean and deviation of natural-log mel energies of speech
PAST, BLOCK, FUTURE = 1.6, 2.0, 1.4  # seconds of the windows in which long motion is read
_SCALES = {"mouth": 200.0, "face": 200.0, "weights": 4.0, "touch": 200.0}  # so that what moves moves by about 1
_MOVES = "vertices.moves"  # of a checkpoint: what each weight does to the vertices that were seen in training
_LOUD_DB = -26.0  # re full scale; loudness to which all speech is brought
_MOST_GAIN = 30.0


@dataclass(frozen=True)
class MeshToSpeechConfig:
    """The recipe's table `network`.

    Attributes:
        input: `mouth` or `face`, vertices of the rig; `weights`, the channels themselves; `touch`, the mouth and
            whether its lips touch.
        vertices: how many of them at most.
        rate: Hz at which the MLP sees motion: 25 as in the paper, each frame then stands twice; or 50.
        width, heads, inner, layers: of the conformer.
        kernel: frames at 50 Hz that its convolutions see.
        dropout: while training.
    """

    input: str = "mouth"
    vertices: int = 128
    rate: int = 50
    width: int = 192
    heads: int = 4
    inner: int = 384
    layers: int = 4
    kernel: int = 31
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.input not in INPUTS:
            raise ConfigError(f"network.input must be {', '.join(INPUTS)}, got {self.input!r}")
        if self.rate not in (25, 50):
            raise ConfigError(f"network.rate must be 25 or 50, so that units come out at 50 Hz; got {self.rate}")


class MeshToSpeechOutput(NamedTuple):
    """Output of the mesh-to-speech network.

    Attributes:
        mel: (B, 2U, 80) log-mel as `speech.log_mel` has it, 100 Hz.
        units: (B, U, K) logits, 50 Hz.
    """

    mel: Tensor
    units: Tensor


class MeshToSpeechNetwork(nn.Module):
    """Motion and a voice → mel and units.

    Args:
        config: sizes.
        inputs: numbers that describe a frame, 3 a vertex or 1 a channel.
        units: K.
        speaker: features of the voice's embedding.
        vertices: of the rig that it is trained on; checkpoints hold them, so that another head changes nothing.
    """

    def __init__(
        self, config: MeshToSpeechConfig, inputs: int, units: int, speaker: int, vertices: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.vertices = vertices if isinstance(vertices, LinearOffsets) else None
        self.enter = nn.Sequential(
            nn.Linear(inputs, width), nn.GELU(), nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(),
            nn.LayerNorm(width),
        )  # fmt: skip
        self.body = Conformer(width, config.heads, config.inner, config.layers, config.kernel, config.dropout)
        self.units = nn.Linear(width, units)
        layers: list[nn.Module] = []
        for features in (width + speaker, width, width):
            layers += [nn.Conv1d(features, width, 3, padding=1), nn.Dropout(config.dropout), nn.GELU()]
        self.mel = nn.Sequential(*layers, nn.Conv1d(width, 2 * speech.MEL_COUNT, 1))

    def forward(self, motion: Tensor, speaker: Tensor, frame_rate: float = 30.0) -> MeshToSpeechOutput:
        """
        Args:
            motion: (B, T, n, 3) offsets in metres, or (B, T, C) weights, the first frame at time 0.
            speaker: (B, S) embeddings.
            frame_rate: of the motion.
        """
        config = self.config
        seen = at_rate(motion.flatten(2), frame_rate, config.rate) * _SCALES[config.input]
        x = self.enter(seen).repeat_interleave(round(UNIT_RATE / config.rate), 1)
        x = self.body(x)
        voiced = torch.cat([x, speaker.to(x.dtype)[:, None].expand(-1, x.shape[1], -1)], 2)
        mel = self.mel(voiced.transpose(1, 2)).transpose(1, 2).unflatten(2, (2, -1)).flatten(1, 2)
        return MeshToSpeechOutput(mel.float() * SPREAD + LEVEL, self.units(x).float())


def at_rate(values: Tensor, from_rate: float, to_rate: float) -> Tensor:
    """`timing.resample` of (B, T, D) along time, differentiable."""
    if from_rate == to_rate:
        return values
    position = torch.from_numpy(timing.resample(np.arange(values.shape[1], dtype=np.float64), from_rate, to_rate))
    left = position.floor().long().clamp(max=values.shape[1] - 1)
    right = (left + 1).clamp(max=values.shape[1] - 1)
    blend = (position - left).to(values.device, values.dtype)[:, None]
    return values[:, left] * (1 - blend) + values[:, right] * blend


def gain(samples: np.ndarray) -> float:
    """Gain that brings (N,) samples to the common loudness, since a face does not show the distance to the microphone.

    The level is the mean power of the frames within 20 dB of the loudest.
    """
    frames = np.pad(samples, (0, -len(samples) % speech.HOP)).reshape(-1, speech.HOP)
    power = (frames.astype(np.float64) ** 2).mean(1)
    level = power[power >= 0.01 * power.max()].mean()
    return float(min(_MOST_GAIN, np.sqrt(10 ** (_LOUD_DB / 10) / max(level, 1e-12))))


def spoken_mel(samples: np.ndarray) -> np.ndarray:
    """(N,) samples → (ceil(N / 160), 80) log-mel at the common loudness, the target of the network."""
    return speech.log_mel(gain(samples) * np.asarray(samples, np.float32))


class MeshToSpeechModel(nn.Module):
    """A trained mesh-to-speech network for motion on given channels; frozen, gradients reach the motion.

    Args:
        path: checkpoint of the system `mesh_to_speech`.
        channels: C names of the input motion; by default those it was trained on.
        rig: whose vertices are looked at; where none is given those that it was trained on, which channels of other
            names leave where they are.

    Raises:
        ModelError: no checkpoint, or of another system. ConfigError: it reads weights that are not among the channels.
    """

    def __init__(self, path: str | Path, channels: Sequence[str] | None = None, rig: Rig | None = None) -> None:
        super().__init__()
        weights, recipe, _ = load_average(path)
        if recipe.get("system") != "mesh_to_speech":
            raise ModelError(f"{path} holds a {recipe.get('system')}; expected a mesh_to_speech")
        self.channels = tuple(channels or trained_channels(recipe))
        config = network_config(recipe)
        if config.input == "weights":
            own = trained_channels(recipe)
            missing = [c for c in own if c not in self.channels]
            if missing:
                raise ConfigError(
                    f"{path} reads weights and needs {missing[0]} too; give motion on its own channels, or use mouth"
                )
            self.look: nn.Module = Columns([self.channels.index(c) for c in own])
        elif rig is None and _MOVES in weights:
            self.look = LinearOffsets(rows_of(weights[_MOVES].float(), trained_channels(recipe), self.channels))
        else:
            self.look = look(config, self.channels, rig)
        self.network = restore(config, weights)
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> "MeshToSpeechModel":
        """It stays in evaluation mode."""
        return super().train(False)

    def forward(self, motion: Tensor, speaker: Tensor, frame_rate: float = 30.0) -> MeshToSpeechOutput:
        """(B, T, C) channels and (B, S) embeddings → mel and units."""
        output: MeshToSpeechOutput = self.network(self.look(motion), speaker, frame_rate)
        return output

    @torch.inference_mode()
    def whole(self, motion: np.ndarray, speaker: np.ndarray, frame_rate: float = 30.0) -> tuple[np.ndarray, np.ndarray]:
        """(T, C) channels, an (S,) embedding → (2U, 80) log-mel and (U, K) logits, in windows as a voice bundle does.

        Windows are about as long as crops in training, whatever the motion is; before and after it the face rests.
        """
        past, block, future = (round(length * frame_rate) for length in (PAST, BLOCK, FUTURE))
        count = -(-len(motion) // block)
        padded = np.pad(motion, ((past, count * block - len(motion) + future), (0, 0)))
        windows = np.stack([padded[k * block : (k + 1) * block + past + future] for k in range(count)])
        voice = torch.from_numpy(np.asarray(speaker, np.float32)).expand(count, -1)
        output = self(torch.from_numpy(windows.astype(np.float32)), voice, frame_rate)
        begin, end = round(PAST * UNIT_RATE), round((PAST + BLOCK) * UNIT_RATE)
        kept = timing.frame_count(len(motion) / frame_rate, UNIT_RATE)
        mel, units = output.mel[:, 2 * begin : 2 * end].flatten(0, 1), output.units[:, begin:end].flatten(0, 1)
        return mel[: 2 * kept].numpy(), units[:kept].numpy()


class Columns(nn.Module):
    """Some channels of motion by number: (…, C) → (…, n)."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("numbers", torch.tensor(numbers), persistent=False)

    def forward(self, motion: Tensor) -> Tensor:
        return motion.index_select(-1, self.get_buffer("numbers"))


def look(config: MeshToSpeechConfig, channels: Sequence[str], rig: Rig | None = None) -> nn.Module:
    """(…, C) channels → what the network sees: (…, n, 3) offsets, (…, 3 n + 2) of a mouth, or the channels."""
    if config.input == "weights":
        return nn.Identity()
    rig = rig or rigs.head()
    if config.input == "touch":
        return Touching(rig, channels, choose(rig, "mouth", config.vertices))
    seen = offsets(rig, channels, choose(rig, config.input, config.vertices))
    return LinearOffsets(seen.moves.numpy(), kept=True) if isinstance(seen, LinearOffsets) else seen


def rows_of(moves: Tensor, own: Sequence[str], channels: Sequence[str]) -> np.ndarray:
    """(own, n, 3) → (channels, n, 3), zero for channels that are not among `own`."""
    rows = np.zeros((len(channels), *moves.shape[1:]), np.float32)
    for i, channel in enumerate(channels):
        if channel in own:
            rows[i] = moves[own.index(channel)]
    return rows


def seen_size(looked: nn.Module, channels: Sequence[str]) -> int:
    """How many numbers describe a frame to the network."""
    with torch.no_grad():
        return looked(torch.zeros(1, 1, len(channels))).flatten(2).shape[2]


def restore(config: MeshToSpeechConfig, weights: Mapping[str, Tensor]) -> MeshToSpeechNetwork:
    """The network that a checkpoint's weights belong to."""
    inputs, units = weights["enter.0.weight"].shape[1], len(weights["units.weight"])
    vertices = LinearOffsets(np.zeros(weights[_MOVES].shape, np.float32), kept=True) if _MOVES in weights else None
    network = MeshToSpeechNetwork(config, inputs, units, weights["mel.0.weight"].shape[1] - config.width, vertices)
    network.load_state_dict({k: v.float() for k, v in weights.items()})
    return network


def network_config(recipe: Mapping[str, Any]) -> MeshToSpeechConfig:
    """The network that a recipe describes."""
    return config_from(MeshToSpeechConfig, recipe.get("network", {}), "table [network]")


def trained_channels(recipe: Mapping[str, Any]) -> tuple[str, ...]:
    """The channels that a recipe's motion has; ARKit's without the tongue where it names none."""
    return tuple(recipe.get("motion", {}).get("channels", ARKIT[:-1]))
