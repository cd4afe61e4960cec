"""A bundle → a checkpoint that training goes on from; of kind `articulators` the way back of `bundles/articulators.py`.

Voices are opened by `lab/voice_unbundle.py`.

A bundle of articulators has its normalisations folded into the products beside them, and training needs them apart.
What they scale by cannot be read off the folded numbers, but any scale gives the same answer at rest; the right ones
for going on are those of what the network hears, so they are measured on batches of the recipe.

A recipe may ask for more than the bundle has: controls, and more taps a block, so a longer look-ahead. What is new
begins at zero and changes nothing until it is trained.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from utterface.engines.bundle import ArticulatorConfig, read_config
from utterface.errors import ConfigError, ModelError
from utterface.lab.networks.animator import AnimatorConfig, AnimatorNetwork, GatheringBlock, Norm, animator_config
from utterface.lab.systems.animator import AnimatorSystem
from utterface.lab.systems.registry import make_system
from utterface.lab.training.checkpoints import save_checkpoint
from utterface.lab.voice_unbundle import SYSTEMS, read_graph, weights_of

_STRANGE = "model.onnx was not written by `utterface bundle`"
_BATCHES = 8  # that the normalisations are measured on


def unbundle(bundle: str | Path, recipe: Mapping[str, Any], path: str | Path) -> Path:
    """Write the weights of a bundle as a checkpoint of the recipe's network.

    Args:
        bundle: folder of kind `articulators` or `voice`.
        recipe: of the animator, whose corpora say what the network hears; of a voice's listener or vocoder.
        path: the checkpoint, for `train.initial`.

    Returns:
        The path.

    Raises:
        ModelError: the bundle is of another kind, damaged, or not written by `utterface bundle`.
        ConfigError: the recipe trains another system, or its network has not all that the bundle has.
    """
    name = str(recipe.get("system"))
    if name == "animator":
        weights = _articulators(Path(bundle), recipe)
    elif name in SYSTEMS:
        weights = weights_of(make_system(recipe).network, Path(bundle), name)
    else:
        raise ConfigError(f"bundles go on as animator, {' or '.join(SYSTEMS)}; the recipe trains {name!r}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(path, recipe, 0, 0.0, weights)
    return path


def _articulators(bundle: Path, recipe: Mapping[str, Any]) -> dict[str, Tensor]:
    system = AnimatorSystem(recipe)
    fill(system.network, bundle)
    heard = (system.heard(b, (system.seed, n)) for n, b in enumerate(islice(system.batches(0, 1), _BATCHES)))
    measure(system.network, heard)
    return system.network.state_dict()


def opened(bundle: str | Path) -> AnimatorNetwork:
    """The network of a bundle of kind `articulators`, at rest.

    Raises:
        ModelError: it is of another kind, damaged, or not written by `utterface bundle`.
    """
    network = AnimatorNetwork(_config_of(Path(bundle)))
    fill(network, Path(bundle))
    return network.requires_grad_(False)


def _config_of(bundle: Path) -> AnimatorConfig:
    had = read_config(bundle)
    if not isinstance(had, ArticulatorConfig):
        raise ModelError(f"the bundle {had.name} does not say articulators; only those go on from a bundle")
    # A training may have been bundled without the controls that its recipe asked for.
    return replace(animator_config(_recipe_of(bundle)), controls=had.controls)


class _Product(NamedTuple):
    """x @ weight + bias of a graph; without a bias that is zero."""

    weight: np.ndarray
    bias: np.ndarray


class _Asked:
    """What `bundles.articulators` makes of the controls: one product of scales and shifts, in pairs."""

    def __init__(self, product: _Product, sizes: Sequence[int]) -> None:
        ends = np.cumsum([size for size in sizes for _ in range(2)])[:-1]
        self._columns = np.split(product.weight, ends, 1)
        constants = np.split(product.bias, ends)
        self.scales, self.shifts = constants[::2], constants[1::2]

    def weights(self) -> Iterator[np.ndarray]:
        """(K, 2 · size) of every place: by how much a control scales it, and shifts."""
        pairs = zip(self._columns[::2], self._columns[1::2], self.scales, self.shifts, strict=True)
        for scaled, shifted, scale, shift in pairs:
            more = scaled / scale
            yield np.concatenate([more, shifted - more * shift], 1)


class _Trunk:
    """The products of a graph by `bundles.articulators.to_onnx`, in the order of its sound."""

    def __init__(self, graph: onnx.GraphProto, config: AnimatorConfig) -> None:
        self._graph = graph
        self._constants = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
        for node in graph.node:
            if node.op_type == "Cast" and node.input[0] in self._constants:
                self._constants[node.output[0]] = self._constants[node.input[0]].astype(np.float32)
        self._added = {node.input[0]: node for node in graph.node if node.op_type == "Add"}
        found = [(node, self._weight(node)) for node in graph.node]
        products = [(node, self._product(node, weight)) for node, weight in found if weight is not None]
        told = [product for node, product in products if node.output[0] in self._added and self._is_asked(node)]
        sizes = [*[config.bottleneck] * len(config.taps), config.width]
        self.asked = _Asked(told[0], sizes) if told else None
        others = [p for node, p in products if not self._is_asked(node) and not node.input[0].startswith("controls")]
        self.last = others[-1]
        self._next = iter(others[2:])  # the first two are the log-mel

    def take(self) -> _Product:
        """The next one.

        Raises:
            ModelError: there is none.
        """
        product = next(self._next, None)
        if product is None:
            raise ModelError(f"{_STRANGE}: it ends too early")
        return product

    def leave(self) -> tuple[np.ndarray, np.ndarray]:
        """Shift and scale before the heads."""
        if self.asked is not None:
            return self.asked.shifts[-1], self.asked.scales[-1]
        for node in self._graph.node:
            if node.op_type == "Mul" and node.input[1] in self._constants and node.output[0] in self._added:
                return self._constants[self._added[node.output[0]].input[1]], self._constants[node.input[1]]
        raise ModelError(f"{_STRANGE}: nothing scales what its heads read")

    def _is_asked(self, node: onnx.NodeProto) -> bool:
        added = self._added.get(node.output[0])
        return added is not None and added.output[0] == "asked"

    def _weight(self, node: onnx.NodeProto) -> np.ndarray | None:
        """(in, out) of a product; None of any other node."""
        if node.op_type == "MatMul":
            return self._constants.get(node.input[1])
        if node.op_type != "MatMulNBits":
            return None
        size = next(a.i for a in node.attribute if a.name == "K")
        levels, scale = (self._constants[name] for name in node.input[1:3])
        wide = (levels.astype(np.float32) - 128) * scale[..., None]
        return wide.reshape(len(wide), -1)[:, :size].T

    def _product(self, node: onnx.NodeProto, weight: np.ndarray) -> _Product:
        added = self._added.get(node.output[0])
        bias = None if added is None else self._constants.get(added.input[1])
        return _Product(weight, np.zeros(weight.shape[1], np.float32) if bias is None else bias)


@torch.no_grad()
def fill(network: AnimatorNetwork, bundle: Path) -> None:
    """Take a bundle's numbers over; every normalisation then scales by one and shifts, at rest the same function."""
    kept = _config_of(bundle)
    _check_sizes(network.config, kept, bundle.name)
    trunk = _Trunk(read_graph(bundle, "model.onnx"), network.config)
    _shift(network.level, np.zeros(network.level.batch.num_features, np.float32))
    _set(network.enter, trunk.take())
    for i, block in enumerate(_blocks(network)):
        if i == network.pool_after and network.config.pooled:
            _set(network.pool_in, trunk.take())
            _set(network.pool_out, trunk.take())
        squeeze, expand = trunk.take(), trunk.take()
        _copy(block.squeeze.weight, squeeze.weight.T)
        _shift(block.norm, squeeze.bias if trunk.asked is None else trunk.asked.shifts[i])
        _copy(block.expand.weight, _tapped(expand.weight, kept.taps[i], network.config.taps[i]).T)
        _shift(block.out, expand.bias)
    _shift(network.leave, *trunk.leave())
    _set(network.heads, trunk.take())
    _set(network.phones, trunk.take())
    if trunk.asked is not None:
        for linear, weight in zip(network.asked, trunk.asked.weights(), strict=True):
            assert isinstance(linear, nn.Linear)
            _copy(linear.weight, weight.T)
        if network.moods:
            _set(network.shown, trunk.last)
    network.eval()


