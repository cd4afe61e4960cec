"""A face in LiveKit, by its own test tools, which are no part of the development install: run with `-m slow`."""

import asyncio
import importlib.util

import numpy as np
import pytest

from utterface.live import LiveSettings, LiveVoice
from utterface.motion import Motion, join

RATE, CUT = 24_000, 480
SOUND = (3000 * np.random.default_rng(1).standard_normal(RATE)).astype("<i2")
SETTINGS = LiveSettings("animator", frame_rate=30)
CHUNKS = [SOUND[i : i + CUT].tobytes() for i in range(0, len(SOUND), CUT)]


def expected() -> np.ndarray:
    voice = LiveVoice(LiveSettings("animator", sample_rate=RATE, frame_rate=30))
    return join([voice.push(SOUND), voice.flush()]).values


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("livekit") is None, reason="livekit is not installed")
def test_livekit_passes_the_face_before_its_sound() -> None:
    from livekit import rtc
    from livekit.agents.voice.avatar import AudioSegmentEnd, QueueAudioOutput

    from utterface.live.livekit import FaceAudioOutput

    async def speak() -> tuple[list[Motion], list[float], list[object]]:
        queue, frames, ahead = QueueAudioOutput(), [], []
        output = FaceAudioOutput(queue, frames.append, SETTINGS)
        for pcm in CHUNKS:
            await output.capture_frame(rtc.AudioFrame(pcm, RATE, 1, CUT))
        output.flush()
        received: list[object] = []
        async for item in queue:
            received.append(item)
            if isinstance(item, AudioSegmentEnd):
                break
            ahead.append(sum(map(len, frames)) / 30 - len(received) * CUT / RATE)
        await output.capture_frame(rtc.AudioFrame(SOUND.tobytes(), RATE, 1, RATE))
        output.clear_buffer()
        return frames, ahead, received

    frames, ahead, received = asyncio.run(speak())
    assert len(received) == len(CHUNKS) + 1 and min(ahead) >= -1e-9
    np.testing.assert_allclose(join(frames[:-2]).values, expected(), atol=1e-5)
    assert not frames[-1]["jawOpen"][-1]
