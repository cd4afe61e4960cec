"""Recipes: TOML files that say what is trained, and the records that their tables become."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from utterface.errors import ConfigError
from utterface.lab.training.names import did_you_mean

T = TypeVar("T")
_WRONG = object()
_OF_THE_MACHINE = ("folder", "root", "store", "threads", "workers")  # keys that say nothing about the weights
_WORDS = {  # a type, and several of it
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("text", "texts"),
    bool: ("true or false", "true or false"),
    Path: ("a path", "paths"),
}


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
        average: decay of the running average of the weights, which is what is validated and exported.
        largest_gradient: norm above which gradients are scaled down.
        precision: `no` (float32) or `bf16`, which CPUs that are slow at it leave (`lab/precision.py`).
        threads: CPU threads.
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


def read_recipe(path: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """A recipe with `table.key=value` overrides applied; values are TOML, or plain text where they are not.

    Raises:
        ConfigError: no such file, not UTF-8, not TOML, an override without `=` or of a key that leads through a value.
    """
    path = Path(path)
    try:
        recipe = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"no recipe at {path} ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path} is no recipe: its lists are nested too deeply") from None
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise ConfigError(f"override {override!r}: write table.key=value")
        *tables, last = key.strip().split(".")
        place = recipe
        for name in tables:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise ConfigError(f"override {override!r}: {name} is not a table of the recipe")
        try:
            place[last] = tomllib.loads(f"x = {value}")["x"]
        except (tomllib.TOMLDecodeError, RecursionError):
            place[last] = value
    return recipe


def config_from(kind: type[T], table: object, where: str) -> T:
    """A config record from a recipe's table.

    Args:
        kind: a dataclass.
        table: key → value as TOML gives it; lists become tuples, strings become paths where the record has paths.
        where: how messages call the table.

    Raises:
        ConfigError: a key that the record has not, a value of another type, a missing value; in one line.
    """
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where} must be a table of keys, got {table!r}")
    records = fields(kind)  # type: ignore[arg-type]
    known, types = [field.name for field in records], get_type_hints(kind)
    for key in table:
        if key not in known:
            raise ConfigError(f"{where} has no key {key!r}{did_you_mean(key, known)}; it has {', '.join(known)}")
    for field in records:
        if field.name not in table and field.default is MISSING and field.default_factory is MISSING:
            raise ConfigError(f"{where} lacks {field.name} ({_described(types[field.name])})")
    return kind(**{key: _converted(value, types[key], f"{where}: {key}") for key, value in table.items()})


def _converted(value: Any, kind: Any, where: str) -> Any:
    """A TOML value as the type that a record wants; ConfigError where it is of another one."""
    origin, inner = get_origin(kind), get_args(kind)
    result = _WRONG
    if origin in (Union, UnionType):
        for one in inner:
            with suppress(ConfigError):
                return _converted(value, one, where)
    elif origin is tuple and isinstance(value, list | tuple):
        kinds = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if len(value) == len(kinds):
            result = tuple(_converted(item, one, where) for item, one in zip(value, kinds, strict=True))
    elif origin is not None and isinstance(value, Mapping) and issubclass(origin, Mapping):
        result = {key: _converted(item, inner[1], f"{where}.{key}") for key, item in value.items()}
    elif kind is Path and isinstance(value, str | Path):
        with suppress(RuntimeError):  # ~ of a user that there is not
            result = Path(value).expanduser()
    elif isinstance(value, bool) and kind in (int, float):
        result = _WRONG
    elif kind is float and isinstance(value, int | float):
        result = float(value)
    elif kind is Any or (isinstance(kind, type) and origin is None and isinstance(value, kind)):
        result = value
    if result is _WRONG:
        raise ConfigError(f"{where} must be {_described(kind)}, got {value!r}")
    return result


def _described(kind: Any) -> str:
    """A type in words."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(_described(one) for one in inner if one is not NoneType)
    if origin is tuple:
        one = _WORDS.get(inner[0], (str(inner[0]), "lists"))[1]
        return f"a list of {one}" if inner[-1] is Ellipsis else f"a list of {len(inner)} {one}"
    if origin is Mapping:
        return f"a table of {_WORDS.get(inner[1], ('', 'values'))[1]}"
    return _WORDS.get(kind, (str(kind), ""))[0]


def without_places(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe without what belongs to one machine: folders are left out, files keep their name and their folder's."""
    kept: dict[str, Any] = {}
    for key, value in recipe.items():
        if isinstance(value, Mapping):
            kept[key] = without_places(value)
        elif key not in _OF_THE_MACHINE:
            kept[key] = _placeless(value) if isinstance(value, str) else value
    return kept


def _placeless(text: str) -> str:
    kind, colon, rest = text.partition(":")
    local = kind in ("checkpoint", "folder") and colon
    parts = re.split(r"([#@])", rest if local else text)
    short = ["/".join(p.split("/")[-2:]) if local or p.startswith(("/", "~")) else p for p in parts]
    return (f"{kind}:" if local else "") + "".join(short)
