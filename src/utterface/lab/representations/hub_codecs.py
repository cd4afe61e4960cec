"""Neural codecs of others: EnCodec, DAC, Mimi, with any number of codebooks.

Frame i of a codec is what its decoder turns into samples hop · i … hop · (i + 1) − 1, so it stands for the middle of
those. Summed, the codebooks' vectors are what the decoder gets; side by side, they are the codebooks' own.
"""

import math
from typing import Any

import numpy as np
import soxr
import torch
from torch import Tensor

from utterface.errors import ConfigError, ModelError
from utterface.lab.representations.contract import RepresentationInfo
from utterface.timing import SAMPLE_RATE
from utterface.track import Track


class PretrainedCodec:
    """What the three have in common; `look_ahead` leaves out the few milliseconds of the resampler to 24 kHz."""

    least = 1  # codebooks that always belong to it

    def __init__(self, model: Any, count: int, concat: bool, name: str) -> None:
        self.model = model
        self.config = model.config
        self.count, self.concat = count, concat
        self.rate = int(self.config.sampling_rate)
        self.hop = self.samples_a_frame()
        used = sum(p.numel() for key, p in model.named_parameters() if not key.startswith(("decoder", "upsample")))
        codes = torch.zeros(count, 1, dtype=torch.long)
        self.about = RepresentationInfo(
            name,
            "codec",
            self.rate / self.hop,
            self._vectors(codes).shape[1],
            (self.config.codebook_size,) * count,
            start=self.hop / 2 / self.rate,
            look_ahead=self.reach() / self.rate,
            parameters=used,
        )

    def samples_a_frame(self) -> int:
        """At the codec's own rate."""
        return int(math.prod(self.config.upsampling_ratios))

    def reach(self) -> float:
        """Samples after a frame's middle on which it depends; of causal codecs, the rest of the frame."""
        return self.hop / 2

    def codes(self, sound: Tensor) -> Tensor:
        """(1, 1, N) at the codec's rate → (K, T)."""
        raise NotImplementedError

    def summed(self, codes: Tensor) -> Tensor:
        """(K, T) → (T, D), what the decoder gets."""
        raise NotImplementedError

    def apart(self, codes: Tensor) -> list[Tensor]:
        """(K, T) → K times (T, d), the codebooks' vectors."""
        raise NotImplementedError

    def encode(self, samples: np.ndarray) -> Track:
        return Track(self._vectors(self._codes(samples)).numpy(), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> Track:
        codes = self._codes(samples).T.numpy()
        return Track(codes[:, 0] if self.count == 1 else codes, self.about.frame_rate, self.about.start)

    def _codes(self, samples: np.ndarray) -> Tensor:
        sound = soxr.resample(samples, SAMPLE_RATE, self.rate) if self.rate != SAMPLE_RATE else samples
        sound = np.pad(sound, (0, -len(sound) % self.hop)).astype(np.float32)
        with torch.inference_mode():
            return self.codes(torch.from_numpy(sound)[None, None])

    def _vectors(self, codes: Tensor) -> Tensor:
        with torch.inference_mode():
            return torch.cat(self.apart(codes), 1) if self.concat else self.summed(codes)


class EnCodec(PretrainedCodec):
    """Défossez et al. 2022 (2210.13438), the causal, mono model of 24 kHz; more bandwidth is more codebooks."""

    def codes(self, sound: Tensor) -> Tensor:
        codes: Tensor = self.model.quantizer.encode(self.model.encoder(sound))
        return codes[: self.count, 0]

    def summed(self, codes: Tensor) -> Tensor:
        return torch.stack(self.apart(codes)).sum(0)

    def apart(self, codes: Tensor) -> list[Tensor]:
        layers = self.model.quantizer.layers
        return [layer.decode(code[None])[0].T for layer, code in zip(layers, codes, strict=False)]


class Dac(PretrainedCodec):
    """Descript audio codec, Kumar et al. 2023 (2306.06546); its codebooks hold 8 features, projected to be summed."""

    def samples_a_frame(self) -> int:
        return int(math.prod(self.config.downsampling_ratios))

    def reach(self) -> float:
        """Half the receptive field: a convolution of 7, for each stride three of 7 dilated and the stride, one of 3."""
        hop, samples = 1, 3.0
        for stride in self.config.downsampling_ratios:
            samples += 3 * (1 + 3 + 9) * hop + (stride - 0.5) * hop
            hop *= stride
        return samples + hop

    def codes(self, sound: Tensor) -> Tensor:
        codes: Tensor = self.model.encode(sound, n_quantizers=self.count).audio_codes
        return codes[0]

    def summed(self, codes: Tensor) -> Tensor:
        vectors: Tensor = self.model.quantizer.from_codes(codes[None])[0]
        return vectors[0].T

    def apart(self, codes: Tensor) -> list[Tensor]:
        quantizers = self.model.quantizer.quantizers
        return [quantizer.codebook(code) for quantizer, code in zip(quantizers, codes, strict=False)]


class Mimi(PretrainedCodec):
    """Mimi, Défossez et al. 2024 (2410.00037): causal, 12.5 Hz; the first codebook is distilled from WavLM."""

    def __init__(self, model: Any, count: int, concat: bool, name: str) -> None:
        config = model.config
        self.least = config.num_semantic_quantizers
        super().__init__(model, count, concat, name)

    def samples_a_frame(self) -> int:
        return round(self.config.sampling_rate / self.config.frame_rate)

    def codes(self, sound: Tensor) -> Tensor:
        codes: Tensor = self.model.encode(sound, num_quantizers=self.count).audio_codes
        return codes[0]

    def summed(self, codes: Tensor) -> Tensor:
        vectors: Tensor = self.model.quantizer.decode(codes[None])
        return vectors[0].T

    def apart(self, codes: Tensor) -> list[Tensor]:
        quantizer = self.model.quantizer
        layers = [
            *quantizer.semantic_residual_vector_quantizer.layers,
            *quantizer.acoustic_residual_vector_quantizer.layers,
        ]
        return [layer.decode(code[None])[0].T for layer, code in zip(layers, codes, strict=False)]


_KINDS: dict[str, tuple[type[PretrainedCodec], str]] = {
    "encodec": (EnCodec, "num_quantizers"),
    "dac": (Dac, "n_codebooks"),
    "mimi": (Mimi, "num_quantizers"),
}


def open_codec(kind: str, model: Any, option: str, name: str) -> PretrainedCodec:
    """A codec with as many codebooks as `option` gives, all without it; `,concat` lays their vectors side by side."""
    codec, field = _KINDS[kind]
    config = model.config
    if getattr(config, "audio_channels", 1) != 1 or getattr(config, "chunk_length_s", None) is not None:
        raise ModelError(
            f"{name} is a codec for stereo music in chunks; take a mono one such as facebook/encodec_24khz"
        )
    return with_codebooks(
        codec, model, int(getattr(model.quantizer if kind == "encodec" else config, field)), option, name
    )


def with_codebooks(codec: type[PretrainedCodec], model: Any, most: int, option: str, name: str) -> PretrainedCodec:
    """A codec with some of its `most` codebooks, see `open_codec`.

    Raises:
        ConfigError: an option that it does not have.
    """
    number, _, manner = option.partition(",")
    least = int(getattr(model.config, "num_semantic_quantizers", 1))
    if manner not in ("", "concat") or (number and not (number.isdecimal() and least <= int(number) <= most)):
        raise ConfigError(f"{name}: expected @N or @N,concat with {least} to {most} codebooks, got @{option}")
    return codec(model, int(number) if number else most, manner == "concat", name)
