"""The page that talks as you do: the animator's network, the program that runs it, and the face, in one file.

web/src/live_main.ts is the other side.
"""

import json
import zlib
from importlib import resources
from pathlib import Path

import numpy as np

from utterface.articulation import ARTICULATORS
from utterface.clip import Clip
from utterface.engines.bundle import ArticulatorConfig, find_bundle, read_config
from utterface.errors import ConfigError, OutputError
from utterface.motion import CHANNELS, rest
from utterface.pages import payload, template
from utterface.rigs import Rig, reduction

# The worker is a blob in which ONNX Runtime is compiled, the AudioWorklet a data: address; dropped textures are blobs.
ALLOWED = {"script-src": "'wasm-unsafe-eval' blob: data:", "worker-src": "blob:", "connect-src": "blob: data:"}
_WASM = "onnxruntime.wasm.z"  # packed by web/vite.config.ts


def write(path: Path, rig: Rig, model: str = "animator", title: str = "utterface live") -> None:
    """The page.

    Args:
        path: the file.
        rig: the face that talks; another can be dropped on the page.
        model: a bundle of articulators by name or folder.
        title: of the page.

    Raises:
        ConfigError: another kind of model. OutputError: the page was not built with the package.
    """
    folder = find_bundle(model)
    config = read_config(folder) if folder else None
    if folder is None or not isinstance(config, ArticulatorConfig) or config.controls:
        raise ConfigError(f"pages run the animator and bundles like it, not {model}")
    still = Clip(rest(2), duration=1 / 30, engine=config.name)
    parts = [
        template.embed_payload("utterface-clip", payload.pack(still, rig, np.zeros(0, np.float32), title)),
        template.embed_payload("utterface-config", zlib.compress(json.dumps(_described(config)).encode())),
        template.embed_payload("utterface-model", zlib.compress((folder / "model.onnx").read_bytes(), 9)),
        template.embed_payload("utterface-wasm", _program()),
    ]
    path.write_text(template.fill(template.built("live"), title, parts, ALLOWED), encoding="utf-8")


def _described(config: ArticulatorConfig) -> dict[str, object]:
    """What web/src/live/engine.ts reads of a bundle, with the names that it fills."""
    names = ("frame_rate", "delay_frames", "closing", "resting", "hop", "lead", "look_ahead", "state")
    channels, gains = reduction.matrix("vrm")
    return {
        **{name: getattr(config, name) for name in names},
        "articulators": ARTICULATORS,
        "channels": CHANNELS,
        "vowels": {"channels": channels, "gains": gains.round(5).tolist()},
    }


def _program() -> bytes:
    """ONNX Runtime for browsers, packed."""
    file = resources.files("utterface").joinpath("web_dist", _WASM)
    if not file.is_file():
        raise OutputError("the live page was not built with this install; run `pip install .` again, with network")
    return file.read_bytes()
