"""Engines: sound → motion, each by name behind the `Animator` contract.

`aligned` needs a transcript, `phones` recognises phones, `phones-live` streams, `words` and `recogniser` recognise
words; a model bundle runs in `neural` or in `windowed`, by its kind. A further engine is one module and a line here.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from utterface.engines.contract import LISTEN, Animator, EngineInfo, Request
from utterface.errors import ConfigError, ModelError, UtterfaceWarning

__all__ = [
    "ENGINES",
    "Animator",
    "Engine",
    "EngineInfo",
    "Request",
    "find_engine",
    "open_animator",
]

DEFAULT_BUNDLE = LISTEN[-1]
_SHOWN = {"phones": "recogniser of phones", "animator": "animator"}


@dataclass(frozen=True)
class Engine:
    """What is known of an engine before it is opened.

    Attributes:
        name: name of the engine or bundle.
        make: opens it for one request; modules are imported only then.
        needs_text: whether it needs a transcript.
        sampled: whether another seed gives another motion, the life layer aside.
    """

    name: str
    make: Callable[[Request], Animator]
    needs_text: bool = False
    sampled: bool = False

    def open(self, request: Request) -> Animator:
        """The engine for one request; ConfigError where it needs a transcript and there is none."""
        if self.needs_text and request.transcript is None:
            raise ConfigError(f"the {self.name} engine needs a transcript; add --text, or leave the model out")
        return self.make(request)


def _aligned(request: Request) -> Animator:
    from utterface.engines.aligned import AlignedAnimator

    return AlignedAnimator(request)


def _recogniser(request: Request) -> Animator:
    return _aligned(replace(request, transcript=None))


def _phones(request: Request) -> Animator:
    from utterface.engines.phones import PhonesAnimator

    return PhonesAnimator(request)


def _phones_live(request: Request) -> Animator:
    from utterface.engines.live import LiveAnimator

    return LiveAnimator(request)


def _words(request: Request) -> Animator:
    from utterface.engines.words import WordsAnimator

    return WordsAnimator(request)


_LISTED = (
    Engine("aligned", _aligned, needs_text=True),
    Engine("phones", _phones),
    Engine("phones-live", _phones_live),
    Engine("recogniser", _recogniser),
    Engine("words", _words),
)
ENGINES = {engine.name: engine for engine in _LISTED}


def find_engine(model: str | Path | None, has_text: bool = False, listen: str = Request.listen) -> Engine:
    """The engine or bundle of that name; a bundle is not opened for this, its config is read.

    Args:
        model: name of an engine, name of a shipped bundle or a bundle's folder; None picks `aligned` where there is a
            transcript, else what listens.
        has_text: whether there is a transcript.
        listen: one of `LISTEN`.

    Raises:
        ConfigError: no engine or bundle of that name. ModelError: a damaged bundle.
    """
    from utterface.engines.bundle import find_bundle, shipped

    if model is None:
        model = "aligned" if has_text else listen
    if not isinstance(model, str | Path):
        raise ConfigError(f"a model is given by its name or folder, got {model!r}")
    if model in ENGINES:
        return ENGINES[model]
    if folder := find_bundle(model):
        return _bundle(folder)
    known = ", ".join([*ENGINES, *shipped()])
    raise ConfigError(f"no model is called {model!r}; there are {known}, or give the folder of a model bundle")


def open_animator(model: str | None, request: Request) -> Animator:
    """An engine for a request.

    Args:
        model: as of `find_engine`; where it is None and what listens is missing or damaged, a warning says so and the
            next of `LISTEN` takes its place.
        request: what it is asked to make.

    Raises:
        ConfigError, ModelError: as `find_engine`; ConfigError where the engine needs a transcript and there is none.
        MissingExtra: words are asked for and the extra `words` is not installed.
    """
    engine = find_engine(model, request.transcript is not None, request.listen)
    try:
        return engine.open(request)
    except ModelError as error:
        if model is not None or engine.name not in LISTEN[:-1]:
            raise
        simpler = LISTEN[LISTEN.index(engine.name) + 1]
        warnings.warn(f"{error}; the {_SHOWN[simpler]} takes its place", UtterfaceWarning, stacklevel=2)
        return open_animator(None, replace(request, transcript=None, listen=simpler))


def _bundle(folder: Path) -> Engine:
    from utterface.engines.bundle import MeshToSpeechBundleConfig, MotionConfig, read_config
    from utterface.engines.neural import NeuralAnimator
    from utterface.engines.windowed import WindowedAnimator

    config = read_config(folder)
    if isinstance(config, MeshToSpeechBundleConfig):
        raise ConfigError(f"{config.name} is a mesh-to-speech bundle; run it with utterface mesh-to-speech")
    if isinstance(config, MotionConfig):
        return Engine(config.name, lambda request: WindowedAnimator(folder, request), sampled=config.noise is not None)
    return Engine(config.name, lambda request: NeuralAnimator(folder, request))
