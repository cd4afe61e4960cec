"""Cutting long sound where nobody speaks."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from utterface import timing

LONGEST = 15.0  # seconds; the phone pass needs memory with the square of its piece
_MARGIN = 1.0  # seconds of a long pause that a piece keeps
_QUIET = 0.1  # seconds over which quiet is measured


def at_pauses(pcm: np.ndarray, longest: float = LONGEST) -> Iterator[tuple[int, int]]:
    """(start, end) in samples of consecutive pieces of at most `longest` seconds, cut at their quietest moment.

    Args:
        pcm: (N,) int16 at 16 kHz.
        longest: seconds; a cut lies in the second half of what may be taken.
    """
    most, hop = timing.sample_count(longest), timing.sample_count(_QUIET / 10)
    start = 0
    while len(pcm) - start > most:
        tail = pcm[start + most // 2 : start + most].astype(np.float32)
        power = (tail[: len(tail) // hop * hop].reshape(-1, hop) ** 2).mean(1)
        smooth = np.convolve(power, np.ones(10), "valid")
        cut = start + most // 2 + (int(smooth.argmin()) + 5) * hop
        yield start, cut
        start = cut
    if start < len(pcm):
        yield start, len(pcm)


def between_words(
    words: Sequence[tuple[int, float, float]], duration: float, longest: float = LONGEST, begin: float = 0.0
) -> list[tuple[int, int, float, float]]:
    """Words (position, start, end) grouped into pieces of at most `longest` seconds that end in the longest pauses.

    The sound from `begin` to `duration` is theirs.

    Returns:
        (first, last + 1, start, end): which words, and the seconds they lie in, with at most a second of pause on
        either side.
    """
    edges = [begin]
    edges += [(a[2] + b[1]) / 2 for a, b in pairwise(words)]
    edges += [duration]
    pauses = [0.0] + [b[1] - a[2] for a, b in pairwise(words)] + [np.inf]
    groups, first = [], 0
    while first < len(words):
        last = first + 1
        options = [last]
        while last < len(words) and edges[last + 1] - edges[first] <= longest:
            last += 1
            options.append(last)
        if last < len(words):  # prefer a real pause, and a late one
            reach = edges[options[-1]] - edges[first] + 1e-9
            last = max(options, key=lambda n: min(pauses[n], 0.5) + 0.2 * (edges[n] - edges[first]) / reach)
        start, end = max(edges[first], words[first][1] - _MARGIN), min(edges[last], words[last - 1][2] + _MARGIN)
        groups.append((first, last, start, end))
        first = last
    return groups
