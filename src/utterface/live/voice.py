"""One voice that comes in and its face: sound of any rate in chunks of any length → frames as they are settled."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import soxr

from utterface import life, speech
from utterface.articulation import express_courses
from utterface.engines import EngineInfo, Request, open_animator
from utterface.engines.contract import check_range
from utterface.engines.emotion import EmotionStream, split_auto
from utterface.errors import AudioError, ConfigError
from utterface.live.layer import LiveLayer
from utterface.motion import Motion, join, rest

RATES = (4_000.0, 768_000.0)  # Hz
RESTED = 0.15  # seconds in which an interrupted face is at rest
_PIECE = speech.SAMPLE_RATE  # samples worked on at once
_AFTER = 0.1  # seconds of silence after an utterance that its last frames are measured with


@dataclass(frozen=True)
class LiveSettings:
    """How a voice is shown.

    Attributes:
        model: a live engine by name: `phones-live` for the best lips, `animator` for many voices at once.
        sample_rate: Hz of the sound, 4,000 to 768,000.
        frame_rate: frames a second.
        strength: how much the lips articulate, 0 to 2.
        emotions: intensity 0…1 by name; or `auto` → strength, for those of the voice, some two seconds behind it.
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
        Request(frame_rate=self.frame_rate, strength=self.strength, emotions=split_auto(self.emotions)[0])
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
        named, self._auto = split_auto(one.emotions)
        self._emotion = None if self._auto is None else EmotionStream()
        request = Request(frame_rate=one.frame_rate, strength=one.strength, emotions=named)
        self._animator = open_animator(one.model, request)
        self.about = self._animator.about
        if self.about.look_ahead is None:
            raise ConfigError(f"{one.model} needs the whole utterance; live voices take phones-live or animator")
        self._layer = LiveLayer(1)
        self._last: np.ndarray | None = None
        self.reset()

    def reset(self) -> None:
        """The next sound is the first of an utterance."""
        rate = self.settings.sample_rate
        self._animator.reset()
        self._resampler = None if rate == speech.SAMPLE_RATE else soxr.ResampleStream(rate, speech.SAMPLE_RATE, 1)
        begin_layer(self._layer, 0, self.settings, self.about)
        if self._emotion is not None:
            self._emotion.reset()
        self._unheard = np.zeros(0, np.float32)  # samples short of a hop of the layer
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
        samples = self._resampled(samples, False)
        pieces = [self._shown(samples[i : i + _PIECE]) for i in range(0, max(1, len(samples)), _PIECE)]
        return pieces[0] if len(pieces) == 1 else join(pieces)

    def flush(self) -> Motion:
        """End of the utterance: the frames that remain; the next sound begins at time 0."""
        motion = self._shown(self._resampled(np.zeros(0, np.float32), True), last=True)
        self.reset()
        return motion

    def interrupt(self) -> Motion:
        """The utterance ends here: frames that lead from the last one to rest in `RESTED` seconds."""
        start, last = self._next, self._last
        self.reset()
        motion = to_rest(last, self.settings.frame_rate, start)
        if last is not None:
            self._last = motion.values[-1]
        return motion

    def _resampled(self, samples: np.ndarray, last: bool) -> np.ndarray:
        if self._resampler is None:
            return samples
        return np.asarray(self._resampler.resample_chunk(samples.astype(np.float32), last=last), np.float32)

    def _shown(self, samples: np.ndarray, last: bool = False) -> Motion:
        motion = self._animator.push(samples)
        if self._emotion is not None:
            self._emotion.push(samples)
        self._hear(
            np.concatenate([samples, np.zeros(round(_AFTER * speech.SAMPLE_RATE), np.float32)]) if last else samples
        )
        if last:
            motion = replace(motion, values=np.concatenate([motion.values, self._animator.flush().values]))
        if len(motion):
            if self._emotion is not None:
                courses = self._emotion.courses(motion.times, live=True)
                motion = express_courses(motion, {name: (self._auto or 0.0) * much for name, much in courses.items()})
            motion = motion.with_values(self._layer.show(np.zeros(len(motion), int), motion.times, motion.values))
            self._last, self._next = motion.values[-1].copy(), motion.start + len(motion) / motion.frame_rate
        return motion

    def _hear(self, samples: np.ndarray) -> None:
        waiting = np.concatenate([self._unheard, samples])
        whole = len(waiting) - len(waiting) % speech.HOP
        self._layer.hear(np.zeros(1, int), waiting[None, :whole])
        self._unheard = waiting[whole:]


def begin_layer(layer: LiveLayer, voice: int, settings: LiveSettings, about: EngineInfo) -> None:
    """An utterance of a voice begins, shown as settings say and with what its engine does not move itself."""
    parts = tuple(part for part in life.parts_of(settings.life) if part not in about.moves)
    named, _ = split_auto(settings.emotions)
    added = {name: much for name, much in named.items() if name not in about.emotions}
    layer.clear(voice, settings.seed, parts, life.manner_of(settings.life, named), added)


def to_rest(last: np.ndarray | None, frame_rate: float, start: float) -> Motion:
    """Frames from the last one shown (61,) to rest in `RESTED` seconds; none where none was shown."""
    if last is None:
        return rest(0, frame_rate)
    left = np.linspace(1, 0, max(1, int(np.ceil(RESTED * frame_rate))) + 1)[1:, None]
    return Motion((last * (left * left * (3 - 2 * left))).astype(np.float32), frame_rate=frame_rate, start=start)


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
