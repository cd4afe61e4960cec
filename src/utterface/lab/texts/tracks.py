"""Word vectors laid over the frames in which each word is said, each sentence encoded once."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from utterface.errors import ConfigError
from utterface.files import replacing
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.texts.encoders import TextEncoder
from utterface.phones import Span
from utterface.timing import frame_count, frame_times
from utterface.track import Track

BACK, AHEAD = 8, 7  # frames before and after one over which vectors are averaged (Fan et al. 2021)


def laid_out(vectors: np.ndarray, words: Sequence[Span], duration: float, frame_rate: float) -> np.ndarray:
    """(T, D) vectors repeated over the frames of their words, 0 in pauses, then averaged over 8 back and 7 ahead.

    Args:
        vectors: (W, D).
        words: W, timed.
        duration: of the sound, seconds.
        frame_rate: Hz.
    """
    count = frame_count(duration, frame_rate)
    times = frame_times(count, frame_rate)
    rows = np.zeros((count, vectors.shape[1]), np.float32)
    for vector, word in zip(vectors, words, strict=True):
        rows[(times >= word.start) & (times < word.end)] = vector
    sums = np.cumsum(np.concatenate([np.zeros((1, rows.shape[1])), rows]), 0)
    first, last = np.maximum(np.arange(count) - BACK, 0), np.minimum(np.arange(count) + AHEAD + 1, count)
    return ((sums[last] - sums[first]) / (last - first)[:, None]).astype(np.float32)


class TextTracks:
    """Sentences of clips as tracks, each encoded once and kept on disk.

    Args:
        encoder: of words.
        frame_rate: of the tracks, Hz.
        store: folder of the folders of encoders.
    """

    def __init__(self, encoder: TextEncoder, frame_rate: float, store: Path) -> None:
        self.encoder, self.frame_rate = encoder, frame_rate
        self.folder = store / hashlib.sha256(encoder.name.encode()).hexdigest()[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, np.ndarray] = {}  # vectors and words by the clip's id
        self._words: dict[str, tuple[Span, ...]] = {}

    def track(self, clip: CorpusClip, said: CorpusClip | None = None) -> Track:
        """The track of a clip's words, or of another clip's words at the times of these.

        Raises:
            ConfigError: the clip knows no times of words.
        """
        if clip.id not in self._words:
            self._words[clip.id] = clip.words()
        words = self._words[clip.id]
        if not words:
            raise ConfigError(f"clip {clip.id} has no timed words; a system that reads text needs them")
        vectors = self._vectors(clip if said is None else said)
        vectors = vectors[np.arange(len(words)) % len(vectors)]
        return Track(laid_out(vectors, words, clip.duration, self.frame_rate), self.frame_rate)

    def _vectors(self, clip: CorpusClip) -> np.ndarray:
        if clip.id not in self._known:
            labels = [word.label for word in clip.words()]
            path = self.folder / f"{hashlib.sha256(chr(10).join(labels).encode()).hexdigest()[:24]}.npy"
            if not path.is_file():
                with replacing(path) as part, part.open("wb") as file:
                    np.save(file, self.encoder.encode(labels))
            self._known[clip.id] = np.load(path)
        return self._known[clip.id]
