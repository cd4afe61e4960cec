"""Our own encoders as representations: from a checkpoint of `utterface train`, or as they ship.

They lie in one folder of the package (`scripts/ship.py` writes it): NAME.safetensors is a member's weights,
NAME.codebook.safetensors the k-means units NAME of the member that the codebook names. `animator` is no file there: it
is the bundle that `utterface animate` runs, read from its graph, and `emotion` that of `--emotion auto`.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utterface.engines import DEFAULT_BUNDLE
from utterface.engines.bundle import shipped
from utterface.errors import ConfigError, ModelError
from utterface.lab.networks.animator import FRAME_RATE, AnimatorNetwork, phone_labels
from utterface.lab.networks.animator_graph import read_network
from utterface.lab.networks.codec import CodecConfig, CodecNetwork
from utterface.lab.networks.masked import MaskedConfig, MaskedNetwork
from utterface.lab.networks.tokenizer import TokenizerConfig, TokenizerNetwork, collapse
from utterface.lab.representations.clusters import Clustered, Codebook
from utterface.lab.representations.contract import Representation, RepresentationInfo
from utterface.lab.representations.emotion import EmotionWindows
from utterface.lab.systems.registry import SYSTEMS, record
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.names import load
from utterface.lab.training.recipe import config_from
from utterface.phones import SILENCE
from utterface.track import Track

ANIMATOR, EMOTION = "animator", "emotion"
WEIGHTS, CODEBOOK = ".safetensors", ".codebook.safetensors"


def member_folder() -> Path:
    """Where our own members lie."""
    return Path(str(files("utterface.models"))) / "representations"


def installed(folder: Path | None = None) -> list[str]:
    """Names of the members, and of the units of some; by default of those that ship."""
    names = {path.name.partition(".")[0] for path in (folder or member_folder()).glob(f"*{WEIGHTS}")}
    return sorted(names | ({ANIMATOR, EMOTION} if folder is None else set()))


def member_file(name: str, folder: Path | None = None) -> Path:
    """The weights of a member, by default of those that ship.

    Raises:
        ModelError: none of that name is there.
    """
    path = (folder or member_folder()) / f"{name}{WEIGHTS}"
    if not path.is_file():
        there = ", ".join(installed(folder)) or "none"
        raise ModelError(f"no representation of ours is called {name!r}; installed are {there}")
    return path


def restore(network: Any, weights: Mapping[str, Tensor], system: str, path: str | Path) -> Any:
    """A network with these weights, in evaluation mode; weights that only training needs may be absent.

    Raises:
        ModelError: the weights are those of another network.
    """
    try:
        keys = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:  # torch's own, many lines
        raise ModelError(f"{path} does not fit its recipe ({str(error).splitlines()[-1].strip()})") from None
    own = record(system)
    wrong = [key for key in keys.missing_keys if not own.only_trains(key)] + keys.unexpected_keys
    if wrong:
        raise ModelError(f"{path} does not fit this version of utterface ({', '.join(wrong[:3])}); train it again")
    return network.eval().requires_grad_(False)


class MaskedLayer:
    """One layer of a masked-prediction encoder."""

    def __init__(self, network: MaskedNetwork, layer: int, name: str) -> None:
        self.network, self.layer = network, layer
        mel = network.mel
        used = _count(network.enter) + sum(_count(block) for block in network.body.blocks[:layer])
        width = network.config.width
        self.about = RepresentationInfo(
            name, "self-supervised", mel.frame_rate, width, start=mel.start, parameters=used
        )

    def encode(self, samples: np.ndarray) -> Track:
        with torch.inference_mode():
            features = self.network.features(_batch(samples), self.layer)[0]
        return Track(features.numpy(), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> None:
        return None


class TrainedCodec:
    """The first codebooks of a codec, summed or side by side; `decode` gives the samples back."""

    def __init__(self, network: CodecNetwork, count: int, concat: bool, name: str) -> None:
        config = network.config
        self.network, self.count, self.concat = network, count, concat
        used = (
            _count(network.encoder)
            + _count(network.hear)
            + sum(_count(q) for q in network.quantiser.quantisers[:count])
        )
        self.about = RepresentationInfo(
            name,
            "codec",
            network.frame_rate,
            config.features * (count if concat else 1),
            (config.size,) * count,
            network.start,
            look_ahead=network.look_ahead,
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
            quantised, _ = self.network.quantiser(self.network.latent(_batch(samples)), self.count)
        return quantised.units


class PhoneTokens:
    """The tokens inside a phone recogniser; vectors are the quantised features, −1…1."""

    def __init__(self, network: TokenizerNetwork, name: str) -> None:
        self.network = network
        mel, levels = network.mel, network.config.levels
        used = sum(_count(part) for part in (network.enter, network.below, network.squeeze))
        size = (network.quantiser.size,)
        self.about = RepresentationInfo(
            name, "label", mel.frame_rate, len(levels), size, mel.start, network.look_ahead, used
        )

    def encode(self, samples: np.ndarray) -> Track:
        return Track(self._tokens(samples)[0][0].numpy(), self.about.frame_rate, self.about.start)

    def units(self, samples: np.ndarray) -> Track:
        return Track(self._tokens(samples)[1][0].numpy(), self.about.frame_rate, self.about.start)

    def phones(self, samples: np.ndarray) -> list[str]:
        """(N,) samples → the phones that its recogniser reads from the tokens: CTC's greedy path, without silence."""
        with torch.inference_mode():
            path = self.network(_batch(samples)).sequence[0].argmax(-1).tolist()
        labels = phone_labels()
        return [labels[i] for i in collapse(path) if labels[i] != SILENCE]

    def _tokens(self, samples: np.ndarray) -> tuple[Tensor, Tensor]:
        with torch.inference_mode():
            return self.network.tokens(_batch(samples))


