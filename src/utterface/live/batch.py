"""Many voices in one call: they join, speak, are interrupted and leave, each as if it were alone.

    voices ─ queues ─ one hop of each that has one ─ NeuralVoices ─ LiveLayer ─▶ Motion of each

Everything is computed row by row, so a voice changes no other's motion by a bit.
"""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr

from utterface import speech, timing
from utterface.engines import Request
from utterface.engines.bundle import ArticulatorConfig, find_bundle, read_config
from utterface.engines.emotion import AUTO, split_auto
from utterface.engines.neural_voices import GROUP, NeuralVoices
from utterface.errors import AudioError, ConfigError
from utterface.live.layer import LiveLayer
from utterface.live.voice import LiveSettings, begin_layer, to_rest
from utterface.motion import Motion

WAITING = 10.0  # seconds of sound of a voice that may wait
PASSES = 8  # hops of a voice in a tick, at most
TICK = 0.02  # seconds, a hop


class Spoken(NamedTuple):
    """What a tick gave for a voice: its frames, and whether an utterance ended with them and how long it was."""

    voice: "BatchVoice"
    motion: Motion
    ended: float | None = None


@dataclass
class _Waiting:
    """Sound at 16 kHz that waits."""

    waiting: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    taken: int = 0  # samples
    ended: bool = False

    @property
    def duration(self) -> float:
        return timing.seconds(self.taken + len(self.waiting))

    def take(self, count: int) -> np.ndarray:
        """The next samples; zeros after the end."""
        samples = self.waiting[:count]
        self.waiting, self.taken = self.waiting[count:], self.taken + len(samples)
        return samples if len(samples) == count else np.pad(samples, (0, count - len(samples)))


class BatchVoice:
    """One voice of a `VoiceBatch`, which opens it.

    Attributes:
        settings: how it is shown.
        about: of the engine.
        heard: seconds of sound pushed since the utterance began.
    """

    def __init__(self, batch: "VoiceBatch", slot: int, settings: LiveSettings) -> None:
        self.settings = settings
        self.about = batch.about
        self._batch, self._slot, self._count = batch, slot, 0
        self._last: np.ndarray | None = None
        self._next = 0.0
        self._begin()

    def _begin(self) -> None:
        self._utterances = deque([_Waiting()])
        self._resampler = self._resampler_of()
        self._batch.clear(self._slot, self.settings)

    def _resampler_of(self) -> "soxr.ResampleStream | None":
        rate = self.settings.sample_rate
        return None if rate == speech.SAMPLE_RATE else soxr.ResampleStream(rate, speech.SAMPLE_RATE, 1)

    @property
    def heard(self) -> float:
        return self._count / self.settings.sample_rate

    @property
    def waiting(self) -> float:
        """Seconds of sound that no tick has taken yet: how far the batch is behind this voice."""
        return timing.seconds(sum(len(one.waiting) for one in self._utterances))

    def push(self, samples: np.ndarray) -> None:
        """The next (N,) samples, float (full scale ±1) or int16; they wait for a tick.

        Raises:
            AudioError: not (N,), NaN or infinite samples, or more than `WAITING` seconds would wait; nothing is taken.
        """
        samples = speech.samples_of(np.asarray(samples)[None], 1)[0]
        if self.waiting + len(samples) / self.settings.sample_rate > WAITING:
            raise AudioError(
                f"{self.waiting:.1f} s of sound wait; {WAITING:g} s may, so push the rest after some ticks"
            )
        self._count += len(samples)
        self._append(samples, False)

    def end(self) -> None:
        """End of the utterance: its last frames come with the next ticks; sound pushed from now on is another's."""
        self._append(np.zeros(0, np.float32), True)
        self._utterances[-1].ended = True
        self._utterances.append(_Waiting())
        self._resampler, self._count = self._resampler_of(), 0

    def interrupt(self) -> Motion:
        """Speech ends here, what waits included: frames that lead from the last one to rest in 0.15 s."""
        motion = to_rest(self._last, self.settings.frame_rate, self._next)
        self._last, self._next, self._count = motion.values[-1] if len(motion) else None, 0.0, 0
        self._begin()
        return motion

    def leave(self) -> None:
        """The voice is gone; its slot is free."""
        self._batch.free(self._slot)

    @property
    def ready(self) -> bool:
        """Whether a tick has something to do."""
        first = self._utterances[0]
        return first.ended or len(first.waiting) >= self._batch.hop

    def take(self) -> np.ndarray:
        """(hop,) samples, for the batch."""
        return self._utterances[0].take(self._batch.hop)

    def give(self, values: np.ndarray, emitted: int) -> Spoken:
        """Its frames (T, 61) of a pass, after which `emitted` have come, from the batch."""
        first, rate = self._utterances[0], self.settings.frame_rate
        start, ended = emitted - len(values), None
        if first.ended and not len(first.waiting) and emitted >= (total := timing.frame_count(first.duration, rate)):
            values, ended = values[: max(0, total - start)], first.duration
        motion = Motion(values, frame_rate=rate, start=start / rate)
        if len(values):
            self._last, self._next = values[-1], (start + len(values)) / rate
        if ended is not None:
            self._utterances.popleft()
            self._next = 0.0
            self._batch.clear(self._slot, self.settings)
        return Spoken(self, motion, ended)

    def _append(self, samples: np.ndarray, last: bool) -> None:
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples.astype(np.float32), last=last)
        one = self._utterances[-1]
        one.waiting = np.concatenate([one.waiting, samples.astype(np.float32, copy=False)])


