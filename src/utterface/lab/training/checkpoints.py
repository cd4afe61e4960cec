"""Checkpoints of training: weights, their running average, the optimiser and the recipe, in one safetensors file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from utterface.errors import ConfigError, ModelError
from utterface.lab.training.packing import widen

_FREE = {  # keys of a recipe that change nothing of what is learned
    f"train.{key}" for key in ("folder", "steps", "log_every", "validate_every", "save_every", "threads")
} | {"data.workers"}


class Resumed(NamedTuple):
    """How far a run was.

    Attributes:
        step: to go on from.
        best: the best figure of validation so far.
        seconds: that it took so far.
        changed: keys of the recipe that were others then and change what is learned.
    """

    step: int
    best: float
    seconds: float
    changed: tuple[str, ...]


def load_average(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any], int]:
    """The averaged weights of a checkpoint, its recipe and its step; ModelError where the file is no checkpoint."""
    path = Path(path).expanduser()
    try:
        with safe_open(path, "pt") as file:
            about = file.metadata()
            recipe, step = json.loads(about["recipe"]), int(about["step"])
            kept: dict[str, dict[str, Tensor]] = {"average": {}, "scale": {}}
            for key in file.keys():  # noqa: SIM118 - no mapping
                kind, _, name = key.partition("/")
                if kind in kept:
                    kept[kind][name] = file.get_tensor(key)
            return widen(kept["average"], kept["scale"]), recipe, step
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is no checkpoint of `utterface train` ({error})") from None
    except Exception as error:  # safetensors raises its own kind, which derives from Exception
        raise ModelError(f"{path} is damaged: {error}") from None


def begin_from(path: str, network: nn.Module) -> str:
    """Copy the weights of a checkpoint that the network has in the same shape; a line that says how many."""
    weights, _, _ = load_average(path)
    own = network.state_dict()
    fitting = {k: v for k, v in weights.items() if k in own and own[k].shape == v.shape}
    if not fitting:
        raise ConfigError(f"{path} has no weight of this network: choose another train.initial")
    network.load_state_dict(fitting, strict=False)
    return f"{len(fitting)} of {len(own)} weights start from {path}"


def save_checkpoint(
    path: Path,
    recipe: Mapping[str, Any],
    step: int,
    best: float,
    average: dict[str, Tensor],
    network: nn.Module | None = None,
    optimiser: torch.optim.Optimizer | None = None,
    seconds: float = 0.0,
) -> None:
    """Write a checkpoint, which appears whole or not at all.

    Args:
        path: the file.
        recipe: what it was trained with.
        step: how far it is.
        best: the best figure of validation so far.
        average: the averaged weights.
        network, optimiser: where a run is to go on from it.
        seconds: that the run took so far.
    """
    tensors = {f"average/{k}": v for k, v in average.items()}
    if network is not None and optimiser is not None:
        tensors |= {f"network/{k}": v for k, v in network.state_dict().items()}
        for number, state in optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser/{number}/{k}": torch.as_tensor(v) for k, v in state.items()}
    about = {"recipe": json.dumps(recipe, default=str), "step": str(step), "best": str(best), "seconds": str(seconds)}
    part = path.with_name(f".{path.name}.part")
    save_file({k: v.detach().to("cpu", copy=True).contiguous() for k, v in tensors.items()}, part, about)
    part.replace(path)


def trained_seconds(path: Path) -> float:
    """What a run took up to a checkpoint, all its legs together."""
    with safe_open(path, "pt") as file:
        return float(file.metadata().get("seconds", 0.0))


def restore(
    path: Path,
    recipe: Mapping[str, Any],
    network: nn.Module,
    average: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
) -> Resumed:
    """Put a checkpoint back into a run of `recipe`.

    Raises:
        ConfigError: it is of another network.
    """
    weights, before, step = load_average(path)
    changed = _changed(before, recipe)
    if weights.keys() != average.keys() or any(weights[k].shape != average[k].shape for k in weights):
        raise ConfigError(f"{path} was trained with another network; choose another train.folder")
    states: dict[int, dict[str, Tensor]] = {}
    own: dict[str, Tensor] = {}
    with safe_open(path, "pt") as file:
        best = float(file.metadata()["best"])
        for key in file.keys():  # noqa: SIM118 - no mapping
            kind, _, name = key.partition("/")
            if kind == "network":
                own[name] = file.get_tensor(key)
            elif kind == "optimiser":
                number, _, field = name.partition("/")
                states.setdefault(int(number), {})[field] = file.get_tensor(key)
    for name, value in average.items():
        value.copy_(weights[name])
    network.load_state_dict(own)
    optimiser.load_state_dict({"state": states, "param_groups": optimiser.state_dict()["param_groups"]})
    return Resumed(step, best, trained_seconds(path), changed)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys, written table.key, in which two recipes differ and what is learned with them."""
    old, new = _flat(before), _flat(json.loads(json.dumps(now, default=str)))
    return tuple(sorted(key for key in old.keys() | new.keys() if key not in _FREE and old.get(key) != new.get(key)))


def _flat(recipe: Mapping[str, Any]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for key, value in recipe.items():
        keys |= {f"{key}.{k}": v for k, v in _flat(value).items()} if isinstance(value, dict) else {key: value}
    return keys
