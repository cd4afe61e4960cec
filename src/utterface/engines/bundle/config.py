"""What the bundles of every kind have in common: format, record, errors."""

from dataclasses import dataclass

import numpy as np

from utterface.errors import ModelError

FORMAT = "utterface bundle"
VERSION = 1
CONTROLLED = 2  # version of bundles with controls, which older readers refuse by it


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
