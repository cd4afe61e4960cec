"""Live: sound in chunks of any length, frames as soon as they are settled, with blinks, gaze, brows and head motion.

Replace `chunks` by a microphone or by the chunks of a text-to-speech engine: mono, 16 kHz, float or int16.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from utterface import life, speech
from utterface.engines import Request, open_animator
from utterface.motion import Motion

HELLO = Path(__file__).with_name("hello.flac")
KEPT = 760  # frames of 10 ms that the life layer looks back on
CONTEXT = -(-speech.PROSODY_CONTEXT // speech.HOP)  # frames before one that it is measured with


def chunks() -> Iterator[np.ndarray]:
    """50 ms at a time, as a microphone gives them."""
    for block in speech.blocks(HELLO):
        yield from (block[i : i + 800] for i in range(0, len(block), 800))


class Living:
    """The life layer over a stream: measures the voice as it comes and keeps the last seconds of it.

    Its seed comes from the first tenth of a second of sound, as in `animate`; until then the face rests.
    """

    def __init__(self) -> None:
        self.own = life.SoundSeed()
        self.sound = np.zeros(0, np.float32)
        self.energy = self.pitch = np.zeros(0, np.float32)  # 100 Hz
        self.first = self.skip = 0  # frame at which `sound` begins; frames of it that are measured already

    def __call__(self, motion: Motion, samples: np.ndarray) -> Motion:
        """(N,) samples that came in and the frames that they settled → the frames, alive."""
        self.own.push(samples)
        self.sound = np.concatenate([self.sound, samples])
        count = max(self.skip, (len(self.sound) - speech.PROSODY_CONTEXT) // speech.HOP)
        voice = speech.prosody(self.sound)
        self.energy = np.concatenate([self.energy, voice.energy[self.skip : count]])[-KEPT:]
        self.pitch = np.concatenate([self.pitch, voice.pitch[self.skip : count]])[-KEPT:]
        self.skip = min(count, CONTEXT)
        self.sound = self.sound[(count - self.skip) * speech.HOP :]
        self.first += count - self.skip
        if not len(motion) or self.own.seed is None:
            return motion
        since = (self.first + self.skip - len(self.energy)) / 100
        return life.live(motion, self.energy, self.pitch, seed=self.own.seed, since=since, begin=self.own.begin)


def send(frames: Motion) -> int:
    """To a socket or an engine: (T, 61) float32 `frames.values`, named by `frames.channels`, from `frames.start` on."""
    return len(frames)


animator = open_animator("phones-live", Request(frame_rate=60))
living, sent = Living(), 0
for chunk in chunks():
    sent += send(living(animator.push(chunk), chunk))
sent += send(living(animator.flush(), np.zeros(0, np.float32)))
print(f"{sent} frames of {animator.about.frame_rate:g} Hz, {animator.about.look_ahead:.2f} s behind the sound")
