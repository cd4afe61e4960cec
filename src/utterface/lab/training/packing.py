"""Trained weights made small for a file: half floats, or bytes with a scale for every few of them.

Only matrices and kernels are made small; what stands once a feature (biases, statistics, counters) is kept as it is.
"""

from collections.abc import Mapping

from torch import Tensor, int8
from torch.nn import functional as F

_GROUP = 16  # neighbouring inputs of one output that share a scale


def pack(weights: Mapping[str, Tensor], most_bytes: float) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Matrices and kernels as float16, and where that is too much the last of them as int8, as few as need be.

    The last ones, since an encoder's units are decided by what comes first: its errors run through all the rest.

    Args:
        weights: float32, in the order of the network.
        most_bytes: that the weights may take; where bytes alone take more, so be it.

    Returns:
        The weights, and the float16 scales by which those that are int8 are multiplied.
    """
    packed = {name: value.half() if _is_matrix(value) else value for name, value in weights.items()}
    scales: dict[str, Tensor] = {}
    size = sum(value.nbytes for value in packed.values())
    for name in reversed([name for name, value in weights.items() if _is_matrix(value)]):
        if size <= most_bytes:
            break
        size -= packed[name].nbytes
        packed[name], scales[name] = _to_bytes(weights[name])
        size += packed[name].nbytes + scales[name].nbytes
    return packed, scales


def widen(weights: Mapping[str, Tensor], scales: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What was packed, as float32; counters stay integers."""
    wide = {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}
    for name, scale in scales.items():
        wide[name] = _ungrouped(_grouped(weights[name].float()) * scale.float()[..., None], weights[name])
    return wide


def _to_bytes(value: Tensor) -> tuple[Tensor, Tensor]:
    groups = _grouped(value.float())
    scale = (groups.abs().amax(2) / 127).clamp(min=1e-7).half()
    levels = (groups / scale.float()[..., None]).round().clamp(-127, 127)
    return _ungrouped(levels, value).to(int8), scale


def _is_matrix(value: Tensor) -> bool:
    return value.is_floating_point() and value.ndim >= 2


def _grouped(value: Tensor) -> Tensor:
    """(O, …) → (O, G, group), zeros after the end."""
    rows = value.flatten(1)
    return F.pad(rows, (0, -rows.shape[1] % _GROUP)).unflatten(1, (-1, _GROUP))


def _ungrouped(groups: Tensor, like: Tensor) -> Tensor:
    return groups.flatten(1)[:, : like[0].numel()].reshape(like.shape)
