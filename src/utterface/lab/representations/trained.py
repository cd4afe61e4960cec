"""A speech encoder that is trained with the decoder, as in THUNDER-T, instead of read frozen from kept tracks.

    sound in hops (B, S, H) ─ encoder ─ vectors (B, S, D) ─ read at the frames' moments, where a decoder has some

The encoder reads a crop alone, so its frames near the crop's ends know less than those of a whole recording.
"""

from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface.errors import ConfigError
from utterface.lab.representations.contract import Representation, RepresentationInfo
from utterface.lab.representations.modules import as_module
from utterface.timing import SAMPLE_RATE
from utterface.track import Track


class SoundHops:
    """A recording in pieces of one frame of a representation, on that one's times: what a trained encoder reads."""

    def __init__(self, about: RepresentationInfo) -> None:
        hop = SAMPLE_RATE / about.frame_rate
        if hop != int(hop):
            raise ConfigError(f"{about.name} has {about.frame_rate:g} frames a second, no whole number of samples each")
        self.about = RepresentationInfo(
            f"sound for {about.name}", "spectral", about.frame_rate, int(hop), (), about.start
        )

    def encode(self, samples: np.ndarray) -> Track:
        hop = self.about.dimension
        padded = np.pad(samples, (0, -len(samples) % hop or hop * (not len(samples))))
        return Track(padded.reshape(-1, hop).astype(np.float32), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> None:
        return None


class TrainedEncoder(nn.Module):
    """A representation's network, copied and free to learn.

    Args:
        representation: of ours, or a layer of wav2vec 2.0, HuBERT or WavLM.

    Raises:
        ConfigError: one without a network that gradients reach.
    """

    def __init__(self, representation: Representation) -> None:
        super().__init__()
        about, layer = representation.about, hasattr(representation, "least")
        if about.codebooks:
            raise ConfigError(f"{about.name} has units, through which nothing is learned; take its vectors' layer")
        self.module = deepcopy(_HiddenModule(representation) if layer else as_module(representation, False))
        self.rate = about.frame_rate
        if not any(True for _ in self.module.parameters()):
            raise ConfigError(f"{about.name} has no weights to train; set speech.trained = false")
        self.module.requires_grad_(True)

    def forward(self, hops: Tensor, known: Tensor) -> Tensor:
        """(B, S, H) sound, of which (B, S) is known → (B, S, D); 0 where unknown."""
        vectors: Tensor = self.module(hops.flatten(1))
        missing = hops.shape[1] - vectors.shape[1]
        vectors = F.pad(vectors, (0, 0, 0, missing)) if missing > 0 else vectors[:, : hops.shape[1]]
        return vectors * known[..., None]

    def at_frames(self, vectors: Tensor, times: Tensor, frame_times: Tensor, frame_rate: float, moments: int) -> Tensor:
        """(B, S, D) at (B, S) seconds → (B, T, moments · D), read between neighbours from each frame's time on."""
        later = torch.arange(moments, device=vectors.device) / (frame_rate * moments)
        places = ((frame_times[..., None] + later).flatten(1) - times[:, :1]) * self.rate
        places = places.clamp(0, vectors.shape[1] - 1)
        left = places.floor().long()
        right = (left + 1).clamp(max=vectors.shape[1] - 1)
        rows = torch.arange(len(vectors), device=vectors.device)[:, None]
        share = (places - left)[..., None]
        read = vectors[rows, left] * (1 - share) + vectors[rows, right] * share
        return read.unflatten(1, (-1, moments)).flatten(2)


class _HiddenModule(nn.Module):
    """(B, N) samples → (B, S, D), a frame for each started hop, as `hub.HiddenLayer` prepares and reads them."""

    def __init__(self, layer: Representation) -> None:
        super().__init__()
        self.model = layer.model  # type: ignore[attr-defined]
        self.normal: bool = layer.prepare.do_normalize  # type: ignore[attr-defined]
        self.overhang = layer.least - round(SAMPLE_RATE / layer.about.frame_rate)  # type: ignore[attr-defined]

    def forward(self, samples: Tensor) -> Tensor:
        if self.normal:
            mean, spread = samples.mean(1, keepdim=True), samples.var(1, keepdim=True, correction=0)
            samples = (samples - mean) / torch.sqrt(spread + 1e-7)
        hidden: Tensor = self.model(F.pad(samples, (0, self.overhang))).last_hidden_state
        return hidden
