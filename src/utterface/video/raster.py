"""Triangles to pixels in NumPy: which triangle each pixel shows, exactly, without a GPU.

Every triangle is cut into runs of pixels, a run a row; all runs of all triangles are laid out at once. Far triangles
are written before near ones, which is nearly right already; fragments that are nearer than what was written then follow
in the order of their depth.
"""

from dataclasses import dataclass

import numpy as np

NOTHING = -1
_FAR = 1e9


@dataclass(frozen=True)
class Grid:
    """Pixels to be drawn: all of a picture, or some, by many samples each.

    Samples are numbered row by row, those of pixels that are not drawn left out.

    Attributes:
        width, height: of the picture in samples.
        side: samples along each side of a pixel.
        before: (pixels + 1,) int32, how many drawn pixels come before each, row by row; None where all are drawn.
    """

    width: int
    height: int
    side: int = 1
    before: np.ndarray | None = None

    @classmethod
    def some(cls, drawn: np.ndarray, side: int) -> "Grid":
        """The pixels of (H, W) bool `drawn`, side × side samples each."""
        before = np.zeros(drawn.size + 1, np.int32)
        np.cumsum(drawn, out=before[1:], dtype=np.int32)
        return cls(drawn.shape[1] * side, drawn.shape[0] * side, side, before)

    @property
    def count(self) -> int:
        """How many samples there are."""
        return self.width * self.height if self.before is None else int(self.before[-1]) * self.side**2

    def numbers(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """The number of samples that come before a column (0 … width) of a row, int32."""
        if self.before is None:
            return (row * self.width + column).astype(np.int32)
        line, inside = np.divmod(row, self.side)
        pixel, rest = np.divmod(column, self.side)
        wide = self.width // self.side
        first, here = self.before[line * wide], self.before[line * wide + pixel]
        in_row = self.before[(line + 1) * wide] - first
        drawn = self.before[np.minimum(line * wide + pixel + 1, len(self.before) - 1)] > here
        number = self.side * (self.side * first + inside * in_row + here - first) + rest * (drawn & (pixel < wide))
        return number.astype(np.int32)

    def samples(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(pixels, samples) int32 numbers of every drawn pixel's samples; (count,) float32 row and column of each."""
        if self.before is None:
            row, column = np.divmod(np.arange(self.count, dtype=np.int32), self.width)
            return np.arange(self.count, dtype=np.int32)[:, None], row.astype(np.float32), column.astype(np.float32)
        wide = self.width // self.side
        line, pixel = np.divmod(np.flatnonzero(np.diff(self.before)).astype(np.int32), wide)
        first = self.numbers(line * self.side, pixel * self.side)
        in_row = self.side * (self.before[(line + 1) * wide] - self.before[line * wide])
        down, across = np.divmod(np.arange(self.side**2, dtype=np.int32), self.side)
        number = first[:, None] + in_row[:, None] * down + across
        row, column = np.empty(self.count, np.float32), np.empty(self.count, np.float32)
        row[number], column[number] = line[:, None] * self.side + down, pixel[:, None] * self.side + across
        return number, row, column


def fronts(corners: np.ndarray) -> np.ndarray:
    """Numbers of the triangles, of (F, 3, ≥ 2) corners on the picture, whose front shows."""
    u, v = corners[:, 1, :2] - corners[:, 0, :2], corners[:, 2, :2] - corners[:, 0, :2]
    return np.flatnonzero(u[:, 1] * v[:, 0] - u[:, 0] * v[:, 1] > 1e-6)


def raster(corners: np.ndarray, grid: Grid, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each sample of a grid shows.

    Args:
        corners: (F, 3, 3) float32 of triangles that show their fronts: x and y in samples from the upper left corner,
            and how near; larger is nearer.
        grid: what is drawn.
        column: of each sample, see `Grid.samples`.

    Returns:
        (count,) int32 number of the triangle that shows, or `NOTHING`; (count,) float32 how near it is there, −∞ for
        nothing.
    """
    order = np.argsort(corners[:, :, 2].sum(1), kind="stable").astype(np.int32)
    corners = corners[order]
    owner, row, begin, end = _runs(corners, grid.width, grid.height)
    first, last = grid.numbers(row, begin), grid.numbers(row, end)
    kept = np.flatnonzero(last > first)
    owner, row, first, count = owner[kept], row[kept], first[kept], (last - first)[kept]
    shown, nearest = np.full(grid.count, NOTHING, np.int32), np.full(grid.count, -np.inf, np.float32)
    if not len(owner):
        return shown, nearest
    starts = np.cumsum(count, dtype=np.int32) - count
    sample = np.repeat(first - starts, count)
    sample += np.arange(len(sample), dtype=np.int32)
    base, across, down = (each[owner] for each in plane(corners, corners[:, :, 2]).T)
    nearness = column[sample]
    nearness *= np.repeat(across, count)
    nearness += np.repeat(base + across * np.float32(0.5) + down * (row + 0.5).astype(np.float32), count)
    best = np.zeros(grid.count, np.int32)
    best[sample] = np.arange(len(sample), dtype=np.int32)  # of several, the last is kept
    hidden = np.flatnonzero(nearness > nearness[best[sample]])
    hidden = hidden[np.argsort(nearness[hidden], kind="stable")]
    best[sample[hidden]] = hidden
    shown[sample] = 0
    hit = np.flatnonzero(shown == 0)
    shown[hit], nearest[hit] = np.repeat(order[owner], count)[best[hit]], nearness[best[hit]]
    return shown, nearest


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


def _runs(corners: np.ndarray, width: int, height: int) -> tuple[np.ndarray, ...]:
    """Triangle, row, first column and the one after the last, of every run inside the picture; int32 each."""
    x, y = np.ascontiguousarray(corners[:, :, 0].T), np.ascontiguousarray(corners[:, :, 1].T)
    top = np.clip(np.ceil(y.min(0) - 0.5), 0, height).astype(np.int32)
    rows = np.clip(np.ceil(y.max(0) - 0.5), 0, height).astype(np.int32) - top
    rows[(x.max(0) < 0) | (x.min(0) > width)] = 0
    owner = np.repeat(np.arange(len(corners), dtype=np.int32), rows)
    row = np.arange(len(owner), dtype=np.int32) - np.repeat(np.cumsum(rows, dtype=np.int32) - rows - top, rows)
    line = row.astype(np.float32)
    step_x, step_y = np.roll(x, -1, 0) - x, np.roll(y, -1, 0) - y
    tilt = step_x / np.where(step_y == 0, 1, step_y)
    start = x - tilt * (y - 0.5)
    # an edge that goes down bounds a front on its left, one that goes up on its right
    low, high = np.where(step_y > 0, start, -_FAR), np.where(step_y < 0, start, _FAR)
    sides = [(side, tilt[side][owner] * line) for side in range(3)]
    left = np.maximum.reduce([low[side][owner] + along for side, along in sides])
    right = np.minimum.reduce([high[side][owner] + along for side, along in sides])
    begin = np.clip(np.ceil(left - 0.5), 0, width).astype(np.int32)
    end = np.clip(np.ceil(right - 0.5), 0, width).astype(np.int32)
    return owner, row, begin, np.maximum(end, begin)