def measure(network: AnimatorNetwork, heard: Iterator[Tensor]) -> None:
    """Give every normalisation the mean and the spread of what it meets, and weights that make up for it.

    Args:
        network: at rest; says the same before and after, within rounding.
        heard: (B, 2 n, 80) log-mels.
    """
    norms = [m for m in network.modules() if isinstance(m, Norm)]
    sums = {norm: torch.zeros(3, norm.batch.num_features, dtype=torch.float64) for norm in norms}

    def look(norm: nn.Module, given: tuple[Tensor, ...]) -> None:
        assert isinstance(norm, Norm)
        x = given[0].flatten(0, 1).double()
        sums[norm] += torch.stack([torch.full_like(x[0], len(x)), x.sum(0), x.square().sum(0)])

    hooks = [norm.register_forward_pre_hook(look) for norm in norms]
    with torch.inference_mode():
        for mel in heard:
            network(mel)
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for norm, (count, total, squares) in sums.items():
            mean = total / count
            _part(norm, mean.float(), (squares / count - mean.square()).clamp(min=0).float())
        _hand_on(network.level, network.enter)


def _part(norm: Norm, mean: Tensor, variance: Tensor) -> None:
    """The same scale and shift at rest, with other statistics."""
    batch = norm.batch
    assert batch.running_mean is not None and batch.running_var is not None
    scale = batch.weight / torch.sqrt(batch.running_var + batch.eps)
    shift = batch.bias - batch.running_mean * scale
    batch.running_mean.copy_(mean)
    batch.running_var.copy_(variance)
    batch.weight.copy_(scale * torch.sqrt(variance + batch.eps))
    batch.bias.copy_(shift + scale * mean)


