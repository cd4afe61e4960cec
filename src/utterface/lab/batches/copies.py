"""Augmented copies of clips: each recording in several other rooms and through other microphones, encoded once.

Sound cannot be augmented on the fly for a network that reads a frozen representation: encoding would take most of a
step. So every clip gets a few augmented copies, once, and each crop is drawn from one of them or from the clip itself.
Nothing moves in time, so motion, phones and words stay as they are.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from torch import Tensor

from utterface import speech
from utterface.lab.batches.augment import AugmentConfig, augment, augment_mel, together
from utterface.lab.batches.tracks import Tracks, read_track, write_track
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.representations.contract import RepresentationInfo
from utterface.track import Track

_SPEAKERS = (3, 9)  # range of the number of clips that babble is mixed of, the last excluded


class AugmentedCopies:
    """Tracks of clips and of their augmented copies.

    Args:
        tracks: of the clips; those of the copies are stored beside them.
        clips: that babble is mixed of.
        count: copies of a clip, besides itself.
        config: of the augmentation; `rate` and its changes of a mel axis are left out.
    """

    def __init__(self, tracks: Tracks, clips: Sequence[CorpusClip], count: int, config: AugmentConfig) -> None:
        self.tracks, self.clips, self.count, self.config = tracks, clips, count, config
        settings = sorted(asdict(config).items()), [(clip.speaker, clip.id) for clip in clips]
        self._checksum = hashlib.sha256(repr(settings).encode()).hexdigest()[:8]

    def draw(self, clip: CorpusClip, rng: np.random.Generator) -> Track:
        """Track of the clip, or of one of its copies."""
        number = int(rng.integers(self.count + 1))
        return self.tracks[clip] if number == 0 else self.track(clip, number)

    def track(self, clip: CorpusClip, number: int) -> Track:
        """Track of copy `number` of a clip, always the same."""
        plain = self.tracks.path(clip)
        path = plain.with_name(f"{plain.stem}-{self._checksum}-{number}.npz")
        if not path.is_file():
            write_track(self.tracks.encode(self.samples(clip, number)), path)
        return read_track(path)

    def samples(self, clip: CorpusClip, number: int) -> np.ndarray:
        """(N,) samples of copy `number` of a clip."""
        rng = np.random.default_rng([number, *self.tracks.path(clip).stem.encode()])
        samples = clip.samples()
        babble = rng.choice(len(self.clips), int(rng.integers(*_SPEAKERS)))
        speakers = [np.resize(self.clips[int(i)].samples(), len(samples)) for i in babble]
        return augment(samples, together(speakers), self.config, rng)


def augment_features(about: RepresentationInfo, vectors: Tensor, config: AugmentConfig, seed: Sequence[int]) -> Tensor:
    """Log-mel with other formants and with hidden stretches and bands; other representations unchanged.

    Args:
        about: the representation.
        vectors: (B, T, m, D) as frames read them, or (B, S, D).
        config: how far formants move, how much is hidden.
        seed: of the drawing.
    """
    if about.name != "mel" or vectors.shape[-1] != speech.MEL_COUNT:
        return vectors
    return augment_mel(vectors.flatten(1, -2), config, np.random.default_rng([*seed, 5])).view_as(vectors)
