"""Few clips made to sound like many: each in several other places and through other microphones, encoded once.

A network that reads a frozen representation cannot have its sound changed on the fly: encoding would take most of a
step. So every clip is disguised a few times, once and for all, and each time it is learned from one of those, or the
clip itself, is drawn. Nothing is moved in time, so motion, phones and what was said stay as they are.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from torch import Tensor

from utterface import speech
from utterface.lab.batches.augment import AugmentConfig, augment, disguise_mel, together
from utterface.lab.batches.pairs import Tracks, keep, read_track
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.representations.contract import RepresentationInfo
from utterface.track import Track

_VOICES = (3, 9)  # that babble is mixed of, the last not among them


class Disguised:
    """What a representation says of clips that sound otherwise.

    Args:
        tracks: of the clips as they are; disguises are kept beside them.
        clips: whose voices babble is mixed of.
        count: disguises of a clip, besides itself.
        config: how it may sound; `rate` and what is done to a mel axis are left out.
    """

    def __init__(self, tracks: Tracks, clips: Sequence[CorpusClip], count: int, config: AugmentConfig) -> None:
        self.tracks, self.clips, self.count, self.config = tracks, clips, count, config
        asked = sorted(asdict(config).items()), [(clip.speaker, clip.id) for clip in clips]
        self._mark = hashlib.sha256(repr(asked).encode()).hexdigest()[:8]

    def drawn(self, clip: CorpusClip, rng: np.random.Generator) -> Track:
        """The clip as it is, or in one of its disguises."""
        number = int(rng.integers(self.count + 1))
        return self.tracks[clip] if number == 0 else self.track(clip, number)

    def track(self, clip: CorpusClip, number: int) -> Track:
        """Disguise `number` of a clip, the same one every time."""
        plain = self.tracks.path(clip)
        path = plain.with_name(f"{plain.stem}-{self._mark}-{number}.npz")
        if not path.is_file():
            keep(self.tracks.encode(self.samples(clip, number)), path)
        return read_track(path)

    def samples(self, clip: CorpusClip, number: int) -> np.ndarray:
        """(N,) how the clip sounds in disguise `number`."""
        rng = np.random.default_rng([number, *self.tracks.path(clip).stem.encode()])
        said = clip.samples()
        others = rng.choice(len(self.clips), int(rng.integers(*_VOICES)))
        voices = [np.resize(self.clips[int(i)].samples(), len(said)) for i in others]
        return augment(said, together(voices), self.config, rng)


def disguise_speech(about: RepresentationInfo, vectors: Tensor, config: AugmentConfig, seed: Sequence[int]) -> Tensor:
    """Log-mel with other formants, some stretches and bands hidden; vectors of any other representation as they are.

    Args:
        about: the representation.
        vectors: (B, T, m, D) as frames read them, or (B, S, D).
        config: how far formants move, how much is hidden.
        seed: of what is drawn.
    """
    if about.name != "mel" or vectors.shape[-1] != speech.MEL_COUNT:
        return vectors
    return disguise_mel(vectors.flatten(1, -2), config, np.random.default_rng([*seed, 5])).view_as(vectors)
