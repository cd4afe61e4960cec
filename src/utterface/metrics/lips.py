"""Lip measures on real speech that need no captured face: what the lips do while known phones sound.

`gap` is the vertical distance of paired inner-lip vertices minus the same distance on the neutral face, in mm; *closed*
means gap ≤ 1 mm. Everything is read off a 10 ms grid.

    closure recall      share of /p b m/ during which (± 20 ms) the lips are closed at some moment
    closure precision   share of closures inside speech (runs touching a pause are left out) that meet a /p b m/
                        ± 40 ms; those that meet only a narrow phone (w ɹ u oʊ ɔ f v) ± 40 ms count neither way
    closure F1          their harmonic mean
    closure timing      median distance of the smallest gap from the phone's middle, over closed bilabials, ms
    over-closed         median depth below neutral in bilabials, mm: 1 is a press, 5 a collision
    vowel closed        share of frames closed within the middle half of unrounded vowels
    vowel height ρ      Spearman correlation of an unrounded vowel's openness class with its largest gap
    rounding AUC        mouthPucker + mouthFunnel over rounded phones against spread ones
    silence closed      share of frames closed before and after speech (≥ 250 ms, without 120 ms at either side) and in
                        pauses ≥ 700 ms (without their first 250 ms and last 350 ms)

Tracked lips of real people set these rules: their lips all but meet at narrow phones, rounding closes a vowel's gap,
and in short pauses between words they stand open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from utterface.metrics.intervals import rank
from utterface.phones import SILENCE, Span, inventory

STEP = 0.01  # seconds, the grid everything is read from
CLOSED_MM = 1.0
# Openness classes of the unrounded English vowels; others follow from their height.
OPENNESS = {"ɑ": 3.0, "æ": 3.0, "aʊ": 3.0, "aɪ": 3.0, "ʌ": 2.0, "ə": 2.0, "ɛ": 2.0, "eɪ": 2.0, "ɪ": 1.0, "i": 1.0}
ROUNDED = frozenset({"u", "oʊ", "w", "ʊ", "ɔɪ", "ɔ"})
SPREAD = frozenset({"i", "ɪ", "ɛ", "s", "z", "æ"})
# English W R UW OW AO F V, and what other languages have in their place.
NARROW = frozenset({"w", "ʍ", "ɥ", "ɹ", "ɻ", "u", "y", "o", "ø", "oʊ", "ou", "ɔ", "f", "v", "ɱ", "ʋ"})
_ROUNDED_VOWEL = 0.3  # rounding from which a vowel has no openness class
# Pauses in steps: least length, and what is left out at the start and end; around speech and between words.
_OUTER_PAUSE, _INNER_PAUSE = (25, 12, 12), (70, 25, 35)
_TOUCH_STEPS = 3
_HIT_SECONDS, _EVENT_SECONDS = 0.02, 0.04


@dataclass(frozen=True)
class LipObservation:
    """What one clip shows, as flat arrays to pool over clips.

    Attributes:
        hit: a value a bilabial, 1 where the lips closed.
        deep: a value a bilabial, mm below neutral (0 where above).
        timing: a value a closed bilabial, seconds from its middle to the smallest gap.
        event: a value a closure inside speech, 1 where it meets a bilabial; narrow phones alone give none.
        vowel_closed: a value a frame in the middle of unrounded vowels, 1 where closed.
        openness, opening: a value an unrounded vowel, its class and its largest gap in mm.
        wide: largest gaps of the open vowels, mm.
        rounded, spread: a value a phone, its mean rounding.
        rest: a value a frame where lips should rest, 1 where closed.
    """

    hit: np.ndarray
    deep: np.ndarray
    timing: np.ndarray
    event: np.ndarray
    vowel_closed: np.ndarray
    openness: np.ndarray
    opening: np.ndarray
    wide: np.ndarray
    rounded: np.ndarray
    spread: np.ndarray
    rest: np.ndarray


def observe(
    phones: Sequence[Span], times: np.ndarray, gap_mm: np.ndarray, rounding: np.ndarray, duration: float
) -> LipObservation:
    """What the lips of one clip do while its phones sound.

    Args:
        phones: IPA phones on the audio clock; anything outside them counts as pause.
        times: (T,) seconds of the frames.
        gap_mm: (T,) lip gap above neutral, mm.
        rounding: (T,) mouthPucker + mouthFunnel.
        duration: of the sound, seconds.
    """
    grid = np.arange(0, duration, STEP)
    gap, round_ = np.interp(grid, times, gap_mm), np.interp(grid, times, rounding)
    closed = gap <= CLOSED_MM
    pause = np.ones(len(grid), bool)
    found: dict[str, list[float]] = {field.name: [] for field in fields(LipObservation)}
    for span in phones:
        here = slice(*np.searchsorted(grid, (span.start, span.end)))
        pause[here] = span.label == SILENCE
        if span.label != SILENCE:
            _observe_phone(span, grid, gap, round_, here, found)
    for first, last in _runs(pause):
        least, before, after = _OUTER_PAUSE if first == 0 or last == len(grid) else _INNER_PAUSE
        if last - first >= least:
            found["rest"] += list(closed[first + before : last - after])
    found["event"] = _events(phones, closed, pause)
    return LipObservation(**{name: np.asarray(values, np.float64) for name, values in found.items()})


def _observe_phone(
    span: Span, grid: np.ndarray, gap: np.ndarray, rounding: np.ndarray, here: slice, found: dict[str, list[float]]
) -> None:
    phone = inventory().get(span.label)
    middle = (span.start + span.end) / 2
    if phone is not None and phone.is_bilabial:
        near = _within(grid, span.start - _HIT_SECONDS, span.end + _HIT_SECONDS)
        if len(grid[near]):
            lowest = gap[near].min()
            found["hit"].append(lowest <= CLOSED_MM)
            found["deep"].append(max(0.0, -lowest))
            if lowest <= CLOSED_MM:
                found["timing"].append(abs(grid[near][gap[near].argmin()] - middle))
    openness = openness_class(span.label) if phone is not None and phone.is_vowel else None
    if openness is not None:
        quarter = (span.end - span.start) / 4
        inside = _within(grid, span.start + quarter, span.end - quarter)
        if len(grid[inside]):
            found["vowel_closed"] += list(gap[inside] <= CLOSED_MM)
            found["openness"].append(openness)
            found["opening"].append(gap[inside].max())
            if openness == 3:
                found["wide"].append(gap[inside].max())
    if len(grid[here]) and span.label in ROUNDED:
        found["rounded"].append(rounding[here].mean())
    elif len(grid[here]) and span.label in SPREAD:
        found["spread"].append(rounding[here].mean())


def _within(grid: np.ndarray, first: float, last: float) -> slice:
    """The moments from `first` to `last`, both included."""
    return slice(int(np.searchsorted(grid, first)), int(np.searchsorted(grid, last, "right")))


def _events(phones: Sequence[Span], closed: np.ndarray, pause: np.ndarray) -> list[float]:
    table = inventory()
    bilabials = [s for s in phones if s.label in table and table[s.label].is_bilabial]
    narrow = [s for s in phones if s.label in NARROW]
    events = []
    for first, last in _runs(closed & ~pause):
        if pause[max(first - _TOUCH_STEPS, 0) : first + 1].any() or pause[last - 1 : last + _TOUCH_STEPS].any():
            continue  # closing into or out of a pause is no event
        meets = _meets(bilabials, first * STEP, last * STEP)
        if meets or not _meets(narrow, first * STEP, last * STEP):
            events.append(float(meets))
    return events


def _meets(phones: Sequence[Span], first: float, last: float) -> bool:
    """Whether a closure from `first` to `last` seconds comes within 40 ms of one of the phones."""
    return any(first <= s.end + _EVENT_SECONDS and last >= s.start - _EVENT_SECONDS for s in phones)


def openness_class(symbol: str) -> float | None:
    """How open a vowel is: 3 open, 2 mid, 1 close; None for a rounded or rhotic one, whose lips say nothing of it."""
    if symbol in OPENNESS:
        return OPENNESS[symbol]
    vowel = inventory()[symbol]
    if vowel.rounding >= _ROUNDED_VOWEL:
        return None
    return 3.0 if vowel.height < 0.3 else 2.0 if vowel.height < 0.75 else 1.0


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Maximal true runs as (first, one past the last)."""
    edge = np.diff(np.r_[0, mask.astype(np.int8), 0])
    return list(zip(np.flatnonzero(edge == 1).tolist(), np.flatnonzero(edge == -1).tolist(), strict=True))


