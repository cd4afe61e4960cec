"""Speaker embeddings by a trained speaker encoder."""

from pathlib import Path

import numpy as np
import torch

from utterface.errors import ModelError
from utterface.lab.networks.speaker import SpeakerConfig, SpeakerNetwork
from utterface.lab.representations.contract import RepresentationInfo
from utterface.lab.representations.shipped import member_file, restore
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from
from utterface.track import Track


class SpeakerEncoder:
    """A trained encoder: samples in, an embedding of length 1 out; the product of two says how alike the voices are."""

    def __init__(self, path: str | Path | None = None) -> None:
        """From a checkpoint of `utterface train`, or the one that ships.

        Raises:
            ModelError: no such checkpoint, or one of another system; none ships.
        """
        path = path or member_file("speaker")
        weights, recipe, _ = load_average(path)
        if recipe.get("system") != "speaker":
            raise ModelError(f"{path} holds a {recipe.get('system')}; expected a speaker encoder")
        network = SpeakerNetwork(config_from(SpeakerConfig, recipe.get("network", {}), "table [network]"))
        self.network: SpeakerNetwork = restore(network, weights, "speaker", path)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """(N,) samples at 16 kHz → (features,) float32."""
        with torch.inference_mode():
            embedding: np.ndarray = self.network(torch.from_numpy(np.asarray(samples, np.float32))[None])[0].numpy()
        return embedding


class SpeakerTrack:
    """A speaker encoder as a representation of one frame, so that `Tracks` keeps its output."""

    def __init__(self, encoder: SpeakerEncoder) -> None:
        self.encoder = encoder
        self.about = RepresentationInfo("speaker", "self-supervised", 1.0, encoder.network.config.features)

    def encode(self, samples: np.ndarray) -> Track:
        return Track(self.encoder(samples)[None], 1.0)

    def units(self, samples: np.ndarray) -> None:
        return None
