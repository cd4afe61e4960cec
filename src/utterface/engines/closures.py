"""A network's closure decisions, frame by frame, as closures that people could make."""

import numpy as np

_DOUBT = -1.0  # logits below the threshold down to which a closure goes on
_LEAST_OPEN = 5  # frames of 20 ms between two closures
_LEAST_CLOSED = 2
_LONG_AGO = 1000


class Closures:
    """Several streams of decisions in step → whether the lips are closed; any chunking gives the same.

    A closure goes on while its end is in doubt and lasts 40 ms at least. Lips that have parted stay apart for 100 ms:
    a closure that is wanted earlier begins then.

    Attributes:
        closed: whether they are in the last frame.
    """

    def __init__(self, count: tuple[int, ...]) -> None:
        self._held = np.full(count, _LONG_AGO)  # frames since the lips last closed or parted
        self.closed = np.zeros(count, bool)
        self._late = np.zeros(count, bool)  # a closure waits for its beginning

    def clear(self, rows: np.ndarray) -> None:
        """Streams (R,) begin anew."""
        self._held[rows], self.closed[rows], self._late[rows] = _LONG_AGO, False, False

    def push_rows(self, rows: np.ndarray, surer: np.ndarray) -> np.ndarray:
        """As `push`, (T, R), of some streams (R,); the others stand still."""
        part = Closures((len(rows),))
        part._held, part.closed, part._late = self._held[rows], self.closed[rows], self._late[rows]
        closed = part.push(surer)
        self._held[rows], self.closed[rows], self._late[rows] = part._held, part.closed, part._late
        return closed

    def push(self, surer: np.ndarray) -> np.ndarray:
        """(T, …) logits above the threshold → (T, …) bool."""
        closed = np.empty(surer.shape, bool)
        for frame, value in enumerate(surer):
            wanted = value >= 0
            may_open = self.closed & (self._held >= _LEAST_CLOSED) & (value < _DOUBT)
            may_close = ~self.closed & (self._held >= _LEAST_OPEN) & (wanted | self._late)
            self._late = ~self.closed & ~may_close & (wanted | self._late)
            self._held = np.where(may_open | may_close, 1, self._held + 1)
            self.closed = (self.closed & ~may_open) | may_close
            closed[frame] = self.closed
        return closed
