"""Mesh-to-speech bundles → checkpoints of their model and their vocoder, to start training from.

A graph keeps the names of biases and of norms; the products and convolutions beside them say the rest. The unit head is
not in a bundle, so training reinitialises it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn

from utterface.engines.bundle import MeshToSpeechBundleConfig, read_config
from utterface.errors import ConfigError, ModelError
from utterface.lab.networks.mesh_to_speech import rows_of, trained_channels
from utterface.lab.systems.registry import make_system
from utterface.lab.training.checkpoints import save_checkpoint

_GRAPHS = {"mesh_to_speech": ("model.onnx", "listener.network."), "vocoder": ("vocoder.onnx", "")}
_UNUSED = ("units.",)  # weights that the graphs do not need
_MOVED = {"vertices.moves": "listener.look.moves"}  # what the graph calls by another name


def unbundle(bundle: str | Path, recipe: Mapping[str, Any], path: str | Path) -> Path:
    """Write the weights of a mesh-to-speech bundle as a checkpoint of a recipe's network, for `train.initial`.

    Args:
        bundle: its folder.
        recipe: of the system `mesh_to_speech` or `vocoder`.
        path: of the checkpoint.

    Raises:
        ModelError: another kind of bundle, a damaged one, or a network with other weights.
        ConfigError: a recipe of another system.
    """
    system = recipe.get("system")
    if system not in _GRAPHS:
        raise ConfigError(f"mesh-to-speech bundles hold {' and '.join(_GRAPHS)}; the recipe trains {system!r}")
    weights = weights_of(make_system(recipe).network, Path(bundle), system, trained_channels(recipe))
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(path, recipe, 0, 0.0, weights)
    return path


def weights_of(
    network: nn.Module, bundle: Path, system: str, channels: Sequence[str] | None = None
) -> dict[str, Tensor]:
    """The weights of a bundle under their names in the network.

    Args:
        network: of the sizes of the bundle; it is left as it is.
        bundle: folder of a mesh-to-speech bundle.
        system: `mesh_to_speech` or `vocoder`.
        channels: of the motion that the network reads; those of the bundle where none are given.

    Raises:
        ModelError: another kind of bundle, a damaged one, or a network with other weights.
    """
    config = read_config(bundle)
    if not isinstance(config, MeshToSpeechBundleConfig):
        raise ModelError(f"the bundle {config.name} is no mesh-to-speech bundle")
    file, prefix = _GRAPHS[system]
    arrays = _named(_read_graph(bundle, file))
    weights = {}
    for name, value in network.state_dict().items():
        if name.startswith(_UNUSED):
            continue
        array, shape = arrays.get(_MOVED.get(name, prefix + name)), tuple(value.shape)
        if array is not None and name in _MOVED and channels is not None:
            array = rows_of(torch.tensor(array), config.channels, channels)
        if array is None or _sizes(array.shape) != _sizes(shape):
            there = "no" if array is None else f"{array.shape} numbers in"
            raise ModelError(f"the bundle {config.name} has {there} {name}; the recipe expects {shape}")
        weights[name] = torch.tensor(array.reshape(shape), dtype=torch.float32)
    return weights


def _read_graph(bundle: Path, file: str) -> onnx.GraphProto:
    """A graph of a bundle; ModelError where it cannot be read."""
    try:
        return onnx.load(bundle / file).graph
    except (OSError, DecodeError) as error:
        raise ModelError(f"the bundle {bundle.name} is damaged: {file}, {error}") from None


def _named(graph: onnx.GraphProto) -> Mapping[str, np.ndarray]:
    """Constants by name, and the weights of products and convolutions by the name of the bias beside them."""
    known = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    for node in graph.node:
        if node.input and all(name in known for name in node.input):  # weights that were packed as bytes or halves
            values = ReferenceEvaluator(node).run(None, {name: known[name] for name in node.input})
            known |= dict(zip(node.output, values, strict=True))
    added = {name: node for node in graph.node if node.op_type == "Add" for name in node.input}
    named = dict(known)
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in known and node.output[0] in added:
            bias = next((n for n in added[node.output[0]].input if n in known), "")
            named[_weight(bias)] = known[node.input[1]].T
        elif node.op_type == "Conv" and len(node.input) == 3:
            named[_weight(node.input[2])] = known[node.input[1]]
    return named


def _sizes(shape: Sequence[int]) -> tuple[int, ...]:
    """Without axes of one, which convolutions have more of in a graph."""
    return tuple(size for size in shape if size != 1)


def _weight(bias: str) -> str:
    return bias.removesuffix("bias") + "weight"
