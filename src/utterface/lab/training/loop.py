"""The loop that trains any system: a system and its recipe in, checkpoints out.

    utterface train recipes/animator.toml train.steps=100

The loop reads the recipe's table `train`; the system has read the others. It can be stopped and resumed: batches are
functions of (seed, number) and every step seeds its own randomness, so a resumed run gives the same bits as one that
was not interrupted. Run it under `accelerate launch` for many devices.
"""

import atexit
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import parse_flag_from_env, send_to_device
from torch import Tensor, nn

from utterface.errors import ConfigError, ModelError
from utterface.files import replacing
from utterface.lab.training.checkpoints import begin_from, restore, save_checkpoint
from utterface.lab.training.contract import System
from utterface.lab.training.precision import precision_here
from utterface.lab.training.recipe import TrainConfig, config_from

_PATIENCE = timedelta(hours=6)  # the others wait while one process fits clusters or validates


def train(
    system: System, recipe: Mapping[str, Any], report: Callable[[str], None] = print, resume_anyway: bool = False
) -> Path:
    """Train a system, resuming from the last checkpoint of the recipe's folder; the path of the last one.

    Args:
        system: what is trained.
        recipe: that made it; its table `train` is read.
        report: takes a line of progress every few steps.
        resume_anyway: resume a run of another recipe too.

    Raises:
        ConfigError: a figure `select` that validation does not give, a folder with the run of another recipe.
        ModelError: the loss is NaN or infinite.
    """
    config = config_from(TrainConfig, recipe.get("train", {}), "table [train]")
    torch.set_num_threads(config.threads)
    accelerator = _accelerator(config.precision, report)
    torch.manual_seed(config.seed)
    optimiser = torch.optim.AdamW(system.network.parameters(), config.rate, weight_decay=config.weight_decay)
    if config.initial:
        report(begin_from(config.initial, system.network))
    network, optimiser = accelerator.prepare(system.network, optimiser)  # from here on they are on the device
    average = {k: v.detach().clone() for k, v in system.network.state_dict().items()}
    if config.validate_every and accelerator.is_main_process:
        system.check_held_out()
    config.folder.mkdir(parents=True, exist_ok=True)
    first, best, seconds = 0, -math.inf, 0.0
    if (last := config.folder / "last.safetensors").exists():
        first, best, seconds, changed = restore(last, recipe, system.network, average, optimiser)
        report(_resuming(first, changed, config.folder, resume_anyway))
    begin = time.monotonic() - seconds
    count, own = accelerator.num_processes, accelerator.process_index
    with accelerator.main_process_first():  # which may fit clusters that the other processes then read
        batches = system.batches(first * count + own, count)
    log = _Log(config.folder / "log.jsonl", report, accelerator.is_main_process)
    log.back_to(first)
    for step in range(first, config.steps):
        torch.manual_seed(hash((config.seed, step, own)) % 2**63)
        for group in optimiser.param_groups:
            group["lr"] = config.rate * schedule(step, config)
        batch = send_to_device(next(batches), accelerator.device)  # made in full precision, wherever it is made
        with accelerator.autocast():
            parts = system.losses(network, batch, (config.seed, step * count + own))
        loss = torch.stack(list(parts.values())).sum()
        if not torch.isfinite(loss):
            raise ModelError(f"loss is NaN or infinite at step {step}; try a lower train.rate")
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(network.parameters(), config.largest_gradient)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        _follow(average, accelerator.unwrap_model(network), min(config.average, (step + 1) / (step + 10)))
        done = step + 1
        log.add(parts)
        if done % config.log_every == 0:
            log.write(done, config.steps)
        if accelerator.is_main_process and _validates(done, config):
            figures = _validated(system, average, config.select)
            log.note({"step": done, **figures})
            if figures[config.select] > best:
                best = figures[config.select]
                save_checkpoint(config.folder / "best.safetensors", recipe, done, best, average)
        if accelerator.is_main_process and (done % config.save_every == 0 or done == config.steps):
            seconds = time.monotonic() - begin
            save_checkpoint(last, recipe, done, best, average, accelerator.unwrap_model(network), optimiser, seconds)
    return last


def _resuming(step: int, changed: Sequence[str], folder: Path, resume_anyway: bool) -> str:
    """A line about a resumed run; ConfigError where its recipe is another one and may not be."""
    keys = ", ".join(changed)
    if changed and not resume_anyway:
        raise ConfigError(
            f"{folder} holds a run with another {keys}; choose another train.folder or add --resume-anyway"
        )
    return f"resuming at step {step}" + (f"; changed in the recipe since: {keys}" if changed else "")


def _accelerator(wanted: str, report: Callable[[str], None]) -> Accelerator:
    # `accelerate` reads devices and processes from the environment only after the precision is set.
    state = PartialState(cpu=parse_flag_from_env("ACCELERATE_USE_CPU"), timeout=_PATIENCE)
    precision = precision_here(wanted, state.device)
    if precision != wanted:
        report(f"float32: this CPU is slow at {wanted}")
    atexit.register(_leave_group)
    return Accelerator(mixed_precision=precision)


def _leave_group() -> None:
    """Part from the other processes before this one ends, or threads that still talk to them abort it now and then."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def schedule(step: int, config: TrainConfig) -> float:
    """Share of the highest learning rate: a linear rise, a plateau, a linear fall to nothing.

    The plateau knows nothing of the end, so a run may be prolonged (Hägele et al., "Scaling laws and compute-optimal
    training beyond fixed training durations", 2024).
    """
    rise = (step + 1) / max(1, config.warmup)
    fall = (config.steps - step) / max(1.0, config.decay * config.steps)
    return max(0.0, min(1.0, rise, fall))


def _validates(done: int, config: TrainConfig) -> bool:
    return config.validate_every > 0 and (done % config.validate_every == 0 or done == config.steps)


@torch.no_grad()
def _follow(average: dict[str, Tensor], network: nn.Module, decay: float) -> None:
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            average[name].lerp_(value, 1 - decay)
        else:
            average[name].copy_(value)


def _validated(system: System, average: dict[str, Tensor], select: str) -> dict[str, float]:
    own = {k: v.clone() for k, v in system.network.state_dict().items()}
    system.network.load_state_dict(average)
    figures = system.validate(system.network)
    system.network.load_state_dict(own)
    if select not in figures:
        raise ConfigError(f"train.select: nothing measures {select!r}; there are {', '.join(figures)}")
    return figures


class _Log:
    """Mean losses since the last line, to the screen and to a file of JSON lines."""

    def __init__(self, path: Path, report: Callable[[str], None], writes: bool) -> None:
        self.path, self.report, self.writes = path, report, writes
        self.sums: dict[str, float] = {}
        self.count, self.since = 0, time.monotonic()

    def back_to(self, step: int) -> None:
        """Forget what a stopped run wrote beyond its last checkpoint, or before a first one."""
        if self.writes and self.path.is_file():
            lines = self.path.read_text("utf-8").splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
            with replacing(self.path) as part:
                part.write_text("".join(kept), "utf-8")

    def add(self, parts: Mapping[str, Tensor]) -> None:
        for name, value in parts.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value.detach())
        self.count += 1

    def write(self, step: int, steps: int) -> None:
        means = {name: total / self.count for name, total in self.sums.items()}
        rate = self.count / (time.monotonic() - self.since)
        self.note({"step": step, "of": steps, "loss": sum(means.values()), **means, "steps_per_second": rate})
        self.sums, self.count, self.since = {}, 0, time.monotonic()

    def note(self, row: Mapping[str, float]) -> None:
        if not self.writes:
            return
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        self.report("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))
