"""Engines: what turns sound into motion, each by name behind the `Animator` contract.

`aligned` needs a transcript, `recogniser` hears the words itself, `neural` runs a model bundle. A new engine is one
module and one line in `ANIMATORS`.
"""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from utterface.engines.contract import Animator, Take
from utterface.errors import ConfigError

__all__ = ["ANIMATORS", "Animator", "Take", "bundles", "open_animator"]

DEFAULT_BUNDLE = "animator"  # used where the caller names no model and has no transcript


def _aligned(take: Take) -> Animator:
    if take.text is None:
        raise ConfigError("the aligned engine needs a transcript; add --text, or leave the model out")
    return _recogniser(take)


def _recogniser(take: Take) -> Animator:
    from utterface.engines.aligned import AlignedAnimator

    return AlignedAnimator(take)


def _neural(take: Take, bundle: Path | None = None) -> Animator:
    from utterface.engines.neural import NeuralAnimator

    animator: Animator = NeuralAnimator(bundle or bundles()[DEFAULT_BUNDLE], take)
    return animator


# name: what makes the engine for one take; imports happen only when it is called
ANIMATORS: dict[str, Callable[[Take], Animator]] = {"aligned": _aligned, "recogniser": _recogniser}


def bundles() -> dict[str, Path]:
    """The model bundles that came with the package, name → folder."""
    root = Path(str(files("utterface.models")))
    return {path.parent.name: path.parent for path in sorted(root.glob("*/config.json"))}


def open_animator(model: str | None, take: Take) -> Animator:
    """The engine for a take.

    Args:
        model: name of an engine, name of a shipped bundle or a bundle's folder; None picks `aligned` where there is a
            transcript, else the default bundle where it is installed, else `recogniser`.
        take: what the engine is told.

    Raises:
        ConfigError: no engine or bundle is called that.
    """
    shipped = bundles()
    if model is None:
        model = "aligned" if take.text is not None else DEFAULT_BUNDLE if DEFAULT_BUNDLE in shipped else "recogniser"
    if model in ANIMATORS:
        return ANIMATORS[model](take)
    if model in shipped:
        return _neural(take, shipped[model])
    if (Path(model) / "config.json").is_file():
        return _neural(take, Path(model))
    known = ", ".join([*ANIMATORS, *shipped])
    raise ConfigError(f"no model is called {model!r}; there are {known}, or give the folder of a model bundle")
