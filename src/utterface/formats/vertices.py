"""Moving vertices as research code stores them: arrays, vertex caches, and coefficients of FLAME."""

from pathlib import Path

import numpy as np

from utterface.arrays import read_arrays
from utterface.errors import ConfigError, MotionError, OutputError
from utterface.formats import caches
from utterface.formats.guard import MAX_FRAMES
from utterface.rigs.flame import EXPRESSIONS, read_flame

SUFFIXES = (".npy", ".npz", ".pc2", ".mdd")
FRAME_RATE = 30.0  # of files that name none
# names of the same thing in different corpora and models
_EXPRESSIONS = ("expression", "expressions", "exp", "expr", "expression_params")
_JAWS = ("jaw", "jaw_pose", "jawpose")
_RATES = ("mocap_frame_rate", "mocap_framerate", "fps", "frame_rate")
_SMPLX_JAW = slice(66, 69)  # of the 165 angles in `poses`


def read(
    path: Path, count: int, frame_rate: float | None = None, flame: Path | None = None
) -> tuple[np.ndarray, float]:
    """Vertices of a file, and frames a second.

    Args:
        path: .npy (T, V, 3) or (T, 3·V); .pc2; .mdd; .npz with FLAME's expressions and jaw.
        count: vertices of the mesh, V.
        frame_rate: overrides that of the file, or 30 where it names none.
        flame: the user's FLAME model, for .npz.

    Returns:
        (T, V, 3) float32 in the unit of the file, and the frame rate.

    Raises:
        MotionError: missing, damaged, or of another shape. ConfigError: .npz without a model.
    """
    if not path.is_file():
        raise MotionError(f"no such file: {path}")
    suffix, own = path.suffix.lower(), None
    if suffix == ".pc2":
        vertices = caches.read_pc2(path)
    elif suffix == ".mdd":
        vertices, own = caches.read_mdd(path)
    elif suffix == ".npy":
        vertices = read_array(path)
    elif suffix == ".npz":
        vertices, own = _from_flame(path, flame)
    else:
        raise MotionError(f"{path} holds no vertices that are read here; give one of {' '.join(SUFFIXES)}")
    if vertices.ndim == 2 and vertices.shape[1] == 3 * count:
        vertices = vertices.reshape(len(vertices), count, 3)
    if vertices.ndim != 3 or vertices.shape[2] != 3 or not 0 < len(vertices) <= MAX_FRAMES:
        raise MotionError(f"{path} has the shape {vertices.shape}; (frames, vertices, 3) is expected")
    return vertices, frame_rate or own or FRAME_RATE


def write(path: Path, vertices: np.ndarray) -> None:
    """(T, V, 3) float32 as .npy; OutputError for another suffix."""
    if path.suffix.lower() != ".npy":
        raise OutputError(f"cannot write vertices to {path}; give .npy, .pc2 or .mdd")
    with path.open("wb") as file:
        np.save(file, vertices.astype(np.float32))


def read_array(path: Path) -> np.ndarray:
    """Numbers of an .npy file; MotionError where it is missing, damaged or holds something else."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise MotionError(f"{path} is no NumPy array, or damaged: {' '.join(str(error).split())[:120]}") from None
    if array.dtype.kind != "f":
        raise MotionError(f"{path} holds {array.dtype}, not vertices")
    return array


def _from_flame(path: Path, model: Path | None) -> tuple[np.ndarray, float | None]:
    """Vertices of FLAME for the coefficients in an .npz file, and its frame rate if it names one."""
    if model is None:
        raise ConfigError(f"{path.name} holds coefficients; name your FLAME model: --flame generic_model.pkl")
    try:
        arrays = read_arrays(path)
        expressions = next(np.asarray(arrays[name], np.float32) for name in _EXPRESSIONS if name in arrays)
        jaw = next((np.asarray(arrays[name], np.float32) for name in _JAWS if name in arrays), None)
        if jaw is None and "poses" in arrays:
            jaw = np.asarray(arrays["poses"], np.float32)[:, _SMPLX_JAW]
        rate = next((float(np.asarray(arrays[name])) for name in _RATES if name in arrays), None)
    except (StopIteration, OSError, ValueError, TypeError, IndexError, KeyError) as error:
        raise MotionError(f"{path} has no FLAME coefficients ({' or '.join(_EXPRESSIONS)}) that can be read") from error
    if expressions.ndim != 2 or not 0 < len(expressions) <= MAX_FRAMES or expressions.shape[1] > EXPRESSIONS:
        raise MotionError(f"{path} has expressions of the shape {expressions.shape}; (frames, up to {EXPRESSIONS})")
    if jaw is not None and jaw.shape != (len(expressions), 3):
        raise MotionError(f"{path} has {len(expressions)} frames of expressions and jaws of the shape {jaw.shape}")
    rig = read_flame(model)
    values = np.zeros((len(expressions), len(rig.channels)), np.float32)
    values[:, : expressions.shape[1]] = expressions
    if jaw is not None:
        at = rig.channels.index("jawX")
        values[:, at : at + 3] = jaw
    return rig.vertices(values), rate
