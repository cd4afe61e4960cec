"""Vertex caches, PC2 and MDD, and the mesh that they move, OBJ: for programs that take vertices and no shapes.

Both caches are read back, as arrays. A cache belongs to a mesh of the same vertices in the same order: the OBJ.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from utterface.clip import Clip
from utterface.errors import MotionError
from utterface.formats.grid import from_zero
from utterface.rigs import Part, Rig

BLOCK_FRAMES = 64  # whose vertices are in memory at once
MAX_BYTES = 1 << 33  # of a cache
_PC2 = struct.Struct("<12siiffi")  # signature, version, vertices, first frame, frames a sample, samples
_SIGNATURE = b"POINTCACHE2\0"


def write_pc2(clip: Clip, path: Path, rig: Rig) -> None:
    """PC2: little-endian; a sample a frame, and no frame rate."""
    motion = from_zero(clip.motion)
    with path.open("wb") as file:
        file.write(_PC2.pack(_SIGNATURE, 1, len(rig.template), 0.0, 1.0, len(motion)))
        for vertices in blocks(motion.select(rig.channels), rig):
            file.write(vertices.astype("<f4").tobytes())


def write_mdd(clip: Clip, path: Path, rig: Rig) -> None:
    """MDD: big-endian; with the time of every frame."""
    motion = from_zero(clip.motion)
    with path.open("wb") as file:
        file.write(struct.pack(">ii", len(motion), len(rig.template)))
        file.write(motion.times.astype(">f4").tobytes())
        for vertices in blocks(motion.select(rig.channels), rig):
            file.write(vertices.astype(">f4").tobytes())


def write_obj(clip: Clip, path: Path, rig: Rig) -> None:
    """The rig at rest: a `v` line a vertex in its order, triangles in a group a part."""
    parts = rig.parts or (Part(rig.name, "skin", slice(None)),)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines("v {:.6f} {:.6f} {:.6f}\n".format(*vertex) for vertex in rig.template.tolist())
        for part in parts:
            file.write(f"g {part.name}\nusemtl {part.material or 'skin'}\n")
            file.writelines("f {} {} {}\n".format(*corners) for corners in (rig.triangles[part.triangles] + 1).tolist())


def blocks(values: np.ndarray, rig: Rig) -> Iterator[np.ndarray]:
    """(≤ 64, V, 3) float32 vertices for (T, C) values of a rig's channels, block by block."""
    for begin in range(0, len(values), BLOCK_FRAMES):
        yield rig.vertices(values[begin : begin + BLOCK_FRAMES])


def read_pc2(path: Path) -> np.ndarray:
    """(T, V, 3) float32 vertices; MotionError where the file is no PC2, or damaged."""
    data = _bytes(path)
    if len(data) < _PC2.size or not data.startswith(_SIGNATURE):
        raise MotionError(f"{path} is no PC2 vertex cache")
    _, _, count, _, _, frames = _PC2.unpack_from(data)
    return _vertices(data, _PC2.size, frames, count, "<f4", path)


def read_mdd(path: Path) -> tuple[np.ndarray, float]:
    """(T, V, 3) float32 vertices, and frames a second; MotionError where the file is no MDD, or damaged."""
    data = _bytes(path)
    if len(data) < 8:
        raise MotionError(f"{path} is no MDD vertex cache")
    frames, count = struct.unpack_from(">ii", data)
    vertices = _vertices(data, 8 + 4 * max(frames, 0), frames, count, ">f4", path)
    times = np.frombuffer(data, ">f4", frames, 8).astype(float)
    span = times[-1] - times[0]
    if frames > 1 and not (np.isfinite(span) and span > 0):
        raise MotionError(f"{path} is damaged: its times do not go forward")
    return vertices, round((frames - 1) / span, 3) if frames > 1 else 30.0


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MotionError(f"{path} is too large: {path.stat().st_size >> 20} MB (at most {MAX_BYTES >> 20})")
        return path.read_bytes()
    except OSError as error:
        raise MotionError(f"cannot read {path}: {error.strerror or error}") from None


def _vertices(data: bytes, begin: int, frames: int, count: int, kind: str, path: Path) -> np.ndarray:
    needed = begin + 12 * frames * count
    if frames < 1 or count < 1 or needed != len(data):
        raise MotionError(
            f"{path} is damaged: {frames} frames of {count} vertices are {needed} bytes, it has {len(data)}"
        )
    return np.frombuffer(data, kind, 3 * frames * count, begin).reshape(frames, count, 3).astype(np.float32)
