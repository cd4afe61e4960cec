"""Model bundles: a folder with model.onnx, config.json and CARD.md, checked before anything runs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from utterface.articulation import ARTICULATORS
from utterface.errors import ModelError
from utterface.timing import SAMPLE_RATE

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "utterface bundle"
VERSION = 1
_DECISIONS = ("closure", "silence")  # logits after the articulators


@dataclass(frozen=True)
class BundleConfig:
    """What config.json says of a network.

    Attributes:
        name: the bundle's folder.
        channels: what the network gives each frame: the articulators, then the logits of closure and silence.
        frame_rate: frames a second.
        hop: samples a frame.
        lead: zero samples before the first one.
        delay_frames: by how many frames the answers lag.
        look_ahead: seconds of later sound that a frame needs.
        state: shapes of what is carried from call to call, without the batch.
        closing: the probability of a closure from which the lips seal.
        resting: the network's `rest` at which the face is half at rest.
        licence: of the weights.
    """

    name: str
    channels: tuple[str, ...]
    frame_rate: int
    hop: int
    lead: int
    delay_frames: int
    look_ahead: float
    state: dict[str, tuple[int, ...]]
    closing: float
    resting: float
    licence: str


class Network:
    """A bundle's network at work: one step of sound after the other, for one or many streams at once."""

    def __init__(self, folder: str | Path, threads: int = 0) -> None:
        self.config = read_config(folder)
        self._session = _open(Path(folder) / "model.onnx", threads)
        self._outputs = ["frames", *(f"{name}_next" for name in self.config.state)]
        self._check()

    def zero_state(self, batch: int = 1) -> dict[str, np.ndarray]:
        """Nothing was heard yet."""
        return {name: np.zeros((batch, *shape), np.float32) for name, shape in self.config.state.items()}

    def step(self, samples: np.ndarray, state: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """(B, hop · n) float32 samples and the state → (B, n, channels) float32 frames and the state anew.

        Raises:
            ModelError: the network gave a number that is none.
        """
        frames, *carried = self._session.run(self._outputs, {"samples": samples, **state})
        if not np.isfinite(frames).all():
            raise ModelError(
                f"the network of bundle {self.config.name} gave NaN; the bundle is damaged, install it again"
            )
        return frames, dict(zip(self.config.state, carried, strict=True))

    def _check(self) -> None:
        wanted = {"samples", *self.config.state}
        found = {i.name for i in self._session.get_inputs()}
        given = {o.name: o.shape for o in self._session.get_outputs()}
        channels = len(self.config.channels)
        if found != wanted or not given.keys() >= set(self._outputs) or given["frames"][-1] != channels:
            raise ModelError(
                f"bundle {self.config.name}: model.onnx does not fit config.json; install the bundle again"
            )


def read_config(folder: str | Path) -> BundleConfig:
    """The config of the bundle in `folder`.

    Raises:
        ModelError: no bundle, damaged, of a newer version, or for other channels than these articulators.
    """
    folder = Path(folder)
    path = folder / "config.json"
    if not path.is_file() or not (folder / "model.onnx").is_file():
        raise ModelError(f"{folder} is no model bundle: config.json and model.onnx are expected in it")
    try:
        config: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if config["format"] != FORMAT:
            raise ModelError(f"{path}: expected an {FORMAT}, got {config['format']!r}")
        if int(config["version"]) > VERSION:
            raise ModelError(
                f"bundle {folder.name} has version {config['version']}, this utterface reads up to {VERSION}; update it"
            )
        found = BundleConfig(
            folder.name,
            tuple(config["channels"]),
            int(config["frame_rate"]),
            int(config["hop"]),
            int(config["lead"]),
            int(config["delay_frames"]),
            float(config["look_ahead"]),
            {name: tuple(shape) for name, shape in config["state"].items()},
            float(config["closing"]),
            float(config["resting"]),
            str(config["licence"]),
        )
        rate = int(config["sample_rate"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} is damaged ({error!r}); install the bundle again") from None
    if rate != SAMPLE_RATE:
        raise ModelError(f"bundle {folder.name} wants sound at {rate} Hz; {SAMPLE_RATE} Hz is what there is")
    if found.channels != (*ARTICULATORS, *_DECISIONS):
        strange = sorted(set(found.channels) ^ {*ARTICULATORS, *_DECISIONS})
        raise ModelError(
            f"bundle {folder.name} is for other channels ({', '.join(strange) or 'another order'}); update it"
        )
    return found


def _open(path: Path, threads: int) -> "onnxruntime.InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises kinds of its own, which derive from Exception alone
        raise ModelError(
            f"{path} cannot be opened as a network ({type(error).__name__}); install the bundle again"
        ) from None
