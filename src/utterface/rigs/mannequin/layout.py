"""The cage's edge flow: a grid around the head in which eye, mouth, nostril and ear are rings of loops.

Half a head is a grid of rows (chest to crown) and columns (middle of the face to middle of the nape). A block of cells
is taken out of it for each opening, and loops with as many vertices as the block's border run from there inwards; the
crown is closed by a patch of its own. The other half is the exact mirror image.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

ROWS, COLUMNS = 26, 18  # vertices are numbered 0…ROWS and 0…COLUMNS
CROWN_WIDTH = 5  # the crown's patch is CROWN_WIDTH × (COLUMNS − 2 CROWN_WIDTH) cells


@dataclass(frozen=True)
class Block:
    """Cells of the grid given over to loops: rows [bottom, top], columns [front, back], and how many loops."""

    name: str
    bottom: int
    top: int
    front: int
    back: int
    loops: int

    def border(self) -> list[tuple[int, int]]:
        """(row, column) once around, counter-clockwise seen from outside on the subject's left side.

        A block that touches the middle of the face is open there: from its lower to its upper middle vertex.
        """
        bottom = [(self.bottom, c) for c in range(self.front, self.back)]
        back = [(r, self.back) for r in range(self.bottom, self.top)]
        top = [(self.top, c) for c in range(self.back, self.front, -1)]
        if self.front == 0:
            return [*bottom, *back, *top, (self.top, 0)]
        return bottom + back + top + [(r, self.front) for r in range(self.top, self.bottom, -1)]


MOUTH = Block("mouth", 9, 13, 0, 6, 13)
NOSTRIL = Block("nostril", 13, 15, 1, 3, 4)
EYE = Block("eye", 18, 22, 2, 8, 8)
EAR = Block("ear", 15, 21, 10, 13, 8)
BLOCKS = (MOUTH, NOSTRIL, EYE, EAR)


@dataclass
class Layout:
    """Who neighbours whom in half a head.

    Attributes:
        count: vertices of the half.
        quads: (Q, 4), counter-clockwise from outside.
        grid: (ROWS + 1, COLUMNS + 1) vertex numbers, -1 where a block has none.
        loops: block name → (loops, around) vertex numbers, the block's border first.
        caps: block name → (rows + 1, columns + 1) vertex numbers of the grid that closes its last loop.
        crown: (CROWN_WIDTH + 1, COLUMNS − 2 CROWN_WIDTH + 1) vertex numbers, outer edge to middle, front to back.
        middle: vertices in the plane x = 0.
    """

    count: int = 0
    quads: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    grid: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    loops: dict[str, np.ndarray] = field(default_factory=dict)
    caps: dict[str, np.ndarray] = field(default_factory=dict)
    crown: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    middle: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


def build() -> Layout:
    """The half head's layout; pure counting, no positions."""
    grid = np.full((ROWS + 1, COLUMNS + 1), -2, np.int64)
    for block in BLOCKS:
        grid[block.bottom + 1 : block.top, (0 if block.front == 0 else block.front + 1) : block.back] = -1
    used = grid == -2
    grid[used] = np.arange(used.sum())
    count = int(used.sum())
    quads: list[tuple[int, ...]] = []
    inside = {(r, c) for b in BLOCKS for r in range(b.bottom, b.top) for c in range(b.front, b.back)}
    for r in range(ROWS):
        for c in range(COLUMNS):
            if (r, c) not in inside:
                quads.append((grid[r, c], grid[r, c + 1], grid[r + 1, c + 1], grid[r + 1, c]))
    layout = Layout(grid=grid)
    middle = [v for v in (*grid[:, 0], *grid[:, COLUMNS]) if v >= 0]
    for block in BLOCKS:
        first = np.array([grid[rc] for rc in block.border()])
        rest = count + np.arange((block.loops - 1) * len(first)).reshape(block.loops - 1, -1)
        count += rest.size
        loops = np.vstack([first[None], rest])
        layout.loops[block.name] = loops
        quads += _ring_quads(loops, closed=block.front > 0)
        if block.name != "eye":
            cap, count = _cap(loops[-1], block, count)
            layout.caps[block.name] = cap
            quads += _grid_quads(cap)
        if block.front == 0:
            middle += [*loops[1:, 0], *loops[1:, -1], *layout.caps[block.name][:, 0]]
    crown, count = _crown(grid[ROWS], count)
    quads += _grid_quads(crown)
    layout.crown = crown
    middle += list(crown[-1, 1:-1])
    layout.count, layout.quads = count, np.array(quads, np.int64)
    layout.middle = np.unique(np.array(middle))
    return layout


def _grid_quads(grid: np.ndarray) -> list[tuple[int, ...]]:
    corners = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], -1)
    return [tuple(quad) for quad in corners.reshape(-1, 4)]


def _ring_quads(loops: np.ndarray, closed: bool) -> list[tuple[int, ...]]:
    around = loops.shape[1]
    quads: list[tuple[int, ...]] = []
    for outer, inner in pairwise(loops):
        for k in range(around if closed else around - 1):
            n = (k + 1) % around
            quads.append((outer[k], outer[n], inner[n], inner[k]))
    return quads


def _cap(last: np.ndarray, block: Block, count: int) -> tuple[np.ndarray, int]:
    """(rows + 1, columns + 1) vertices of the grid that closes the innermost loop; its border is that loop."""
    cap = np.full((block.top - block.bottom + 1, block.back - block.front + 1), -1, np.int64)
    for vertex, (row, column) in zip(last, block.border(), strict=True):
        cap[row - block.bottom, column - block.front] = vertex
    empty = cap == -1
    cap[empty] = count + np.arange(empty.sum())
    return cap, count + int(empty.sum())


def _crown(rim: np.ndarray, count: int) -> tuple[np.ndarray, int]:
    """The patch on top: its front, side and back edges are the grid's last row."""
    width, depth = CROWN_WIDTH, COLUMNS - 2 * CROWN_WIDTH
    crown = np.full((width + 1, depth + 1), -1, np.int64)
    crown[:, 0] = rim[width::-1]
    crown[0, :] = rim[width : width + depth + 1]
    crown[:, -1] = rim[width + depth :]
    empty = crown == -1
    crown[empty] = count + np.arange(empty.sum())
    return crown, count + int(empty.sum())