def pool(observations: Iterable[LipObservation]) -> LipObservation:
    """All clips as one."""
    listed = list(observations)
    names = [field.name for field in fields(LipObservation)]
    return LipObservation(**{n: np.concatenate([getattr(o, n) for o in listed] or [np.zeros(0)]) for n in names})


def summarise(observations: Iterable[LipObservation]) -> dict[str, float]:
    """The figures of the module's table, pooled over clips; nan where nothing was there to judge.

    Lips that had bilabials to meet and never closed have a precision, and so an F1, of 0.
    """
    seen = pool(observations)
    recall, precision = _mean(seen.hit), _mean(seen.event)
    if len(seen.hit) and not len(seen.event):
        precision = 0.0
    return {
        "closure_recall": recall,
        "closure_precision": precision,
        "closure_f1": 2 * recall * precision / (recall + precision + 1e-9),
        "closure_timing_ms": 1000 * _median(seen.timing),
        "over_closed_mm": _median(seen.deep),
        "vowel_closed": _mean(seen.vowel_closed),
        "wide_vowel_gap_mm": _median(seen.wide),
        "vowel_height_rho": _spearman(seen.openness, seen.opening),
        "rounding_auc": area_under_curve(seen.rounded, seen.spread),
        "silence_closed": _mean(seen.rest),
    }


def area_under_curve(positive: np.ndarray, negative: np.ndarray) -> float:
    """Chance that a positive value exceeds a negative one, ties halved; nan where a side is empty."""
    if not len(positive) or not len(negative):
        return float("nan")
    ranks = rank(np.r_[positive, negative])
    above = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(above / (len(positive) * len(negative)))


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(rank(a), rank(b))[0, 1])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def counts(observations: Iterable[LipObservation]) -> Mapping[str, int]:
    """How much there was to judge: bilabials, closures, vowels, pause frames."""
    seen = pool(observations)
    return {
        "bilabials": len(seen.hit),
        "closures": len(seen.event),
        "vowels": len(seen.opening),
        "pause_frames": len(seen.rest),
    }
