"""Bare topologies: a neutral face, and motion that is every vertex's way from it (VOCASET, BIWI, Multiface)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from os import PathLike
from pathlib import Path

import numpy as np

from utterface.errors import RigError
from utterface.motion import Motion
from utterface.rigs import pickled
from utterface.rigs.protocol import Joint, Part

METRES = "m"
UPPER_FACE = ("forehead", "eye_region")  # masks of FLAME_masks.pkl whose union most papers call the upper face


@cache
def offset_channels(count: int) -> tuple[str, ...]:
    """The 3·V channels of bare vertex motion: `offset0X`, `offset0Y`, `offset0Z`, `offset1X` …"""
    return tuple(f"offset{vertex}{axis}" for vertex in range(count) for axis in "XYZ")


def to_motion(vertices: np.ndarray, template: np.ndarray, frame_rate: float, start: float = 0.0) -> Motion:
    """(T, V, 3) or (T, 3·V) absolute vertices as offsets from their (V, 3) template.

    Raises:
        RigError: another number of vertices than the template has.
    """
    count = len(template)
    if vertices.shape[1:] not in ((count, 3), (3 * count,)):
        raise RigError(f"expected frames of {count} vertices, as the template has, got the shape {vertices.shape}")
    offsets = np.asarray(vertices, np.float32).reshape(len(vertices), 3 * count) - template.reshape(-1).astype(
        np.float32
    )
    return Motion(offsets, offset_channels(count), frame_rate, start)


@dataclass(frozen=True)
class TopologyRig:
    """A `Rig` without shapes: its channels are the offsets of its own vertices.

    Attributes:
        name: shown to people.
        template: (V, 3) float32 in `unit`, the neutral face.
        triangles: (F, 3) int32; empty where the corpus tells none, measures do not need them.
        regions: named vertex sets, (n,) int64 each, see `read_regions`.
        unit: `m`, or what else the corpus has. BIWI's published form is divided by the root of the mesh's area: it
            has no length, so that it gives no millimetres.
        parts, joints, tint, openness, colours: none.
    """

    name: str
    template: np.ndarray
    triangles: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int32))
    regions: dict[str, np.ndarray] = field(default_factory=dict)
    unit: str = METRES
    parts: tuple[Part, ...] = ()
    joints: tuple[Joint, ...] = ()
    tint: np.ndarray | None = None
    openness: np.ndarray | None = None
    colours: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.template.ndim != 2 or self.template.shape[1] != 3 or not len(self.template):
            raise RigError(f"{self.name}: expected a template (vertices, 3), got {self.template.shape}")
        check_regions(self.regions, len(self.template), self.name)

    @property
    def channels(self) -> tuple[str, ...]:
        return offset_channels(len(self.template))

    def vertices(self, values: np.ndarray) -> np.ndarray:
        """(T, 3·V) offsets → (T, V, 3) float32 in `unit`; zero values give the template."""
        values = np.asarray(values, np.float32)
        if values.ndim != 2 or values.shape[1] != 3 * len(self.template):
            raise RigError(f"{self.name} takes (frames, {3 * len(self.template)} offsets), got {values.shape}")
        return self.template + values.reshape(len(values), len(self.template), 3)


def read_regions(*paths: str | PathLike[str]) -> dict[str, np.ndarray]:
    """Named vertex sets from the user's own copies of published lists; no list ships with us.

    A text file (`lve.txt`, `fdd.txt`) is one region, named as the file: whole numbers, parted by commas or spaces. A
    `.pkl` (`FLAME_masks.pkl`) holds many by name; where it has a forehead and an eye region, their union is
    `upper_face`. Vertices listed twice count once: a mean must not weigh them double.

    Returns:
        Name → (n,) int64, ascending.

    Raises:
        RigError: unreadable, or no list of vertices.
    """
    regions: dict[str, np.ndarray] = {}
    for path in map(Path, paths):
        if path.suffix == ".pkl":
            regions |= _read_masks(path)
        else:
            regions[path.stem] = _read_list(path)
    return regions


def check_regions(regions: Mapping[str, np.ndarray], count: int, name: str) -> None:
    """RigError where a region names a vertex that a mesh of `count` vertices lacks: the list is of another topology."""
    for region, indices in regions.items():
        if len(indices) and not 0 <= indices.min() <= indices.max() < count:
            raise RigError(
                f"{name} has {count} vertices, the region {region} names vertex {indices.max()}: "
                "its list is of another topology"
            )


def _read_list(path: Path) -> np.ndarray:
    try:
        words = re.split(r"[\s,]+", path.read_text("utf-8").strip().strip("[],"))
        return np.unique(np.array([int(word) for word in words], np.int64))
    except (OSError, ValueError) as problem:
        raise RigError(f"cannot read vertices from {path}: expected whole numbers and commas, {problem}") from None


def _read_masks(path: Path) -> dict[str, np.ndarray]:
    masks = pickled.load(path)
    if not isinstance(masks, dict) or not masks:
        raise RigError(f"{path}: expected vertex lists by name, got {type(masks).__name__}")
    regions = {str(name): np.unique(pickled.to_array(mask)).astype(np.int64) for name, mask in masks.items()}
    if all(name in regions for name in UPPER_FACE):
        regions["upper_face"] = np.unique(np.concatenate([regions[name] for name in UPPER_FACE]))
    return regions
