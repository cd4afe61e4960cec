"""Frames that are worked on at once, of one voice or of many, and what the voices do around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from utterface.life import chance
from utterface.life.manner import Manner
from utterface.life.voices import PAUSE, VoiceTracks
from utterface.phones import SILENCE, Span, inventory

_FADE = 0.5  # s from rest into life


@dataclass(frozen=True)
class Events:
    """Events of the phones of one voice; with `known` False, of any number of voices without phones.

    Attributes:
        known: whether phones are known.
        stressed: (1, S, 2) start and end of stressed vowels.
        stops: (1, P) starts of pauses.
        starts: (1, Q) ends of pauses.
        breaths: (1, R) ends of pauses long enough to breathe in, before a phrase that begins with open lips.
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
        pauses = [(p.end, then) for p, then in pairs if then.start - p.end > PAUSE]
        breaths = [
            then.start
            for end, then in pauses
            if then.start - end > 0.7 and not (then.label in table and table[then.label].is_bilabial)
        ]
        stops = [*(end for end, _ in pauses), *(p.end for p in spoken[-1:])]
        starts = [then.start for _, then in pauses]
        return cls(
            bool(spoken),
            np.array(stressed).reshape(1, -1, 2),
            *(np.array([at], float) for at in (stops, starts, breaths)),
        )


@dataclass(frozen=True)
class Passage:
    """A block of frames and all that its life depends on; a voice's frames depend on nothing of another voice.

    Attributes:
        times: (T,) seconds of the frames.
        of: (T,) voice of each.
        first, last: (V,) seconds of the first and the last frame of each voice.
        voices: around them.
        events: of the phones of the whole take.
        seed: (V,) uint64, of all random numbers.
        manner: how lively each is: fields of `Manner`, (V,) each, `carriage` (V, 3).
        begin: (V,) the moment at which life begins, seconds.
        until: (V,) the end of the take, infinite where it is not known.
    """

    times: np.ndarray
    of: np.ndarray
    first: np.ndarray
    last: np.ndarray
    voices: VoiceTracks
    events: Events
    seed: np.ndarray
    manner: Mapping[str, np.ndarray]
    begin: np.ndarray
    until: np.ndarray

    @property
    def awake(self) -> np.ndarray:
        """(T,) 0 at rest … 1 alive."""
        return chance.ease((self.times - self.begin[self.of]) / _FADE)

    @property
    def stops(self) -> np.ndarray:
        """(V, E) seconds at which phrases end, near these frames."""
        return self._near(self.events.stops if self.events.known else self.voices.stops)

    @property
    def starts(self) -> np.ndarray:
        """(V, E) seconds at which phrases begin after a pause, near these frames."""
        return self._near(self.events.starts if self.events.known else self.voices.starts)

    def frames(self, name: str) -> np.ndarray:
        """(T,) a field of the manner, or (T, 3)."""
        return self.manner[name][self.of]

    def level(self, count: int) -> np.ndarray:
        """(T,) the level averaged over the last `count` grid steps."""
        return self.voices.slow(self.voices.level, self.of, self.times, count)

    def lift(self, count: int) -> np.ndarray:
        """(T,) the lift averaged over the last `count` grid steps."""
        return self.voices.slow(self.voices.lift, self.of, self.times, count)

    def noise(self, stream: int, step: float | np.ndarray) -> np.ndarray:
        """(T,) see `chance.noise`; `step` is a number or (T,)."""
        return chance.noise(self.times, self.seed[self.of], stream, step)

    def draws(self, stream: int, index: np.ndarray, count: int) -> np.ndarray:
        """(count, V, E) numbers 0…1 at (V, E) whole numbers."""
        return chance.draws(self.seed[:, None], stream, index, count)

    def moments(self, stream: int, least: float, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(V, E) seconds and (V, E) whole numbers, see `chance.moments`; `mean` is (V,)."""
        return chance.moments(self.first, self.last, self.seed, stream, least, mean)

    def pulses(self, courses: np.ndarray) -> chance.Pulses:
        """One rise, hold and fall for each of (V, E, 4)."""
        return chance.Pulses(self.times, self.of, courses)

    def _near(self, at: np.ndarray) -> np.ndarray:
        return np.where((at > self.first[:, None] - 3) & (at < self.last[:, None] + 1), at, chance.FAR)


def stacked(manners: Sequence[Manner]) -> dict[str, np.ndarray]:
    """Manners of V voices as arrays by the names of their fields."""
    return {name: np.array([getattr(manner, name) for manner in manners], float) for name in vars(manners[0])}
