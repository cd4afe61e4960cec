"""A bundle of kind `voice` → checkpoints of its listener and its vocoder, the way back of `bundles/mesh_to_speech`.

A graph keeps the names of biases and of norms, and the products and convolutions that they belong to say the rest. The
head of units is not in a bundle, which tells only mel: it begins anew where training goes on.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn

from utterface.engines.bundle import VoiceConfig, read_config
from utterface.errors import ModelError

_GRAPHS = {"mesh_to_speech": ("model.onnx", "listener.network."), "vocoder": ("vocoder.onnx", "")}
SYSTEMS = tuple(_GRAPHS)
_KEPT_FROM_PACKING = ("units.",)  # what the graphs do not need


def weights_of(network: nn.Module, bundle: Path, system: str) -> dict[str, Tensor]:
    """The weights of a bundle under the names that the network has for them.

    Args:
        network: of the listener or the vocoder, at the bundle's sizes; its own weights stay.
        bundle: folder of kind `voice`.
        system: of `SYSTEMS`.

    Returns:
        Name → tensor in the shape of the network's.

    Raises:
        ModelError: the bundle is of another kind or damaged, or the network has weights that it lacks or other sizes.
    """
    had = read_config(bundle)
    if not isinstance(had, VoiceConfig):
        raise ModelError(f"the bundle {had.name} is no voice; only those hold a listener and a vocoder")
    file, prefix = _GRAPHS[system]
    found = _named(read_graph(bundle, file))
    told = {}
    for name, parameter in network.named_parameters():
        if name.startswith(_KEPT_FROM_PACKING):
            continue
        array = found.get(prefix + name)
        wanted = tuple(parameter.shape)
        if array is None or _sizes(array.shape) != _sizes(wanted):
            what = "no" if array is None else f"{array.shape} numbers in"
            raise ModelError(f"the bundle {had.name} has {what} {name}, where the recipe asks for {wanted}")
        told[name] = torch.tensor(array.reshape(parameter.shape), dtype=torch.float32)
    return told


def read_graph(bundle: Path, file: str) -> onnx.GraphProto:
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
    found = dict(known)
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in known and node.output[0] in added:
            bias = next((n for n in added[node.output[0]].input if n in known), "")
            found[_weight(bias)] = known[node.input[1]].T
        elif node.op_type == "Conv" and len(node.input) == 3:
            found[_weight(node.input[2])] = known[node.input[1]]
    return found


def _sizes(shape: Sequence[int]) -> tuple[int, ...]:
    """Without axes of one, which convolutions have more of in a graph."""
    return tuple(size for size in shape if size != 1)


def _weight(bias: str) -> str:
    return bias.removesuffix("bias") + "weight"
