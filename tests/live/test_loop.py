"""A batch in a server: ticks come by themselves, sound that comes too fast waits, voices end and leave."""

import asyncio

import numpy as np

from utterface.live import LiveSettings, Spoken, VoiceBatch
from utterface.live.loop import BatchLoop

SOUND = (0.1 * np.random.default_rng(2).standard_normal(32_000)).astype(np.float32)


def test_voices_of_a_loop_are_voices_of_the_batch_by_themselves() -> None:
    batch = VoiceBatch(voices=2)
    voice = batch.join()
    voice.push(SOUND)
    voice.end()
    expected = []
    while spoken := batch.tick():
        expected += [one.motion.values for one in spoken]
    voice.leave()
    worked: list[float] = []

    async def speak(loop: BatchLoop, cut: int) -> np.ndarray:
        given: asyncio.Queue[Spoken] = asyncio.Queue()
        own = await loop.join(LiveSettings("animator"), given.put_nowait)
        for first in range(0, len(SOUND), cut):
            await loop.push(own, SOUND[first : first + cut])
        await loop.end(own)
        values = []
        while True:
            one = await given.get()
            values.append(one.motion.values)
            if one.ended is not None:
                assert one.ended == 2.0
                await loop.leave(own)
                return np.concatenate(values)

    async def both() -> list[np.ndarray]:
        loop = BatchLoop(batch, worked.append)
        try:
            return await asyncio.wait_for(asyncio.gather(speak(loop, 32_000), speak(loop, 777)), 60)
        finally:
            loop.close()

    for values in asyncio.run(both()):
        assert np.array_equal(values, np.concatenate(expected))
    assert len(batch) == 0 and sum(worked) > 0


def test_sound_beyond_what_may_wait_waits_itself() -> None:
    async def flood() -> int:
        loop, given = BatchLoop(VoiceBatch(voices=1), lambda seconds: None), []
        voice = await loop.join(LiveSettings("animator", frame_rate=60), given.append)
        try:
            await asyncio.wait_for(loop.push(voice, np.tile(SOUND, 6)), 60)  # 12 s
            assert voice.waiting < 10
        finally:
            await loop.leave(voice)
            loop.close()
        return sum(len(one.motion) for one in given)

    assert asyncio.run(flood()) > 60
