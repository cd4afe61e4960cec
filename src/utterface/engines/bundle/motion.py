"""Bundles of kind `motion`: a network without a state, a window of sound in, channels of its frames out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from utterface import timing
from utterface.engines.bundle.config import BundleConfig, run, unfit, whole_in
from utterface.engines.bundle.windows import Windows, read_windows
from utterface.errors import ConfigError
from utterface.motion import CHANNELS
from utterface.sessions import open_session


@dataclass(frozen=True)
class Noise:
    """Standard normal noise for every frame of a window: (B, draws, F, channels)."""

    channels: int
    draws: int = 1

    @property
    def row(self) -> tuple[int, int]:
        """Shape of a frame's noise: (draws, channels)."""
        return self.draws, self.channels


@dataclass(frozen=True)
class MotionConfig(BundleConfig):
    """Kind `motion`; its channels are some of the 61.

    Attributes:
        windows: windows of sound.
        noise: noise that it samples with; None where it does not sample.
        alive: parts of `life.PARTS` that it moves; the life layer leaves these alone.
    """

    windows: Windows
    noise: Noise | None
    alive: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """Samples in a window, N."""
        return timing.sample_count(self.windows.length)

    @property
    def frames(self) -> int:
        """Frames of motion in a window, F."""
        return self.frames_in(self.windows.length)


class WindowNetwork:
    """A network of kind `motion`: a window of sound in, the motion of its frames out."""

    def __init__(self, folder: str | Path, config: MotionConfig, threads: int = 0) -> None:
        self.config = config
        self._session = open_session(Path(folder) / "model.onnx", threads)
        self._check()

    def predict(self, samples: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
        """(B, N) float32 samples, and the noise of the config → (B, F, C) float32.

        Raises:
            ModelError: the network gave NaN.
        """
        inputs = {"samples": samples} if noise is None else {"samples": samples, "noise": noise}
        (motion,) = run(self._session, ["motion"], inputs, self.config.name)
        return np.asarray(motion)

    def _check(self) -> None:
        config = self.config
        wanted = {"samples": [config.samples]}
        if config.noise is not None:
            wanted["noise"] = [config.noise.draws, config.frames, config.noise.channels]
        inputs = {i.name: i.shape[1:] for i in self._session.get_inputs()}  # without the batch
        outputs = {o.name: o.shape[1:] for o in self._session.get_outputs()}
        if inputs != wanted or outputs.get("motion") != [config.frames, len(config.channels)]:
            raise unfit(config.name)


def read_motion(about: BundleConfig, config: Mapping[str, Any]) -> MotionConfig:
    """The config of kind `motion` from config.json."""
    windows = read_windows(about, config, CHANNELS)
    if abs(float(config["look_ahead"]) - windows.look_ahead) > 1e-6:
        raise ConfigError(f"look_ahead must be block + future, {windows.look_ahead:g} s; got {config['look_ahead']}")
    noise = config["noise"]
    return MotionConfig(
        **vars(about),
        windows=windows,
        noise=noise and Noise(whole_in(noise, "channels", 1, 1000), whole_in(noise, "draws", 1, 1000)),
        alive=tuple(config.get("alive", ())),
    )
