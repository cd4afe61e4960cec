"""Emotions and the life layer over frames of voices as they come: measured, seeded and moved together."""

from collections.abc import Collection, Mapping

import numpy as np

from utterface import life, speech
from utterface.articulation import face_of, put_on
from utterface.motion import CHANNELS, Motion

_LAG = 3  # frames of 10 ms by which the measured voice is behind its sound
_KEPT = _LAG * speech.HOP + speech.PROSODY_CONTEXT  # samples before the next that it is measured with
_NOT_YET = -80.0  # dB before the first sample


class LiveLayer:
    """The life of several voices, each at its own moment; none has to do with another, to the last bit.

    The seed of a voice comes from its first tenth of a second of sound, as in `animate`; until then the face rests.

    Args:
        count: of voices, V.
    """

    def __init__(self, count: int) -> None:
        self._stream = life.VoiceStream(count)
        self._sound = np.zeros((count, _KEPT), np.float32)
        self._frames = np.zeros(count, np.int64)  # of 10 ms that came
        self._own = [life.SoundSeed() for _ in range(count)]
        self._wanted: list[int | None] = [None] * count
        self._seed, self._alive = np.zeros(count, np.uint64), np.zeros(count, bool)
        self._begin, self._first, self._last = np.zeros((3, count))
        self._manner = life.stacked([life.Manner()] * count)
        self._face = np.zeros((count, len(CHANNELS)), np.float32)
        self._parts: list[tuple[str, ...]] = [()] * count
        self._events = life.Events.of(())

    def clear(
        self,
        voice: int,
        seed: int | None = None,
        parts: Collection[str] = life.PARTS,
        manner: life.Manner = life.USUAL,
        emotions: Mapping[str, float] | None = None,
    ) -> None:
        """The next sound of a voice is the first of an utterance; the arguments are as of `life.live` and `express`."""
        self._stream.clear(np.array([voice]), -_LAG)
        self._sound[voice], self._frames[voice], self._alive[voice] = 0, -_LAG, False
        self._own[voice], self._wanted[voice] = life.SoundSeed(), seed
        self._first[voice] = self._last[voice] = 0.0
        for name, values in self._manner.items():
            values[voice] = getattr(manner, name)
        self._face[voice], self._parts[voice] = face_of(emotions or {}, CHANNELS), tuple(parts)

    def hear(self, voices: np.ndarray, samples: np.ndarray) -> None:
        """The next (R, N · `speech.HOP`) samples of voices (R,)."""
        count = samples.shape[1] // speech.HOP
        if not count:
            return
        for voice, own in zip(voices, samples, strict=True):
            if not self._alive[voice]:
                self._find_seed(voice, own)
        sound = np.concatenate([self._sound[voices], samples], 1)
        self._sound[voices] = sound[:, -_KEPT:]
        windows = np.lib.stride_tricks.sliding_window_view(sound, 2 * speech.PROSODY_CONTEXT, axis=1)
        frames = windows[:, : count * speech.HOP : speech.HOP]
        measured = speech.prosody_of(frames.reshape(-1, frames.shape[2]))
        known = np.greater_equal(self._frames[voices, None] + np.arange(count), 0)
        energy, pitch = (track.reshape(-1, count).astype(np.float64) for track in (measured.energy, measured.pitch))
        self._stream.push(voices, np.where(known, energy, _NOT_YET), np.where(known, pitch, 0.0))
        self._frames[voices] += count

    def show(self, of: np.ndarray, times: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Frames of voices (T,) at (T,) seconds, (T, 61), increasing → the same, alive."""
        if not len(of):
            return values
        self._first[of[::-1]], self._last[of] = times[::-1], times
        voices, values = self._stream.voices(), values.copy()
        alive = self._alive[of]
        rows = np.flatnonzero(np.any(self._face, axis=1, keepdims=True)[of])
        if len(rows):
            swelling = alive[rows] & np.array(["emotion" in parts for parts in self._parts])[of[rows]]
            course = life.swell_of(voices, of[rows], times[rows], self._seed[of[rows]])
            course = np.where(swelling, course, 1).astype(np.float32)
            faces = np.minimum(course[:, None] * self._face[of[rows]], 1)
            values[rows] = put_on(Motion(values[rows]), faces, np.zeros(len(rows), np.float32))
        for parts in {self._parts[voice] for voice in np.unique(of[alive])}:
            rows = np.flatnonzero(alive & np.array([own == parts for own in self._parts])[of])
            passage = life.Passage(
                times[rows], of[rows], self._first, self._last, voices, self._events, self._seed, self._manner,
                self._begin, np.full(len(self._begin), np.inf),
            )  # fmt: skip
            shown = values[rows]
            life.enliven(CHANNELS, shown, passage, parts)
            values[rows] = shown
        return values

    def _find_seed(self, voice: int, samples: np.ndarray) -> None:
        own, wanted = self._own[voice], self._wanted[voice]
        own.push(samples)
        if own.seed is not None:
            self._alive[voice], self._begin[voice] = True, own.begin
            self._seed[voice] = (own.seed if wanted is None else wanted) % 2**64
