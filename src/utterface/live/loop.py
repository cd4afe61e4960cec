"""A batch that ticks while its voices speak, for a server: sound that comes too fast waits for room."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from utterface.live.batch import TICK, WAITING, BatchVoice, Spoken, VoiceBatch
from utterface.live.voice import LiveSettings
from utterface.motion import Motion

_PIECE = 0.5  # seconds pushed at once


class BatchLoop:
    """Ticks of a `VoiceBatch` every 20 ms in a thread of its own.

    Args:
        batch: its voices.
        worked: called with the CPU seconds of each tick.
    """

    def __init__(self, batch: VoiceBatch, worked: Callable[[float], None]) -> None:
        self.about = batch.about
        self._batch, self._worked = batch, worked
        self._pool = ThreadPoolExecutor(1, "batch")
        self._lock, self._ticked = asyncio.Lock(), asyncio.Condition()
        self._give: dict[BatchVoice, Callable[[Spoken], None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def join(self, settings: LiveSettings, give: Callable[[Spoken], None]) -> BatchVoice:
        """Another voice, whose frames are given as ticks settle them; ConfigError as of `VoiceBatch.join`."""
        async with self._lock:
            voice = self._batch.join(settings)
        self._give[voice] = give
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return voice

    async def push(self, voice: BatchVoice, samples: np.ndarray) -> None:
        """The next samples, as soon as there is room for them; AudioError as of `BatchVoice.push`."""
        size = max(1, round(_PIECE * voice.settings.sample_rate))
        for first in range(0, len(samples), size):
            async with self._ticked:
                await self._ticked.wait_for(lambda: voice.waiting <= WAITING - 2 * _PIECE)
            async with self._lock:
                voice.push(samples[first : first + size])

    async def end(self, voice: BatchVoice) -> None:
        async with self._lock:
            voice.end()

    async def interrupt(self, voice: BatchVoice) -> Motion:
        async with self._lock:
            return voice.interrupt()

    async def leave(self, voice: BatchVoice) -> None:
        self._give.pop(voice, None)
        async with self._lock:
            voice.leave()

    def close(self) -> None:
        """No tick comes any more."""
        if self._task is not None:
            self._task.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._give:
            due = loop.time() + TICK
            async with self._lock:
                spoken, took = await loop.run_in_executor(self._pool, self._tick)
                for one in spoken:
                    if give := self._give.get(one.voice):
                        give(one)
            self._worked(took)
            async with self._ticked:
                self._ticked.notify_all()
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _tick(self) -> tuple[list[Spoken], float]:
        since = time.thread_time()
        return self._batch.tick(), time.thread_time() - since
