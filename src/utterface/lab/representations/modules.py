"""Representations as torch modules, samples → vectors or units, so that a bundle's graph can hold them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utterface import speech
from utterface.errors import ConfigError
from utterface.lab.networks.animator import CARRIED, LogMel
from utterface.lab.representations import spectral
from utterface.lab.representations.clusters import Clustered, Codebook
from utterface.lab.representations.contract import Representation
from utterface.lab.representations.shipped import AnimatorFrames, MaskedLayer, PhoneTokens, TrainedCodec


def as_module(representation: Representation, units: bool, exported: bool = True) -> nn.Module:
    """`encode` or `units` as a module: (B, N) samples → (B, S, D) vectors, or (B, S, K) int64 units.

    Args:
        representation: of ours, or log-mel; its frames stand where its `about` says.
        units: its units rather than vectors.
        exported: whether a graph must be able to hold it; otherwise any representation will do.

    Raises:
        ConfigError: `exported`, and a representation that no bundle can hold.
    """
    if isinstance(representation, Clustered):
        return _ClusteredModule(as_module(representation.inner, False, exported), representation.codebook, units)
    kind = _KINDS.get(type(representation))
    if kind is not None:
        return kind(representation, units)
    if not exported:
        return _AnyModule(representation, units)
    raise ConfigError(
        f"a bundle cannot hold {representation.about.name}; train on mel, or on a representation of ours (ours:…, "
        "checkpoint:…)"
    )


class _LogMelModule(nn.Module):
    """`speech.log_mel` of whole frames."""

    def __init__(self, _representation: spectral.LogMelFrames, _units: bool) -> None:
        super().__init__()
        self.log_mel = LogMel()

    def forward(self, samples: Tensor) -> Tensor:
        half = speech.MEL_WINDOW // 2
        count = -(-samples.shape[1] // speech.HOP)
        length = CARRIED + 2 * speech.HOP * -(-count // 2)
        mel: Tensor = self.log_mel(F.pad(samples, (half, length - half - samples.shape[1])))
        return mel[:, :count]


class _MaskedModule(nn.Module):
    def __init__(self, representation: MaskedLayer, _units: bool) -> None:
        super().__init__()
        self.network, self.layer = representation.network, representation.layer

    def forward(self, samples: Tensor) -> Tensor:
        features: Tensor = self.network.features(samples, self.layer)
        return features


class _AnimatorModule(nn.Module):
    def __init__(self, representation: AnimatorFrames, _units: bool) -> None:
        super().__init__()
        self.network = representation.network

    def forward(self, samples: Tensor) -> Tensor:
        features: Tensor = self.network.features(samples)
        return features


class _CodecModule(nn.Module):
    def __init__(self, representation: TrainedCodec, units: bool) -> None:
        super().__init__()
        self.network, self.count, self.concat = representation.network, representation.count, representation.concat
        self.units = units

    def forward(self, samples: Tensor) -> Tensor:
        quantiser = self.network.quantiser
        quantised, _ = quantiser(self.network.latent(samples), self.count)
        if self.units:
            codes: Tensor = quantised.units
            return codes
        return torch.cat(quantiser.apart(quantised.units), 2) if self.concat else quantiser.look_up(quantised.units)


class _TokensModule(nn.Module):
    def __init__(self, representation: PhoneTokens, units: bool) -> None:
        super().__init__()
        self.network, self.units = representation.network, units

    def forward(self, samples: Tensor) -> Tensor:
        vectors, units = self.network.tokens(samples)
        return units[..., None] if self.units else vectors


_KINDS: dict[type, Callable[[Any, bool], nn.Module]] = {
    spectral.LogMelFrames: _LogMelModule,
    MaskedLayer: _MaskedModule,
    AnimatorFrames: _AnimatorModule,
    TrainedCodec: _CodecModule,
    PhoneTokens: _TokensModule,
}


class _ClusteredModule(nn.Module):
    """The nearest centre of each frame: the one with the greatest x·c − ½‖c‖²."""

    centres: Tensor
    mean: Tensor
    scale: Tensor
    half_norms: Tensor
    vectors: Tensor

    def __init__(self, inner: nn.Module, codebook: Codebook, units: bool) -> None:
        super().__init__()
        self.inner, self.units = inner, units
        for name in ("centres", "mean", "scale"):
            self.register_buffer(name, torch.from_numpy(getattr(codebook, name)), persistent=False)
        self.register_buffer("half_norms", 0.5 * (self.centres**2).sum(1), persistent=False)
        self.register_buffer("vectors", self.centres * self.scale + self.mean, persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        white = (self.inner(samples) - self.mean) / self.scale
        units = (white @ self.centres.T - self.half_norms).argmax(-1)
        return units[..., None] if self.units else self.vectors[units]


class _AnyModule(nn.Module):
    """Any representation, clip by clip on the CPU; no graph can hold it."""

    def __init__(self, representation: Representation, units: bool) -> None:
        super().__init__()
        self.representation, self.units = representation, units

    def forward(self, samples: Tensor) -> Tensor:
        values = [self._encode(clip) for clip in samples.cpu().numpy()]
        return torch.from_numpy(np.stack(values)).to(samples.device)

    def _encode(self, clip: np.ndarray) -> np.ndarray:
        track = self.representation.units(clip) if self.units else self.representation.encode(clip)
        if track is None:
            raise ConfigError(f"{self.representation.about.name} has no units")
        return track.values if track.values.ndim == 2 else track.values[:, None]
