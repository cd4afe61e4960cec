"""glTF binary, read back: the weights that its animation moves, by ARKit's names, as motion at an even rate.

Ours come back as they were written; of others' files those whose mesh names its targets. Turns of head and eyes stay
behind: they are nodes there, each file's own.
"""

from pathlib import Path
from typing import Any

import numpy as np

from utterface import timing
from utterface.clip import Clip
from utterface.errors import MotionError
from utterface.formats.guard import check_span, guarded
from utterface.gltf import Gltf
from utterface.motion import ARKIT, Motion

_EVEN = 1e-3  # of a step, by which keys may miss their place and still count as even
_RATE = 60.0  # Hz at which keys are read that are not even


@guarded("glTF file with a face")
def read(path: Path) -> Clip:
    """The clip of a .glb file: its facial motion.

    Keys at an even rate are taken as they are; others are interpolated at 60 Hz. Where several meshes move, each
    channel is that of the first mesh that has it; of several animations the first that moves a face counts.

    Raises:
        MotionError: missing, no GLB, damaged, or without an animation of named ARKit weights.
    """
    gltf = Gltf.read(path)
    for animation in gltf.items("animations"):
        tracks = [track for channel in animation.get("channels", []) if (track := _weights(gltf, animation, channel))]
        if tracks:
            return Clip.from_motion(_joined(gltf, tracks))
    raise MotionError(
        f"{path} has no facial animation: no morph targets by ARKit's names (jawOpen …) move in it; "
        "export the weights' animation too"
    )


_Track = tuple[np.ndarray, np.ndarray, list[str]]  # (K,) seconds, (K, C) weights, C names


def _weights(gltf: Gltf, animation: dict[str, Any], channel: dict[str, Any]) -> _Track | None:
    """Keys, weights and names of a channel that moves a face; None for any other."""
    target = channel["target"]
    if target.get("path") != "weights" or target.get("node") is None:
        return None
    names = gltf.target_names(gltf.item("meshes", gltf.item("nodes", target["node"]).get("mesh")))
    known = [i for i, name in enumerate(names) if name in ARKIT]
    if not known:
        return None
    samplers, number = animation.get("samplers", []), channel.get("sampler")
    if not isinstance(number, int) or not 0 <= number < len(samplers):
        raise gltf.damage(f"there is no samplers[{number}]")
    sampler = samplers[number]
    times = gltf.accessor(sampler.get("input"), fractions=True)[:, 0].astype(np.float64)
    values = gltf.accessor(sampler.get("output"), fractions=True)
    if not len(times) or values.size % (len(times) * len(names)):
        raise gltf.damage(f"{len(times)} keys of {len(names)} weights have {values.size} values")
    if not np.isfinite(times).all() or not np.isfinite(values).all() or (np.diff(times) < 0).any():
        raise gltf.damage("its keys do not go forward, or hold numbers that are not finite")
    values = values.reshape(len(times), -1, len(names))
    if sampler.get("interpolation") == "CUBICSPLINE":
        values = values[:, 1::3]  # the values between their tangents
    return times, values[:, 0, known], [names[i] for i in known]


def _joined(gltf: Gltf, tracks: list[_Track]) -> Motion:
    """All channels on the clock of the longest track."""
    times = max((track[0] for track in tracks), key=len)
    rate = _even_rate(times)
    check_span(float(times[-1] - times[0]), rate or _RATE, gltf.name)
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
