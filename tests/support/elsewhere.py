"""Run in test_devices.py: trains recipes on a device that no machine has, and says which of them fail.

The device's tensors keep their numbers on the CPU and will have nothing to do with those that are there: what mixes the
two fails, as on a real device, and so does `numpy()`. What does not gives the numbers that the CPU gives. To PyTorch it
is a backend written in Python, so autograd, modules, optimisers and accelerate treat it as any other. What it cannot
show is whether an operation exists on a real device, and how one rounds.
"""

import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch._decomp.decompositions import gru_impl
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.backend_registration import _DummyBackendModule, _setup_privateuseone_for_python_backend

NAME = "elsewhere"
_aten = torch.ops.aten
_CARRIERS = (_aten.copy_.default, _aten._to_copy.default)
_INDEXING = (_aten.index.Tensor, _aten.index_put.default, _aten.index_put_.default, _aten._index_put_impl_.default)


class Far(Tensor):
    """A tensor of the device; `near` is what it holds."""

    near: Tensor

    @staticmethod
    def __new__(cls, near: Tensor) -> "Far":
        made = Tensor._make_wrapper_subclass(
            cls, near.shape, near.stride(), near.storage_offset(), dtype=near.dtype, device=torch.device(NAME, 0)
        )
        made.near = near
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"Far({tuple(self.shape)}, {self.dtype})"

    def tolist(self) -> Any:  # a real device's tensors have it, subclasses do not
        return self.cpu().tolist()

    # with these two `Module.to` swaps what a parameter holds and leaves the parameter itself to the optimiser
    def __tensor_flatten__(self) -> tuple[list[str], None]:
        return ["near"], None

    @staticmethod
    def __tensor_unflatten__(parts: Mapping[str, Tensor], about: None, size: object, stride: object) -> "Far":
        return Far(parts["near"])

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: object, args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


class Elsewhere(TorchDispatchMode):
    """Makes on the device what is asked to be made there."""

    def __torch_dispatch__(self, function: Any, types: object, args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


def _run(function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    leaves = tree_leaves((args, kwargs))
    tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
    far = [tensor for tensor in tensors if isinstance(tensor, Far)]
    if far and function not in _CARRIERS:
        _refuse_strangers(function, tensors)
    asked = next((leaf for leaf in leaves if isinstance(leaf, torch.device)), None)
    answers_far = bool(far) if asked is None else asked.type == NAME
    if function is _aten.copy_.default:
        answers_far = isinstance(args[0], Far)
    if answers_far and kwargs.get("generator") is not None:
        raise RuntimeError(f"a generator of the CPU draws nothing on {NAME}")
    near = tree_map_only(Far, lambda tensor: tensor.near, (tuple(args), kwargs))
    near_args, near_kwargs = tree_map_only(torch.device, lambda _: torch.device("cpu"), near)
    answer = function(*near_args, **near_kwargs)
    if not answers_far:
        return answer
    if torch.Tag.inplace_view in function.tags:  # the shape changes, here and there
        with no_dispatch():
            function(*args, **kwargs)
    given = {id(tensor.near): tensor for tensor in far}  # what works in place answers what it was given

    def wrap(tensor: Tensor) -> Tensor:
        if id(tensor) in given:
            return given[id(tensor)]
        with torch.inference_mode(tensor.is_inference()):
            return Far(tensor)

    return tree_map_only(Tensor, wrap, answer)


def _refuse_strangers(function: Any, tensors: Sequence[Tensor]) -> None:
    """RuntimeError for tensors of the CPU, but for numbers and, where something is indexed, indices."""
    for place, tensor in enumerate(tensors):
        index = function in _INDEXING and place > 0 and not tensor.is_floating_point()
        if not isinstance(tensor, Far) and tensor.ndim and not index:
            raise RuntimeError(f"{function} mixes tensors on {NAME} and on the CPU")


class _Backend(_DummyBackendModule):
    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16]


def main(recipes: Sequence[str]) -> None:
    from utterface.lab.systems.registry import train  # after the device is known
    from utterface.lab.training.recipe import read_recipe  # after the device is known

    for path in recipes:
        error = ""
        try:
            train(read_recipe(path), lambda line: None)
        except Exception:
            error = traceback.format_exc()
        sys.stdout.write(json.dumps({"recipe": path, "error": error}) + "\n")


if __name__ == "__main__":
    _setup_privateuseone_for_python_backend(NAME, _Backend())
    torch._VF.gru = gru_impl  # the operation of its own that PyTorch would ask such a device for, in plain ones
    torch._C._set_only_lift_cpu_tensors(True)  # `torch.tensor` makes on the CPU and then sends
    with Elsewhere():
        main(sys.argv[1:])
