"""Meshes of research as rigs: the built-in head's shapes on FLAME's mesh, or on any mesh with named vertices.

VOCASET's faces have FLAME's mesh; BIWI's and others come as .obj with vertices named in a TOML file.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np

from utterface.avatars import landmarks
from utterface.avatars.landmarks import Places
from utterface.avatars.settings import Settings
from utterface.avatars.transfer import TargetFace, source_of, transferred
from utterface.errors import RigError
from utterface.rigs import Rig
from utterface.rigs.flame import JAW, FlameRig
from utterface.rigs.shapes import ShapesRig

_OPEN = 0.3  # radians of FLAME's jaw that part its lips
_LEFT_EYE, _RIGHT_EYE = 3, 4  # joints


def of_flame(flame: FlameRig, head: Rig) -> ShapesRig:
    """ARKit's shapes of a head on FLAME's mesh; its landmarks come from its own jaw and eyes.

    Raises:
        RigError: the jaw of the model opens no mouth.
    """
    values = np.zeros((1, len(flame.channels)), np.float32)
    values[0, flame.channels.index(JAW[0])] = _OPEN
    vertices = np.asarray(flame.template, np.float64)
    places, sides = landmarks.of_shapes(vertices, {"jawOpen": flame.vertices(values)[0] - vertices})
    eyes = {"eye_left": flame.model.joints[_LEFT_EYE], "eye_right": flame.model.joints[_RIGHT_EYE]}
    return _with_shapes("FLAME", TargetFace(vertices, flame.triangles, sides), places | eyes, head)


def of_mesh(path: Path, settings: Settings, head: Rig) -> ShapesRig:
    """ARKit's shapes of a head on the mesh of an .obj file, by the vertices that settings name in [landmarks].

    Raises:
        RigError: missing or damaged, or too few landmarks.
    """
    vertices, triangles = read_obj(path)
    places = landmarks.of_numbers(vertices, settings.landmarks)
    return _with_shapes(path.stem, TargetFace(vertices, triangles), places, head)


def read_obj(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(V, 3) float64 vertices and (F, 3) triangles of Wavefront's text; faces of more corners are cut in fans."""
    vertices, triangles = [], []
    try:
        for line in path.read_text("utf-8", "replace").splitlines():
            kind, *words = line.split() or [""]
            if kind == "v":
                vertices.append([float(word) for word in words[:3]])
            elif kind == "f":
                corners = [int(word.partition("/")[0]) for word in words]
                around = [corner - 1 if corner > 0 else len(vertices) + corner for corner in corners]
                triangles += [[around[0], *pair] for pair in pairwise(around[1:])]
        points, faces = np.array(vertices, np.float64).reshape(-1, 3), np.array(triangles, np.int64).reshape(-1, 3)
    except FileNotFoundError:
        raise RigError(f"no such file: {path}") from None
    except (OSError, ValueError) as error:
        raise RigError(f"cannot read {path}: {error}") from None
    if not len(faces) or not 0 <= faces.min() <= faces.max() < len(points):
        raise RigError(f"{path} is no mesh: {len(points)} vertices and {len(faces)} triangles that fit them expected")
    return points, faces


def _with_shapes(name: str, face: TargetFace, places: Places, head: Rig) -> ShapesRig:
    missing = [each for each in landmarks.REQUIRED if each not in places]
    if missing:
        raise RigError(f"{name} has no {', '.join(missing)}; name vertices of it in [landmarks] of --landmarks")
    places = landmarks.on_midline(face.vertices, places) | places
    offsets = transferred(source_of(head), face, landmarks.of_rig(head), places)
    shapes = np.stack(list(offsets.values())).astype(np.float32)
    template = face.vertices.astype(np.float32)
    return ShapesRig(name, template, tuple(offsets), shapes, face.triangles.astype(np.int32))
