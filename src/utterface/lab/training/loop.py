"""One loop that trains anything in the lab: a recipe in, checkpoints out.

    utterface train recipes/animator.toml train.steps=100

A recipe is TOML; `system` names what is trained (`SYSTEMS`), the table `train` is read here, the others by the system.
The loop stops and goes on at will: batches are functions of (seed, number) and every step seeds its own randomness, so
a run that was interrupted gives the same bits as one that was not. Run it under `accelerate launch` for many devices.
"""

import atexit
import itertools
import json
import math
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import parse_flag_from_env, send_to_device
from torch import Tensor, nn

from utterface.errors import ConfigError, ModelError
from utterface.files import replacing
from utterface.lab.training.checkpoints import begin_from, restore, save_checkpoint
from utterface.lab.training.muon import Muon
from utterface.lab.training.precision import precision_here

T = TypeVar("T")
_PATIENCE = timedelta(hours=6)  # the others wait while one process fits clusters or validates
SYSTEMS = {  # recipe name: module with `make(recipe) -> System`, and TABLES that it reads
    "animator": "utterface.lab.systems.animator",
    "tokens_to_faces": "utterface.lab.systems.tokens_to_faces",
    "thunder": "utterface.lab.systems.thunder",
    "masked": "utterface.lab.representations.masked",
    "codec": "utterface.lab.representations.codec",
    "tokenizer": "utterface.lab.representations.tokenizer",
    "speaker": "utterface.lab.systems.speaker",
    "mesh_to_speech": "utterface.lab.systems.mesh_to_speech",
    "vocoder": "utterface.lab.systems.vocoder",
}


class System(Protocol):
    """What the loop trains."""

    network: nn.Module

    def batches(self, first: int, stride: int) -> Iterator[Any]:
        """Endless batches number first, first + stride, …, made on the CPU: dictionaries, or records that have `to`."""
        ...

    def losses(self, network: nn.Module, batch: Any, seed: tuple[int, int]) -> dict[str, Tensor]:
        """Weighted losses by name; their sum is minimised. `seed` is for whatever is drawn on the way.

        The batch lies where the network does.
        """
        ...

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Figures on held-out speakers; the higher the figure that `select` names, the better.

        The network is asked where it is.
        """
        ...


@dataclass(frozen=True)
class TrainConfig:
    """The recipe's table `train`.

    Attributes:
        folder: where checkpoints and the log go.
        steps: length of the run; may be changed on going on.
        rate: highest learning rate.
        warmup: steps until it is reached.
        decay: share of the run, at its end, over which it falls to nothing.
        weight_decay: AdamW's.
        muon: beginnings of the names of parameters whose matrices Muon moves (`lab/muon.py`); AdamW moves all else.
        average: decay of the running average of the weights, which is what is validated and exported.
        largest_gradient: norm above which gradients are scaled down.
        precision: `no` (float32) or `bf16`, which CPUs that are slow at it leave (`lab/precision.py`).
        threads: CPU threads of the arithmetic.
        seed: of everything random.
        initial: a checkpoint whose averaged weights a new run begins from; those it has not, or in another shape, begin
            as the system made them.
        log_every, validate_every, save_every: steps; validate_every = 0 never validates, not even at the end.
        select: the validation figure by which `best` is kept.
    """

    folder: Path
    steps: int = 1000
    rate: float = 1e-3
    warmup: int = 200
    decay: float = 0.3
    weight_decay: float = 0.01
    muon: tuple[str, ...] = ()
    average: float = 0.999
    largest_gradient: float = 5.0
    precision: str = "no"
    threads: int = 2
    seed: int = 0
    initial: str = ""
    log_every: int = 50
    validate_every: int = 500
    save_every: int = 500
    select: str = "closure_f1"


def batch_numbers(first: int, stride: int) -> Iterator[int]:
    """Endless numbers first, first + stride, …; in a data-loading process the share of them that is its own."""
    worker = torch.utils.data.get_worker_info()
    step, number = (worker.num_workers, worker.id) if worker else (1, 0)
    return itertools.count(first + number * stride, step * stride)


def read_recipe(path: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """A recipe with `table.key=value` overrides applied; values are TOML, or plain text where they are not.

    Raises:
        ConfigError: no such file, no TOML, an override without `=` or of a key that leads through a value.
    """
    path = Path(path)
    try:
        recipe = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise ConfigError(f"no recipe at {path}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML: {error}") from None
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise ConfigError(f"override {override!r}: write table.key=value")
        *tables, last = key.strip().split(".")
        place = recipe
        for name in tables:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise ConfigError(f"override {override!r}: {name} is no table of the recipe")
        try:
            place[last] = tomllib.loads(f"x = {value}")["x"]
        except tomllib.TOMLDecodeError:
            place[last] = value
    return recipe


def config_from(kind: type[T], table: Mapping[str, Any], where: str) -> T:
    """A config record from a recipe's table; ConfigError names the keys that exist where one does not."""
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise ConfigError(f"the recipe's {where} has no key {key!r}; there are {', '.join(known)}")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    for key, value in values.items():
        if known[key].type in (Path, "Path"):
            values[key] = Path(value).expanduser()
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"the recipe's {where}: {error}") from None


