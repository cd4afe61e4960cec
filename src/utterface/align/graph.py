"""A transcript with several readings as a word graph; which of them the sound follows.

Along the graph PocketSphinx finds the best path in one pass. Where a word cannot be read, a loop of phones stands; for
a transcript that does not fit, such loops may also stand between clauses, and clauses may be passed over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from utterface import timing
from utterface.align import decoding, lexicon
from utterface.text.readings import Slot

STRETCH = 60.0  # seconds of sound that words are followed over at a time
FASTEST = 6.0  # words a second at most
_PHONE, _NEXT_PHONE = 1e-5, 5e-5  # probability of a phone outside the transcript, and of one after it
_PASSED_OVER = 1e-7  # probability of a clause that is not spoken
_LEFT_OUT = 0.5  # of an aside in brackets
_CLAUSE = 8  # slots after which a clause may be passed over even without a comma
_LEAST = 0.3  # seconds; a shorter stretch of phones outside the transcript is an edge of a word


@dataclass(frozen=True)
class Arc:
    """A step of the graph: `key` is a word of the decoders, None where the step takes no time."""

    start: int
    end: int
    probability: float
    key: str | None = None
    slot: int = -1
    entry: lexicon.Entry | None = None


@dataclass(frozen=True)
class Path:
    """What the sound follows.

    Attributes:
        words: the words of the readings that were chosen.
        placed: (position in `words`, start, end) in seconds of each.
        recognised: (start, end) of stretches where the sound leaves the transcript.
        slots: number of the slot of each word.
    """

    words: list[lexicon.Entry] = field(default_factory=list)
    placed: list[tuple[int, float, float]] = field(default_factory=list)
    recognised: list[tuple[float, float]] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)


def follow(pcm: np.ndarray, slots: Sequence[Slot], language: str, free: bool = False) -> Path | None:
    """The best path of the sound through the readings of a transcript.

    Args:
        pcm: (N,) int16.
        slots: of the transcript.
        language: of its words.
        free: whether the sound may leave the transcript between clauses, and clauses may be passed over.

    Returns:
        The path, or None where the sound follows none.
    """
    known = [[lexicon.entries(reading, language) for reading in slot.readings] for slot in slots]
    path, first, start, size = Path(), 0, 0, timing.sample_count(STRETCH)
    while first < len(slots):
        last_stretch = len(pcm) - start <= 1.25 * size
        end = len(slots) if last_stretch else min(len(slots), first + round(STRETCH * FASTEST))
        arcs, final = _arcs(slots, known, range(first, end), free, open_end=not last_stretch)
        stretch = pcm[start:] if last_stretch else pcm[start : start + size]
        steps = _decoded(stretch, arcs, final, wide=not free)
        if steps is None and last_stretch:
            return None
        steps = [piece for step in steps or [] for piece in _pieces(*step)]
        count, cut = len(steps), 0.0
        if not last_stretch:
            count, cut = settled([(i, a, b) for i, (_, a, b) in enumerate(steps)], STRETCH)
        while 0 < count < len(steps) and steps[count][0].entry and steps[count][0].slot == steps[count - 1][0].slot:
            count -= 1  # a reading stays whole
            cut = steps[count][1]
        _add(path, steps[:count], timing.seconds(start))
        if last_stretch:
            break
        going_on = steps[count][0].slot if count < len(steps) else -1  # a word that cannot be read may last
        first = max([first, *(arc.slot + (arc.slot != going_on) for arc, _, _ in steps[:count])])
        start += timing.sample_count(cut)
    return path


def settled(found: Sequence[tuple[int, float, float]], length: float) -> tuple[int, float]:
    """(how many words of a stretch are sure to be placed well, where the next stretch starts in seconds).

    The last words of an open end may be wrong: cut in the last pause of 0.2 s at least 5 s before it, or between
    words where nobody pauses; behind all of them where nobody speaks any more.
    """
    if found and found[-1][2] <= length - 5.0:
        return len(found), found[-1][2]
    usable = [n for n in range(1, len(found)) if found[n][1] <= length - 5.0]
    pauses = [n for n in usable if found[n][1] - found[n - 1][2] >= 0.2]
    if not usable:
        return 0, length - 5.0 if not found else max(0.5, min(found[0][1], length) - 0.2)
    n = (pauses or usable)[-1]
    return n, (found[n - 1][2] + found[n][1]) / 2


def _arcs(
    slots: Sequence[Slot], known: Sequence[Sequence[list[lexicon.Entry]]], which: range, free: bool, open_end: bool
) -> tuple[list[Arc], int]:
    """The graph of some slots, and its last state."""
    arcs: list[Arc] = []
    state = count = 0

    def state_more() -> int:
        nonlocal count
        count += 1
        return count

    def loop(start: int, number: int) -> int:
        """Phones from a state on; the state behind them."""
        inside, end = state_more(), state_more()
        for phone in decoding.PHONES:
            arcs.append(Arc(start, inside, _PHONE, decoding.loose(phone), number))
            arcs.append(Arc(inside, inside, _NEXT_PHONE, decoding.loose(phone), number))
        arcs.append(Arc(inside, end, 1.0))
        return end

    ends, length = [0], 0
    if free:
        state = loop(0, -1)
        over = state_more()  # where the clause that begins here has been passed over
        arcs += [Arc(0, state, 1.0), Arc(state, over, _PASSED_OVER)]
    for i in which:
        if not slots[i].readings:
            state = loop(state, i)
        else:
            end = state_more()
            for entries in known[i]:
                at = state
                for entry in entries[:-1]:
                    arcs.append(Arc(at, at := state_more(), 1.0, entry.key, i, entry))
                if entries:
                    arcs.append(Arc(at, end, 1.0, entries[-1].key, i, entries[-1]))
                else:
                    arcs.append(Arc(state, end, _LEFT_OUT))
            state = end
        length += 1
        if free and (slots[i].ends or length >= _CLAUSE or i == which[-1]):
            end, further = loop(state, -1), state_more()
            arcs += [
                Arc(over, state, 1.0),
                Arc(over, further, 1.0),
                Arc(state, end, 1.0),
                Arc(end, further, _PASSED_OVER),
            ]
            state, over, length = end, further, 0
        ends.append(state)
    if open_end:
        final = state_more()
        arcs += [Arc(end, final, 1.0) for end in dict.fromkeys(ends)]
        state = final
    return arcs, state


def _decoded(pcm: np.ndarray, arcs: Sequence[Arc], final: int, wide: bool) -> list[tuple[Arc, float, float]] | None:
    """(arc, start, end) of every word and loose phone of the best path; None where there is none."""
    steps = [(arc.start, arc.end, arc.probability, arc.key) for arc in arcs if arc.key is not None]
    segments = decoding.along_graph(pcm, [*steps, *_shortcuts(arcs)], final, wide)
    if segments is None:
        return None
    path = _walk(arcs, final, [name for name, _, _ in segments])
    return None if path is None else [(arc, a, b) for arc, (_, a, b) in zip(path, segments, strict=True)]


def _shortcuts(arcs: Sequence[Arc]) -> Iterator[tuple[int, int, float, None]]:
    """One step for every chain of steps without a word, since PocketSphinx finds no path through three of them."""
    further: dict[int, dict[int, float]] = {}
    for arc in sorted((arc for arc in arcs if arc.key is None), key=lambda arc: -arc.start):
        ends = further.setdefault(arc.start, {})
        for end, probability in {arc.end: 1.0, **further.get(arc.end, {})}.items():
            ends[end] = max(ends.get(end, 0.0), arc.probability * probability)
    return ((start, end, probability, None) for start, ends in further.items() for end, probability in ends.items())


def _pieces(arc: Arc, start: float, end: float) -> Iterator[tuple[Arc, float, float]]:
    """A step; outside the transcript in pieces of a second, since it may last and the sound may be cut in it."""
    count = 1 if arc.entry else max(1, round(end - start))
    edges = np.linspace(start, end, count + 1).tolist()
    return ((arc, a, b) for a, b in pairwise(edges))


def _walk(arcs: Sequence[Arc], final: int, keys: Sequence[str]) -> list[Arc] | None:
    """The arcs with words on a way from state 0 to the last one that reads as `keys`."""
    silent: dict[int, list[int]] = {}
    spoken: dict[tuple[int, str], list[Arc]] = {}
    for arc in arcs:
        if arc.key is None:
            silent.setdefault(arc.start, []).append(arc.end)
        else:
            spoken.setdefault((arc.start, arc.key), []).append(arc)

    def closed(states: dict[int, Arc | None]) -> dict[int, Arc | None]:
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            for end in silent.get(state, ()):
                if end not in states:
                    states[end] = states[state]
                    waiting.append(end)
        return states

    layers = [closed({0: None})]
    for key in keys:
        reached: dict[int, Arc | None] = {}
        for state in layers[-1]:
            for arc in spoken.get((state, key), ()):
                reached.setdefault(arc.end, arc)
        if not reached:
            return None
        layers.append(closed(reached))
    state, way = final, []
    for layer in reversed(layers[1:]):
        last = layer.get(state)
        if last is None:
            return None
        way.append(last)
        state = last.start
    return way[::-1]


def _add(path: Path, steps: Sequence[tuple[Arc, float, float]], start: float) -> None:
    """Words, and stretches of loose phones that are long enough or stand for a word."""
    stretch: list[tuple[Arc, float, float]] = []

    def close() -> None:
        if stretch and (stretch[-1][2] - stretch[0][1] >= _LEAST or stretch[0][0].slot >= 0):
            path.recognised.append((stretch[0][1] + start, stretch[-1][2] + start))
        stretch.clear()

    for arc, a, b in steps:
        if arc.entry is None:
            stretch.append((arc, a, b))
            continue
        close()
        path.placed.append((len(path.words), a + start, b + start))
        path.words.append(arc.entry)
        path.slots.append(arc.slot)
    close()
