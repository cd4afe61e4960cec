"""Our own encoders as representations: from a checkpoint of `utterface train`, or as they ship."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utterface.errors import ConfigError, ModelError
from utterface.lab.representations.clusters import Clustered, Codebook
from utterface.lab.representations.codec import CodecConfig, CodecNetwork
from utterface.lab.representations.contract import About, Representation
from utterface.lab.representations.masked import MaskedConfig, MaskedNetwork
from utterface.lab.representations.tokenizer import TokenizerConfig, TokenizerNetwork
from utterface.lab.train import config_from, load_average
from utterface.track import Track

SHIPPED = "representations"  # folder of utterface.models: NAME.safetensors, and NAME.codebook.safetensors for units


class MaskedLayer:
    """One layer of a masked-prediction encoder."""

    def __init__(self, network: MaskedNetwork, layer: int, name: str) -> None:
        self.network, self.layer = network, layer
        mel = network.mel
        used = _count(network.enter) + sum(_count(block) for block in network.body.blocks[:layer])
        width = network.config.width
        self.about = About(name, "self-supervised", mel.frame_rate, width, start=mel.start, parameters=used)

    def encode(self, samples: np.ndarray) -> Track:
        with torch.inference_mode():
            features = self.network(_batch(samples), layer=self.layer)[0]
        return Track(features.numpy(), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> None:
        return None


class TrainedCodec:
    """The first codebooks of a codec, summed or side by side; `decode` gives the samples back."""

    def __init__(self, network: CodecNetwork, count: int, concat: bool, name: str) -> None:
        config = network.config
        self.network, self.count, self.concat = network, count, concat
        used = _count(network.encoder) + sum(_count(q) for q in network.quantiser.quantisers[:count])
        self.about = About(
            name,
            "codec",
            network.frame_rate,
            config.features * (count if concat else 1),
            (config.size,) * count,
            network.start,
            look_ahead=network.start,
            parameters=used,
        )

    def encode(self, samples: np.ndarray) -> Track:
        codes = self._codes(samples)
        with torch.inference_mode():
            if self.concat:
                vectors = torch.cat(self.network.quantiser.apart(codes), 2)[0]
            else:
                vectors = self.network.quantiser.look_up(codes)[0]
        return Track(vectors.numpy(), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> Track:
        codes = self._codes(samples)[0].numpy()
        return Track(codes[:, 0] if self.count == 1 else codes, self.about.frame_rate, self.about.start)

    def decode(self, units: Track) -> np.ndarray:
        """Units as `units` gives them → (T · hop,) samples."""
        codes = torch.from_numpy(units.values.reshape(len(units), -1))[None]
        with torch.inference_mode():
            return self.network.decode(self.network.quantiser.look_up(codes))[0].numpy()

    def _codes(self, samples: np.ndarray) -> Tensor:
        with torch.inference_mode():
            said, _ = self.network.quantiser(self.network.latent(_batch(samples)), self.count)
        return said.units


class PhoneTokens:
    """The tokens inside a phone recogniser; vectors are the quantised features, −1…1."""

    def __init__(self, network: TokenizerNetwork, name: str) -> None:
        self.network = network
        mel, levels = network.mel, network.config.levels
        used = sum(_count(part) for part in (network.enter, network.below, network.squeeze))
        size = (network.quantiser.size,)
        self.about = About(name, "label", mel.frame_rate, len(levels), size, mel.start, network.look_ahead, used)

    def encode(self, samples: np.ndarray) -> Track:
        return Track(self._tokens(samples)[0][0].numpy(), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> Track:
        return Track(self._tokens(samples)[1][0].numpy(), self.about.frame_rate, self.about.start)

    def _tokens(self, samples: np.ndarray) -> tuple[Tensor, Tensor]:
        with torch.inference_mode():
            return self.network.tokens(_batch(samples))


def open_checkpoint(path: Path, option: str, name: str) -> Representation:
    """What a checkpoint of `utterface train` holds.

    Args:
        path: the file.
        option: of a masked-prediction encoder the layer; of a codec the codebooks, then `,concat`.
        name: what the representation calls itself.

    Raises:
        ModelError: no checkpoint, or one of another system.
        ConfigError: an option that the network does not have.
    """
    weights, recipe, _ = load_average(path)
    system = recipe.get("system", "")
    if system == "masked":
        masked = _restored(MaskedNetwork(_config(MaskedConfig, recipe)), weights)
        layer = _number(option, 0, masked.config.layers, "layer", masked.config.unit_layer)
        return MaskedLayer(masked, layer, name)
    if system == "codec":
        taught = {"taught": len(weights["taught.weight"])} if "taught.weight" in weights else {}
        codec = _restored(CodecNetwork(_config(CodecConfig, recipe, taught)), weights)
        number, _, manner = option.partition(",")
        if manner not in ("", "concat"):
            raise ConfigError(f"{name}: expected @N or @N,concat, got @{option}")
        count = _number(number, 1, codec.config.codebooks, "codebooks", codec.config.codebooks)
        return TrainedCodec(codec, count, manner == "concat", name)
    if system == "tokenizer":
        if option:
            raise ConfigError(f"{name}: a tokenizer has no option, got @{option}")
        return PhoneTokens(_restored(TokenizerNetwork(_config(TokenizerConfig, recipe)), weights), name)
    raise ModelError(f"{path} holds the system {system!r}; expected masked, codec or tokenizer")


def open_shipped(rest: str) -> Representation:
    """One of ours by name, as `units`, or `codec@2`; with a codebook beside it, its k-means units.

    Raises:
        ModelError: none of that name is installed.
    """
    name, _, option = rest.partition("@")
    with_codebook = f"{name}.codebook.safetensors"
    folder = Path(str(files("utterface.models"))) / SHIPPED
    path = folder / f"{name}.safetensors"
    if not path.is_file():
        there = sorted(p.stem for p in folder.glob("*.safetensors") if "." not in p.stem)
        raise ModelError(f"no representation of ours is called {name!r}; installed are {', '.join(there) or 'none'}")
    representation = open_checkpoint(path, option, f"ours:{rest}")
    if (folder / with_codebook).is_file():
        return Clustered(representation, Codebook.load(folder / with_codebook), f"ours:{rest}")
    return representation


def _config(kind: Any, recipe: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> Any:
    return config_from(kind, {**recipe.get("network", {}), **(more or {})}, "table [network]")


def _restored(network: Any, weights: Mapping[str, Tensor]) -> Any:
    network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in weights.items()})
    return network.eval().requires_grad_(False)


def _number(text: str, least: int, most: int, what: str, default: int) -> int:
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ConfigError(f"{what}: expected {least} to {most}, got {text!r}")
    return int(text)


def _count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _batch(samples: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(samples, np.float32))[None]
