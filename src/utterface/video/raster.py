"""Triangles to pixels in NumPy: which triangle each pixel shows, exactly, without a GPU.

Every triangle is cut into runs of pixels, a run a row; runs of many triangles are laid out at once. A fragment is one
integer, its depth above the number of its triangle, and every pixel keeps the largest.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

NOTHING = -1
_FAR = 1e9
CHUNK = 4000  # triangles, whose fragments stay in a processor's cache
_EMPTY = np.iinfo(np.int64).min
_DEPTH_BITS = 52  # of a fragment, with the triangle's number: depths below 2^11 fit


@dataclass(frozen=True)
class Grid:
    """Pixels to be drawn: all of a picture, or some, by many samples each.

    Samples are numbered row by row, those of pixels that are not drawn left out.

    Attributes:
        width, height: of the picture in samples.
        side: samples along each side of a pixel.
        before: (pixels + 1,) int64, how many drawn pixels come before each, row by row; None where all are drawn.
    """

    width: int
    height: int
    side: int = 1
    before: np.ndarray | None = None

    @classmethod
    def some(cls, drawn: np.ndarray, side: int) -> "Grid":
        """The pixels of (H, W) bool `drawn`, side × side samples each."""
        before = np.zeros(drawn.size + 1, np.intp)
        np.cumsum(drawn, out=before[1:])
        return cls(drawn.shape[1] * side, drawn.shape[0] * side, side, before)

    @property
    def count(self) -> int:
        """How many samples there are."""
        return self.width * self.height if self.before is None else int(self.before[-1]) * self.side**2

    def numbers(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """The number of samples that come before a column (0 … width) of a row."""
        if self.before is None:
            return row * self.width + column
        begin, offset, drawn = self._lines
        pixel, rest = np.divmod(column, self.side)
        pixel += begin[row]
        number: np.ndarray = self.before[pixel]
        number *= self.side
        number += offset[row]
        number += rest * drawn[pixel]
        return number

    @cached_property
    def _lines(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each row its first pixel, and what its samples' numbers add to those of its pixels; which are drawn."""
        wide, before = self.width // self.side, np.asarray(self.before)
        line, inside = np.divmod(np.arange(self.height), self.side)
        first, after = before[line * wide], before[(line + 1) * wide]
        offset = self.side * ((self.side - 1) * first + inside * (after - first))
        return line * wide, offset, np.diff(before, append=before[-1])

    def samples(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(count,) which of the drawn pixels each sample is in; (count,) float32 row and column of each."""
        if self.before is None:
            row, column = np.divmod(np.arange(self.count), self.width)
            return np.arange(self.count), row.astype(np.float32), column.astype(np.float32)
        side, wide = self.side, self.width // self.side
        drawn = np.flatnonzero(np.diff(self.before))
        starts = self.before[::wide]
        lines = np.repeat(np.diff(starts), side)  # drawn pixels on each row of samples
        row = np.repeat(np.arange(self.height), lines)
        pixel = np.arange(len(row)) + np.repeat(np.repeat(starts[:-1], side) - np.cumsum(lines) + lines, lines)
        column = (drawn[pixel] % wide * side)[:, None] + np.arange(side)
        return np.repeat(pixel, side), np.repeat(row, side).astype(np.float32), column.ravel().astype(np.float32)

    def rows(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Number of the triangle, and the row, of all that triangles with corners at (3, F) x and y may show on."""
        low, high = x.min(0), x.max(0)
        inside = (high > 0) & (low < self.width)
        if self.before is None:
            top, end = (np.clip(np.ceil(each - 0.5), 0, self.height) for each in (y.min(0), y.max(0)))
            return _spread(top, end, inside)
        wide, tall, side = self.width // self.side, self.height // self.side, self.side
        top, bottom = np.clip(np.floor(y.min(0) / side), 0, tall), np.clip(np.ceil(y.max(0) / side), 0, tall)
        owner, line = _spread(top, bottom, inside)
        left, right = np.clip(np.floor(low / side), 0, wide), np.clip(np.ceil(high / side), 0, wide)
        first, last = (line * wide + each.astype(np.intp)[owner] for each in (left, right))
        drawn = np.flatnonzero(self.before[last] > self.before[first])
        owner, row = np.repeat(owner[drawn], side), np.repeat(side * line[drawn], side)
        row.reshape(-1, side)[:] += np.arange(side)
        return owner, row


def _spread(first: np.ndarray, last: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every row from `first` to before `last` of what is `kept`, one after the other: whose, and which."""
    first = first.astype(np.intp)
    counts = np.where(kept, last.astype(np.intp) - first, 0)
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts - first, counts)


def areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(F,) twice the area on the picture of triangles, positive where their front shows."""
    x, y = np.ascontiguousarray(points[:, :2].T)
    a, b, c = np.ascontiguousarray(triangles.T)
    twice: np.ndarray = (y[b] - y[a]) * (x[c] - x[a]) - (x[b] - x[a]) * (y[c] - y[a])
    return twice


def raster(corners: np.ndarray, grid: Grid, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each sample of a grid shows.

    Args:
        corners: (F, 3, 3) float32 of triangles that show their fronts: x and y in samples from the upper left corner,
            and how near; larger is nearer.
        grid: what is drawn.
        column: of each sample, see `Grid.samples`.

    Returns:
        (count,) number of the triangle that shows, or `NOTHING`; (count,) float32 how near it is there, −∞ for
        nothing.
    """
    bits = len(corners).bit_length()
    step = 2.0 ** (_DEPTH_BITS - bits)
    best = np.full(grid.count, _EMPTY)
    for begin in range(0, len(corners), CHUNK):
        sample, owner, nearness = _fragments(corners[begin : begin + CHUNK], grid, column)
        fragment = np.multiply(nearness, step, dtype=np.float64).astype(np.int64)
        fragment <<= bits
        fragment += owner + begin
        np.maximum.at(best, sample, fragment)
    empty = best == _EMPTY
    shown, nearest = best & ((1 << bits) - 1), (best >> bits) * np.float32(1 / step)
    shown[empty], nearest[empty] = NOTHING, -np.inf
    return shown, nearest.astype(np.float32)


def _fragments(corners: np.ndarray, grid: Grid, column: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sample, number of the triangle and nearness of whatever triangles cover."""
    owner, row, begin, end = _runs(corners, grid)
    first = grid.numbers(row, begin)
    count = grid.numbers(row, end) - first
    base, across, down = (each[owner] for each in np.ascontiguousarray(plane(corners, corners[:, :, 2]).T))
    base += across * np.float32(0.5) + down * (row + 0.5).astype(np.float32)
    run = np.repeat(np.arange(len(count)), count)
    sample = (first - (np.cumsum(count) - count))[run]
    sample += np.arange(len(sample))
    nearness = column[sample]
    nearness *= across[run]
    nearness += base[run]
    return sample, owner[run], nearness


def plane(corners: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(F, 3, …) float32 a, b, c with a + b·x + c·y = the (F, 3, …) values at the corners (F, 3, ≥ 2) of triangles."""
    one, two, three = corners[:, 0, :2], corners[:, 1, :2], corners[:, 2, :2]
    u, v = two - one, three - one
    twice = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    scale = 1 / np.where(np.abs(twice) < 1e-9, 1e-9, twice)
    expand = (slice(None), *(None,) * (values.ndim - 2))
    p, q = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    across = (p * (v[:, 1] * scale)[expand]) - (q * (u[:, 1] * scale)[expand])
    down = (q * (u[:, 0] * scale)[expand]) - (p * (v[:, 0] * scale)[expand])
    base = values[:, 0] - across * one[:, 0][expand] - down * one[:, 1][expand]
    return np.stack([base, across, down], 1)


def _runs(corners: np.ndarray, grid: Grid) -> tuple[np.ndarray, ...]:
    """Triangle, row, first column and the one after the last, of every run inside the picture."""
    x, y = np.ascontiguousarray(corners[:, :, 0].T), np.ascontiguousarray(corners[:, :, 1].T)
    owner, row = grid.rows(x, y)
    line = row.astype(np.float32)
    step_x, step_y = np.roll(x, -1, 0) - x, np.roll(y, -1, 0) - y
    tilt = step_x / np.where(step_y == 0, 1, step_y)
    start = x - tilt * (y - 0.5)
    # an edge that goes down bounds a front on its left, one that goes up on its right
    low, high = np.where(step_y > 0, start, -_FAR), np.where(step_y < 0, start, _FAR)
    left, right = np.full(len(owner), -_FAR, np.float32), np.full(len(owner), _FAR, np.float32)
    for side in range(3):
        along = tilt[side][owner]
        along *= line
        np.maximum(left, low[side][owner] + along, out=left)
        np.minimum(right, high[side][owner] + along, out=right)
    begin, end = (np.clip(np.ceil(each - 0.5), 0, grid.width).astype(np.intp) for each in (left, right))
    return owner, row, begin, np.maximum(end, begin)
