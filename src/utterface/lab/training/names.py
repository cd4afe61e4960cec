"""Names in recipes: dotted names of functions, and the nearest name that exists."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from utterface.errors import ConfigError


def load(name: str) -> Any:
    """What `package.module:attribute` names.

    Raises:
        ConfigError: no such module or attribute.
    """
    module, _, attribute = name.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # of something that the module imports
        raise ConfigError(f"no module {module!r}; install its package or put its folder on PYTHONPATH") from None
    except AttributeError:
        raise ConfigError(f"{module} defines no {attribute!r}") from None


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """` (did you mean 'steps'?)` where a known name is near, else nothing."""
    near = get_close_matches(str(name), list(known), 1)
    return f" (did you mean {near[0]!r}?)" if near else ""