def _hand_on(norm: Norm, linear: nn.Linear) -> None:
    """Move what a normalisation scales and shifts by into the product after it, where it was before the bundle."""
    scale, shift = norm.batch.weight.clone(), norm.batch.bias.clone()
    linear.bias.add_(linear.weight @ shift)
    linear.weight.mul_(scale)
    norm.batch.weight.fill_(1)
    norm.batch.bias.zero_()


def _shift(norm: Norm, shift: np.ndarray, scale: np.ndarray | None = None) -> None:
    """No statistics yet: x · scale + shift at rest."""
    batch = norm.batch
    assert batch.running_mean is not None and batch.running_var is not None
    batch.running_mean.zero_()
    batch.running_var.fill_(1 - batch.eps)
    _copy(batch.bias, shift)
    _copy(batch.weight, np.ones_like(shift) if scale is None else scale)


def _set(linear: nn.Linear, product: _Product) -> None:
    _copy(linear.weight, product.weight.T)
    _copy(linear.bias, product.bias)


def _copy(parameter: Tensor, array: np.ndarray) -> None:
    if parameter.shape != array.shape:
        raise ModelError(f"{_STRANGE}: {array.shape} weights where {tuple(parameter.shape)} are meant")
    parameter.copy_(torch.tensor(array))


def _tapped(weight: np.ndarray, had: tuple[int, ...], wanted: tuple[int, ...]) -> np.ndarray:
    """(len(had) · n, width) rows put where the taps are in `wanted`; zeros for those that are new."""
    rows = dict(zip(had, np.split(weight, len(had)), strict=True))
    return np.concatenate([rows.get(tap, np.zeros_like(rows[had[0]])) for tap in wanted])


def _check_sizes(network: AnimatorConfig, had: AnimatorConfig, name: str) -> None:
    for key in ("articulators", "width", "bottleneck", "pooled", "pool_frames"):
        if getattr(network, key) != getattr(had, key):
            raise ConfigError(f"network.{key} must be {getattr(had, key)} as in the bundle {name}")
    if had.controls and network.controls != had.controls:
        raise ConfigError(f"network.controls must be {', '.join(had.controls)} as in the bundle {name}")
    if len(network.taps) != len(had.taps):
        raise ConfigError(f"network.taps must be {len(had.taps)} blocks as in the bundle {name}")
    for old, new in zip(had.taps, network.taps, strict=True):
        if not set(old) <= set(new):
            raise ConfigError(f"network.taps must have {list(old)} as in the bundle {name}, and may have more")


def _recipe_of(bundle: Path) -> Mapping[str, Any]:
    recipe = json.loads((bundle / "config.json").read_text("utf-8")).get("recipe")
    if not isinstance(recipe, dict) or recipe.get("system") != "animator":
        raise ModelError(f"the bundle {bundle.name} does not hold the recipe of an animator")
    return recipe


def _blocks(network: AnimatorNetwork) -> list[GatheringBlock]:
    return [b for b in network.blocks if isinstance(b, GatheringBlock)]
