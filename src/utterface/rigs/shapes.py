"""A rig of bare shapes, from arrays: the layout that Audio2Face keeps its blendshapes in.

An .npz with `neutral` (V, 3), `poseNames` and an array (V, 3) a name, the displacement at weight 1; names are ARKit's
in any case.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from utterface.arrays import read_arrays
from utterface.errors import RigError
from utterface.motion import ARKIT
from utterface.rigs.protocol import Joint, Part


@dataclass(frozen=True)
class ShapesRig:
    """Vertices that are the template plus a weighted sum of shapes.

    Attributes:
        name, template, channels: see `Rig`.
        shapes: (K, V, 3) float32.
        triangles, parts, regions, joints, tint, openness, colours: none.
    """

    name: str
    template: np.ndarray
    channels: tuple[str, ...]
    shapes: np.ndarray
    triangles: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int32))
    parts: tuple[Part, ...] = ()
    regions: dict[str, np.ndarray] = field(default_factory=dict)
    joints: tuple[Joint, ...] = ()
    tint: np.ndarray | None = None
    openness: np.ndarray | None = None
    colours: np.ndarray | None = None

    def vertices(self, values: np.ndarray) -> np.ndarray:
        """(T, K) weights → (T, V, 3) float32."""
        moved = np.asarray(values, np.float32) @ self.shapes.reshape(len(self.shapes), -1)
        vertices: np.ndarray = self.template + moved.reshape(len(values), *self.template.shape)
        return vertices


def read_shapes(path: Path) -> ShapesRig:
    """The rig of an .npz file; RigError where it is missing, damaged or laid out otherwise."""
    known = {name.lower(): name for name in ARKIT}
    try:
        arrays = read_arrays(path)
        template = np.asarray(arrays["neutral"], np.float32).reshape(-1, 3)
        names = [name.decode() if isinstance(name, bytes) else str(name) for name in arrays["poseNames"].tolist()]
        shapes = {
            known[name.lower()]: np.asarray(arrays[name], np.float32).reshape(-1, 3)
            for name in names if name.lower() in known and name in arrays
        }  # fmt: skip
    except FileNotFoundError:
        raise RigError(f"no such file: {path}") from None
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise RigError(
            f"{path} is no rig of shapes: expected neutral, poseNames and an array a name, {error}"
        ) from None
    if not shapes or any(each.shape != template.shape for each in shapes.values()):
        raise RigError(f"{path} has no shapes by ARKit's names that fit its {len(template)} vertices")
    return ShapesRig(path.stem, template, tuple(shapes), np.stack(list(shapes.values())))
