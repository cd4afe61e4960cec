"""The windowed engine: a network without a state hears a window of sound a block, and its answers are joined.

    window k      past | block k | future
    window k + 1         past | block k + 1 | future       what both say of the overlap is faded from k to k + 1

Windows stand on a grid that starts at time 0 and noise is drawn by (seed, frame), so any chunking of the sound gives
the same motion. Live, one window runs at a time; where a longer stretch is pushed, each core has one.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np

from utterface import speech, timing
from utterface.engines.bundle import MotionConfig, WindowNetwork
from utterface.engines.contract import Take
from utterface.engines.seam import Seam
from utterface.motion import ARKIT, CHANNELS, MOUTH, Motion

_Window = tuple[np.ndarray, np.ndarray | None]  # what `WindowNetwork.hear` is given
_LIMIT = 8.0  # full scale ±1; what lies beyond is no sound
_MOST_AT_ONCE = 4  # windows; who animates an hour shall not keep it in memory


class Hears(Protocol):
    """What answers for a window: `WindowNetwork`, or in the lab the network before it is a bundle."""

    config: MotionConfig

    def hear(self, samples: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
        """See `WindowNetwork.hear`."""
        ...


class WindowedAnimator:
    """`Animator` of a bundle of kind `motion`.

    Args:
        bundle: its folder, or what answers in its place.
        take: strength and seed are heeded; text and language are not needed, the frame rate is the network's.
        threads: of the arithmetic of one window; 0 takes all cores.
    """

    def __init__(self, bundle: str | Path | Hears, take: Take | None = None, threads: int = 1) -> None:
        self._take = take or Take()
        self._at_once = 1  # what stands in the place of a bundle may not be asked twice at a time
        if isinstance(bundle, str | Path):
            bundle, self._at_once = WindowNetwork(bundle, threads), min(_MOST_AT_ONCE, os.cpu_count() or 1)
        self._network = bundle
        self._config = self._network.config
        windows, channels = self._config.windows, self._config.channels
        self.name = self._config.name
        self.alive = self._config.alive
        self.frame_rate = float(self._config.frame_rate)
        self.look_ahead: float | None = windows.look_ahead
        self._columns = [CHANNELS.index(channel) for channel in channels]
        self._scale = np.array([self._take.strength if c.startswith(MOUTH) else 1.0 for c in channels], np.float32)
        self._highest = np.array([1.0 if c in ARKIT else np.inf for c in channels], np.float32)
        self._past, self._block, overlap = (
            self._config.frames_in(length) for length in (windows.past, windows.block, windows.overlap)
        )
        self._seam = Seam(self._block, overlap)
        self.reset()

    def reset(self) -> None:
        """See `Animator.reset`."""
        self._sound = np.zeros(self._config.samples, np.float32)  # the next window; before time 0 there is silence
        self._filled = timing.sample_count(self._config.windows.past)  # samples of it that are known
        self._noise = self._drawn(-self._past, self._config.frames)
        self._seam.reset()
        self._heard = 0  # samples
        self._done = 0  # frames answered
        self._given = 0  # frames handed out

    def push(self, samples: np.ndarray) -> Motion:
        """See `Animator.push`.

        Raises:
            AudioError: see `speech.samples_of`.
        """
        samples = speech.samples_of(samples)
        self._heard += len(samples)
        return self._handed(self._listen(np.clip(samples, -_LIMIT, _LIMIT)), self._done)

    def flush(self) -> Motion:
        """See `Animator.flush`."""
        count = timing.frame_count(timing.seconds(self._heard), self.frame_rate)
        blocks = []
        while self._done < count:
            blocks += self._listen(np.zeros(len(self._sound) - self._filled, np.float32))
        return self._handed(blocks, count)

    def _listen(self, samples: np.ndarray) -> list[np.ndarray]:
        """The blocks that become final with these samples, (frames, C) each."""
        blocks: list[np.ndarray] = []
        windows: list[_Window] = []
        while len(samples):
            taken, samples = np.split(samples, [len(self._sound) - self._filled])
            self._sound[self._filled : self._filled + len(taken)] = taken
            self._filled += len(taken)
            if self._filled == len(self._sound):
                windows.append(self._move_on())
            if len(windows) == self._at_once:
                blocks, windows = blocks + self._answers(windows), []
        return blocks + self._answers(windows)

    def _move_on(self) -> _Window:
        """The window, which is full; the next one begins a block later."""
        noise = None if self._noise is None else np.ascontiguousarray(np.moveaxis(self._noise, 0, -2)[None])
        window = self._sound[None], noise
        self._done += self._block
        step = timing.sample_count(self._config.windows.block)
        self._sound = np.concatenate([self._sound[step:], np.zeros(step, np.float32)])
        self._filled -= step
        if self._noise is not None:
            ahead = self._done - self._past + self._config.frames - self._block
            self._noise = np.concatenate([self._noise[self._block :], self._drawn(ahead, self._block)])
        return window

    def _answers(self, windows: list[_Window]) -> list[np.ndarray]:
        """(frames of the block, C) of each; a batch of them would round otherwise, and the last bit flips a token."""
        if len(windows) > 1:
            with ThreadPoolExecutor(len(windows)) as pool:
                answers = list(pool.map(lambda window: self._network.hear(*window), windows))
        else:
            answers = [self._network.hear(*window) for window in windows]
        return [self._seam.join(answer[0, self._past :]) for answer in answers]

    def _drawn(self, first: int, count: int) -> np.ndarray | None:
        """(count, …) standard normal numbers of the frames from number `first` on, negative before time 0."""
        if self._config.noise is None:
            return None
        seed, row = self._take.seed % 2**64, self._config.noise.row
        frames = range(first, first + count)
        rows = [np.random.default_rng((seed, frame % 2**32)).standard_normal(row, np.float32) for frame in frames]
        return np.stack(rows)

    def _handed(self, blocks: list[np.ndarray], count: int) -> Motion:
        """Frames up to number `count` as motion of all channels."""
        start, wanted = self._given / self.frame_rate, count - self._given
        values = np.zeros((wanted, len(CHANNELS)), np.float32)
        if wanted:
            said = np.concatenate(blocks)[:wanted] * self._scale
            lowest = np.where(np.isfinite(self._highest), 0, -np.inf).astype(np.float32)  # weights; angles go anywhere
            values[:, self._columns] = np.clip(said, lowest, self._highest)
        self._given = count
        return Motion(values, CHANNELS, self.frame_rate, start)
