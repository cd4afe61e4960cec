"""The seam of two windows: where both predict the same stretch, the older fades into the newer."""

import numpy as np


class Seam:
    """Windows in order → blocks without steps between them.

    Args:
        block: frames of a block.
        overlap: frames after it that the window predicts too.
    """

    def __init__(self, block: int, overlap: int) -> None:
        self._block, self._overlap = block, overlap
        # raised cosine: the newer window's part in each frame of the overlap
        self._rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(overlap)[:, None] + 0.5) / max(1, overlap))
        self.reset()

    def reset(self) -> None:
        """Back to the first window."""
        self._ending: np.ndarray | None = None  # (overlap, …) the last window beyond its block

    def join(self, window: np.ndarray) -> np.ndarray:
        """(block + overlap or more, C), the next window from its block on → (block, C), which is final."""
        block = window[: self._block].copy()
        if self._ending is not None:
            begin = block[: self._overlap]
            block[: self._overlap] = self._ending + self._rise * (begin - self._ending)
        self._ending = window[self._block : self._block + self._overlap]
        return block
