"""Clips through a representation, each encoded once and kept on disk."""

import hashlib
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from utterface import timing
from utterface.errors import ConfigError
from utterface.files import replacing
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.representations import Representation
from utterface.track import Track

_RECENT = 1024  # tracks kept in memory


class Tracks:
    """Clips through a representation, encoded on first use; clips that share a sound share a track.

    The folder's name holds a checksum of the representation's output for a fixed sound, so that other weights under
    the same name get a folder of their own.

    Args:
        representation: frozen.
        discrete: units rather than vectors.
        store: folder of the folders of tracks.
    """

    def __init__(self, representation: Representation, discrete: bool, store: Path) -> None:
        self.representation, self.discrete = representation, discrete
        self.folder = store / identity(representation, discrete)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._checksums: dict[tuple[Path, int], str] = {}
        self._recent: OrderedDict[Path, Track] = OrderedDict()

    def encode(self, samples: np.ndarray) -> Track:
        """(N,) samples → vectors (S, D), or units (S, K)."""
        return encode_samples(self.representation, self.discrete, samples)

    def path(self, clip: CorpusClip) -> Path:
        """The file that holds, or will hold, a clip's track."""
        file = (clip.audio, clip.audio.stat().st_mtime_ns)
        if file not in self._checksums:
            self._checksums[file] = hashlib.sha256(clip.audio.read_bytes()).hexdigest()[:24]
        return self.folder / f"{self._checksums[file]}.npz"

    def __getitem__(self, clip: CorpusClip) -> Track:
        path = self.path(clip)
        if path not in self._recent:
            if not path.is_file():
                write_track(self.encode(clip.samples()), path)
            self._recent[path] = read_track(path)
            if len(self._recent) > _RECENT:
                self._recent.popitem(last=False)
        return self._recent[path]


def encode_samples(representation: Representation, discrete: bool, samples: np.ndarray) -> Track:
    """(N,) samples → vectors (S, D), or units (S, K) where `discrete`.

    Raises:
        ConfigError: units of a representation that has none.
    """
    with torch.autocast("cpu", enabled=False):  # exact, whatever precision the surrounding training has
        if not discrete:
            return representation.encode(samples)
        units = representation.units(samples)
    if units is None:
        raise ConfigError(f"{representation.about.name} has no units; set speech.units = false, or cluster it")
    return replace(units, values=units.values.reshape(len(units), -1))


def identity(representation: Representation, discrete: bool = False) -> str:
    """16 hex digits of a representation: its name, and its output for a fixed sound, which depends on its weights."""
    probe = np.random.default_rng(0).standard_normal(timing.SAMPLE_RATE).astype(np.float32) * np.float32(0.1)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the last bits of the output depend on how many there are
    values = encode_samples(representation, discrete, probe).values
    torch.set_num_threads(threads)
    return hashlib.sha256(values.tobytes() + representation.about.name.encode()).hexdigest()[:16]


def write_track(track: Track, path: Path) -> None:
    """Write a track where `Tracks` reads it, whole or not at all."""
    with replacing(path) as part:
        np.savez(part, values=track.values, frame_rate=track.frame_rate, start=track.start)


def read_track(path: Path) -> Track:
    """Read what `write_track` wrote."""
    with np.load(path) as stored:
        return Track(stored["values"], float(stored["frame_rate"]), float(stored["start"]))
