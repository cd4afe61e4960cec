"""Pretrained models of others, through `transformers`: from the hub's cache, from the hub, or from a folder.

A model's own feature extractor prepares the sound as in the model's training. Every frame stands at the middle of the
samples it was computed from (`RepresentationInfo.start`), so tracks of all models share their times.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel, AutoModelForCTC, PretrainedConfig

from utterface.errors import ConfigError, ModelError
from utterface.lab.representations.contract import Representation, RepresentationInfo
from utterface.timing import SAMPLE_RATE
from utterface.track import Track

SELF_SUPERVISED = ("wav2vec2", "hubert", "wavlm")
CODECS = ("encodec", "dac", "mimi")
_WHISPER = "whisper"


def open_pretrained(place: str, option: str, name: str, local: bool) -> Representation:
    """A pretrained model as a representation.

    Args:
        place: `OWNER/MODEL` of the hub, or a folder that `save_pretrained` wrote.
        option: the layer, 0 being what enters the first; for codecs how many codebooks, then `,concat` to lay their
            vectors side by side. Without it: the CTC head where there is one, else the last layer, normalised where
            the model does so; all codebooks, summed.
        name: what the representation calls itself.
        local: whether `place` is a folder.

    Raises:
        ModelError: no such model here, without a network, or of a kind that is no speech encoder.
        ConfigError: an option that the model does not have.
    """
    if local:
        place = str(Path(place).expanduser())
        if not (Path(place) / "config.json").is_file():
            raise ModelError(f"{place} holds no model: config.json is missing; save one there with `save_pretrained`")
    config = _fetch(AutoConfig, place, local)
    kind = config.model_type
    if kind in CODECS:
        from utterface.lab.representations.hub_codecs import open_codec

        return open_codec(kind, _model(AutoModel, place, local), option, name)
    if kind not in (*SELF_SUPERVISED, _WHISPER):
        known = ", ".join((*SELF_SUPERVISED, _WHISPER, *CODECS))
        raise ModelError(f"{place} is a model of the kind {kind!r}; those known are {known}")
    prepare = _fetch(AutoFeatureExtractor, place, local)
    if prepare.sampling_rate != SAMPLE_RATE:
        raise ModelError(
            f"{place} expects {prepare.sampling_rate} Hz audio; only speech encoders of {SAMPLE_RATE} Hz are supported"
        )
    if kind == _WHISPER:
        return WhisperLayer(_model(AutoModel, place, local).encoder, prepare, _layer(option, config), name)
    architectures = config.architectures or [""]
    if architectures[0].endswith("ForCTC") and not option:
        return CtcPosteriors(_model(AutoModelForCTC, place, local), prepare, name)
    return HiddenLayer(_model(AutoModel, place, local), prepare, _layer(option, config), name)


class HiddenLayer:
    """One layer of wav2vec 2.0, HuBERT or WavLM; what lies above it is cut off.

    Baevski et al. 2020 (2006.11477), Hsu et al. 2021 (2106.07447), Chen et al. 2022 (2110.13900).
    """

    def __init__(self, model: nn.Module, prepare: Any, layer: int, name: str) -> None:
        config: Any = model.config
        encoder: Any = model.encoder
        if layer < len(encoder.layers) and config.do_stable_layer_norm:
            encoder.layer_norm = nn.Identity()  # it belongs after the last layer
        encoder.layers = encoder.layers[:layer]
        self.model, self.prepare = model, prepare
        rate, start, self.least = convolutional_clock(config)
        self.about = RepresentationInfo(
            name, "self-supervised", rate, config.hidden_size, start=start, parameters=parameter_count(model)
        )

    def encode(self, samples: np.ndarray) -> Track:
        with torch.inference_mode():
            hidden = self.model(prepared(samples, self.prepare, self.least)).last_hidden_state[0]
        return Track(hidden.numpy(), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> None:
        return None


class CtcPosteriors:
    """What a model trained on transcripts takes each frame for: posteriors over characters or phones, blank included.

    Vectors are the posteriors, units the most likely label of each frame (Graves et al. 2006).
    """

    def __init__(self, model: nn.Module, prepare: Any, name: str) -> None:
        config: Any = model.config
        self.model, self.prepare = model, prepare
        rate, start, self.least = convolutional_clock(config)
        size = config.vocab_size
        self.about = RepresentationInfo(name, "label", rate, size, (size,), start, parameters=parameter_count(model))

    def encode(self, samples: np.ndarray) -> Track:
        with torch.inference_mode():
            logits = self.model(prepared(samples, self.prepare, self.least)).logits[0]
        return Track(logits.softmax(1).numpy(), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> Track:
        track = self.encode(samples)
        return Track(track.values.argmax(1), track.frame_rate, track.start)


class WhisperLayer:
    """One layer of Whisper's encoder, run in pieces of 30 s as it was trained (Radford et al. 2022, 2212.04356)."""

    def __init__(self, encoder: nn.Module, prepare: Any, layer: int, name: str) -> None:
        config: Any = encoder.config
        layers: Any = encoder.layers
        if layer < len(layers):
            encoder.layer_norm = nn.Identity()  # it belongs after the last layer
        encoder.layers = layers[:layer]
        self.encoder, self.prepare = encoder, prepare
        self.hop = 2 * prepare.hop_length  # the second convolution halves the rate
        self.about = RepresentationInfo(
            name, "label", SAMPLE_RATE / self.hop, config.d_model, parameters=parameter_count(encoder)
        )

    def encode(self, samples: np.ndarray) -> Track:
        size = self.prepare.n_samples
        pieces = [self._piece(samples[i : i + size]) for i in range(0, len(samples), size)]
        return Track(np.concatenate(pieces), self.about.frame_rate)

    def _piece(self, samples: np.ndarray) -> np.ndarray:
        mel = self.prepare(samples, sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
        with torch.inference_mode():
            hidden = self.encoder(mel).last_hidden_state[0]
        return hidden[: -(-len(samples) // self.hop)].numpy()

    def units(self, samples: np.ndarray) -> None:
        return None


def convolutional_clock(config: PretrainedConfig) -> tuple[float, float, int]:
    """Frame rate (Hz), moment of frame 0 (s) and samples a frame sees, of a stack of unpadded convolutions.

    Frame i of HuBERT sees the samples 320 i … 320 i + 399: its middle is 199.5 samples, 12.5 ms, after 320 i.
    """
    hop, sees = 1, 1
    for kernel, stride in zip(config.conv_kernel, config.conv_stride, strict=True):
        sees += (kernel - 1) * hop
        hop *= stride
    return SAMPLE_RATE / hop, (sees - 1) / 2 / SAMPLE_RATE, sees


def prepared(samples: np.ndarray, prepare: Any, least: int) -> torch.Tensor:
    """(N,) → (1, N) as the model's feature extractor hands them over, padded to one frame at least."""
    padded = np.pad(samples, (0, max(0, least - len(samples))))
    values: torch.Tensor = prepare(padded, sampling_rate=SAMPLE_RATE, return_tensors="pt").input_values
    return values


def parameter_count(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def _layer(option: str, config: PretrainedConfig) -> int:
    count = config.num_hidden_layers
    if not option:
        return int(count)
    if not option.isdecimal() or int(option) > count:
        raise ConfigError(f"no layer {option!r}; this model has 0 to {count}")
    return int(option)


def _model(kind: Any, place: str, local: bool) -> Any:
    model, report = _fetch(kind, place, local, output_loading_info=True)
    if len(report["missing_keys"]) > len(model.state_dict()) / 2:
        raise ModelError(f"{place} holds the weights of another model: {len(report['missing_keys'])} are missing")
    return model.eval().requires_grad_(False)


def _fetch(kind: Any, place: str, local: bool, **options: Any) -> Any:
    """`kind.from_pretrained`, without the network where that suffices."""
    try:
        return kind.from_pretrained(place, local_files_only=True, **options)
    except (OSError, ValueError) as error:
        if local:
            raise ModelError(f"{place} holds no complete model ({_first_line(error)}); save it again") from None
    try:
        return kind.from_pretrained(place, **options)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{place} is neither cached nor within reach on the hub ({_first_line(error)}); save it with "
            f"`save_pretrained` on a machine with a network and name the folder: folder:PATH"
        ) from None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