def train(recipe: Mapping[str, Any], report: Callable[[str], None] = print) -> Path:
    """Train what the recipe describes, going on from its folder's last checkpoint; the path of the last one.

    Raises:
        ConfigError: an unknown system or key, nothing that measures `select`, a folder with another network's run.
        ModelError: the loss is no number any more.
    """
    config = config_from(TrainConfig, recipe.get("train", {}), "table [train]")
    system = make_system(recipe)
    torch.set_num_threads(config.threads)
    accelerator = _accelerator(config.precision, report)
    torch.manual_seed(config.seed)
    optimiser = Muon(system.network, config.rate, config.weight_decay, config.muon)
    if config.initial:
        report(f"{begin_from(config.initial, system.network)} of the weights begin as in {config.initial}")
    network, optimiser = accelerator.prepare(system.network, optimiser)  # from here on they are on the device
    average = {k: v.detach().clone() for k, v in system.network.state_dict().items()}
    config.folder.mkdir(parents=True, exist_ok=True)
    last = config.folder / "last.safetensors"
    first, best, seconds = 0, -math.inf, 0.0
    if last.exists():
        first, best, seconds, changed = restore(last, recipe, system.network, average, optimiser)
        report(
            f"going on from step {first}" + f", until where the recipe had another {', '.join(changed)}" * bool(changed)
        )
    begin = time.monotonic() - seconds
    count, own = accelerator.num_processes, accelerator.process_index
    with accelerator.main_process_first():  # some fit clusters before their first batch, which the others then read
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
            raise ModelError(f"the loss is no number at step {step}; lower train.rate")
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


def _accelerator(asked: str, report: Callable[[str], None]) -> Accelerator:
    # Devices and processes as `accelerate` was told of them; its own reading of that comes after the precision.
    state = PartialState(cpu=parse_flag_from_env("ACCELERATE_USE_CPU"), timeout=_PATIENCE)
    precision = precision_here(asked, state.device)
    if precision != asked:
        report(f"float32: this CPU is slow at {asked}")
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


def make_system(recipe: Mapping[str, Any]) -> System:
    """What the recipe trains.

    Raises:
        ConfigError: no such system, or a table that it does not read.
    """
    name = recipe.get("system")
    if name not in SYSTEMS:
        raise ConfigError(f"the recipe's system is {name!r}; there are {', '.join(SYSTEMS)}")
    module = import_module(SYSTEMS[name])
    unread = sorted(set(recipe) - {"system", "train", *module.TABLES})
    if unread:
        raise ConfigError(f"{name} reads no [{unread[0]}] of a recipe; it reads {', '.join(('train', *module.TABLES))}")
    system: System = module.make(recipe)
    return system


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
