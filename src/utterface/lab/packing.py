"""Trained weights made small for a file: half floats, or bytes with a scale for every few of them.

Only matrices and kernels are made small; what stands once a feature (biases, statistics, counters) is kept as it is.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

_GROUP = 16  # neighbouring inputs of one output that share a scale


def to_halves(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Matrices and kernels as float16, the rest as it is."""
    return {name: value.half() if _is_matrix(value) else value for name, value in weights.items()}


def to_bytes(weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Matrices and kernels as int8, the rest as it is; and the float16 scales by which the int8 are multiplied."""
    packed, scales = dict(weights), {}
    for name, value in weights.items():
        if _is_matrix(value):
            groups = _grouped(value.float())  # (O, G, group)
            scales[name] = (groups.abs().amax(2) / 127).clamp(min=1e-7).half()
            levels = (groups / scales[name].float()[..., None]).round().clamp(-127, 127)
            packed[name] = levels.flatten(1)[:, : value[0].numel()].reshape(value.shape).to(torch.int8)
    return packed, scales


def widen(weights: Mapping[str, Tensor], scales: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What was packed, as float32; counters stay integers."""
    wide = {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}
    for name, scale in scales.items():
        value = weights[name]
        groups = _grouped(value.float()) * scale.float()[..., None]
        wide[name] = groups.flatten(1)[:, : value[0].numel()].reshape(value.shape)
    return wide


def _is_matrix(value: Tensor) -> bool:
    return value.is_floating_point() and value.ndim >= 2


def _grouped(value: Tensor) -> Tensor:
    """(O, …) → (O, G, group), zeros after the end."""
    rows = value.flatten(1)
    return F.pad(rows, (0, -rows.shape[1] % _GROUP)).unflatten(1, (-1, _GROUP))