class AnimatorFrames:
    """What the animator's heads read: frames that know phones, closures and how far the jaw is open."""

    def __init__(self, network: AnimatorNetwork, name: str) -> None:
        self.network = network.undirected().eval().requires_grad_(False)
        config = self.network.config
        used = _count(self.network) - _count(self.network.heads) - _count(self.network.phones)
        self.about = RepresentationInfo(
            name, "label", FRAME_RATE, config.width, look_ahead=config.look_ahead, parameters=used
        )

    def encode(self, samples: np.ndarray) -> Track:
        with torch.inference_mode():
            features = self.network.features(_batch(samples))[0]
        return Track(features.numpy(), self.about.frame_rate)

    def units(self, samples: np.ndarray) -> None:
        return None


def open_checkpoint(path: Path, option: str, name: str) -> Representation:
    """The representation in a checkpoint of `utterface train`.

    Args:
        path: the file.
        option: of a masked-prediction encoder the layer; of a codec the codebooks, then `,concat`.
        name: of the representation.

    Raises:
        ModelError: no checkpoint, or one of a system that is no representation.
        ConfigError: an option that the network does not have.
    """
    weights, recipe, _ = load_average(path)
    system = recipe.get("system", "")
    reader = record(system).reader
    if not reader:
        readable = ", ".join(key for key, own in SYSTEMS.items() if own.reader)
        raise ModelError(f"{path} holds the system {system!r}; expected {readable}")
    representation: Representation = load(reader)(weights, recipe, option, name, path)
    return representation


def open_masked(
    weights: Mapping[str, Tensor], recipe: Mapping[str, Any], option: str, name: str, path: Path
) -> MaskedLayer:
    """A layer of a masked-prediction encoder, by default the one that its recipe names."""
    network = restore(MaskedNetwork(_config(MaskedConfig, recipe)), weights, "masked", path)
    layer = _number(option, 0, network.config.layers, "layer", network.config.unit_layer)
    return MaskedLayer(network, layer, name)


def open_codec(
    weights: Mapping[str, Tensor], recipe: Mapping[str, Any], option: str, name: str, path: Path
) -> TrainedCodec:
    """The first codebooks of a codec, by default all."""
    taught = {"taught": len(weights["taught.weight"])} if "taught.weight" in weights else {}
    network = restore(CodecNetwork(_config(CodecConfig, recipe, taught)), weights, "codec", path)
    number, _, manner = option.partition(",")
    if manner not in ("", "concat"):
        raise ConfigError(f"{name}: expected @N or @N,concat, got @{option}")
    count = _number(number, 1, network.config.codebooks, "codebooks", network.config.codebooks)
    return TrainedCodec(network, count, manner == "concat", name)


def open_tokenizer(
    weights: Mapping[str, Tensor], recipe: Mapping[str, Any], option: str, name: str, path: Path
) -> PhoneTokens:
    """The tokens of a phone tokenizer."""
    if option:
        raise ConfigError(f"{name}: a tokenizer has no option, got @{option}")
    return PhoneTokens(restore(TokenizerNetwork(_config(TokenizerConfig, recipe)), weights, "tokenizer", path), name)


def open_shipped(rest: str, folder: Path | None = None) -> Representation:
    """One of ours by name: a member, as `masked@4` or `codec@1`, k-means units, as `units`, `animator` or `emotion`.

    Args:
        rest: the name and what follows it.
        folder: of the members, by default of those that ship.

    Raises:
        ModelError: none of that name is installed.
    """
    name, _, option = rest.partition("@")
    if name in (ANIMATOR, EMOTION) and folder is None:
        if option:
            raise ConfigError(f"ours:{name} has no option, got @{option}")
        if name == EMOTION:
            return EmotionWindows(shipped("emotion")["emodb"], f"ours:{name}")
        return AnimatorFrames(read_network(shipped()[DEFAULT_BUNDLE]), f"ours:{name}")
    book = (folder or member_folder()) / f"{name}{CODEBOOK}"
    if not book.is_file():
        return open_checkpoint(member_file(name, folder), option, f"ours:{rest}")
    if option:
        raise ConfigError(f"ours:{name} are units, which have no option; got @{option}")
    codebook = Codebook.load(book)
    return Clustered(open_shipped(codebook.of, folder), codebook, f"ours:{name}")


def _config(kind: Any, recipe: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> Any:
    return config_from(kind, {**recipe.get("network", {}), **(more or {})}, "table [network]")


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
