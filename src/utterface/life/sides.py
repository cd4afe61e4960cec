"""Left and right: faces move unevenly, by about a tenth, one way for seconds (Borod et al. 1998)."""

import numpy as np

from utterface.life.passage import Passage

_LEAN, _MOUTH, _BROW, _JAW = 600, 601, 602, 603  # streams
_STEP = 2.6  # s


def leans(passage: Passage) -> dict[str, np.ndarray]:
    """How much more the left side moves and how much less the right, (T,) by the beginnings of channel names.

    Both sides together move as before, so a gap of the lips, to which both give alike, stays.
    """
    lasting = (2 * passage.draws(_LEAN, np.arange(2)[None], 1)[0] - 1)[passage.of]
    mouth = 0.06 * lasting[:, 0] + 0.17 * passage.noise(_MOUTH, _STEP)
    brow = 0.08 * lasting[:, 1] + 0.25 * passage.noise(_BROW, _STEP)
    awake = passage.awake
    return {name: awake * lean for name, lean in
            {"mouth": mouth, "cheek": mouth, "nose": mouth, "brow": brow, "eyeSquint": brow}.items()}  # fmt: skip


def shifts(passage: Passage) -> dict[str, np.ndarray]:
    """Channel → (T,): jaw and mouth a little to one side while the voice sounds."""
    way = passage.noise(_JAW, 1.0) * passage.awake * passage.level(30)
    return {
        "jawLeft": 0.06 * np.maximum(way, 0),
        "jawRight": 0.06 * np.maximum(-way, 0),
        "mouthLeft": 0.08 * np.maximum(way, 0),
        "mouthRight": 0.08 * np.maximum(-way, 0),
    }
