"""*LSF-Animation* (Lu, Zhuang, Jin, Lu, Wang, Liu, Xiao; SIGGRAPH Asia 2025): emotion heard and identity seen.

    speech ─ representation ─ motion stream ───┐
          └─ emotion encoder ─ emotion stream ─┼─ fusion ─ z ─ codes of the frozen prior ─ its decoder ─ motion (T, C)
    neutral face ─ shape vector ─ identity ────┘

    L = L1(ẑ, codes of the motion itself) + 0.15 · L1(face) + 0.1 · L1(jaw)

Emotion and identity come without labels; the table `conditions` has the inputs of the control rows too.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utterface.articulation import EMOTIONS
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import ConditionValue, FaceBatch, FaceCondition, Pair, collate
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.networks.lsf import LsfConfig, LsfNetwork
from utterface.lab.networks.motion_prior import MotionPrior, MotionPriorConfig
from utterface.lab.representations import open_representation
from utterface.lab.systems.face import at_rest
from utterface.lab.systems.face_recipe import SpeechConfig
from utterface.lab.systems.motion_prior import MotionData, channel_losses
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from
from utterface.motion import Motion
from utterface.track import Track

LABEL, ONE_HOT, OWN = "label", "one-hot", "own"


@dataclass(frozen=True)
class LsfConditions:
    """The recipe's table `conditions`.

    Attributes:
        emotion: of the emotion stream: a representation, `label`, or empty for none.
        other: the emotion stream of another clip of the same speaker, a control.
        identity: `own` shape vector, `one-hot` of the performers that train, or empty for none.
        size: features of the shape vector.
    """

    emotion: str = "ours:emotion"
    other: bool = False
    identity: str = OWN
    size: int = 16


@dataclass(frozen=True)
class LsfLossConfig:
    """The recipe's table `losses`: weights of the paper."""

    codes: float = 1.0
    face: float = 0.15
    jaw: float = 0.1


