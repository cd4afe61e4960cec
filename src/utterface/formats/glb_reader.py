"""glTF binary, read back: the weights that its animation moves, by ARKit's names, as motion at an even rate.

Ours come back as they were written; of others' files those whose mesh names its targets. Turns of head and eyes stay
behind: they are nodes there, each file's own.
"""

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib as gltf

from utterface import timing
from utterface.errors import MotionError
from utterface.motion import ARKIT, Motion

_TYPES = {
    gltf.BYTE: np.int8, gltf.UNSIGNED_BYTE: np.uint8, gltf.SHORT: np.int16, gltf.UNSIGNED_SHORT: np.uint16,
    gltf.FLOAT: np.float32,
}  # fmt: skip
_MAGIC = b"glTF"
_EVEN = 1e-3  # of a step, by which keys may miss their place and still count as even
_RATE = 60.0  # Hz at which keys are read that are not even


def read(path: str | PathLike[str]) -> Motion:
    """The facial motion of a .glb file.

    Keys at an even rate are taken as they are; others are interpolated at 60 Hz. Where several meshes move, each
    channel is that of the first mesh that has it; of several animations the first that moves a face counts.

    Raises:
        MotionError: missing, no GLB, damaged, or without an animation of named ARKit weights.
    """
    path = Path(path)
    document = _opened(path)
    try:
        for animation in document.animations or []:
            tracks = [found for channel in animation.channels if (found := _weights(document, animation, channel))]
            if tracks:
                return _joined(tracks)
    except (IndexError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise MotionError(f"{path} is damaged: its animation cannot be read ({error})") from None
    raise MotionError(
        f"{path} has no facial animation: no morph targets by ARKit's names (jawOpen …) move in it; "
        "export the weights' animation too"
    )


_Track = tuple[np.ndarray, np.ndarray, list[str]]  # (K,) seconds, (K, C) weights, C names


def _opened(path: Path) -> gltf.GLTF2:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MotionError(f"cannot read {path}: {error.strerror or error}") from None
    if not data.startswith(_MAGIC):
        raise MotionError(f"{path} is no .glb file; give a glTF binary")
    try:
        document: gltf.GLTF2 | None = gltf.GLTF2.load_from_bytes(data)
    except Exception as error:  # whatever its parser stumbles over
        raise MotionError(f"{path} is damaged ({type(error).__name__}); export it again") from None
    if document is None:
        raise MotionError(f"{path} is damaged; export it again")
    return document


def _weights(document: gltf.GLTF2, animation: gltf.Animation, channel: gltf.AnimationChannel) -> _Track | None:
    """Keys, weights and names of a channel that moves a face; None for any other."""
    if channel.target.path != "weights" or channel.target.node is None:
        return None
    mesh = document.meshes[document.nodes[channel.target.node].mesh]
    names = [str(name) for name in (mesh.extras or {}).get("targetNames", ())]
    known = [i for i, name in enumerate(names) if name in ARKIT]
    if not known:
        return None
    sampler = animation.samplers[channel.sampler]
    times = _array(document, sampler.input).astype(np.float64)
    values = _array(document, sampler.output).reshape(len(times), -1, len(names))
    if sampler.interpolation == gltf.ANIM_CUBICSPLINE:
        values = values[:, 1::3]  # the values between their tangents
    return times, values[:, 0, known], [names[i] for i in known]


def _array(document: gltf.GLTF2, number: int) -> np.ndarray:
    """(n,) numbers of an accessor, integers as the fractions that they stand for."""
    accessor = document.accessors[number]
    view = document.bufferViews[accessor.bufferView]
    kind: Any = _TYPES[accessor.componentType]
    begin = (view.byteOffset or 0) + (accessor.byteOffset or 0)
    found = np.frombuffer(document.binary_blob(), kind, accessor.count, begin)
    if kind is np.float32:
        return found
    return np.maximum(found.astype(np.float32) / np.iinfo(kind).max, -1)


def _joined(tracks: list[_Track]) -> Motion:
    """All channels on the clock of the longest track."""
    times = max((track[0] for track in tracks), key=len)
    rate = _even_rate(times)
    columns: dict[str, np.ndarray] = {}
    for keys, values, names in tracks:
        same = rate is not None and np.array_equal(keys, times)
        rows = values if same else _between(keys, values, times[0], times[-1], rate or _RATE)
        columns |= {name: row for name, row in zip(names, rows.T, strict=True) if name not in columns}
    channels = tuple(name for name in ARKIT if name in columns)
    values = np.stack([columns[name] for name in channels], 1).astype(np.float32)
    return Motion(values, channels, rate or _RATE, float(times[0]))


def _even_rate(times: np.ndarray) -> float | None:
    """Keys a second, to a thousandth, where they are evenly apart."""
    if len(times) < 2 or not times[-1] > times[0]:
        return None
    rate = round((len(times) - 1) / (times[-1] - times[0]), 3)
    places = (times - times[0]) * rate
    return rate if np.abs(places - np.arange(len(times))).max() < _EVEN * max(1, len(times) / 1000) else None


def _between(keys: np.ndarray, values: np.ndarray, first: float, last: float, rate: float) -> np.ndarray:
    """Weights at an even rate, interpolated linearly between keys."""
    count = timing.frame_count(last - first + 1 / rate, rate)
    moments = timing.frame_times(count, rate, first)
    return np.stack([np.interp(moments, keys, column) for column in values.T], 1)
