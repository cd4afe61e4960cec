"""Pictures of materials as texels."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np

from utterface.rigs.protocol import Material

MOST = 1024  # texels along a side; what is larger is shrunk, since no face fills so many pixels
SKIN = (0.62, 0.42, 0.34)  # linear light of a picture that cannot be read


def texels_of(materials: Sequence[Material]) -> tuple[np.ndarray, np.ndarray]:
    """Texels of all pictures of some materials, one after the other.

    Returns:
        (N, 4) uint8, at least one; (M, 3) int64 first texel, height and width of each material's, width 0 for none.
    """
    pictures = [_decoded(material.picture) for material in materials]
    sizes = np.array([each.shape[:2] for each in pictures], np.int64).reshape(-1, 2)
    counts = sizes.prod(1)
    texels = np.concatenate([np.zeros((1, 4), np.uint8), *(each.reshape(-1, 4) for each in pictures)])
    return texels, np.column_stack([1 + np.cumsum(counts) - counts, sizes])


def _decoded(picture: bytes) -> np.ndarray:
    """(H, W, 4) uint8; (0, 0, 4) of what FFmpeg does not read."""
    nothing = np.zeros((0, 0, 4), np.uint8)
    if not picture:
        return nothing
    import av

    try:
        with av.open(BytesIO(picture), "r") as file:
            frame = next(file.decode(video=0))
            shrunk = max(frame.width, frame.height) / MOST
            if shrunk > 1:
                size = max(round(frame.width / shrunk), 1), max(round(frame.height / shrunk), 1)
                return np.asarray(frame.to_ndarray(format="rgba", width=size[0], height=size[1], interpolation="AREA"))
            return np.asarray(frame.to_ndarray(format="rgba"))
    except (av.FFmpegError, StopIteration, IndexError):
        return nothing
