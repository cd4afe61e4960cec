"""Speech and motion of clips side by side: clips → batches for every system that learns faces from a representation.

A clip's speech is encoded once and kept on disk; its motion is captured, or articulated from its phones. Batch number i
is a function of the seed and i alone, so an interrupted run resumes with the batches it would have had.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from utterface import timing
from utterface.articulation import articulate
from utterface.engines.bundle.motion import ConditionValue, at_frames
from utterface.errors import ConfigError, CorpusError
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip
from utterface.motion import Motion
from utterface.track import Track


@dataclass(frozen=True)
class FaceCondition:
    """An input beside speech.

    Attributes:
        size: features of the track, or of the vector.
        of: its value for a clip.
        dropped: share of clips in training for which the learned null stands in its place.
        track: whether its values are tracks; else vectors that hold for a whole clip.
    """

    size: int
    of: Callable[[CorpusClip], ConditionValue]
    dropped: float = 0.1
    track: bool = False

    def value(self, clip: CorpusClip) -> ConditionValue:
        """Its value for a clip; ConfigError where that is no track and should be one, or the other way round."""
        value = self.of(clip)
        if isinstance(value, Track) != self.track:
            raise ConfigError(f"a condition has a {type(value).__name__} for clip {clip.id} and track={self.track}")
        return value


@dataclass(frozen=True)
class FaceBatch:
    """B clips or crops, padded to the longest.

    Attributes:
        speech: (B, S, D) vectors or (B, S, K) int64 units at their own rate; with `moments` a frame (B, T, m, D) or
            (B, T, m, K).
        times: (B, S) seconds, with `moments` those of the frames.
        known: (B, S) bool, False in the padding.
        motion: (B, T, C) float32.
        frame_times: (B, T) seconds.
        frame_known: (B, T) bool, False in the padding.
        frame_rate: of the motion, Hz.
        clips: B clips that the crops are of; empty where they are not known.
        conditions: by name, tracks (B, T, D) at the frames or vectors (B, I).
    """

    speech: Tensor
    times: Tensor
    known: Tensor
    motion: Tensor
    frame_times: Tensor
    frame_known: Tensor
    frame_rate: float
    clips: tuple[CorpusClip, ...] = ()
    conditions: Mapping[str, Tensor] = field(default_factory=dict)

    def first(self, count: int) -> "FaceBatch":
        """The first `count` of its clips or crops."""
        return replace(self._mapped(lambda tensor: tensor[:count]), clips=self.clips[:count])

    def to(self, device: torch.device) -> "FaceBatch":
        return self._mapped(lambda tensor: tensor.to(device))

    def _mapped(self, change: Callable[[Tensor], Tensor]) -> "FaceBatch":
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        tensors: dict[str, Any] = {name: change(v) for name, v in values.items() if isinstance(v, Tensor)}
        return replace(self, **tensors, conditions={name: change(v) for name, v in self.conditions.items()})


@dataclass(frozen=True)
class Pair:
    """One clip or crop: its speech, and its motion from the moment `start` on.

    Attributes:
        speech: of the whole clip.
        motion: (T, C) float32.
        frame_rate: of the motion, Hz.
        start: moment of its first frame, seconds.
        clip: that it is of, where known.
        conditions: by name, of the whole clip.
    """

    speech: Track
    motion: np.ndarray
    frame_rate: float
    start: float = 0.0
    clip: CorpusClip | None = None
    conditions: Mapping[str, ConditionValue] = field(default_factory=dict)

    @property
    def times(self) -> np.ndarray:
        """(T,) seconds of the frames."""
        return timing.frame_times(len(self.motion), self.frame_rate, self.start)


def target(clip: CorpusClip, channels: Sequence[str], frame_rate: float) -> np.ndarray:
    """(T, C) float32 from the clip's first sample on: captured motion, else its phones articulated.

    Raises:
        CorpusError: neither motion nor phones.
        ConfigError: the motion has other channels.
    """
    motion = clip.motion()
    if motion is None:
        if clip.labels == "none":
            raise CorpusError(f"clip {clip.id} has neither motion nor phones; import its corpus with phones")
        return articulate(clip.phones(), clip.duration, frame_rate).select(channels)
    missing = [c for c in channels if c not in motion.channels]
    if missing:
        raise ConfigError(
            f"clip {clip.id} does not move {', '.join(missing[:3])} …; name its channels in data.channels"
        )
    return _from_first_sample(motion.at_rate(frame_rate), clip.duration).select(channels)


def _from_first_sample(motion: Motion, duration: float) -> Motion:
    rate = motion.frame_rate
    count = timing.frame_count(min(duration, motion.start + motion.duration), rate)
    if motion.start == 0:
        return motion.with_values(motion.values[:count])
    values = timing.sample_at(motion.values, rate, timing.frame_times(count, rate), motion.start)
    return replace(motion, values=values, start=0.0)


class Pairs:
    """Endless batches of crops from clips; longer clips are drawn more often.

    Args:
        clips: to learn from.
        tracks: their speech.
        channels: of the motion.
        frame_rate: of the motion, Hz.
        moments: how often a frame reads the speech, see `decoders.Decoder`.
        batch: crops a batch.
        seconds: greatest length of a crop.
        seed: of everything random.
        draw: the track to learn a clip from, drawn for every crop, see `AugmentedCopies`; by default the clip's own.
        conditions: inputs beside speech, by name.
    """

    def __init__(
        self,
        clips: Sequence[CorpusClip],
        tracks: Tracks,
        channels: Sequence[str],
        frame_rate: float,
        moments: int,
        batch: int,
        seconds: float,
        seed: int,
        draw: Callable[[CorpusClip, np.random.Generator], Track] | None = None,
        conditions: Mapping[str, FaceCondition] | None = None,
    ) -> None:
        if not clips:
            raise CorpusError("no clips to train on; see data.corpora and data.splits")
        self.clips, self.tracks, self.moments, self.batch, self.seed = clips, tracks, moments, batch, seed
        self.draw, self.frame_rate, self.conditions = draw, frame_rate, conditions or {}
        self.motion = [target(clip, channels, frame_rate) for clip in clips]
        self.frames = timing.frame_count(seconds, frame_rate)
        lengths = np.array([len(m) for m in self.motion])
        self.chances = lengths / lengths.sum()

    def batches(self, first: int = 0, stride: int = 1) -> Iterator[FaceBatch]:
        """Batches number first, first + stride, …"""
        while True:
            yield self.make(first)
            first += stride

    def make(self, number: int) -> FaceBatch:
        """Batch `number`."""
        rng = np.random.default_rng((self.seed, number))
        chosen = rng.choice(len(self.clips), self.batch, p=self.chances)
        return collate([self._crop(int(i), rng) for i in chosen], self.moments)

    def _crop(self, number: int, rng: np.random.Generator) -> Pair:
        motion, clip = self.motion[number], self.clips[number]
        first = int(rng.integers(max(1, len(motion) - self.frames + 1)))
        start = float(timing.frame_times(1, self.frame_rate, first / self.frame_rate)[0])
        speech = self.draw(clip, rng) if self.draw else self.tracks[clip]
        conditions = {name: condition.value(clip) for name, condition in self.conditions.items()}
        return Pair(speech, motion[first : first + self.frames], self.frame_rate, start, clip, conditions)


def collate(pairs: Sequence[Pair], moments: int) -> FaceBatch:
    """Pairs of one frame rate as one batch; with `moments` a frame reads the speech that often."""
    rows = [rows_read(p.speech, len(p.motion), p.frame_rate, p.start, moments) for p in pairs]
    speech = [row.read(p.speech.values) for row, p in zip(rows, pairs, strict=True)]
    if moments:
        speech = [values.reshape(len(p.motion), moments, -1) for values, p in zip(speech, pairs, strict=True)]
    motion, frame_known = _padded([p.motion for p in pairs])
    padded, known = _padded(speech)
    times, frame_times = _padded([row.times for row in rows])[0], _padded([p.times for p in pairs])[0]
    clips = tuple(p.clip for p in pairs if p.clip is not None)
    conditions = {name: _condition([p.conditions[name] for p in pairs], pairs) for name in pairs[0].conditions}
    rate = pairs[0].frame_rate
    return FaceBatch(padded, times.float(), known, motion, frame_times.float(), frame_known, rate, clips, conditions)


class Rows(NamedTuple):
    """Which rows of a track a crop reads, R of them: each between two neighbours, or one of them.

    Attributes:
        left, right: (R,) int64, the neighbours.
        share: (R,) float64, of the right one.
        times: seconds; (R,) of the rows, or (T,) of the frames where each reads several.
    """

    left: np.ndarray
    right: np.ndarray
    share: np.ndarray
    times: np.ndarray

    def read(self, values: np.ndarray) -> np.ndarray:
        """(S, …) values of the track → (R, …)."""
        if not self.share.any():
            return values[self.left]
        share = self.share.reshape(-1, *[1] * (values.ndim - 1))
        return (values[self.left] * (1 - share) + values[self.right] * share).astype(values.dtype)


def rows_read(track: Track, frames: int, frame_rate: float, start: float, moments: int) -> Rows:
    """Rows that a crop reads of a track, from the track's grid alone.

    Args:
        track: of the whole clip.
        frames: T of the crop.
        frame_rate, start: of its frames.
        moments: rows a frame, evenly apart from the frame on, interpolated, or the nearest units; 0 reads the track's
            own rows from the first frame to the last, and one more on either side.
    """
    times = timing.frame_times(frames, frame_rate, start)
    if moments:
        at = timing.frame_times(frames * moments, frame_rate * moments, start)
        if track.is_discrete:
            near = timing.nearest_row(len(track), track.frame_rate, at, track.start)
            return Rows(near, near, np.zeros(len(near)), times)
        return Rows(*timing.neighbours(len(track), track.frame_rate, at, track.start), times)
    step = 1 / track.frame_rate
    near = np.flatnonzero((track.times > times[0] - step) & (track.times < times[-1] + step))
    if not len(near):  # the clip is shorter than the representation's window
        near = np.array([int(np.abs(track.times - start).argmin())])
    return Rows(near, near, np.zeros(len(near)), track.times[near])


def _condition(values: Sequence[ConditionValue], pairs: Sequence[Pair]) -> Tensor:
    rows = [at_frames(value, pair.times) for value, pair in zip(values, pairs, strict=True)]
    return _padded(rows)[0] if rows[0].ndim > 1 else torch.from_numpy(np.stack(rows))


def _padded(rows: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Arrays of different length as one with zeros after their ends, and (B, length) bool, True up to their ends."""
    longest = max(len(r) for r in rows)
    values = np.zeros((len(rows), longest, *rows[0].shape[1:]), rows[0].dtype)
    known = np.zeros((len(rows), longest), bool)
    for i, row in enumerate(rows):
        values[i, : len(row)] = row
        known[i, : len(row)] = True
    return torch.from_numpy(values), torch.from_numpy(known)
