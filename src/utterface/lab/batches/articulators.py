"""Clips → batches: random crops at random rates, augmented, with the targets of the network.

Batch number i is a function of the seed and i alone, so a run that stops resumes exactly where it was.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from utterface import timing
from utterface.articulation import ARTICULATORS, blend
from utterface.errors import CorpusError
from utterface.lab.batches.augment import AugmentConfig, augment, between, replayed, together
from utterface.lab.batches.crops import batch_numbers
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.networks.animator import FRAME_RATE, HOP, LEAD, phone_labels
from utterface.lab.networks.controls import STRENGTH, ControlConfig, Director
from utterface.phones import SILENCE, Span, inventory
from utterface.timing import SAMPLE_RATE

_TABLE_RATE = 100.0  # Hz of the stored targets; crops read them at any rate
_PAUSE = 0.2  # seconds of silence that count as no speech
_TRUSTED = 0.5  # confidence from which labels count fully; right ones on noisy voices go down to it


@dataclass(frozen=True)
class ArticulatorSource:
    """A corpus folder, its share of every batch relative to the other sources', and the part of its speakers used."""

    folder: Path
    share: float = 1.0
    part: float = 1.0

    def clips(self, splits: Sequence[str]) -> list[CorpusClip]:
        """Those of `splits`, of `part` of their speakers, one at least; who is in a part is in every larger one too."""
        clips = [c for c in read_corpus(self.folder) if c.split in splits]
        speakers = sorted({c.speaker for c in clips}, key=lambda name: hashlib.sha256(name.encode()).digest())
        kept = set(speakers[: math.ceil(self.part * len(speakers))])
        return [c for c in clips if c.speaker in kept]


@dataclass(frozen=True)
class ArticulatorTargets:
    """Targets of the network for a stretch of sound, frame by frame.

    Attributes:
        articulators: (T, A) float32.
        phones: (T,) int64 indices into `phone_labels()`.
        closure: (T,) float32, 1 while a bilabial sounds.
        silence: (T,) float32, 1 in pauses.
        tokens: (T, K) float32, how probable the teacher finds each of its tokens; K is 0 without a teacher.
    """

    articulators: np.ndarray
    phones: np.ndarray
    closure: np.ndarray
    silence: np.ndarray
    tokens: np.ndarray

    @classmethod
    def from_phones(
        cls, phones: Sequence[Span], duration: float, frame_rate: float = _TABLE_RATE
    ) -> "ArticulatorTargets":
        """The targets of a whole clip."""
        table, labels = inventory(), {label: i for i, label in enumerate(phone_labels())}
        times = timing.frame_times(timing.frame_count(duration, frame_rate), frame_rate)
        phone = np.full(len(times), labels[SILENCE])
        silence = np.ones(len(times), np.float32)
        for span in phones:
            first, last = np.searchsorted(times, (span.start, span.end))
            phone[first:last] = labels[span.label]
            silence[first:last] = span.label == SILENCE and span.end - span.start >= _PAUSE
        closing = np.array([table[label].is_bilabial for label in labels])
        articulators = blend(phones, duration, frame_rate)
        tokens = np.zeros((len(times), 0), np.float32)
        return cls(articulators, phone, closing[phone].astype(np.float32), silence, tokens)


