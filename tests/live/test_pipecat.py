"""A face in pipecat, by its own test tools, which are no part of the development install: run with `-m slow`."""

import asyncio
import importlib.util

import numpy as np
import pytest

from utterface.live import LiveSettings, LiveVoice
from utterface.motion import join

RATE, CUT = 24_000, 480
SOUND = (3000 * np.random.default_rng(1).standard_normal(RATE)).astype("<i2")
SETTINGS = LiveSettings("animator", frame_rate=30)
CHUNKS = [SOUND[i : i + CUT].tobytes() for i in range(0, len(SOUND), CUT)]


def expected() -> np.ndarray:
    voice = LiveVoice(LiveSettings("animator", sample_rate=RATE, frame_rate=30))
    return join([voice.push(SOUND), voice.flush()]).values


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("pipecat") is None, reason="pipecat is not installed")
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
