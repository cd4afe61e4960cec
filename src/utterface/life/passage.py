"""Frames that are worked on at once, and what the voice does around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from utterface.life.chance import ease
from utterface.life.manner import Manner
from utterface.phones import SILENCE, Span, inventory

TRACK_RATE = 100  # Hz of energy and pitch
CONTEXT = 7.0  # s of voice before a frame that it depends on; none after it, unless the phones are known
AHEAD = 0.3  # s after it where they are
_MARGIN = 350  # grid steps kept before the frames: a pause or a phrase that long ago may still move the face
_FADE = 0.5  # s from rest into life
_PAUSE = 0.25  # s of silence between phrases, and from which a pause is one


@dataclass(frozen=True)
class Voice:
    """Level and pitch around a block of frames, at 100 Hz on the absolute grid; it looks at the past alone.

    Attributes:
        first: grid index of element 0.
        level: (G,) 0 quiet … 1 as loud as the last seconds got.
        lift: (G,) octaves that the pitch stands above that of the last seconds.
    """

    first: int
    level: np.ndarray
    lift: np.ndarray

    @classmethod
    def around(cls, times: np.ndarray, energy: np.ndarray, pitch: np.ndarray, since: float, ahead: float) -> "Voice":
        """The voice around frames at `times`, from (N,) dB and Hz at 100 Hz whose first value is of `since`."""
        window = round(CONTEXT * TRACK_RATE) - _MARGIN
        first = int(np.floor(times[0] * TRACK_RATE)) - _MARGIN
        last = int(np.ceil((times[-1] + ahead) * TRACK_RATE)) + 2
        grid = np.arange(first - window + 1, last) - round(since * TRACK_RATE)
        known = (grid >= 0) & (grid < len(energy))
        inside = np.clip(grid, 0, max(len(energy) - 1, 0))
        loud = np.where(known, energy[inside] if len(energy) else -80.0, -80.0).astype(np.float64)
        high = np.where(known, pitch[inside] if len(pitch) else 0.0, 0.0).astype(np.float64)

        peak = np.lib.stride_tricks.sliding_window_view(loud, window).max(1)
        now = loud[window - 1 :]
        level = np.clip((now - peak + 30) / 25, 0, 1) * np.clip((now + 60) / 10, 0, 1)
        voiced = (high > 0).astype(np.float64)
        octave = np.log2(np.where(high > 0, high, 1.0))
        ones = np.ones(window)
        count = np.convolve(voiced, ones, "valid")
        usual = np.convolve(voiced * octave, ones, "valid") / np.maximum(count, 1)
        voiced_now = voiced[window - 1 :] * (count >= 20)
        lift = smooth(voiced_now * (octave[window - 1 :] - usual), 20) / np.maximum(smooth(voiced_now, 20), 0.2)
        return cls(first, level, lift)

    def at(self, track: np.ndarray, times: np.ndarray) -> np.ndarray:
        """(T,) a track of this voice at the moments of frames."""
        return np.interp(times * TRACK_RATE - self.first, np.arange(len(track)), track)

    def stops(self) -> np.ndarray:
        """Seconds at which the voice stopped after a phrase: 0.15 s of quiet after half a second mostly loud."""
        quiet = self.level < 0.06
        before, after = 50, 15
        views = np.lib.stride_tricks.sliding_window_view(quiet, before + after)
        ended = (views[:, :before].mean(1) < 0.6) & ~views[:, before - 1] & views[:, before:].all(1)
        return (np.flatnonzero(ended) + before + self.first) / TRACK_RATE

    def starts(self) -> np.ndarray:
        """Seconds at which the voice started a phrase: 50 ms mostly loud after a quarter of a second of quiet."""
        quiet = self.level < 0.06
        before, after = round(_PAUSE * TRACK_RATE), 5
        views = np.lib.stride_tricks.sliding_window_view(quiet, before + after)
        begun = views[:, :before].all(1) & ~views[:, before] & (views[:, before:].mean(1) < 0.3)
        return (np.flatnonzero(begun) + before + after + self.first) / TRACK_RATE

    def beats(self) -> np.ndarray:
        """Seconds at which the voice suddenly got loud, as on a stress."""
        level = smooth(self.level, 8)
        rise = level[12:] - level[:-12]
        return (np.flatnonzero((rise[1:] > 0.4) & (rise[:-1] <= 0.4)) + 13 + self.first) / TRACK_RATE


def smooth(track: np.ndarray, count: int) -> np.ndarray:
    """Causal raised-cosine average over the last `count` grid steps."""
    return np.convolve(np.concatenate([np.zeros(count - 1, track.dtype), track]), _kernel(count), "valid")


@cache
def _kernel(count: int) -> np.ndarray:
    kernel = np.hanning(count + 2)[1:-1]
    return np.asarray(kernel / kernel.sum())


@dataclass(frozen=True)
class Events:
    """Events of the phones.

    Attributes:
        known: whether phones are known.
        stressed: (S, 2) start and end of stressed vowels.
        stops: (P,) starts of pauses.
        starts: (Q,) ends of pauses.
        breaths: (R,) ends of pauses long enough to breathe in, before a phrase that begins with open lips.
    """

    known: bool
    stressed: np.ndarray
    stops: np.ndarray
    starts: np.ndarray
    breaths: np.ndarray

    @classmethod
    def of(cls, phones: Sequence[Span]) -> "Events":
        """The events of timed phones."""
        table = inventory()
        spoken = [p for p in phones if p.label != SILENCE]
        stressed = [(p.start, p.end) for p in spoken if p.stress == 2]
        pairs = list(pairwise(spoken))
        pauses = [(p.end, then) for p, then in pairs if then.start - p.end > _PAUSE]
        breaths = [
            then.start
            for end, then in pauses
            if then.start - end > 0.7 and not (then.label in table and table[then.label].is_bilabial)
        ]
        stops = [*(end for end, _ in pauses), *(p.end for p in spoken[-1:])]
        starts = [then.start for _, then in pauses]
        return cls(
            bool(spoken), np.array(stressed).reshape(-1, 2), np.array(stops), np.array(starts), np.array(breaths)
        )


@dataclass(frozen=True)
class Passage:
    """A block of frames and all that its life depends on.

    Attributes:
        times: (T,) seconds of the frames.
        voice: around them.
        events: of the phones of the whole take.
        seed: of all random numbers.
        manner: how lively the person is.
        begin: the moment at which life begins, seconds.
        until: the end of the take, where it is known.
    """

    times: np.ndarray
    voice: Voice
    events: Events
    seed: int
    manner: Manner
    begin: float
    until: float | None

    @property
    def awake(self) -> np.ndarray:
        """(T,) 0 at rest … 1 alive."""
        return ease((self.times - self.begin) / _FADE)

    @property
    def stops(self) -> np.ndarray:
        """Seconds at which phrases end, near these frames."""
        return self._near(self.events.stops if self.events.known else self.voice.stops())

    @property
    def starts(self) -> np.ndarray:
        """Seconds at which phrases begin after a pause, near these frames."""
        return self._near(self.events.starts if self.events.known else self.voice.starts())

    def _near(self, at: np.ndarray) -> np.ndarray:
        return at[(at > self.times[0] - 3) & (at < self.times[-1] + 1)]
