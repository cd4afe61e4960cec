"""Engines: what turns sound into motion, each by name behind the `Animator` contract.

`aligned` needs a transcript, `recogniser` hears the words itself; a model bundle runs in `neural` or in `windowed`, by
its kind. A new engine is one module and one line in `ANIMATORS`.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from utterface.engines.contract import Animator, Take
from utterface.errors import ConfigError

__all__ = ["ANIMATORS", "Animator", "Take", "bundles", "is_sampled", "open_animator", "voices"]

DEFAULT_BUNDLE = "animator"  # used where the caller names no model and has no transcript


def _aligned(take: Take) -> Animator:
    if take.text is None:
        raise ConfigError("the aligned engine needs a transcript; add --text, or leave the model out")
    from utterface.engines.aligned import AlignedAnimator

    return AlignedAnimator(take)


def _recogniser(take: Take) -> Animator:
    from utterface.engines.aligned import AlignedAnimator

    return AlignedAnimator(replace(take, text=None))


def _bundle(folder: Path, take: Take) -> Animator:
    from utterface.engines.bundle import MotionConfig, VoiceConfig, read_config
    from utterface.engines.neural import NeuralAnimator
    from utterface.engines.windowed import WindowedAnimator

    config = read_config(folder)
    if isinstance(config, VoiceConfig):
        raise ConfigError(f"{config.name} is a voice: it hears faces and moves none; run it with utterface hear")
    return (WindowedAnimator if isinstance(config, MotionConfig) else NeuralAnimator)(folder, take)


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
        ConfigError: no engine or bundle is called that. ModelError: a bundle that is damaged.
    """
    found = _find(model, take.text is not None)
    return _bundle(found, take) if isinstance(found, Path) else ANIMATORS[found](take)


def is_sampled(model: str | None, has_text: bool) -> bool:
    """Whether another seed moves the face another way, life aside.

    Args:
        model: as of `open_animator`; a bundle is not opened for this, its config is read.
        has_text: whether there is a transcript.

    Raises:
        ConfigError, ModelError: as `open_animator`.
    """
    from utterface.engines.bundle import MotionConfig, read_config

    found = _find(model, has_text)
    if not isinstance(found, Path):
        return False
    config = read_config(found)
    return isinstance(config, MotionConfig) and config.noise is not None


def voices() -> dict[str, Path]:
    """The bundles of kind `voice` that came with the package, name → folder."""
    root = Path(str(files("utterface.models")))
    return {path.parent.name: path.parent for path in sorted(root.glob("voices/*/config.json"))}


def _find(model: str | None, has_text: bool) -> str | Path:
    """The name of an engine, or the folder of a bundle."""
    shipped = bundles()
    if model is None:
        model = "aligned" if has_text else DEFAULT_BUNDLE if DEFAULT_BUNDLE in shipped else "recogniser"
    if model in ANIMATORS:
        return model
    if model in shipped:
        return shipped[model]
    if (Path(model) / "config.json").is_file():
        return Path(model)
    known = ", ".join([*ANIMATORS, *shipped])
    raise ConfigError(f"no model is called {model!r}; there are {known}, or give the folder of a model bundle")
