"""An engine of your own: anything that turns samples into motion, streaming. This one opens the jaw with loudness."""

from pathlib import Path

import numpy as np

import utterface
from utterface.engines import ENGINES, Engine, EngineInfo, Request
from utterface.motion import CHANNELS, Motion

HOP = 320  # samples a frame: 50 frames a second


class Loudness:
    """Jaw by energy; no frame needs later sound."""

    about = EngineInfo("loudness", frame_rate=50.0, look_ahead=0.0)
    alignment = None  # it knows no words and phones

    def __init__(self, request: Request) -> None:
        self.strength = request.strength
        self.reset()

    def reset(self) -> None:
        self.waiting, self.frames = np.zeros(0, np.float32), 0

    def push(self, samples: np.ndarray) -> Motion:
        sound = np.concatenate([self.waiting, samples])
        count = len(sound) // HOP
        self.waiting = sound[count * HOP :]
        return self._motion(sound[: count * HOP].reshape(count, HOP))

    def flush(self) -> Motion:
        rest = np.pad(self.waiting, (0, -len(self.waiting) % HOP))
        return self._motion(rest.reshape(-1, HOP))

    def _motion(self, hops: np.ndarray) -> Motion:
        values = np.zeros((len(hops), len(CHANNELS)), np.float32)
        values[:, CHANNELS.index("jawOpen")] = np.minimum(1, 4 * self.strength * np.sqrt((hops**2).mean(1)))
        rate = self.about.frame_rate
        start, self.frames = self.frames / rate, self.frames + len(hops)
        return Motion(values, CHANNELS, rate, start)


ENGINES["loudness"] = Engine("loudness", Loudness)
clip = utterface.animate(Path(__file__).with_name("hello.flac"), model="loudness", emotions={"joy": 0.5})
clip.save("loudness.html")
print(f"{clip.engine}: jaw up to {clip.motion['jawOpen'].max():.2f}")
