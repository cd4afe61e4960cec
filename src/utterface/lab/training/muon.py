"""Muon: AdamW, but hidden matrices move in all directions alike.

The gradient of a matrix lies in few directions. Muon steps along its momentum with the singular values brought to
about one, so that rare directions are learned at once too (Jordan et al., "Muon: an optimizer for hidden layers in
neural networks", 2024). Scaled as by Liu et al., "Muon is scalable for LLM training" (2025), such a step is as long as
one of AdamW, and both take one rate. `torch.optim.Muon` does the same in bfloat16 alone; CPUs that are slow at that
would take longer for it than for all the rest of a step.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from utterface.errors import ConfigError

_MOMENTUM = 0.95
_ITERATIONS = 5
_WIDEST = 128  # columns that are brought to one length together, where there are more rows than that
_QUINTIC = (3.4445, -4.775, 2.0315)  # Jordan et al.: singular values of 0.01 rise fastest and all end at 0.7 to 1.2
_LIKE_ADAMW = 0.2  # Liu et al., eq. 4: root mean square of an AdamW step, relative to its rate


class Muon(torch.optim.AdamW):
    """Steps of both kinds under one rate.

    Args:
        network: what is trained.
        rate: learning rate.
        weight_decay: AdamW's, of matrices too.
        names: beginnings of the parameters' names whose matrices move as above; all else moves as by AdamW.

    Raises:
        ConfigError: a name that no matrix of the network begins with.
    """

    def __init__(self, network: nn.Module, rate: float, weight_decay: float, names: Sequence[str]) -> None:
        matrices = {name: p for name, p in network.named_parameters() if p.ndim == 2 and name.startswith(tuple(names))}
        for name in names:
            if not any(own.startswith(name) for own in matrices):
                raise ConfigError(f"train.muon: no matrix of the network begins with {name!r}")
        rest = [p for name, p in network.named_parameters() if name not in matrices]
        groups = [{"params": list(matrices.values()), "muon": True}, {"params": rest, "muon": False}]
        super().__init__([group for group in groups if group["params"]], rate, weight_decay=weight_decay)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Move everything that has a gradient; the matrices' gradients are used up."""
        for group in self.param_groups:
            for weight in group["params"] if group["muon"] else ():
                if weight.grad is not None:
                    self._move(weight, weight.grad, group["lr"], group["weight_decay"])
                    weight.grad = None  # AdamW leaves alone what has none
        super().step(closure)

    def _move(self, weight: Tensor, gradient: Tensor, rate: float, weight_decay: float) -> None:
        state = self.state[weight]
        if not state:
            state["step"] = torch.zeros(())  # AdamW looks for it in whatever state it is given back
            state["momentum"] = torch.zeros_like(weight)
        state["step"] += 1
        state["momentum"].mul_(_MOMENTUM).add_(gradient)
        ahead = orthogonal(torch.add(gradient, state["momentum"], alpha=_MOMENTUM))  # as Nesterov looks ahead
        weight.mul_(1 - rate * weight_decay).add_(ahead, alpha=-rate * _LIKE_ADAMW * _size(weight))


def orthogonal(matrix: Tensor) -> Tensor:
    """(R, C) with its singular values brought to 0.7 … 1.2, by five Newton–Schulz iterations; zeros stay zeros.

    Of a matrix with more than 128 rows each block of 128 columns is taken for itself (blocks: Khaled et al., "MuonBP",
    2025). That takes a quarter of the operations for (384, 384), and in the animator 128 columns read one moment.
    """
    blocks = matrix.split(_WIDEST, 1) if len(matrix) > _WIDEST else (matrix,)
    return torch.cat([_orthogonal(block) for block in blocks], 1)


def _size(matrix: Tensor) -> float:
    """What brings the mean square of `orthogonal`'s entries to about 1."""
    rows, columns = matrix.shape
    return math.sqrt(rows if rows > _WIDEST else max(rows, columns))


def _orthogonal(matrix: Tensor) -> Tensor:
    a, b, c = _QUINTIC
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(_ITERATIONS):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=b, alpha=c), wide, beta=a)
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T
