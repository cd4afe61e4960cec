"""Where two windows meet: what both say of the same stretch fades from the older to the newer."""

import numpy as np


class Seam:
    """Windows in order → blocks without steps between them.

    Args:
        block: frames of a block.
        overlap: frames after it that the window says too.
    """

    def __init__(self, block: int, overlap: int) -> None:
        self._block, self._overlap = block, overlap
        # raised cosine: the newer window's part in each frame of the overlap
        self._rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(overlap)[:, None] + 0.5) / max(1, overlap))
        self.reset()

    def reset(self) -> None:
        """No window came yet."""
        self._ending: np.ndarray | None = None  # (overlap, …) what the last window said of what follows its block

    def join(self, said: np.ndarray) -> np.ndarray:
        """(block + overlap or more, C), what the next window says from its block on → (block, C), which is final."""
        block = said[: self._block].copy()
        if self._ending is not None:
            begin = block[: self._overlap]
            block[: self._overlap] = self._ending + self._rise * (begin - self._ending)
        self._ending = said[self._block : self._block + self._overlap]
        return block