class _Recording:
    """A clip, from its first use on held in memory: int16 sound and its targets at 100 Hz."""

    def __init__(self, clip: CorpusClip, teacher: Tracks | None = None) -> None:
        self._clip, self._teacher = clip, teacher
        self.trust = min(1.0, clip.confidence / _TRUSTED)
        self.duration = clip.duration

    @cached_property
    def samples(self) -> np.ndarray:
        return np.round(self._clip.samples() * 32767).astype(np.int16)

    @cached_property
    def _targets(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Articulators, phones and silence, in small numbers."""
        targets = ArticulatorTargets.from_phones(self._clip.phones(), self.duration)
        return targets.articulators.astype(np.float16), targets.phones.astype(np.int16), targets.silence > 0

    @cached_property
    def _tokens(self) -> tuple[np.ndarray, float]:
        """(T, K) float16, how probable the teacher finds its tokens in the clean sound, and the frame rate."""
        if self._teacher is None:
            return np.zeros((1, 0), np.float16), _TABLE_RATE
        track = self._teacher[self._clip]
        return np.exp(track.values).astype(np.float16), track.frame_rate

    def sound(self, start: float, seconds: float) -> np.ndarray:
        """float32 samples from `start`; zeros beyond the ends."""
        first, count = round(start * SAMPLE_RATE), round(seconds * SAMPLE_RATE)
        out = np.zeros(count, np.float32)
        low, high = max(first, 0), min(first + count, len(self.samples))
        if high > low:
            out[low - first : high - first] = self.samples[low:high] / np.float32(32767)
        return out

    def looped(self, start: float, count: int) -> np.ndarray:
        """(count,) float32 samples from `start`, over and over."""
        first = max(0, round(start * SAMPLE_RATE)) % len(self.samples)
        rounds = -(-(first + count) // len(self.samples))
        return np.tile(self.samples, rounds)[first : first + count] / np.float32(32767)

    def at(self, times: np.ndarray) -> ArticulatorTargets:
        """The targets at any moments; silence beyond the ends."""
        articulators, phones, silence = self._targets
        position = times * _TABLE_RATE
        outside = (position < 0) | (position > len(phones) - 1)
        nearest = np.clip(np.floor(position + 0.5).astype(int), 0, len(phones) - 1)
        phone = np.where(outside, phone_labels().index(SILENCE), phones[nearest]).astype(np.int64)
        moved = timing.sample_at(articulators.astype(np.float32), _TABLE_RATE, times)
        tokens, frame_rate = self._tokens
        likely = timing.sample_at(tokens.astype(np.float32), frame_rate, times)
        still = np.where(outside, 1, silence[nearest]).astype(np.float32)
        return ArticulatorTargets(moved, phone, _CLOSING[phone], still, likely)


_CLOSING = np.array([inventory()[label].is_bilabial for label in phone_labels()], np.float32)


@dataclass(frozen=True)
class ArticulatorBatch:
    """B crops of n frames; the answer to frame i is due at step i + delay.

    Attributes:
        samples: (B, 320 n) float32, LEAD zeros or earlier samples first.
        articulators: (B, n, A); phones: (B, n); closure, silence: (B, n).
        tokens: (B, n, K) the teacher's probabilities; K is 0 without one.
        weight: (B,) trust in the labels.
        controls: (B, K) inputs beside the sound; the articulators are scaled by its strength.
        strength: (B, 1) of the controls, 1 where it is none of them.
        expression: (B, n, E) what the emotions among the controls add to the channels.
    """

    samples: Tensor
    articulators: Tensor
    phones: Tensor
    closure: Tensor
    silence: Tensor
    tokens: Tensor
    weight: Tensor
    controls: Tensor
    strength: Tensor
    expression: Tensor

    def to(self, device: torch.device) -> "ArticulatorBatch":
        return ArticulatorBatch(**{name: value.to(device) for name, value in vars(self).items()})


class ArticulatorBatches(IterableDataset[ArticulatorBatch]):
    """Endless batches, from number `first` on.

    Args:
        sources: corpora with their shares.
        splits: which speakers to use.
        batch: crops a batch.
        frames: frames a crop, the delay included.
        config: augmentation; None for plain crops.
        seed: of everything random.
        first: number of the first batch.
        stride: from a batch's number to the next one's; several processes share the numbers.
        director: draws strength and emotions; None draws none. Sound and phones are the same either way.
        teacher: log-probabilities of its tokens for every clip, as soft targets.
    """

    def __init__(
        self,
        sources: Sequence[ArticulatorSource],
        splits: Sequence[str],
        batch: int,
        frames: int,
        config: AugmentConfig | None,
        seed: int,
        first: int = 0,
        stride: int = 1,
        director: Director | None = None,
        teacher: Tracks | None = None,
    ) -> None:
        self.recordings: list[list[_Recording]] = []
        shares = []
        for source in sources:
            clips = source.clips(splits)
            if clips:
                self.recordings.append([_Recording(c, teacher) for c in clips])
                shares.append(source.share)
        if not shares:
            raise CorpusError(f"no clips to train on in {', '.join(str(s.folder) for s in sources)}")
        self.shares = np.array(shares) / np.sum(shares)
        self.lengths = [np.cumsum([r.duration + 1 for r in group]) for group in self.recordings]
        self.director = director or Director((), ControlConfig())
        self.batch, self.frames, self.config, self.seed, self.first, self.stride = (
            batch,
            frames,
            config,
            seed,
            first,
            stride,
        )

    @property
    def hours(self) -> float:
        return sum(r.duration for group in self.recordings for r in group) / 3600

    def __iter__(self) -> Iterator[ArticulatorBatch]:
        return map(self.make, batch_numbers(self.first, self.stride))

    def make(self, number: int) -> ArticulatorBatch:
        """Batch `number`."""
        rng = np.random.default_rng((self.seed, number))
        crops = [self._crop(rng) for _ in range(self.batch)]
        samples, targets, weight = zip(*crops, strict=True)
        chooser = np.random.default_rng((self.seed, number, 1))
        drawn = [self.director.draw(chooser) for _ in crops]
        moved = [self.director.targets(t.articulators, a) for t, a in zip(targets, drawn, strict=True)]
        controls = _stack(drawn)
        named = STRENGTH in self.director.names
        strength = controls[:, [self.director.names.index(STRENGTH)]] if named else torch.ones(len(crops), 1)
        return ArticulatorBatch(
            samples=_stack(samples),
            articulators=_stack([m[0] for m in moved]),
            phones=_stack([t.phones for t in targets]),
            closure=_stack([t.closure for t in targets]),
            silence=_stack([t.silence for t in targets]),
            tokens=_stack([t.tokens for t in targets]),
            weight=torch.tensor(weight, dtype=torch.float32),
            controls=controls,
            strength=strength,
            expression=_stack([m[1] for m in moved]),
        )

    def _pick(self, rng: np.random.Generator) -> tuple[_Recording, float]:
        """A recording, drawn by its length, and a moment in it."""
        group = int(rng.choice(len(self.shares), p=self.shares))
        ends = self.lengths[group]
        recording = self.recordings[group][int(np.searchsorted(ends, rng.uniform(0, ends[-1])))]
        span = self.frames / FRAME_RATE
        low, high = -0.6, max(recording.duration - 0.7 * span, 0.3)
        return recording, float(np.clip(rng.uniform(low - 0.2, high), low, None))

    def _babble(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """(count,) three to eight other voices, all of them all the time: fewer could be who is to be followed."""
        picked = [self._pick(rng) for _ in range(int(rng.integers(3, 9)))]
        return together([other.looped(moment, count) for other, moment in picked])

    def _crop(self, rng: np.random.Generator) -> tuple[np.ndarray, ArticulatorTargets, float]:
        recording, start = self._pick(rng)
        rate = float(between(self.config.rate, rng)) if self.config else 1.0
        count = self.frames * HOP
        seconds = count / SAMPLE_RATE
        lead = LEAD / SAMPLE_RATE
        samples = replayed(recording.sound(start - lead * rate, seconds * rate), rate, count)
        if self.config:
            samples = augment(samples, self._babble(count, rng), self.config, rng)
        times = start + np.arange(self.frames) / FRAME_RATE * rate
        return samples, recording.at(times), recording.trust


def _stack(rows: Sequence[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(rows))


__all__ = ["ARTICULATORS", "ArticulatorBatch", "ArticulatorBatches", "ArticulatorSource", "ArticulatorTargets"]
