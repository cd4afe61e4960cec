"""Timed phones → articulators over time: coarticulation by dominance, gestures that must be made by envelopes.

Each phone pulls every articulator towards its target with a dominance that is greatest over the phone's core and falls
off exponentially before and after it; what shows is the dominance-weighted mean (Löfqvist 1990; Cohen & Massaro 1993,
eq. 1–3). Neighbours overlap more when phones are short, so fast speech reduces by itself. What a sound must not lose
(lip seal, lip on teeth, closed teeth, tongue between teeth, rest) follows envelopes instead, which reach 1.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from utterface import timing
from utterface.articulation.pace import paced
from utterface.articulation.rendering import ARTICULATORS, render
from utterface.articulation.targets import AT_REST, BLENDED, aim
from utterface.motion import Motion, join
from utterface.phones import SILENCE, Phone, Span, inventory

PAUSE = 0.5  # s; in shorter silences between words the lips of tracked people stay half open
_END_PAUSE = 0.1  # s; the same before the first word and after the last, where everybody's lips rest
_REACH = 0.4  # s; beyond it a phone has no say
_BLOCK = 3000  # frames blended at once, so that an hour needs no more memory than a minute
_CORE = 0.3  # share of a phone at either end that lies outside its core
_SOFT = 0.012  # s; rounds off the tip of the exponential so that curves have a continuous slope
_GLIDE = 0.55  # share of a diphthong that belongs to its first vowel
_STRESS_GAIN = 0.08  # how much more a vowel opens and rounds per degree of stress


def articulate(phones: Sequence[Span], duration: float, frame_rate: float = 60.0, strength: float = 1.0) -> Motion:
    """Timed phones → motion on the 61 channels.

    Args:
        phones: timed phones in IPA, in order of time; what they leave uncovered is silence.
        duration: seconds of sound to cover.
        frame_rate: frames a second.
        strength: how much the mouth articulates, 1 = as measured in clear speech; closures do not depend on it.

    Returns:
        `timing.frame_count(duration, frame_rate)` frames from time 0.
    """
    fine = timing.fine_rate(frame_rate)
    motion = paced(join([render(block, fine, strength) for block in _blocks(phones, duration, fine)]))
    return motion if fine == frame_rate else motion.at_rate(frame_rate)


def blend(phones: Sequence[Span], duration: float, frame_rate: float = 60.0, strength: float = 1.0) -> np.ndarray:
    """Timed phones → articulators (T, A) float32 in 0…1, in the order of ARTICULATORS.

    `strength` does not change the articulators, `render` applies it; it stands here so that both are called alike.
    """
    return np.concatenate(list(_blocks(phones, duration, frame_rate)))


def _blocks(phones: Sequence[Span], duration: float, frame_rate: float) -> Iterator[np.ndarray]:
    score = _GesturalScore(phones, duration)
    count = timing.frame_count(duration, frame_rate)
    for first in range(0, count, _BLOCK):
        yield score.at(timing.frame_times(min(_BLOCK, count - first), frame_rate, first / frame_rate))


class _GesturalScore:
    """Phones as arrays: what pulls when, and which gestures are made when."""

    def __init__(self, phones: Sequence[Span], duration: float) -> None:
        spans = list(_without_gaps(phones, duration))
        silent = _pauses(spans)
        self.pulls = _Pulls(spans, silent)
        table = inventory()
        kinds = [table.get(s.label) or table["ə"] for s in spans]
        self.rest = _Envelopes.of_pauses(spans, silent)
        self.seal = _Envelopes.of_closures(spans, kinds, silent)
        self.gestures = {
            "labiodental": _Envelopes.of_kind(spans, kinds, lambda p: p.is_labiodental),
            "sibilant": _Envelopes.of_kind(spans, kinds, lambda p: p.is_sibilant),
            "tongue_out": _Envelopes.of_kind(spans, kinds, lambda p: p.place == "dental" and p.manner == "fricative"),
        }

    def at(self, times: np.ndarray) -> np.ndarray:
        """(T,) increasing seconds → (T, A) float32."""
        values = np.zeros((len(times), len(ARTICULATORS)), np.float32)
        values[:, [ARTICULATORS.index(name) for name in BLENDED]] = self.pulls.at(times)
        for name, envelopes in {**self.gestures, "rest": self.rest, "seal": self.seal}.items():
            values[:, ARTICULATORS.index(name)] = envelopes.at(times)
        return values


def _without_gaps(phones: Sequence[Span], duration: float) -> Iterator[Span]:
    """The phones with silence wherever they leave a gap; neighbouring silences become one."""
    quiet, now = 0.0, 0.0
    for span in phones:
        if span.end <= now or span.label == SILENCE:
            now = max(now, span.end)
            continue
        start = max(span.start, now) if quiet == now else span.start
        if start > quiet + 1e-6:
            yield Span(SILENCE, quiet, start)
        yield Span(span.label, start, span.end, span.stress)
        quiet = now = span.end
    if duration > quiet + 1e-6 or quiet == 0:
        yield Span(SILENCE, quiet, max(duration, quiet + 1e-3))


def _pauses(spans: Sequence[Span]) -> list[bool]:
    """Whether each span is a silence in which the face rests."""
    inner = range(1, len(spans) - 1)
    return [
        span.label == SILENCE and span.end - span.start >= (PAUSE if i in inner else _END_PAUSE)
        for i, span in enumerate(spans)
    ]


def _near(starts: np.ndarray, ends: np.ndarray, times: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """For each moment the first interval that ends after `t - reach` and the first that starts after `t + reach`."""
    return np.searchsorted(ends, times - reach), np.searchsorted(starts, times + reach)


class _Pulls:
    """The dominance functions of all phones."""

    def __init__(self, spans: Sequence[Span], silent: Sequence[bool]) -> None:
        start, end, rows = [], [], []
        table = inventory()
        for span, rests in zip(spans, silent, strict=True):
            phone = table.get(span.label)
            halves = [(span.label, span.start, span.end)]
            if phone is not None and phone.end:
                turn = span.start + _GLIDE * (span.end - span.start)
                halves = [(span.label, span.start, turn), (phone.end, turn, span.end)]
            for symbol, begins, ends in halves:
                want = AT_REST if rests else aim(symbol)
                gain = 1 + _STRESS_GAIN * span.stress
                target = (*(min(1.0, gain * v) for v in want.target[:3]), *want.target[3:])
                start.append(begins)
                end.append(ends)
                ease = min(1.0, 0.5 + 0.5 * (ends - begins) / 0.08)
                rows.append((target, (ease * want.hold[0], *want.hold[1:]), want.reach, want.ahead))
        self.start, self.end = np.array(start), np.array(end)
        core = _CORE * (self.end - self.start)
        self.core_start, self.core_end = self.start + core, self.end - core
        self.target, self.hold, self.reach, self.ahead = np.array(rows, np.float32).transpose(1, 0, 2)

    def at(self, times: np.ndarray) -> np.ndarray:
        """(T,) → (T, len(BLENDED)): the dominance-weighted mean of the targets."""
        first, last = _near(self.start, self.end, times, _REACH)
        pull = np.full((len(times), len(BLENDED)), 1e-9, np.float32)
        total = np.zeros_like(pull)
        for k in range(int((last - first).max(initial=0))):
            i = np.minimum(first + k, len(self.start) - 1)
            before = np.maximum(self.core_start[i] - times, 0)
            after = np.maximum(times - self.core_end[i], 0)
            distance = (before + after).astype(np.float32)
            taper = np.square(np.maximum(1 - np.square(distance / _REACH), 0)) * (first + k < last)
            soft = (np.sqrt(np.square(distance) + _SOFT**2) - _SOFT)[:, None]
            fall = np.where((before > 0)[:, None], self.ahead[i], self.reach[i])
            dominance = self.hold[i] * np.exp(-soft / fall) * taper[:, None]
            pull += dominance
            total += dominance * self.target[i]
        return total / pull


class _Envelopes:
    """Gestures that rise to 1, hold and fall: four moments each, smooth ramps, joined like probabilities."""

    def __init__(self, moments: Sequence[tuple[float, float, float, float]]) -> None:
        self.moments = np.array(moments, np.float64).reshape(-1, 4)
        self.moments = np.maximum.accumulate(self.moments, axis=1)

    def at(self, times: np.ndarray) -> np.ndarray:
        """(T,) → (T,) in 0…1."""
        absent = np.ones(len(times))
        begins, ends = self.moments[:, 0], self.moments[:, 3]
        first, last = np.searchsorted(np.maximum.accumulate(ends), times), np.searchsorted(begins, times)
        for k in range(int((last - first).max(initial=0))):
            i = np.minimum(first + k, len(begins) - 1)
            a, b, c, d = self.moments[i].T
            up = np.clip((times - a) / np.maximum(b - a, 1e-6), 0, 1)
            down = np.clip((d - times) / np.maximum(d - c, 1e-6), 0, 1)
            inside = np.where(first + k < last, up * up * (3 - 2 * up) * down * down * (3 - 2 * down), 0)
            absent = absent * (1 - inside)
        return 1 - absent

    @classmethod
    def of_kind(cls, spans: Sequence[Span], kinds: Sequence[Phone], wanted: Callable[[Phone], bool]) -> "_Envelopes":
        """One gesture for each phone that is `wanted`, ramping over part of its neighbours."""
        moments = []
        for i, (span, kind) in enumerate(zip(spans, kinds, strict=True)):
            if wanted(kind):
                inner = min(0.4 * (span.end - span.start), 0.04)
                moments.append((span.start - _ramp(spans, i - 1), span.start + inner, span.end - inner,
                                span.end + _ramp(spans, i + 1)))  # fmt: skip
        return cls(moments)

    @classmethod
    def of_pauses(cls, spans: Sequence[Span], silent: Sequence[bool]) -> "_Envelopes":
        """Rest in every pause: it comes on over 0.15 s and is gone soon after speech starts."""
        moments = []
        for i, span in enumerate(spans):
            if silent[i]:
                begins = (span.start, span.start + 0.15) if i else (span.start - 1, span.start - 0.5)
                ends = (span.end - 0.13, span.end + 0.03) if i < len(spans) - 1 else (span.end + 0.5, span.end + 1)
                moments.append((*begins, *ends))
        return cls(moments)

    @classmethod
    def of_closures(cls, spans: Sequence[Span], kinds: Sequence[Phone], silent: Sequence[bool]) -> "_Envelopes":
        """One seal for each unbroken run of bilabials and pauses."""
        closed = [silent[i] or kinds[i].is_bilabial for i in range(len(spans))]
        moments = []
        for i, span in enumerate(spans):
            if not closed[i]:
                continue
            inner = min(0.4 * (span.end - span.start), 0.03)
            if i == 0 or not closed[i - 1]:
                before = (span.start - _ramp(spans, i - 1), span.start + inner)
                if silent[i]:
                    before = (span.start - 0.02, span.start + 0.10)
                if i == 0:
                    before = (span.start - 1, span.start - 0.5)
            if i == len(spans) - 1 or not closed[i + 1]:
                after = (span.end - inner, span.end + _ramp(spans, i + 1))
                if silent[i]:
                    after = (span.end - 0.11, span.end)
                if i == len(spans) - 1:
                    after = (span.end + 0.5, span.end + 1)
                moments.append((*before, *after))
        return cls(moments)


def _ramp(spans: Sequence[Span], i: int) -> float:
    """Seconds that a gesture may take from a neighbour: at most 0.075 s and 0.58 of it."""
    if not 0 <= i < len(spans):
        return 0.075
    return min(0.075, max(0.02, 0.58 * (spans[i].end - spans[i].start)))