class LsfSystem(MotionData):
    """Stage 2 as the training loop sees it.

    Args:
        recipe: its `prior.checkpoint` names a trained `motion_prior`, on the same channels.
    """

    def __init__(self, recipe: Mapping[str, Any]) -> None:
        super().__init__(recipe)
        self.weights = config_from(LsfLossConfig, recipe.get("losses", {}), "table [losses]")
        self.speech = config_from(SpeechConfig, recipe.get("speech", {}), "table [speech]")
        self.given = config_from(LsfConditions, recipe.get("conditions", {}), "table [conditions]")
        self.tracks = Tracks(open_representation(self.speech.representation), False, self.speech.store)
        heard = self.given.emotion not in ("", LABEL)
        self.emotions = Tracks(open_representation(self.given.emotion), False, self.speech.store) if heard else None
        config = config_from(LsfConfig, recipe.get("network", {}), "table [network]")
        emotion = self.emotions.representation.about.dimension if self.emotions else len(EMOTIONS)
        identity = len(self.performers) if self.given.identity == ONE_HOT else self.given.size
        speech = self.tracks.representation.about.dimension
        prior = read_prior(recipe.get("prior", {}).get("checkpoint", ""), self.data.channels)
        torch.manual_seed(self.seed)
        self.network = LsfNetwork(config, prior, self.data.channels, speech, emotion, identity)
        self.conditions = {
            "emotion": FaceCondition(emotion, self.emotion_of, track=True),
            "identity": FaceCondition(identity, self.identity_of),
        }

    @cached_property
    def performers(self) -> dict[str, np.ndarray]:
        """Shape vectors of the performers that train, by name."""
        clips = self.clips(self.data.splits, self.data.clips)
        return {c.performer or c.speaker: self._shape(c) for c in clips}

    def emotion_of(self, clip: CorpusClip) -> Track:
        """The emotion stream of a clip."""
        if self.emotions is None:
            row = np.zeros(len(EMOTIONS), np.float32)
            if self.given.emotion == LABEL:
                row[list(EMOTIONS).index(clip.emotion or "neutral")] = max(clip.intensity, 0.5)
            return Track(np.stack([row, row]), 1.0)
        return self.emotions[self._other(clip) if self.given.other else clip]

    def _other(self, clip: CorpusClip) -> CorpusClip:
        """Another recording of the speaker, a function of the clip's name."""
        others = [c for c in self._by_speaker.get(clip.speaker, ()) if c.text != clip.text or c.emotion != clip.emotion]
        number = int.from_bytes(hashlib.sha256(clip.id.encode()).digest()[:4], "big")
        return others[number % len(others)] if others else clip

    @cached_property
    def _by_speaker(self) -> dict[str, list[CorpusClip]]:
        clips: dict[str, list[CorpusClip]] = {}
        for clip in self.clips(("train", "valid", "test"), 0):
            clips.setdefault(clip.speaker, []).append(clip)
        return clips

    def identity_of(self, clip: CorpusClip) -> np.ndarray:
        """The identity of a clip's performer, as the network reads it."""
        return self.seen_as(self._shape(clip), clip.performer or clip.speaker)

    def seen_as(self, shape: np.ndarray, performer: str = "") -> np.ndarray:
        """A shape vector as the network reads it: itself, nothing, or the one-hot of the nearest training performer."""
        if self.given.identity == ONE_HOT:
            names = list(self.performers)
            apart = [np.linalg.norm(self.performers[n] - shape) for n in names]
            nearest = names.index(performer) if performer in names else int(np.argmin(apart))
            return np.eye(len(names), dtype=np.float32)[nearest]
        return shape if self.given.identity == OWN else np.zeros_like(shape)

    def _shape(self, clip: CorpusClip) -> np.ndarray:
        shape = clip.identity()
        if shape is None:
            return np.zeros(self.given.size, np.float32)
        if len(shape) != self.given.size:
            raise ConfigError(f"conditions.size is {self.given.size}; clip {clip.id} has an identity of {len(shape)}")
        return shape

    def batches(self, first: int, stride: int) -> Iterator[FaceBatch]:
        return self.pairs(self.tracks, self.conditions, first, stride)

    def losses(self, network: nn.Module, batch: FaceBatch, seed: tuple[int, int]) -> dict[str, Tensor]:
        config, core, known = self.weights, self.network, batch.frame_known
        motion = core.range(batch.motion)
        with torch.no_grad():
            wanted = core.prior.book(core.prior.encode(motion, known)).nearest
        predicted, codes = network(batch.speech.flatten(2), *self._given(batch), known)
        distance = (codes.vectors - wanted).abs().mean(-1)
        errors = channel_losses(predicted - motion, known, self.data.channels, config.face, config.jaw)
        return {"codes": config.codes * (distance * known).sum() / known.sum(), **errors}

    def _given(self, batch: FaceBatch) -> tuple[Tensor, Tensor]:
        return batch.conditions["emotion"], batch.conditions["identity"]

    @torch.no_grad()
    def animate(
        self, network: LsfNetwork, clip: CorpusClip, seed: int | None = None, shape: np.ndarray | None = None
    ) -> Motion:
        """Motion for a clip.

        Args:
            network: as trained.
            clip: whose speech, emotion and performer.
            seed: of the codes that are drawn; None takes the nearest.
            shape: vector of another neutral face.
        """
        data = self.data
        reference = self.reference(clip)
        identity = self.identity_of(clip) if shape is None else self.seen_as(shape)
        conditions: dict[str, ConditionValue] = {"emotion": self.emotion_of(clip), "identity": identity}
        pair = Pair(self.tracks[clip], reference.values, data.frame_rate, conditions=conditions)
        batch = collate([pair], 1).to(next(network.parameters()).device)
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        with at_rest(network):
            scaled, _ = network(
                batch.speech.flatten(2), *self._given(batch), batch.frame_known, generator, seed is not None
            )
        return reference.with_values(network.range.undo(scaled)[0].float().cpu().numpy())

    def validate(self, network: nn.Module) -> dict[str, float]:
        """`fit`, minus the mean absolute error of the channels on held-out clips."""
        assert isinstance(network, LsfNetwork)
        errors = [
            float(abs(self.animate(network, clip).values - self.reference(clip).values).mean())
            for clip in self.held_out
        ]
        return {"fit": -float(np.mean(errors))}


def read_prior(checkpoint: str | Path, channels: tuple[str, ...]) -> MotionPrior:
    """A trained prior, at rest; ConfigError for none, another system, or other channels."""
    if not checkpoint:
        raise ConfigError("lsf needs prior.checkpoint, a checkpoint of the system motion_prior")
    weights, recipe, _ = load_average(Path(checkpoint).expanduser())
    if recipe.get("system") != "motion_prior":
        raise ConfigError(f"{checkpoint} holds the system {recipe.get('system')!r}; expected motion_prior")
    prior = MotionPrior(config_from(MotionPriorConfig, recipe.get("network", {}), "table [network]"), len(channels))
    if weights["enter.weight"].shape[1] != len(channels):
        there = weights["enter.weight"].shape[1]
        raise ConfigError(f"{checkpoint} is a prior of {there} channels; the recipe names {len(channels)}")
    prior.load_state_dict(weights)
    return prior.eval()


def make(recipe: Mapping[str, Any]) -> LsfSystem:
    return LsfSystem(recipe)
