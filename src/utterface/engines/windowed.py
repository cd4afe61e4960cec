"""The windowed engine: a network without a state predicts a window of motion a block; windows are joined.

    window k      past | block k | future
    window k + 1         past | block k + 1 | future       their overlap is faded from k to k + 1

Windows stand on a grid that starts at time 0 and noise is drawn by (seed, frame), so any chunking of the sound gives
the same motion; the jaw keeps the pace of people's (`articulation.pace`). Live, one window runs at
a time; where a longer stretch is pushed, each core runs one.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np

from utterface import speech, timing
from utterface.align import Alignment
from utterface.articulation.pace import Pace
from utterface.engines.bundle import ConditionValue, MotionConfig, open_windows
from utterface.engines.contract import EngineInfo, Request
from utterface.engines.seam import Seam
from utterface.motion import ARKIT, CHANNELS, MOUTH, Motion

_Window = tuple[np.ndarray, np.ndarray | None, dict[str, np.ndarray]]  # arguments of `WindowPredictor.predict`
_LIMIT = 8.0  # full scale ±1; samples beyond it are clipped
_MOST_AT_ONCE = 4  # windows, so that an hour of sound is not kept in memory


class WindowPredictor(Protocol):
    """Predicts the motion of a window: `WindowNetwork`, or in the lab a network before it is a bundle."""

    config: MotionConfig

    def predict(
        self, samples: np.ndarray, noise: np.ndarray | None = None, conditions: Mapping[str, np.ndarray] | None = None
    ) -> np.ndarray:
        """See `WindowNetwork.predict`."""
        ...


class WindowedAnimator:
    """`Animator` of a bundle of kind `motion`.

    Args:
        bundle: its folder, or a predictor in its place.
        request: strength, seed and conditions are used; the frame rate is the network's.
        threads: threads of the network; 0 takes all cores.

    Raises:
        ConfigError: conditions that the bundle does not declare, or of another size.
    """

    alignment: Alignment | None = None

    def __init__(self, bundle: str | Path | WindowPredictor, request: Request | None = None, threads: int = 1) -> None:
        self._request = request or Request()
        self._at_once = 1  # a predictor in the place of a bundle may keep a state
        if isinstance(bundle, str | Path):
            bundle, self._at_once = open_windows(bundle, threads), min(_MOST_AT_ONCE, os.cpu_count() or 1)
        self._network = bundle
        self._config = self._network.config
        self._config.check_conditions(self._request.conditions)
        windows = self._config.windows
        self.about = EngineInfo(
            self._config.name,
            float(self._config.frame_rate),
            windows.look_ahead,
            moves=self._config.alive,
            sampled=self._config.noise is not None,
            conditions=tuple(condition.name for condition in self._config.conditions),
        )
        self._past, self._block, overlap = (
            self._config.frames_in(length) for length in (windows.past, windows.block, windows.overlap)
        )
        self._seam = Seam(self._block, overlap)
        self.reset()

    def reset(self) -> None:
        """See `Animator.reset`."""
        self._sound = np.zeros(self._config.samples, np.float32)  # the next window; before time 0 there is silence
        self._filled = timing.sample_count(self._config.windows.past)  # samples of it that are known
        self._noise = _noise(self._config, self._request.seed, -self._past, self._config.frames)
        self._seam.reset()
        self._pace = Pace(self.about.frame_rate)
        self._pushed = 0  # samples
        self._predicted = 0  # frames predicted
        self._emitted = 0  # frames returned

    def push(self, samples: np.ndarray) -> Motion:
        """See `Animator.push`.

        Raises:
            AudioError: see `speech.samples_of`.
        """
        samples = speech.samples_of(samples)
        self._pushed += len(samples)
        return self._emit(self._run(np.clip(samples, -_LIMIT, _LIMIT)), self._predicted)

    def flush(self) -> Motion:
        """See `Animator.flush`."""
        count = timing.frame_count(timing.seconds(self._pushed), self.about.frame_rate)
        blocks = []
        while self._predicted < count:
            blocks += self._run(np.zeros(len(self._sound) - self._filled, np.float32))
        return self._emit(blocks, count)

    def _run(self, samples: np.ndarray) -> list[np.ndarray]:
        """The blocks that become final with these samples, (frames, C) each."""
        blocks: list[np.ndarray] = []
        windows: list[_Window] = []
        while len(samples):
            taken, samples = np.split(samples, [len(self._sound) - self._filled])
            self._sound[self._filled : self._filled + len(taken)] = taken
            self._filled += len(taken)
            if self._filled == len(self._sound):
                windows.append(self._next_window())
            if len(windows) == self._at_once:
                blocks, windows = blocks + self._predict(windows), []
        return blocks + self._predict(windows)

    def _next_window(self) -> _Window:
        """The window, which is full; the next one begins a block later."""
        start = (self._predicted - self._past) / self._config.frame_rate
        conditions = self._config.condition_values(self._request.conditions, start)
        window = self._sound[None], _by_draw(self._noise), conditions
        self._predicted += self._block
        step = timing.sample_count(self._config.windows.block)
        self._sound = np.concatenate([self._sound[step:], np.zeros(step, np.float32)])
        self._filled -= step
        if self._noise is not None:
            ahead = self._predicted - self._past + self._config.frames - self._block
            drawn = _noise(self._config, self._request.seed, ahead, self._block)
            self._noise = np.concatenate([self._noise[self._block :], drawn])
        return window

    def _predict(self, windows: list[_Window]) -> list[np.ndarray]:
        """(frames of the block, C) of each; not in one batch, which rounds otherwise: the last bit flips a token."""
        if len(windows) > 1:
            with ThreadPoolExecutor(len(windows)) as pool:
                outputs = list(pool.map(lambda window: self._network.predict(*window), windows))
        else:
            outputs = [self._network.predict(*window) for window in windows]
        return [self._seam.join(output[0, self._past :]) for output in outputs]

    def _emit(self, blocks: list[np.ndarray], count: int) -> Motion:
        """Frames up to number `count` as motion of all channels."""
        start, wanted = self._emitted / self.about.frame_rate, count - self._emitted
        values = np.concatenate(blocks)[:wanted] if wanted else np.zeros((0, len(self._config.channels)), np.float32)
        self._emitted = count
        face = self._pace.push(_whole_face(values, self._config, self._request.strength))
        return Motion(face, CHANNELS, self.about.frame_rate, start)


def windows(
    samples: np.ndarray, config: MotionConfig, seed: int = 0, conditions: Mapping[str, ConditionValue] | None = None
) -> list[_Window]:
    """All windows of a whole recording, which a network may predict in any order; `join` takes its predictions.

    Args:
        samples: (N,) at 16 kHz.
        config: of the network.
        seed: of the noise.
        conditions: by name; the learned null stands for the others.
    """
    samples = np.clip(speech.samples_of(samples), -_LIMIT, _LIMIT)
    past, block = config.frames_in(config.windows.past), config.frames_in(config.windows.block)
    count = -(-timing.frame_count(timing.seconds(len(samples)), config.frame_rate) // block)
    before, step = timing.sample_count(config.windows.past), timing.sample_count(config.windows.block)
    sound = np.zeros(max(before + len(samples), config.samples + count * step), np.float32)
    sound[before : before + len(samples)] = samples
    noise = _noise(config, seed, -past, count * block + config.frames)
    return [
        (
            sound[k * step : k * step + config.samples][None],
            _by_draw(None if noise is None else noise[k * block : k * block + config.frames]),
            config.condition_values(conditions or {}, (k * block - past) / config.frame_rate),
        )
        for k in range(count)
    ]


def join(predictions: Sequence[np.ndarray], config: MotionConfig, samples: int) -> Motion:
    """Predictions for `windows` as motion of all channels, as `WindowedAnimator` gives it.

    Args:
        predictions: (F, C) of each window, in their order.
        config: of the network.
        samples: length of the recording.
    """
    lengths = config.windows.past, config.windows.block, config.windows.overlap
    past, block, overlap = (config.frames_in(length) for length in lengths)
    seam, count = Seam(block, overlap), timing.frame_count(timing.seconds(samples), config.frame_rate)
    blocks = [seam.join(prediction[past:]) for prediction in predictions]
    values = np.concatenate(blocks)[:count] if blocks else np.zeros((0, len(config.channels)), np.float32)
    return Motion(Pace(config.frame_rate).push(_whole_face(values, config)), CHANNELS, float(config.frame_rate))


def _noise(config: MotionConfig, seed: int, first: int, count: int) -> np.ndarray | None:
    """(count, …) standard normal numbers of the frames from number `first` on, negative before time 0."""
    if config.noise is None:
        return None
    frames = range(first, first + count)
    row = config.noise.row
    rows = [np.random.default_rng((seed % 2**64, frame % 2**32)).standard_normal(row, np.float32) for frame in frames]
    return np.stack(rows)


def _by_draw(noise: np.ndarray | None) -> np.ndarray | None:
    """(F, K, C) noise by frame as `WindowNetwork.predict` takes it, (1, K, F, C)."""
    return None if noise is None else np.ascontiguousarray(np.moveaxis(noise, 0, -2)[None])


def _whole_face(values: np.ndarray, config: MotionConfig, strength: float = 1.0) -> np.ndarray:
    """(T, C) predicted channels → (T, 61), weights within 0 and 1, the mouth's scaled by the strength before."""
    scale = np.array([strength if c.startswith(MOUTH) else 1.0 for c in config.channels], np.float32)
    highest = np.array([1.0 if c in ARKIT else np.inf for c in config.channels], np.float32)
    lowest = np.where(np.isfinite(highest), 0, -np.inf).astype(np.float32)  # weights; angles go anywhere
    face = np.zeros((len(values), len(CHANNELS)), np.float32)
    face[:, [CHANNELS.index(channel) for channel in config.channels]] = np.clip(values * scale, lowest, highest)
    return face
