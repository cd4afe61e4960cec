"""Bundles of kind `voice`: motion in, sound out, by the networks of `engines/mesh_to_speech.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utterface.engines.bundle.config import BundleConfig, whole_in
from utterface.engines.bundle.windows import Windows, read_windows
from utterface.motion import ARKIT


@dataclass(frozen=True)
class MeshToSpeechBundleConfig(BundleConfig):
    """Kind `voice`: mesh-to-speech; its channels are its input, some of ARKit's, at its own frame rate.

    Attributes:
        windows: windows of motion.
        reach: frames of log-mel on either side of its own that the vocoder needs.
        speaker: embedding of the default speaker.
    """

    windows: Windows
    reach: int
    speaker: tuple[float, ...]

    @property
    def frames(self) -> int:
        """Frames of motion in a window, F."""
        return self.frames_in(self.windows.length)


def read_mesh_to_speech(about: BundleConfig, config: Mapping[str, Any]) -> MeshToSpeechBundleConfig:
    """The config of kind `voice` from config.json."""
    return MeshToSpeechBundleConfig(
        **vars(about),
        windows=read_windows(about, config, ARKIT),
        reach=whole_in(config, "reach", 0, 1000),
        speaker=tuple(float(value) for value in config["speaker"]),
    )
