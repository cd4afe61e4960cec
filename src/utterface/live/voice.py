"""One voice that comes in and its face: sound of any rate in chunks of any length → frames as they are settled."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import soxr

from utterface import life, speech
from utterface.articulation import express
from utterface.engines import Request, open_animator
from utterface.engines.contract import check_range
from utterface.errors import AudioError, ConfigError
from utterface.motion import Motion, rest

RATES = (4_000.0, 768_000.0)  # Hz
RESTED = 0.15  # seconds in which an interrupted face is at rest
_KEPT = 760  # frames of 10 ms that the life layer looks back on
_CONTEXT = -(-speech.PROSODY_CONTEXT // speech.HOP)  # frames before one that it is measured with


@dataclass(frozen=True)
class LiveSettings:
    """How a voice is shown.

    Attributes:
        model: a live engine by name: `phones-live` for the best lips, `animator` for many voices at once.
        sample_rate: Hz of the sound, 4,000 to 768,000.
        frame_rate: frames a second.
        strength: how much the lips articulate, 0 to 2.
        emotions: intensity 0…1 by name.
        life: as of `animate`.
        seed: of the life layer; None takes it from the first sound.

    Raises:
        ConfigError: a value out of its range, an unknown part, emotion or engine, or one that does not stream.
    """

    model: str = "phones-live"
    sample_rate: float = float(speech.SAMPLE_RATE)
    frame_rate: float = 60.0
    strength: float = 1.0
    emotions: Mapping[str, float] = field(default_factory=dict)
    life: bool | str | Collection[str] = True
    seed: int | None = None

    def __post_init__(self) -> None:
        check_range("sample rate", self.sample_rate, RATES, " Hz")
        life.parts_of(self.life)
        Request(frame_rate=self.frame_rate, strength=self.strength, emotions=self.emotions)
        if self.seed is not None and (isinstance(self.seed, bool) or not isinstance(self.seed, int)):
            raise ConfigError(f"seed must be a whole number, got {self.seed!r}")


class LiveVoice:
    """The face of one voice; nothing is shared with others but the weights of networks.

    Frame times are seconds from the first sample of the utterance. Cuts of the sound change nothing.

    Args:
        settings: how it is shown.

    Attributes:
        about: of its engine; `about.look_ahead` is how far frames are behind the sound, at most, without computing.
        heard: seconds of sound pushed since the utterance began.
    """

    def __init__(self, settings: LiveSettings | None = None) -> None:
        self.settings = settings or LiveSettings()
        one = self.settings
        request = Request(frame_rate=one.frame_rate, strength=one.strength, emotions=one.emotions)
        self._animator = open_animator(one.model, request)
        self.about = self._animator.about
        if self.about.look_ahead is None:
            raise ConfigError(f"{one.model} needs the whole utterance; live voices take phones-live or animator")
        self._parts = tuple(part for part in life.parts_of(one.life) if part not in self.about.moves)
        self._added = {name: much for name, much in one.emotions.items() if name not in self.about.emotions}
        self._last: np.ndarray | None = None
        self.reset()

    def reset(self) -> None:
        """The next sound is the first of an utterance."""
        rate = self.settings.sample_rate
        self._animator.reset()
        self._resampler = None if rate == speech.SAMPLE_RATE else soxr.ResampleStream(rate, speech.SAMPLE_RATE, 1)
        self._alive = _Alive(
            self.settings.seed, self._parts, life.manner_of(self.settings.life, self.settings.emotions)
        )
        self._count, self._next = 0, 0.0

    @property
    def heard(self) -> float:
        return self._count / self.settings.sample_rate

    def push(self, samples: np.ndarray) -> Motion:
        """The next (N,) samples, float (full scale ±1) or int16 → the frames that they settle, perhaps none.

        Raises:
            AudioError: not (N,), or NaN or infinite samples; nothing of them is taken.
        """
        samples = speech.samples_of(np.asarray(samples)[None], 1)[0]
        self._count += len(samples)
        return self._shown(self._resampled(samples, False), False)

    def flush(self) -> Motion:
        """End of the utterance: the frames that remain; the next sound begins at time 0."""
        motion = self._shown(self._resampled(np.zeros(0, np.float32), True), True)
        self.reset()
        return motion

    def interrupt(self) -> Motion:
        """The utterance ends here: frames that lead from the last one to rest in `RESTED` seconds."""
        rate, last = self.settings.frame_rate, self._last
        count = max(1, int(np.ceil(RESTED * rate)))
        start = self._next
        self.reset()
        if last is None:
            return rest(0, rate)
        left = np.linspace(1, 0, count + 1)[1:, None]
        values = (last * (left * left * (3 - 2 * left))).astype(np.float32)
        self._last = values[-1]
        return Motion(values, frame_rate=rate, start=start)

    def _resampled(self, samples: np.ndarray, last: bool) -> np.ndarray:
        if self._resampler is None:
            return samples
        return np.asarray(self._resampler.resample_chunk(samples.astype(np.float32), last=last), np.float32)

    def _shown(self, samples: np.ndarray, last: bool) -> Motion:
        motion = self._animator.push(samples)
        if last:
            motion = replace(motion, values=np.concatenate([motion.values, self._animator.flush().values]))
        motion = self._alive(motion, samples, self._added)
        if len(motion):
            self._last, self._next = motion.values[-1].copy(), motion.start + len(motion) / motion.frame_rate
        return motion


class _Alive:
    """Emotions and the life layer over a stream: measures the voice as it comes and keeps its last seconds.

    The seed comes from the first tenth of a second of sound, as in `animate`; until then the face rests.
    """

    def __init__(self, seed: int | None, parts: tuple[str, ...], manner: life.Manner) -> None:
        self._own, self._seed, self._parts, self._manner = life.SoundSeed(), seed, parts, manner
        self._sound = np.zeros(0, np.float32)
        self._energy = self._pitch = np.zeros(0, np.float32)  # 100 Hz
        self._first = self._skip = 0  # frame at which `_sound` begins; frames of it that are measured already

    def __call__(self, motion: Motion, samples: np.ndarray, emotions: Mapping[str, float]) -> Motion:
        """(N,) samples that came in and the frames that they settled → the frames, alive."""
        self._own.push(samples)
        self._measure(samples)
        seed = self._own.seed if self._seed is None else self._seed
        if not len(motion) or seed is None or self._own.seed is None:
            return express(motion, emotions) if len(motion) else motion
        since = (self._first + self._skip - len(self._energy)) / speech.TRACK_RATE
        if emotions:
            course = None
            if "emotion" in self._parts:
                course = life.swell(motion.times, self._energy, self._pitch, seed, since)
            motion = express(motion, emotions, course)
        return life.live(
            motion, self._energy, self._pitch, seed=seed, parts=self._parts, since=since, manner=self._manner,
            begin=self._own.begin,
        )  # fmt: skip

    def _measure(self, samples: np.ndarray) -> None:
        self._sound = np.concatenate([self._sound, samples])
        count = max(self._skip, (len(self._sound) - speech.PROSODY_CONTEXT) // speech.HOP)
        if count == self._skip:
            return
        voice = speech.prosody(self._sound)
        self._energy = np.concatenate([self._energy, voice.energy[self._skip : count]])[-_KEPT:]
        self._pitch = np.concatenate([self._pitch, voice.pitch[self._skip : count]])[-_KEPT:]
        self._first += count
        self._skip, first = min(count, _CONTEXT), count
        self._sound = self._sound[(first - self._skip) * speech.HOP :]
        self._first -= self._skip


def samples_from(data: bytes, encoding: str) -> np.ndarray:
    """(N,) samples of little-endian PCM, `s16` or `f32`.

    Raises:
        AudioError: half a sample at the end. ConfigError: another encoding.
    """
    kinds: dict[str, np.dtype[Any]] = {"s16": np.dtype("<i2"), "f32": np.dtype("<f4")}
    if encoding not in kinds:
        raise ConfigError(f"encoding must be {' or '.join(kinds)}, got {encoding!r}")
    if len(data) % kinds[encoding].itemsize:
        raise AudioError(f"{len(data)} bytes are no whole number of {encoding} samples; the chunk is left out")
    return np.frombuffer(data, kinds[encoding])
