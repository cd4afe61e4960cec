"""Model bundles: a folder with model.onnx, config.json and CARD.md, checked before anything runs.

One module a kind: `articulators`, `motion`, `voice` (mesh-to-speech) and `emotion`.
"""

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from utterface.engines.bundle.articulators import (
    CONTROLS,
    STRENGTHS,
    ArticulatorConfig,
    ArticulatorNetwork,
    read_articulators,
)
from utterface.engines.bundle.config import CONDITIONED, CONTROLLED, FORMAT, VERSION, BundleConfig, whole_in
from utterface.engines.bundle.emotion import EmotionConfig, EmotionNetwork, read_emotion
from utterface.engines.bundle.mesh_to_speech import MeshToSpeechBundleConfig, read_mesh_to_speech
from utterface.engines.bundle.motion import (
    ConditionInput,
    ConditionValue,
    MotionConfig,
    Noise,
    WindowNetwork,
    read_motion,
)
from utterface.engines.bundle.windows import GRID, Windows
from utterface.errors import ConfigError, ModelError
from utterface.timing import SAMPLE_RATE

__all__ = [
    "CONDITIONED",
    "CONTROLLED",
    "CONTROLS",
    "FORMAT",
    "GRID",
    "STRENGTHS",
    "VERSION",
    "ArticulatorConfig",
    "ArticulatorNetwork",
    "BundleConfig",
    "ConditionInput",
    "ConditionValue",
    "EmotionConfig",
    "EmotionNetwork",
    "MeshToSpeechBundleConfig",
    "MotionConfig",
    "Noise",
    "WindowNetwork",
    "Windows",
    "find_bundle",
    "open_articulators",
    "open_windows",
    "read_config",
    "shipped",
]

Config = ArticulatorConfig | MotionConfig | MeshToSpeechBundleConfig | EmotionConfig
_KINDS: dict[str, Callable[[BundleConfig, Mapping[str, Any]], Config]] = {
    "articulators": read_articulators, "motion": read_motion, "voice": read_mesh_to_speech,
    "emotion": read_emotion,
}  # fmt: skip
_FOLDERS = {"voice": "voices", "emotion": "emotions"}  # in `utterface.models`, of kinds that animate nothing


def shipped(kind: str = "") -> dict[str, Path]:
    """The bundles that came with the package, name → folder: those that animate, or of kind `voice` or `emotion`."""
    root = Path(str(files("utterface.models"))) / _FOLDERS.get(kind, "")
    return {path.parent.name: path.parent for path in sorted(root.glob("*/config.json"))}


def find_bundle(model: str | Path, kind: str = "") -> Path | None:
    """Folder of a bundle: a shipped one by name, or any by its folder; None where there is none."""
    folder = shipped(kind).get(str(model), Path(model))
    return folder if (folder / "config.json").is_file() else None


def open_articulators(folder: str | Path, threads: int = 0) -> ArticulatorNetwork:
    """The network of a bundle of kind `articulators`.

    Args:
        folder: the bundle's.
        threads: threads of the network; 0 takes all cores.

    Raises:
        ModelError: see `read_config`; another kind, or a network that does not fit its config.
    """
    config = read_config(folder)
    if not isinstance(config, ArticulatorConfig):
        raise ModelError(f"bundle {config.name} predicts motion, not articulators; run it with animate --model")
    return ArticulatorNetwork(folder, config, threads)


def open_windows(folder: str | Path, threads: int = 0) -> WindowNetwork:
    """The network of a bundle of kind `motion`; arguments and errors as of `open_articulators`."""
    config = read_config(folder)
    if not isinstance(config, MotionConfig):
        raise ModelError(f"bundle {config.name} predicts articulators, not motion; run it with animate --model")
    return WindowNetwork(folder, config, threads)


def read_config(folder: str | Path) -> Config:
    """The config of the bundle in `folder`.

    Raises:
        ModelError: no bundle, damaged, of a newer version or another kind, or for channels that there are not.
    """
    folder = Path(folder)
    path = folder / "config.json"
    if not path.is_file() or not (folder / "model.onnx").is_file():
        raise ModelError(f"{folder} is no model bundle: config.json and model.onnx are expected in it")
    try:
        config: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if config["format"] != FORMAT:
            raise ModelError(f"{path}: expected an {FORMAT}, got {config['format']!r}")
        if int(config["version"]) > CONDITIONED:
            known = f"this utterface reads up to {CONDITIONED}; update it"
            raise ModelError(f"bundle {folder.name} has version {config['version']}, {known}")
        if config["kind"] not in _KINDS:
            raise ModelError(f"bundle {folder.name} is of kind {config['kind']!r}, here run {', '.join(_KINDS)}")
        channels = tuple(config["channels"])
        about = BundleConfig(folder.name, str(config["licence"]), channels, whole_in(config, "frame_rate", 1, 240))
        bundle = _KINDS[config["kind"]](about, config)
        rate = int(config["sample_rate"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ModelError(f"{path} is damaged ({error!r}); install the bundle again") from None
    except ConfigError as error:
        raise ModelError(f"bundle {folder.name}: {error}") from None
    if rate != SAMPLE_RATE:
        raise ModelError(f"bundle {folder.name} wants sound at {rate} Hz; {SAMPLE_RATE} Hz is what there is")
    return bundle