class VoiceBatch:
    """Voices of one model and frame rate whose faces are computed together; for use by one thread at a time.

    Args:
        model: a bundle of articulators by name or folder.
        frame_rate: frames a second, of all.
        voices: at a time, at most; rounded up to whole groups.

    Raises:
        ConfigError: the model cannot take voices together.

    Attributes:
        about: of the engine; frames are `about.look_ahead` behind the sound at most, without computing.
        hop: samples of a tick at 16 kHz.
    """

    def __init__(self, model: str = "animator", frame_rate: float = 60.0, voices: int = 64) -> None:
        folder = together(model)
        if folder is None:
            raise ConfigError(f"{model} takes no voices together; animator does, or one LiveVoice for each voice")
        Request(frame_rate=frame_rate)
        groups = -(-voices // GROUP)
        self._network = NeuralVoices(folder, groups, frame_rate)
        self._layer = LiveLayer(groups * GROUP)
        self.about, self.hop = self._network.about, self._network.hop
        if self.hop % speech.HOP:
            raise ConfigError(f"{model} takes no voices together: its hop is no whole number of {speech.HOP} samples")
        self._voices: dict[int, BatchVoice] = {}
        self._model, self._most = model, voices

    def __len__(self) -> int:
        return len(self._voices)

    def join(self, settings: LiveSettings | None = None) -> BatchVoice:
        """Another voice.

        Raises:
            ConfigError: another model or frame rate than the batch's, or as many voices as it has room for speak.
        """
        one = settings or LiveSettings(self._model, frame_rate=self.about.frame_rate)
        if split_auto(one.emotions)[1] is not None:
            raise ConfigError("emotion auto is for a LiveVoice; a batch takes emotions by name")
        if (one.model, one.frame_rate) != (self._model, self.about.frame_rate):
            raise ConfigError(f"this batch is of {self._model} at {self.about.frame_rate:g} frames a second")
        if len(self._voices) >= self._most:
            raise ConfigError(f"{self._most} voices speak already")
        slot = next(slot for slot in range(self._network.count) if slot not in self._voices)
        self._voices[slot] = BatchVoice(self, slot, one)
        return self._voices[slot]

    def tick(self, passes: int = PASSES) -> list[Spoken]:
        """Frames of all voices that have a hop of sound or more, for at most `passes` hops of each."""
        spoken: list[Spoken] = []
        for _ in range(passes):
            slots = np.array([slot for slot in sorted(self._voices) if self._voices[slot].ready], int)
            if not len(slots):
                break
            spoken += self._pass(slots)
        return spoken

    def _pass(self, slots: np.ndarray) -> list[Spoken]:
        voices = [self._voices[slot] for slot in slots]
        samples = np.stack([voice.take() for voice in voices])
        self._layer.hear(slots, samples)
        of, times, values = self._network.step(slots, samples)
        values = self._layer.show(of, times, values)
        bounds = np.searchsorted(of, slots), np.searchsorted(of, slots, "right")
        emitted = self._network.emitted[slots].tolist()
        given = [
            voice.give(values[a:b], count) for voice, a, b, count in zip(voices, *bounds, emitted, strict=True)
        ]  # fmt: skip
        return [one for one in given if len(one.motion) or one.ended is not None]

    def clear(self, slot: int, settings: LiveSettings) -> None:
        """An utterance begins in a slot; ConfigError for the emotion of the voice, which takes a voice of its own."""
        if AUTO in settings.emotions:
            raise ConfigError(
                "emotion auto is not for many voices at once; use the model phones-live, or name emotions"
            )
        request = Request(frame_rate=settings.frame_rate, strength=settings.strength, emotions=settings.emotions)
        self._network.clear(slot, request)
        begin_layer(self._layer, slot, settings, self.about)

    def free(self, slot: int) -> None:
        """A slot has no voice any more."""
        del self._voices[slot]


def together(model: str) -> Path | None:
    """Folder of a model that a batch can run; None where its voices need a `LiveVoice` each."""
    folder = find_bundle(model)
    return folder if folder is not None and isinstance(read_config(folder), ArticulatorConfig) else None
