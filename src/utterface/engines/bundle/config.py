"""What the bundles of every kind have in common: format, record, errors."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from utterface.errors import ConfigError, ModelError

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "utterface bundle"
VERSION = 1
CONTROLLED = 2  # version of bundles with controls, which older readers refuse by it
CONDITIONED = 3  # version of bundles with conditions, likewise


@dataclass(frozen=True)
class BundleConfig:
    """What config.json says of a bundle of any kind.

    Attributes:
        name: name of the bundle's folder.
        licence: licence of the weights.
        channels: channels of a frame.
        frame_rate: frames a second.
    """

    name: str
    licence: str
    channels: tuple[str, ...]
    frame_rate: int

    def frames_in(self, duration: float) -> int:
        """Frames in a stretch of the grid of windows, seconds."""
        return round(duration * self.frame_rate)


def number_in(config: Mapping[str, Any], key: str, low: float, high: float) -> float:
    """A number of config.json; ConfigError where it is none, or outside its limits."""
    value = config[key]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low <= value <= high:
        raise ConfigError(f"{key} must be a number in {low:g} to {high:g}, got {value!r}; install the bundle again")
    return value


def whole_in(config: Mapping[str, Any], key: str, low: int, high: int) -> int:
    """A whole number of config.json; ConfigError as `number_in`."""
    value = number_in(config, key, low, high)
    if value != int(value):
        raise ConfigError(f"{key} must be a whole number, got {value!r}; install the bundle again")
    return int(value)


def run(session: "onnxruntime.InferenceSession", outputs: Sequence[str], inputs: Mapping[str, Any], name: str) -> list:
    """The outputs of a network; ModelError where it cannot run on the inputs of its config, or gives NaN."""
    try:
        results: list = session.run(list(outputs), dict(inputs))
    except Exception:  # ONNX Runtime raises kinds of its own, which derive from Exception alone
        raise unfit(name) from None
    check_finite(results[0], name)
    return results


def strange_channels(name: str, channels: set[str]) -> ModelError:
    """Error for channels that this version does not know."""
    names = ", ".join(sorted(channels)) or "another order"
    return ModelError(f"bundle {name} has other channels ({names}); update it")


def unfit(name: str) -> ModelError:
    """Error for a network whose inputs or outputs are not those of the config."""
    return ModelError(f"bundle {name}: model.onnx does not fit config.json; install the bundle again")


def check_finite(frames: np.ndarray, name: str) -> None:
    """ModelError where a network's output holds NaN or infinite numbers."""
    if not np.isfinite(frames).all():
        raise ModelError(f"the network of bundle {name} gave NaN; the bundle is damaged, install it again")
