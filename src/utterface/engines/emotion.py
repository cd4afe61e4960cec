"""The emotion of a voice, from how it sounds: a decision every half second, and the course that a face shows.

    samples ─ log-mel, energy, pitch ─ windows of 3 s ─ 82 numbers a window ─ network ─▶ probabilities ─▶ course

Windows end on a grid from time 0, so any chunking of the sound gives the same course. A window without half a second of
voice decides nothing, and an emotion that is less likely than the bundle's `unsure` does not show: the face is neutral.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from utterface import speech, timing
from utterface.engines.bundle import EmotionConfig, EmotionNetwork, read_config, shipped
from utterface.engines.contract import check_range
from utterface.errors import ConfigError, ModelError

AUTO = "auto"  # the name in the place of an emotion's
NEUTRAL = "neutral"
LEAST_WINDOW = 1.0  # seconds of the first window
_SMOOTHING = 1.5  # seconds, time constant of the course
_EARLY = 2.0  # seconds by which the course of a finished recording precedes the ends of its windows
_CONTEXT = 3 * speech.HOP  # samples around a stretch that its frames look at
_ACTIVE, _LOUD = 30.0, -50.0  # dB below the loudest frame that still sounds; the least loudest frame, dB full scale
_VOICED = 50  # frames of 10 ms with pitch that a decision needs
_KEPT = 64  # decisions that a live course may look back on
_RHYTHM = (0.5, 2, 4, 6, 9, 16)  # Hz, bands of the spectrum of the level


def split_auto(emotions: Mapping[str, float]) -> tuple[dict[str, float], float | None]:
    """(emotions by name, strength of `auto` or None where it is not among them).

    Raises:
        ConfigError: a strength outside 0 to 1, or `auto` beside other names.
    """
    named = dict(emotions) if isinstance(emotions, Mapping) else emotions
    if AUTO not in named:
        return named, None
    strength = named.pop(AUTO)
    check_range("strength of emotion auto", strength, (0.0, 1.0), "")
    if named:
        raise ConfigError(f"emotion auto takes the place of all others; leave it or {', '.join(named)} out")
    return named, float(strength)


def is_voice(energy: np.ndarray, pitch: np.ndarray) -> bool:
    """Whether a window holds enough voice: energy in dB and pitch in Hz, (T,) each at 100 Hz."""
    active = energy > energy.max(initial=_LOUD) - _ACTIVE
    return bool(energy.max(initial=-120) > _LOUD and ((pitch > 0) & active).sum() >= _VOICED)


def emotion_features(mel: np.ndarray, energy: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """How a window with voice sounds: spectrum, loudness, pitch and rhythm, none of which knows the gain.

    Args:
        mel: (T, 80) log-mel.
        energy: (T,) dB.
        pitch: (T,) Hz, 0 where there is none; see `is_voice`.

    Returns:
        (82,) float32.
    """
    active = energy > energy.max() - _ACTIVE
    voiced = (pitch > 0) & active
    sounding = mel[active]
    level = sounding.mean(1)
    change = np.abs(np.diff(mel, axis=0)).mean(1)[active[1:]]
    octave = np.log2(np.maximum(pitch, 50))
    height, slope = octave[voiced], np.diff(octave)[voiced[1:] & voiced[:-1]]
    low, middle, high = np.percentile(height, (5, 50, 95))
    loud = energy[active]
    return np.concatenate([
        *_bands(sounding, 20),
        (change.mean(), change.std(), level.std(), np.ptp(np.percentile(level, (10, 90))), active.mean()),
        (loud.std(), np.ptp(np.percentile(loud, (50, 95)))),
        (height.mean(), height.std(), high, low, high - middle, middle, np.abs(slope).mean(), slope.std()),
        (slope.mean(), voiced.sum() / active.sum()),
        _rhythm(mel.mean(1)),
        *_bands(mel[voiced], 10),
    ]).astype(np.float32)  # fmt: skip


def _bands(mel: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(count,) mean and deviation over frames of bands of a (T, 80) log-mel, against the frame's own level."""
    bands = (mel - mel.mean(1, keepdims=True)).reshape(len(mel), count, -1).mean(2)
    return bands.mean(0), bands.std(0)


def _rhythm(level: np.ndarray) -> list[float]:
    """Shares of the power of a (T,) level between the frequencies of `_RHYTHM`."""
    power = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(len(level)), 512)) ** 2
    hz = np.fft.rfftfreq(512, 1 / speech.TRACK_RATE)
    bands = [power[(hz >= low) & (hz < high)].sum() for low, high in pairwise(_RHYTHM)]
    return [band / (sum(bands) + 1e-9) for band in bands]


