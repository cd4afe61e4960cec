"""The contract of what the loop trains."""

from collections.abc import Iterator
from typing import Any, Protocol

from torch import Tensor, nn


class System(Protocol):
    """A network with its batches, losses and validation."""

    network: nn.Module

    def batches(self, first: int, stride: int) -> Iterator[Any]:
        """Endless batches number first, first + stride, …, made on the CPU: dictionaries, or records that have `to`."""
        ...

    def losses(self, network: nn.Module, batch: Any, seed: tuple[int, int]) -> dict[str, Tensor]:
        """Weighted losses by name; their sum is minimised. `seed` is for everything random on the way.

        The batch is on the network's device.
        """
        ...

    def check_held_out(self) -> None:
        """Raise an error in one line where there is nothing to validate on; called before the first step."""
        ...

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Figures on held-out speakers; the higher the figure that `select` names, the better.

        The network stays on its device.
        """
        ...
