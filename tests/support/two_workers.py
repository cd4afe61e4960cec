"""Run by `accelerate launch` in test_distributed.py: trains recipes one after the other as `utterface train` does.

Afterwards every process must hold the same weights, to the bit; the first one says so.
"""

import os
import sys

import torch
from torch import distributed

from utterface.cli import main
from utterface.lab.systems import registry
from utterface.lab.training.contract import System


def spread(network: torch.nn.Module) -> float:
    """Largest difference of a learned weight between processes."""
    largest = 0.0
    for value in network.parameters():
        low, high = value.detach().clone(), value.detach().clone()
        distributed.all_reduce(low, distributed.ReduceOp.MIN)
        distributed.all_reduce(high, distributed.ReduceOp.MAX)
        largest = max(largest, float((high - low).max()))
    return largest


systems: list[System] = []
make = registry.make_system
registry.make_system = lambda recipe: systems.append(make(recipe)) or systems[-1]  # type: ignore[func-returns-value]
for path in sys.argv[1:]:
    assert main(["train", path, "--quiet"]) == 0
    difference = spread(systems[-1].network)
    if distributed.get_rank() == 0:
        sys.stdout.write(f"{type(systems[-1]).__name__} {distributed.get_world_size()} {difference}\n")
distributed.barrier()
sys.stdout.flush()
os._exit(0)  # gloo's threads abort a process that ends with them now and then; what is tested is done by here