class EmotionStream:
    """The emotions of a voice that comes in blocks; only its last seconds and the decisions are kept.

    Args:
        folder: of a bundle of kind `emotion`; None takes the one that ships.

    Raises:
        ModelError: no such bundle, or one of another kind.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        folder = folder or next(iter(shipped("emotion").values()))
        config = read_config(folder)
        if not isinstance(config, EmotionConfig):
            raise ModelError(f"bundle {config.name} tells no emotions; expected one of kind emotion")
        self.config, self._network = config, EmotionNetwork(folder, config)
        self._hop = 1 / config.frame_rate
        self.reset()

    @property
    def look_ahead(self) -> float:
        """Seconds by which a live course is behind the sound, beside its smoothing."""
        return self._hop + timing.seconds(_CONTEXT)

    def reset(self) -> None:
        """Back to time 0."""
        self._sound, self._past = np.zeros(0, np.float32), 0  # samples from `_past` before the next stretch on
        self._frames: tuple[np.ndarray, ...] = (np.zeros((0, speech.MEL_COUNT), np.float32), np.zeros(0), np.zeros(0))
        self._ends: list[float] = []
        self._shown: list[np.ndarray] = []
        self._likely = np.zeros(len(self.config.channels))
        self._decided = 0

    def push(self, samples: np.ndarray) -> None:
        """The next (N,) float32 samples at 16 kHz."""
        self._sound = np.concatenate([self._sound, samples])
        stretch = timing.sample_count(self._hop)
        while len(self._sound) >= self._past + stretch + _CONTEXT:
            self._measure(self._sound[: self._past + stretch + _CONTEXT], stretch)
            kept = min(_CONTEXT, self._past + stretch)
            self._sound, self._past = self._sound[self._past + stretch - kept :], kept

    def _measure(self, sound: np.ndarray, stretch: int) -> None:
        """The frames of one stretch, and the decision at its end."""
        prosody = speech.prosody(sound)
        new = slice(self._past // speech.HOP, (self._past + stretch) // speech.HOP)
        most = round(self.config.window * speech.TRACK_RATE)
        tracks = zip(self._frames, (speech.log_mel(sound), prosody.energy, prosody.pitch), strict=True)
        self._frames = tuple(np.concatenate([kept, track[new]])[-most:] for kept, track in tracks)
        end = (self._ends[-1] if self._ends else 0.0) + self._hop
        last = self._shown[-1] if self._shown else np.zeros(len(self.config.channels))
        wanted = np.zeros_like(last)
        if end >= LEAST_WINDOW and is_voice(*self._frames[1:]):
            likely, _ = self._network(emotion_features(*self._frames))
            self._likely, self._decided = self._likely + likely, self._decided + 1
            low, high = self.config.unsure, self.config.sure
            wanted = np.clip((likely - low) / (high - low), 0, 1)
        self._ends.append(end)
        self._shown.append(last + (1 - np.exp(-self._hop / _SMOOTHING)) * (wanted - last))

    def courses(self, times: np.ndarray, live: bool = False) -> dict[str, np.ndarray]:
        """How much each emotion shows, 0…1: name → (T,), those that show at all.

        Args:
            times: (T,) seconds of the frames.
            live: from what was pushed before each frame, so that nothing changes as more comes; else of the whole
                recording.
        """
        if not self._ends or not len(times):
            return {}
        at = times - self.look_ahead if live else times + _EARLY
        shown, ends = np.array(self._shown), np.array(self._ends)
        if live:
            del self._ends[:-_KEPT], self._shown[:-_KEPT]
            ends, shown = np.append(ends[0] - self._hop, ends), np.vstack([np.zeros_like(shown[:1]), shown])
        columns = {name: np.interp(at, ends, shown[:, i]) for i, name in enumerate(self.config.channels)}
        return {name: column for name, column in columns.items() if name != NEUTRAL and column.any()}

    def confidence(self) -> dict[str, float]:
        """Mean probability of each emotion over the windows with voice, the likeliest first; empty without any."""
        mean = self._likely / max(self._decided, 1)
        order = np.argsort(-mean) if self._decided else np.zeros(0, int)
        return {self.config.channels[i]: round(float(mean[i]), 3) for i in order}
