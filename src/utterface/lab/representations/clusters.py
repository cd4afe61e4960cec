"""k-means units: a codebook fitted to a continuous representation makes it a discrete one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from scipy.cluster.vq import kmeans2, vq

from utterface.errors import ModelError, TrackError
from utterface.lab.representations.contract import Representation
from utterface.track import Track

_SEEDING = 15  # frames a cluster among which the first centres are sought …
_SEEDED = 4096  # … and never fewer: with few clusters they cost nothing, and seeds among few frames are worse


@dataclass(frozen=True)
class Codebook:
    """K vectors after normalisation by a mean and a scale, as (x − mean) / scale.

    Attributes:
        centres: (K, D) float32, in normalised features.
        mean, scale: (D,) float32.
        of: the member of our own that it belongs to, as `masked@4`; empty if unknown.
    """

    centres: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    of: str = ""

    def __len__(self) -> int:
        return len(self.centres)

    @classmethod
    def fit(cls, vectors: np.ndarray, size: int, seed: int = 0, rounds: int = 30) -> "Codebook":
        """k-means++ and Lloyd's rounds (Arthur and Vassilvitskii 2007; Lloyd 1982) on whitened features.

        Raises:
            TrackError: fewer vectors than clusters.
        """
        if len(vectors) < size:
            raise TrackError(f"{size} clusters need as many frames at least, got {len(vectors)}; give more clips")
        mean, scale = vectors.mean(0), np.maximum(vectors.std(0), 1e-5)
        white = ((vectors - mean) / scale).astype(np.float32)
        rng = np.random.default_rng(seed)
        few = max(_SEEDING * size, _SEEDED)  # scipy's k-means++ takes K² times as long as the frames
        some = rng.permutation(len(white))[:few]
        first, _ = kmeans2(white[some], size, iter=1, minit="++", missing="warn", rng=rng)
        centres, _ = kmeans2(white, first, iter=rounds, minit="matrix", missing="warn")
        return cls(centres.astype(np.float32), mean.astype(np.float32), scale.astype(np.float32))

    def assign(self, vectors: np.ndarray) -> np.ndarray:
        """(T, D) → (T,) int64, the nearest centre of each."""
        nearest, _ = vq(((vectors - self.mean) / self.scale).astype(np.float32), self.centres)
        return nearest.astype(np.int64)

    def look_up(self, units: np.ndarray) -> np.ndarray:
        """(T,) units → (T, D) the vectors they stand for."""
        return self.centres[units] * self.scale + self.mean

    def save(self, path: str | Path, of: str = "") -> None:
        """To one file; `of` names the member whose frames it is for."""
        save_file({"centres": self.centres, "mean": self.mean, "scale": self.scale}, path, {"of": of or self.of})

    @classmethod
    def load(cls, path: str | Path) -> "Codebook":
        """What `save` wrote; ModelError where it is something else."""
        try:
            with safe_open(path, "np") as file:
                arrays = {key: file.get_tensor(key) for key in ("centres", "mean", "scale")}
                return cls(**arrays, of=(file.metadata() or {}).get("of", ""))
        except (OSError, KeyError, SafetensorError) as error:
            raise ModelError(f"{path} holds no k-means codebook ({error}); fit one with `fit_codebook`") from None


class Clustered:
    """A representation whose frames are replaced by the nearest vector of a codebook."""

    def __init__(self, inner: Representation, codebook: Codebook, name: str) -> None:
        if codebook.centres.shape[1] != inner.about.dimension:
            expected, got = inner.about.dimension, codebook.centres.shape[1]
            raise ModelError(f"{name}: expected a codebook of {expected} features, got {got}; fit one for this layer")
        self.inner, self.codebook = inner, codebook
        self.about = replace(
            inner.about,
            name=name,
            codebooks=(len(codebook),),
            parameters=inner.about.parameters + codebook.centres.size,
        )

    def encode(self, samples: np.ndarray) -> Track:
        units = self.units(samples)
        return replace(units, values=self.codebook.look_up(units.values))

    def units(self, samples: np.ndarray) -> Track:
        track = self.inner.encode(samples)
        return replace(track, values=self.codebook.assign(track.values))


def fit_codebook(
    representation: Representation, sounds: Iterable[np.ndarray], size: int, seed: int = 0, frames: int = 200_000
) -> Codebook:
    """A codebook for a continuous representation.

    Args:
        representation: whose frames are clustered.
        sounds: clips, (N,) samples each; read until there are `frames` frames.
        size: K.
        seed: of the first centres.
        frames: how many to cluster.
    """
    gathered: list[np.ndarray] = []
    for samples in sounds:
        gathered.append(representation.encode(samples).values)
        if sum(map(len, gathered)) >= frames:
            break
    if not gathered:
        raise TrackError("no clips to fit a codebook to")
    return Codebook.fit(np.concatenate(gathered)[:frames], size, seed)
