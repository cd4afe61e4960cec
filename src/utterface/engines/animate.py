"""The main job: a recording (and, if known, its words) → a clip. Push every block, flush, then dress the motion."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from utterface import life as liveliness
from utterface import speech, timing
from utterface.articulation import express
from utterface.clip import Clip
from utterface.engines import Animator, Take, open_animator
from utterface.errors import AudioError, ConfigError
from utterface.motion import MOUTH, Motion, join, rest
from utterface.phones import Span
from utterface.text import words_in

FRAME_RATES = (1.0, 240.0)  # Hz, what may be asked for

Sound = str | PathLike[str] | np.ndarray
Report = Callable[[str, float | None], None]


def animate(
    sound: Sound,
    text: str | PathLike[str] | None = None,
    *,
    language: str = "en",
    frame_rate: float = 60.0,
    emotions: Mapping[str, float] | None = None,
    life: bool | str | Collection[str] = True,
    mouth_only: bool = False,
    strength: float = 1.0,
    offset_ms: float = 0.0,
    seed: int = 0,
    model: str | None = None,
    progress: Report | None = None,
) -> Clip:
    """A talking face for a recording.

    Args:
        sound: an audio file, or (N,) samples at 16 kHz, float (full scale ±1) or int16.
        text: what is said, or the path (`Path`, not `str`) of a file with it; without it the engine listens for itself.
        language: of the transcript.
        frame_rate: frames a second of the motion, 1 to 240.
        emotions: name → intensity 0…1, see `articulation.EMOTIONS`.
        life: whether to add blinks, gaze, brows and head motion, or which of `life.PARTS`, as names or as a text that
            `life.named` reads; a model that moves some of them by itself moves those.
        mouth_only: keep jaw, mouth and tongue, leave the rest of the face still.
        strength: how much the lips articulate, 1 = as measured.
        offset_ms: moves the motion against the sound, positive = later.
        seed: of life and of engines that sample; the same seed gives the same take.
        model: engine or bundle by name, or a bundle's folder; None picks the best there is.
        progress: called with what is being done and how far it is, 0…1 (None = unknown).

    Returns:
        The clip; `clip.save("face.glb")` writes it.

    Raises:
        AudioError: the recording cannot be read. TextError: the transcript does not fit it, or its file cannot be
        read. ConfigError: an option that does not exist or fit.
    """
    check_options(frame_rate, strength, offset_ms)
    parts = check_face(emotions or {}, life) if not mouth_only else ()
    text = text if text is None else words_in(Path(text) if isinstance(text, PathLike) else text)
    seed = int(seed)
    report = progress or (lambda what, part: None)
    take = Take(text, language, timing.fine_rate(frame_rate), strength, seed, emotions or {})
    animator = open_animator(model, take)
    alive: tuple[str, ...] = getattr(animator, "alive", ())
    parts = [part for part in parts if part not in alive]
    directed: tuple[str, ...] = getattr(animator, "directed", ())
    others = {name: amount for name, amount in (emotions or {}).items() if name not in directed}
    voice = _Voice(kept=bool(parts))
    motion = _spoken(animator, sound, voice, report)
    alignment, engine = getattr(animator, "alignment", None), animator.name
    del animator  # and the sound that it holds
    words, phones = (tuple(alignment.words), tuple(alignment.phones)) if alignment else ((), ())
    duration = timing.seconds(voice.heard)
    report("moving the face", None)
    motion = _fitted(motion, duration, frame_rate)
    motion = liveliness.turn_eyes(motion) if "gaze" in alive else motion
    motion = _dressed(motion, voice, phones, others, parts, seed)
    if mouth_only:
        motion = _mouth_only(motion)
    return Clip(
        _shifted(motion, offset_ms / 1000),
        duration=duration,
        text=text if text is not None else " ".join(word.label for word in words),
        words=words,
        phones=phones,
        engine=engine,
        audio=Path(sound) if isinstance(sound, str | PathLike) else sound,
        emotions=dict(emotions or {}),
        seed=seed,
        confidence=alignment.confidence if alignment else None,
        unspoken=alignment.unspoken if alignment else (),
        offset=offset_ms / 1000,
    )


def check_face(emotions: Mapping[str, float], life: bool | str | Collection[str]) -> Collection[str]:
    """The parts of `life.PARTS` that live; ConfigError for emotions and parts that nobody knows."""
    life = liveliness.named(life) if isinstance(life, str) else life
    parts = liveliness.PARTS if life is True else life or ()
    _dressed(rest(1), _Voice(), (), emotions, parts, 0)
    return parts


def check_options(frame_rate: float, strength: float, offset_ms: float) -> None:
    """ConfigError for what `animate` cannot do, whatever the recording."""
    low, high = FRAME_RATES
    if not low <= frame_rate <= high:
        raise ConfigError(f"frame rate must lie in {low:g} to {high:g} a second, got {frame_rate:g}")
    if not 0 <= strength <= 2:
        raise ConfigError(f"strength must lie in 0 to 2 (1 is as measured), got {strength:g}")
    if not abs(offset_ms) <= 10_000:
        raise ConfigError(f"offset must lie within ±10000 ms, got {offset_ms:g}")


def _spoken(animator: Animator, sound: Sound, voice: "_Voice", report: Report) -> Motion:
    """Everything pushed, then flushed, while the voice is listened to on the way."""
    pieces = []
    for block in _blocks(sound, report):
        voice.hear(block)
        pieces.append(animator.push(block))
    report("listening", None)
    pieces.append(animator.flush())
    return join([piece for piece in pieces if len(piece)])


def _blocks(sound: Sound, report: Report) -> Iterator[np.ndarray]:
    """Blocks of a file or an array, telling how far the reading is."""
    if isinstance(sound, np.ndarray):
        samples = speech.Speech(sound).samples
        if len(samples) < speech.MIN_DURATION * speech.SAMPLE_RATE:
            least = round(speech.MIN_DURATION * speech.SAMPLE_RATE)
            raise AudioError(f"{len(samples)} samples are too short for speech; it takes at least {least}")
        yield samples
        return
    total, done = speech.duration(Path(sound)), 0.0
    for block in speech.blocks(Path(sound)):
        yield block
        done += timing.seconds(len(block))
        report("reading", min(1.0, done / max(total, done)))


class _Voice:
    """Energy and pitch of sound that comes in blocks: the same numbers as from all of it at once."""

    def __init__(self, kept: bool = True) -> None:
        self.heard = 0  # samples
        self._kept = kept
        self._waiting = np.zeros(0, np.float32)  # from the sample of frame `_first` on
        self._first = self._done = 0  # frames of 10 ms
        self._energy: list[np.ndarray] = []
        self._pitch: list[np.ndarray] = []

    def hear(self, samples: np.ndarray) -> None:
        self.heard += len(samples)
        if self._kept:
            self._waiting = np.concatenate([self._waiting, samples])
            self._settle(max(self._done, (self.heard - speech.PROSODY_CONTEXT) // speech.HOP))

    def tracks(self) -> tuple[np.ndarray, np.ndarray]:
        """(energy, pitch), (N,) each at 100 Hz, of everything heard."""
        if self.heard:
            self._settle(timing.frame_count(timing.seconds(self.heard), speech.TRACK_RATE))
        empty = [np.zeros(0, np.float32)]
        return np.concatenate(self._energy or empty), np.concatenate(self._pitch or empty)

    def _settle(self, frames: int) -> None:
        """Measure up to frame `frames` and let go of the sound that no later frame looks at."""
        if frames <= self._done:
            return
        voice = speech.prosody(self._waiting)
        new = slice(self._done - self._first, frames - self._first)
        self._energy.append(voice.energy[new])
        self._pitch.append(voice.pitch[new])
        first = max(0, frames - -(-speech.PROSODY_CONTEXT // speech.HOP))
        self._waiting = self._waiting[(first - self._first) * speech.HOP :]
        self._first, self._done = first, frames


def _fitted(motion: Motion, duration: float, frame_rate: float) -> Motion:
    """The motion at the rate asked for, with exactly the frames that the sound has."""
    values = motion.at_rate(frame_rate).values
    count = timing.frame_count(duration, frame_rate)
    if len(values) < count:
        values = np.concatenate([values, np.repeat(values[-1:], count - len(values), 0)])
    return replace(motion, values=values[:count], frame_rate=frame_rate)


def _dressed(
    motion: Motion,
    voice: "_Voice",
    phones: Sequence[Span],
    emotions: Mapping[str, float],
    parts: Collection[str],
    seed: int,
) -> Motion:
    """Speech with its expression and its life; ConfigError for names that do not exist.

    A recording without any sound keeps still: who asks for it wants a face at rest, not one that waits.
    """
    motion = express(motion, emotions)
    energy, pitch = voice.tracks()
    silent = len(energy) and energy.max() < speech.QUIET_DB
    if not parts or silent:
        return motion
    return liveliness.live(motion, energy, pitch, phones, seed, parts, until=motion.start + motion.duration)


def _mouth_only(motion: Motion) -> Motion:
    keep = np.array([channel.startswith(MOUTH) for channel in motion.channels])
    return motion.with_values(motion.values * keep.astype(np.float32))


def _shifted(motion: Motion, offset: float) -> Motion:
    """The motion `offset` seconds later, over the same stretch of sound; what is shifted in holds the end frames.

    Whole frames move the rows, the rest moves `start`: no value is interpolated, so every closure stays.
    """
    if offset == 0:
        return motion
    frames = int(np.floor(offset * motion.frame_rate + 1e-6))
    rows = np.clip(np.arange(len(motion)) - frames, 0, len(motion) - 1)
    return replace(motion, values=motion.values[rows], start=max(0.0, offset - frames / motion.frame_rate))
