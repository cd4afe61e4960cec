"""The animator's network, read from the graph of a bundle: what `bundles/articulators.py` wrote, without its controls.

A bundle has its normalisations folded into the products beside them, so here each of them only shifts, and the last one
scales too: the same function, but no start for further training.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from torch import Tensor, nn

from utterface.engines.bundle import ArticulatorConfig, read_config
from utterface.errors import ModelError
from utterface.lab.networks.animator import AnimatorConfig, AnimatorNetwork, GatheringBlock, Norm, animator_config

_FOREIGN = "model.onnx was not written by `utterface bundle`"


class _Product(NamedTuple):
    """x @ weight + bias of a graph; without a bias that is zero."""

    weight: np.ndarray
    bias: np.ndarray


@torch.no_grad()
def read_network(bundle: str | Path) -> AnimatorNetwork:
    """The network of a bundle of kind `articulators`, frozen, without its controls.

    Raises:
        ModelError: it is of another kind, damaged, or not written by `utterface bundle`.
    """
    bundle = Path(bundle)
    network = AnimatorNetwork(_config_of(bundle))
    trunk = _Trunk(_read_graph(bundle), network.config)
    _shift(network.level, np.zeros(network.level.batch.num_features, np.float32))
    _set(network.enter, trunk.take())
    for i, block in enumerate(network.blocks):
        assert isinstance(block, GatheringBlock)
        if i == network.pool_after and network.config.pooled:
            _set(network.pool_in, trunk.take())
            _set(network.pool_out, trunk.take())
        squeeze, expand = trunk.take(), trunk.take()
        _copy(block.squeeze.weight, squeeze.weight.T)
        _shift(block.norm, trunk.shifts[i] if trunk.shifts else squeeze.bias)
        _copy(block.expand.weight, expand.weight.T)
        _shift(block.out, expand.bias)
    _shift(network.leave, *trunk.last_norm())
    _set(network.heads, trunk.take())
    _set(network.phones, trunk.take())
    return network.eval().requires_grad_(False)


class _Trunk:
    """The products of a graph, in the order in which they are computed.

    Attributes:
        shifts, scales: of a bundle with controls, the constant part of what they do to every block and to the last
            layer.
    """

    def __init__(self, graph: onnx.GraphProto, config: AnimatorConfig) -> None:
        self._graph = graph
        self._constants = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
        for node in graph.node:
            if node.op_type == "Cast" and node.input[0] in self._constants:
                self._constants[node.output[0]] = self._constants[node.input[0]].astype(np.float32)
        self._added = {node.input[0]: node for node in graph.node if node.op_type == "Add"}
        weights = [(node, self._weight(node)) for node in graph.node]
        products = [(node, self._product(node, weight)) for node, weight in weights if weight is not None]
        of_controls = [product for node, product in products if self._is_of_controls(node)]
        sizes = [size for size in (*[config.bottleneck] * len(config.taps), config.width) for _ in range(2)]
        constants = np.split(of_controls[0].bias, np.cumsum(sizes)[:-1]) if of_controls else []
        self.scales, self.shifts = constants[::2], constants[1::2]
        trunk = [
            product
            for node, product in products
            if not self._is_of_controls(node) and not node.input[0].startswith("controls")
        ]
        self._next = iter(trunk[2:])  # the first two are the log-mel

    def take(self) -> _Product:
        """The next one; ModelError where there is none."""
        product = next(self._next, None)
        if product is None:
            raise ModelError(f"{_FOREIGN}: it has too few products")
        return product

    def last_norm(self) -> tuple[np.ndarray, np.ndarray]:
        """Shift and scale before the heads."""
        if self.shifts:
            return self.shifts[-1], self.scales[-1]
        for node in self._graph.node:
            if node.op_type == "Mul" and node.input[1] in self._constants and node.output[0] in self._added:
                return self._constants[self._added[node.output[0]].input[1]], self._constants[node.input[1]]
        raise ModelError(f"{_FOREIGN}: nothing scales the input of its heads")

    def _is_of_controls(self, node: onnx.NodeProto) -> bool:
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


def _read_graph(bundle: Path) -> onnx.GraphProto:
    try:
        return onnx.load(bundle / "model.onnx").graph
    except (OSError, DecodeError) as error:
        raise ModelError(f"the bundle {bundle.name} is damaged: model.onnx, {error}") from None


def _config_of(bundle: Path) -> AnimatorConfig:
    config = read_config(bundle)
    if not isinstance(config, ArticulatorConfig):
        raise ModelError(f"the bundle {config.name} does not predict articulators")
    recipe = json.loads((bundle / "config.json").read_text("utf-8")).get("recipe")
    if not isinstance(recipe, dict) or recipe.get("system") != "animator":
        raise ModelError(f"the bundle {bundle.name} does not hold the recipe of an animator")
    return replace(animator_config(recipe), controls=(), tokens=0)


def _shift(norm: Norm, shift: np.ndarray, scale: np.ndarray | None = None) -> None:
    """Make x · scale + shift of a normalisation in evaluation mode."""
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
        raise ModelError(f"{_FOREIGN}: {array.shape} weights where {tuple(parameter.shape)} are expected")
    parameter.copy_(torch.tensor(array))
