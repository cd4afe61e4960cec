"""What is heard beside how the face moves: clips → batches for every system that learns faces from a representation.

A clip's speech is encoded once and kept on disk; its motion is the captured one, else the one that its phones ask for.
Batch number i is a function of the seed and i alone, so a run that stops goes on exactly where it was.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from utterface import timing
from utterface.articulation import articulate
from utterface.errors import ConfigError, CorpusError
from utterface.files import replacing
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.representations import Representation
from utterface.motion import Motion
from utterface.track import Track

FRAME_RATE = 30.0  # Hz of the motion


@dataclass(frozen=True)
class Batch:
    """B clips or crops, filled up to the longest.

    Attributes:
        speech: (B, S, D) vectors or (B, S, K) int64 units on their own clock; with `moments` a frame (B, T, m, D) or
            (B, T, m, K).
        times: (B, S) seconds, with `moments` those of the frames.
        known: (B, S) bool.
        motion: (B, T, C) float32.
        frame_times: (B, T) seconds.
        frame_known: (B, T) bool.
        clips: B, whose crops these are, for whoever wants to know more of what was said; empty where nobody told.
    """

    speech: Tensor
    times: Tensor
    known: Tensor
    motion: Tensor
    frame_times: Tensor
    frame_known: Tensor
    clips: tuple[CorpusClip, ...] = ()

    def first(self, count: int) -> "Batch":
        """The first so many of its clips or crops."""
        return replace(self, **{f.name: getattr(self, f.name)[:count] for f in fields(self)})

    def to(self, device: torch.device) -> "Batch":
        return replace(self, **{f.name: getattr(self, f.name).to(device) for f in fields(self) if f.name != "clips"})


@dataclass(frozen=True)
class Pair:
    """One clip or crop: speech, and the motion from the moment `start` on, at `FRAME_RATE`; of a clip."""

    speech: Track
    motion: np.ndarray
    start: float = 0.0
    clip: CorpusClip | None = None

    @property
    def times(self) -> np.ndarray:
        """(T,) seconds of the frames."""
        return timing.frame_times(len(self.motion), FRAME_RATE, self.start)


class Tracks:
    """Sounds through a representation, each once, however many clips share it: what it said is kept in a folder.

    The folder's name holds what the representation says of a fixed sound, so that other weights under the same name
    find nothing.

    Args:
        representation: frozen.
        discrete: units rather than vectors.
        store: where to keep the tracks.
    """

    def __init__(self, representation: Representation, discrete: bool, store: Path) -> None:
        self.representation, self.discrete = representation, discrete
        self.folder = store / identity(representation, discrete)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._marks: dict[tuple[Path, int], str] = {}

    def encode(self, samples: np.ndarray) -> Track:
        """(N,) samples → vectors (S, D), or units (S, K)."""
        return said_of(self.representation, self.discrete, samples)

    def path(self, clip: CorpusClip) -> Path:
        """The file that holds, or will hold, what was said of a clip."""
        file = (clip.audio, clip.audio.stat().st_mtime_ns)
        if file not in self._marks:
            self._marks[file] = hashlib.sha256(clip.audio.read_bytes()).hexdigest()[:24]
        return self.folder / f"{self._marks[file]}.npz"

    def __getitem__(self, clip: CorpusClip) -> Track:
        path = self.path(clip)
        if not path.is_file():
            keep(self.encode(clip.samples()), path)
        return read_track(path)


def said_of(representation: Representation, discrete: bool, samples: np.ndarray) -> Track:
    """(N,) samples → vectors (S, D), or units (S, K) where `discrete`; ConfigError where there are none."""
    with torch.autocast("cpu", enabled=False):  # exact, however the network that asks is trained
        if not discrete:
            return representation.encode(samples)
        units = representation.units(samples)
    if units is None:
        raise ConfigError(f"{representation.about.name} has no units; say speech.units = false, or cluster it")
    return replace(units, values=units.values.reshape(len(units), -1))


def identity(representation: Representation, discrete: bool = False) -> str:
    """16 hex digits of what a representation is: its name, and what it says of a fixed sound, so of its weights."""
    probe = np.random.default_rng(0).standard_normal(timing.SAMPLE_RATE).astype(np.float32) * np.float32(0.1)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # else the last bits, and so the mark, would hang on how many there are
    told = said_of(representation, discrete, probe).values
    torch.set_num_threads(threads)
    return hashlib.sha256(told.tobytes() + representation.about.name.encode()).hexdigest()[:16]


def keep(track: Track, path: Path) -> None:
    """Write a track where `Tracks` reads it, whole or not at all."""
    with replacing(path) as part:
        np.savez(part, values=track.values, frame_rate=track.frame_rate, start=track.start)


def read_track(path: Path) -> Track:
    """What `keep` wrote."""
    with np.load(path) as kept:
        return Track(kept["values"], float(kept["frame_rate"]), float(kept["start"]))


def target(clip: CorpusClip, channels: Sequence[str]) -> np.ndarray:
    """(T, C) float32 at `FRAME_RATE` from the clip's first sample on: captured, or what its phones ask of the mouth.

    Raises:
        CorpusError: neither motion nor phones.
        ConfigError: the motion has other channels.
    """
    motion = clip.motion()
    if motion is None:
        if clip.labels == "none":
            raise CorpusError(f"clip {clip.id} has neither motion nor phones; import its corpus with phones")
        return articulate(clip.phones(), clip.duration, FRAME_RATE).select(channels)
    missing = [c for c in channels if c not in motion.channels]
    if missing:
        raise ConfigError(
            f"clip {clip.id} does not move {', '.join(missing[:3])} …; name its channels in data.channels"
        )
    return _from_first_sample(motion.at_rate(FRAME_RATE), clip.duration).select(channels)


def _from_first_sample(motion: Motion, duration: float) -> Motion:
    count = timing.frame_count(min(duration, motion.start + motion.duration), FRAME_RATE)
    if motion.start == 0:
        return motion.with_values(motion.values[:count])
    times = timing.frame_times(count, FRAME_RATE)
    return replace(motion, values=timing.sample_at(motion.values, FRAME_RATE, times, motion.start), start=0.0)


class Pairs:
    """Endless batches of crops from clips, longer clips oftener.

    Args:
        clips: to learn from.
        tracks: their speech.
        channels: of the motion.
        moments: how often a frame reads the speech, see `decoders.Decoder`.
        batch: crops a batch.
        seconds: greatest length of a crop.
        seed: of everything random.
        drawn: what is heard of a clip instead, see `disguised`; drawn anew for every crop.
    """

    def __init__(
        self,
        clips: Sequence[CorpusClip],
        tracks: Tracks,
        channels: Sequence[str],
        moments: int,
        batch: int,
        seconds: float,
        seed: int,
        drawn: Callable[[CorpusClip, np.random.Generator], Track] | None = None,
    ) -> None:
        if not clips:
            raise CorpusError("no clips to train on; see data.corpora and data.splits")
        self.clips, self.tracks, self.moments, self.batch, self.seed = clips, tracks, moments, batch, seed
        self.drawn = drawn
        self.motion = [target(clip, channels) for clip in clips]
        self.frames = timing.frame_count(seconds, FRAME_RATE)
        lengths = np.array([len(m) for m in self.motion])
        self.chances = lengths / lengths.sum()

    def batches(self, first: int = 0, stride: int = 1) -> Iterator[Batch]:
        """Batches number first, first + stride, …"""
        while True:
            yield self.make(first)
            first += stride

    def make(self, number: int) -> Batch:
        """Batch `number`."""
        rng = np.random.default_rng((self.seed, number))
        chosen = rng.choice(len(self.clips), self.batch, p=self.chances)
        return collate([self._crop(int(i), rng) for i in chosen], self.moments)

    def _crop(self, number: int, rng: np.random.Generator) -> Pair:
        motion = self.motion[number]
        first = int(rng.integers(max(1, len(motion) - self.frames + 1)))
        start = float(timing.frame_times(1, FRAME_RATE, first / FRAME_RATE)[0])
        clip = self.clips[number]
        heard = self.drawn(clip, rng) if self.drawn else self.tracks[clip]
        return Pair(heard, motion[first : first + self.frames], start, clip)


def collate(pairs: Sequence[Pair], moments: int) -> Batch:
    """Pairs as one batch; with `moments` a frame reads the speech that often, else it comes on its own clock."""
    speech, times = zip(*(_read(p, moments) if moments else _cut(p) for p in pairs), strict=True)
    motion, known = _fill([p.motion for p in pairs])
    rows, spoken = _fill(speech)
    frame_times = _fill([p.times for p in pairs])[0].float()
    clips = tuple(p.clip for p in pairs if p.clip is not None)
    return Batch(rows, _fill(times)[0].float(), spoken, motion, frame_times, known, clips)


def _read(pair: Pair, moments: int) -> tuple[np.ndarray, np.ndarray]:
    """(T, m, …) what stands at the moments of each frame, and the (T,) times of the frames."""
    times = timing.frame_times(len(pair.motion) * moments, FRAME_RATE * moments, pair.start)
    values = pair.speech.at(times)
    return values.reshape(len(pair.motion), moments, -1), pair.times


def _cut(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """(S, …) the speech from the first frame to the last, a vector more on either side, and its (S,) times."""
    times, step = pair.speech.times, 1 / pair.speech.frame_rate
    near = np.flatnonzero((times > pair.times[0] - step) & (times < pair.times[-1] + step))
    if not len(near):  # the clip is shorter than what the representation needs to say more
        near = np.array([int(np.abs(times - pair.start).argmin())])
    return pair.speech.values[near], times[near]


def _fill(rows: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Arrays of different length as one, zeros after their end, and where there are none."""
    longest = max(len(r) for r in rows)
    filled = np.zeros((len(rows), longest, *rows[0].shape[1:]), rows[0].dtype)
    known = np.zeros((len(rows), longest), bool)
    for i, row in enumerate(rows):
        filled[i, : len(row)] = row
        known[i, : len(row)] = True
    return torch.from_numpy(filled), torch.from_numpy(known)
