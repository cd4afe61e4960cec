"""Speech of agents: its face goes before it, and in the frameworks' own test tools where they are installed."""

import asyncio
import importlib.util

import numpy as np
import pytest

from utterface.live import LiveSettings, LiveVoice
from utterface.live.agents import FaceAhead
from utterface.motion import Motion, join

RATE, CUT = 24_000, 480
SOUND = (3000 * np.random.default_rng(1).standard_normal(RATE)).astype("<i2")
SETTINGS = LiveSettings("animator", frame_rate=30)
CHUNKS = [SOUND[i : i + CUT].tobytes() for i in range(0, len(SOUND), CUT)]


def expected() -> np.ndarray:
    voice = LiveVoice(LiveSettings("animator", sample_rate=RATE, frame_rate=30))
    return join([voice.push(SOUND), voice.flush()]).values


def needs(package: str) -> pytest.MarkDecorator:
    """For tests with packages that are no part of the development install; run them with `-m slow`."""
    absent = importlib.util.find_spec(package) is None
    return pytest.mark.skipif(absent, reason=f"{package} is not installed")


def test_no_chunk_goes_on_before_its_face() -> None:
    face: FaceAhead[int] = FaceAhead(SETTINGS)
    frames: list[Motion] = []
    gone: list[int] = []
    for number, pcm in enumerate(CHUNKS):
        passed = face.push(number, pcm, RATE)
        frames += [passed.motion] if len(passed.motion) else []
        gone += passed.chunks
        known = sum(map(len, frames)) / 30
        assert all((chunk + 1) * CUT / RATE <= known + 1e-9 for chunk in passed.chunks)
    assert 0 < len(gone) < len(CHUNKS)
    last = face.finish()
    assert [*gone, *last.chunks] == list(range(len(CHUNKS)))
    np.testing.assert_allclose(join([*frames, last.motion]).values, expected(), atol=1e-5)


def test_an_interruption_clears_what_is_held_and_stereo_is_mixed() -> None:
    face: FaceAhead[int] = FaceAhead(SETTINGS)
    stereo = np.repeat(SOUND, 2).tobytes()
    shown = face.push(0, stereo, RATE, 2)
    np.testing.assert_allclose(shown.motion.values, expected()[: len(shown.motion)], atol=1e-4)
    cut_off = face.interrupt()
    assert cut_off.chunks == [0] and not cut_off.motion["jawOpen"][-1]
    assert not face.finish().chunks


@pytest.mark.slow
@needs("pipecat")
def test_pipecat_passes_the_face_before_its_sound() -> None:
    from pipecat.frames.frames import (
        InterruptionFrame,
        OutputTransportMessageFrame,
        TTSAudioRawFrame,
        TTSStartedFrame,
        TTSStoppedFrame,
    )
    from pipecat.tests.utils import SleepFrame, run_test

    from utterface.live.pipecat import FaceProcessor

    audio = [TTSAudioRawFrame(audio=pcm, sample_rate=RATE, num_channels=1, context_id="a") for pcm in CHUNKS]
    sent = [TTSStartedFrame(context_id="a"), *audio, TTSStoppedFrame(context_id="a")]
    down, _ = asyncio.run(run_test(FaceProcessor(SETTINGS), frames_to_send=sent))
    shown, sounded, rows = 0.0, 0.0, []
    for frame in down:
        if isinstance(frame, OutputTransportMessageFrame):
            rows += frame.message["weights"]
            shown = len(rows) / 30
        elif isinstance(frame, TTSAudioRawFrame):
            sounded += CUT / RATE
            assert sounded <= shown + 1e-6
    assert sounded == pytest.approx(1.0) and isinstance(down[-1], TTSStoppedFrame)
    np.testing.assert_allclose(np.array(rows), expected(), atol=1e-4)
    cut = [*sent[:30], SleepFrame(1.0), InterruptionFrame(), SleepFrame(0.2)]
    down, _ = asyncio.run(run_test(FaceProcessor(SETTINGS), frames_to_send=cut))
    last = [frame.message for frame in down if hasattr(frame, "message")][-1]
    assert last["interrupted"] and not any(last["weights"][-1])


@pytest.mark.slow
@needs("livekit.agents" if importlib.util.find_spec("livekit") else "livekit")
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
