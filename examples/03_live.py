"""Live: sound in chunks of any length, frames as soon as they are settled, with blinks, gaze, brows and head motion.

Replace `chunks` by a microphone or by the chunks of a text-to-speech engine: mono, any rate, float or int16.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from utterface import speech
from utterface.live import LiveSettings, LiveVoice
from utterface.motion import Motion

HELLO = Path(__file__).with_name("hello.flac")


def chunks() -> Iterator[np.ndarray]:
    """50 ms at a time, as a microphone gives them."""
    for block in speech.blocks(HELLO):
        yield from (block[i : i + 800] for i in range(0, len(block), 800))


def send(frames: Motion) -> int:
    """To a socket or an engine: (T, 61) float32 `frames.values`, named by `frames.channels`, from `frames.start` on."""
    return len(frames)


voice = LiveVoice(LiveSettings(sample_rate=16_000, frame_rate=60))
sent = sum(send(voice.push(chunk)) for chunk in chunks())
sent += send(voice.flush())  # or voice.interrupt(), which leads to rest in 0.15 s
print(f"{sent} frames of {voice.about.frame_rate:g} Hz, {voice.about.look_ahead:.2f} s behind the sound")
