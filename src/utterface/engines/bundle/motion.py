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
from utterface.track import Track

ConditionValue = Track | np.ndarray  # a track, or (I,) float32 that holds for the whole recording


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
class ConditionInput:
    """An input beside the sound: of every frame (B, F, size) where it is a track, else a vector (B, size)."""

    name: str
    size: int
    track: bool = False


@dataclass(frozen=True)
class MotionConfig(BundleConfig):
    """Kind `motion`; its channels are some of the 61.

    Attributes:
        windows: windows of sound.
        noise: noise that it samples with; None where it does not sample.
        alive: parts of `life.PARTS` that it moves; the life layer leaves these alone.
        conditions: inputs beside the sound; the network has a learned null for each that is not given.
    """

    windows: Windows
    noise: Noise | None
    alive: tuple[str, ...] = ()
    conditions: tuple[ConditionInput, ...] = ()

    @property
    def samples(self) -> int:
        """Samples in a window, N."""
        return timing.sample_count(self.windows.length)

    @property
    def frames(self) -> int:
        """Frames of motion in a window, F."""
        return self.frames_in(self.windows.length)

    @property
    def inputs(self) -> dict[str, list[int]]:
        """Inputs of the graph, in their order: name → shape without the batch."""
        shapes = {"samples": [self.samples]}
        if self.noise is not None:
            shapes["noise"] = [self.noise.draws, self.frames, self.noise.channels]
        for condition in self.conditions:
            size = [condition.size]
            shapes[f"condition_{condition.name}"] = [self.frames, *size] if condition.track else size
        if self.conditions:
            shapes["given"] = [len(self.conditions)]  # bool; False puts the learned null in a condition's place
        return shapes

    def check_conditions(self, conditions: Mapping[str, ConditionValue]) -> None:
        """ConfigError where a condition is unknown, or has another size or shape."""
        known = {condition.name: condition for condition in self.conditions}
        for name, value in conditions.items():
            if name not in known:
                raise ConfigError(
                    f"bundle {self.name} reads no condition {name!r}; it has {', '.join(known) or 'none'}"
                )
            shape = value.values.shape[1:] if isinstance(value, Track) else np.shape(value)
            if isinstance(value, Track) and not known[name].track:
                raise ConfigError(f"condition {name!r} of bundle {self.name} is a vector, got a track")
            if shape != (known[name].size,):
                raise ConfigError(
                    f"condition {name!r} of bundle {self.name} has {known[name].size} features, got {shape}"
                )

    def condition_values(self, conditions: Mapping[str, ConditionValue], start: float) -> dict[str, np.ndarray]:
        """The inputs of one window that conditions give, zeros in the place of those that are not given.

        Args:
            conditions: by name, as `check_conditions` accepts them; a vector may stand for a track.
            start: of the window, seconds.
        """
        times = timing.frame_times(self.frames, self.frame_rate, start)
        values: dict[str, np.ndarray] = {}
        for condition in self.conditions:
            name, shape = condition.name, self.inputs[f"condition_{condition.name}"]
            value = at_frames(conditions.get(name, np.zeros(condition.size)), times)
            values[f"condition_{name}"] = np.broadcast_to(value, shape).astype(np.float32)[None]
        if self.conditions:
            values["given"] = np.array([[condition.name in conditions for condition in self.conditions]])
        return values


def at_frames(value: ConditionValue, times: np.ndarray) -> np.ndarray:
    """A condition's track at the moments of frames (T, D), or its vector (I,) as it is."""
    return value.at(times) if isinstance(value, Track) else value


class WindowNetwork:
    """A network of kind `motion`: a window of sound in, the motion of its frames out."""

    def __init__(self, folder: str | Path, config: MotionConfig, threads: int = 0) -> None:
        self.config = config
        self._session = open_session(Path(folder) / "model.onnx", threads)
        self._check()

    def predict(
        self, samples: np.ndarray, noise: np.ndarray | None = None, conditions: Mapping[str, np.ndarray] | None = None
    ) -> np.ndarray:
        """(B, N) float32 samples, the noise of the config and `MotionConfig.condition_values` → (B, F, C) float32.

        Raises:
            ModelError: the network gave NaN.
        """
        inputs = {"samples": samples, **({} if noise is None else {"noise": noise}), **(conditions or {})}
        (motion,) = run(self._session, ["motion"], inputs, self.config.name)
        return np.asarray(motion)

    def _check(self) -> None:
        config = self.config
        inputs = {i.name: i.shape[1:] for i in self._session.get_inputs()}  # without the batch
        outputs = {o.name: o.shape[1:] for o in self._session.get_outputs()}
        if inputs != config.inputs or outputs.get("motion") != [config.frames, len(config.channels)]:
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
        conditions=tuple(
            ConditionInput(str(c["name"]), whole_in(c, "size", 1, 10_000), bool(c["track"]))
            for c in config.get("conditions", ())
        ),
    )
