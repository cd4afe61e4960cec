"""Training of the emotion network `networks/emotion.py`: acted emotions, and real speech and other sound as neutral.

Windows are cut as long as the runtime cuts them, some of them changed (rate, room, microphone, noise), and described
once by `engines.emotion.emotion_features`; the table of features is what is trained on.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import speech, timing
from utterface.engines.emotion import LEAST_WINDOW, NEUTRAL, emotion_features, is_voice
from utterface.errors import ConfigError, CorpusError
from utterface.files import replacing
from utterface.lab.batches.augment import AugmentConfig, augment, between, replayed
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.corpora.nonspeech import KINDS, nonspeech
from utterface.lab.corpora.recorded import list_recordings
from utterface.lab.networks.emotion import EmotionModel, EmotionNetworkConfig
from utterface.lab.training.recipe import config_from

EMOTIONS = (NEUTRAL, "anger", "disgust", "fear", "joy", "sadness")
_TABLES = 1  # version of the tables of features


@dataclass(frozen=True)
class EmotionDataConfig:
    """The recipe's table `data`.

    Attributes:
        root: folder of the corpora.
        corpora: of clips with emotions that were played, or with none, which are neutral; other emotions stay out.
        neutral: folders of recordings of real speech, which nobody plays: neutral.
        each: windows of such a recording, `recordings` of each folder.
        nonspeech: windows of computed sound without speech, neutral too.
        copies: windows of a clip with emotion, the first as it is.
        seconds: of the longest window.
        left_out: speakers of the corpora that are validated on; none validates on what is trained on.
        share: weight of a neutral recording against a clip with emotion.
        smoothing: of the labels.
        batch: windows a batch.
    """

    root: Path
    corpora: tuple[str, ...]
    neutral: tuple[Path, ...] = ()
    each: int = 2
    recordings: int = 250
    nonspeech: int = 150
    copies: int = 6
    seconds: float = 3.0
    left_out: tuple[str, ...] = ()
    share: float = 0.4
    smoothing: float = 0.05
    batch: int = 512


@dataclass(frozen=True)
class EmotionTable:
    """Windows as the network sees them.

    Attributes:
        features: (N, F) float32.
        emotions: (N,) index in EMOTIONS.
        speakers: (N,) str; empty for recordings and sounds that are not of a corpus.
        copy: (N,) 0 for windows as they are.
    """

    features: np.ndarray
    emotions: np.ndarray
    speakers: np.ndarray
    copy: np.ndarray

    def where(self, mask: np.ndarray) -> "EmotionTable":
        return EmotionTable(*(column[mask] for column in vars(self).values()))


def features_of(samples: np.ndarray) -> np.ndarray | None:
    """The features of (N,) samples; None where they hold too little voice."""
    prosody = speech.prosody(samples)
    if not is_voice(prosody.energy, prosody.pitch):
        return None
    return emotion_features(speech.log_mel(samples), prosody.energy, prosody.pitch)


class _LabelledWindows:
    """Windows that are cut, changed and described, a row each."""

    def __init__(self, window: float, change: AugmentConfig, seed: int) -> None:
        self._window, self._change, self._rng = window, change, np.random.default_rng(seed)
        self.rows: list[tuple[np.ndarray, int, str, int]] = []

    def add(self, samples: np.ndarray, emotion: str, speaker: str, copy: int) -> None:
        rng = self._rng
        rate = float(between(self._change.rate, rng)) if copy else 1.0
        longest = timing.seconds(len(samples)) / rate
        length = min(self._window if rng.random() < 0.6 else rng.uniform(LEAST_WINDOW, self._window), longest)
        needed = timing.sample_count(length * rate)
        first = int(rng.integers(0, max(1, len(samples) - needed + 1)))
        piece = replayed(samples[first : first + needed], rate, timing.sample_count(length))
        if copy:
            piece = augment(piece, np.zeros_like(piece), self._change, rng)
        if (features := features_of(piece)) is not None:
            self.rows.append((features, EMOTIONS.index(emotion), speaker, copy))

    def table(self) -> EmotionTable:
        if not self.rows:
            raise CorpusError("no window holds half a second of voice; give corpora with speech")
        features, emotions, speakers, copies = zip(*self.rows, strict=True)
        return EmotionTable(np.stack(features), np.array(emotions), np.array(speakers, str), np.array(copies))


def make_table(config: EmotionDataConfig, change: AugmentConfig, seed: int) -> EmotionTable:
    """All windows of a recipe."""
    windows = _LabelledWindows(config.seconds, change, seed)
    for name in config.corpora:
        for clip in read_corpus(config.root / name):
            emotion = clip.emotion or NEUTRAL
            for copy in range(config.copies if emotion in EMOTIONS else 0):
                windows.add(clip.samples(), emotion, clip.speaker, copy)
    for folder in config.neutral:
        recordings = list_recordings(folder)
        for recording in recordings[:: -(-len(recordings) // config.recordings)]:
            samples = speech.read(recording.path).samples
            for copy in range(config.each):
                windows.add(samples, NEUTRAL, "", copy)
    rng = np.random.default_rng([seed, 1])
    for number in range(config.nonspeech):
        kind = list(KINDS)[number % len(KINDS)]
        windows.add(nonspeech(kind, timing.sample_count(config.seconds), rng), NEUTRAL, "", 0)
    return windows.table()


class EmotionSystem:
    """Network, batches, loss and validation of the emotion network, from a recipe."""

    def __init__(self, recipe: Mapping[str, Any], table: EmotionTable | None = None) -> None:
        self.data = config_from(EmotionDataConfig, recipe.get("data", {}), "table [data]")
        self.change = config_from(AugmentConfig, recipe.get("augment", {}), "table [augment]")
        self.seed = int(recipe.get("train", {}).get("seed", 0))
        torch.manual_seed(self.seed)
        config = config_from(EmotionNetworkConfig, recipe.get("network", {}), "table [network]")
        self.network, self._table = EmotionModel(config, len(EMOTIONS)), table

    @property
    def table(self) -> EmotionTable:
        """All windows, made once and kept beside the corpora."""
        if self._table is None:
            plain = replace(self.data, left_out=(), share=0.0, smoothing=0.0, batch=0)
            key = json.dumps([_TABLES, self.seed, asdict(plain), asdict(self.change)], default=str)
            path = self.data.root / f"emotion-{hashlib.sha256(key.encode()).hexdigest()[:12]}.npz"
            if not path.is_file():
                made = make_table(self.data, self.change, self.seed)
                with replacing(path) as part, part.open("wb") as file:
                    np.savez_compressed(file, **vars(made))
            with np.load(path, allow_pickle=False) as arrays:
                self._table = EmotionTable(**arrays)
        return self._table

    def trained_on(self) -> EmotionTable:
        """The windows of all but the speakers that are left out; ConfigError for a speaker that there is not."""
        unknown = set(self.data.left_out) - set(self.table.speakers)
        if unknown:
            raise ConfigError(f"no speaker {', '.join(sorted(unknown))} to leave out of {', '.join(self.data.corpora)}")
        return self.table.where(~np.isin(self.table.speakers, self.data.left_out))

    def held_out(self) -> EmotionTable:
        """Windows as they are, of the speakers that are left out; of all where there are none."""
        whole = (self.table.copy == 0) & (self.table.speakers != "")
        left = np.isin(self.table.speakers, self.data.left_out or tuple(set(self.table.speakers)))
        return self.table.where(whole & left)

    def batches(self, first: int, stride: int) -> Iterator[dict[str, Tensor]]:
        table = self.trained_on()
        weight = np.where(table.speakers == "", self.data.share, 1.0)
        totals = np.bincount(table.emotions, weight, len(EMOTIONS))
        weight = weight / totals[table.emotions]
        device = self.network.mean.device
        self.network.mean.copy_(torch.from_numpy(table.features.mean(0)).to(device))
        self.network.deviation.copy_(torch.from_numpy(table.features.std(0) + 1e-6).to(device))
        number = first
        while True:
            rng = np.random.default_rng((self.seed, number))
            rows = rng.choice(len(weight), self.data.batch, p=weight / weight.sum())
            features, emotions = torch.from_numpy(table.features[rows]), torch.from_numpy(table.emotions[rows])
            yield {"features": features, "emotions": emotions}
            number += stride

    def losses(self, network: nn.Module, batch: dict[str, Tensor], seed: tuple[int, int]) -> dict[str, Tensor]:
        logits = network(batch["features"])[:, : len(EMOTIONS)]
        return {"decision": F.cross_entropy(logits, batch["emotions"], label_smoothing=self.data.smoothing)}

    def check_held_out(self) -> None:
        self.trained_on()

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """`recall`, the mean over emotions, and that of each."""
        network.eval()
        table = self.held_out()
        device = next(network.parameters()).device
        decided = network(torch.from_numpy(table.features).to(device))[:, : len(EMOTIONS)].argmax(1).cpu().numpy()
        network.train()
        each = {EMOTIONS[e]: float((decided[table.emotions == e] == e).mean()) for e in np.unique(table.emotions)}
        return {"recall": float(np.mean(list(each.values()))), **each}


def make(recipe: Mapping[str, Any]) -> EmotionSystem:
    return EmotionSystem(recipe)
