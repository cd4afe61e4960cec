"""FLAME: a linear head model with expressions and turning joints, from the user's own model file.

Li, Bolkart, Black, Li, Romero: Learning a model of facial shape and expression from 4D scans (SIGGRAPH Asia 2017). The
model file is licensed by its makers and never ships with us; nothing in it is executed.

Shape and expressions move the neutral face, pose correctives add what bending joints do to the skin (eq. 2 to 5 there),
and linear blend skinning turns the result around its joints. The formula stands here once, over the array namespace
`xp` (NumPy at work, torch in the lab), and its constants in `FlameModel`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import RigError
from utterface.rigs import pickled
from utterface.rigs.protocol import Joint, Part
from utterface.rigs.topology import check_regions, read_regions

SHAPES, EXPRESSIONS = 300, 100  # coefficients of the published models
JAW = ("jawX", "jawY", "jawZ")  # axis-angle, radians
NECK = ("neckX", "neckY", "neckZ")
EYES = ("leftEyeX", "leftEyeY", "leftEyeZ", "rightEyeX", "rightEyeY", "rightEyeZ")
_JOINTS = 5  # root, neck, jaw, left eye, right eye
_LEFT_EYE, _RIGHT_EYE = 3, 4
_EYE_DISTANCE = (0.04, 0.08)  # metres between human eyes
_BATCH = 256  # frames skinned at a time
# turns a vector into its cross-product matrix: v @ _CROSS is the flattened (3, 3)
_CROSS = np.array([[0, 0, 0, 0, 0, -1, 0, 1, 0], [0, 0, 1, 0, 0, 0, -1, 0, 0], [0, -1, 0, 1, 0, 0, 0, 0, 0]])


@cache
def expression_channels(count: int = EXPRESSIONS) -> tuple[str, ...]:
    """`expression0` …, in the order of FLAME's principal components, in their standard deviations."""
    return tuple(f"expression{i}" for i in range(count))


@cache
def face_channels(expressions: int = EXPRESSIONS) -> tuple[str, ...]:
    """What captured corpora store: expressions (50 or 100), then the jaw's axis-angle in radians."""
    return expression_channels(expressions) + JAW


@dataclass(frozen=True)
class FlameModel:
    """The constants of the formula for one identity, as arrays of one namespace.

    Attributes:
        template: (V, 3) metres, the neutral face of the identity.
        expressions: (V·3, E) metres a standard deviation.
        correctives: (V·3, 36) metres, by the entries of the four turned joints' rotations minus identity.
        joints: (5, 3) metres, at rest.
        joint_expressions: (15, E), how expressions move the joints.
        skin: (V, 5), how much each vertex follows each joint; rows sum to 1.
        cross: (3, 9) vector → cross-product matrix.
        identity3: (3, 3).
        parents: of each joint; −1 for the root.
    """

    template: Any
    expressions: Any
    correctives: Any
    joints: Any
    joint_expressions: Any
    skin: Any
    cross: Any
    identity3: Any
    parents: tuple[int, ...]

    def converted(self, convert: Callable[[Any], Any]) -> "FlameModel":
        """The same constants in another namespace: `model.converted(torch.as_tensor)`."""
        return replace(self, **{f.name: convert(getattr(self, f.name)) for f in fields(self) if f.name != "parents"})


def skin(xp: Any, model: FlameModel, expressions: Any, pose: Any) -> Any:
    """Vertices of FLAME.

    Args:
        xp: the namespace of all arrays here, `numpy` or `torch`.
        model: its constants.
        expressions: (T, E) in standard deviations.
        pose: (T, 5, 3) axis-angle in radians: root, neck, jaw, left eye, right eye.

    Returns:
        (T, V, 3) metres.
    """
    frames, count = len(expressions), len(model.parents)
    turns = rotations(xp, model, pose)
    bent = (turns[:, 1:] - model.identity3).reshape(frames, 9 * (count - 1))
    offsets = expressions @ model.expressions.T + bent @ model.correctives.T
    shaped = model.template + offsets.reshape(frames, len(model.template), 3)
    joints = model.joints + (expressions @ model.joint_expressions.T).reshape(frames, count, 3)
    turned: list[Any] = []
    moved: list[Any] = []
    for joint, parent in enumerate(model.parents):
        if parent < 0:
            turned.append(turns[:, joint])
            moved.append(joints[:, joint])
        else:
            arm = joints[:, joint] - joints[:, parent]
            moved.append(moved[parent] + xp.einsum("tij,tj->ti", turned[parent], arm))
            turned.append(turned[parent] @ turns[:, joint])
    placed = xp.zeros_like(shaped)
    for joint, (turn, place) in enumerate(zip(turned, moved, strict=True)):
        shift = place - xp.einsum("tij,tj->ti", turn, joints[:, joint])
        placed = placed + model.skin[:, joint, None] * (shaped @ xp.swapaxes(turn, 1, 2) + shift[:, None])
    return placed


def rotations(xp: Any, model: FlameModel, vectors: Any) -> Any:
    """(…, 3) axis-angle in radians → (…, 3, 3) matrices, by Rodrigues' formula; smooth at rest too."""
    angle = xp.sqrt((vectors * vectors).sum(-1) + 1e-12)[..., None, None]
    cross = (vectors @ model.cross).reshape(*vectors.shape, 3)
    half = xp.sin(angle / 2) / angle
    return model.identity3 + (xp.sin(angle) / angle) * cross + 2 * half * half * (cross @ cross)


@dataclass(frozen=True)
class FlameRig:
    """FLAME as a `Rig`: expressions, jaw, neck and eyes of one identity.

    Attributes:
        model: NumPy constants, float32.
        triangles: (F, 3) int32.
        regions: named vertex sets from the user's own lists, see `topology.read_regions`.
        shapes: (V, 3, S) float32, what identity does to the face; kept for `with_identity`.
        regressor: (5, V) float32, joints from vertices.
        base: (V, 3) float32, the mean face that shapes are added to.
        name: shown to people.
        parts, joints, tint, openness, colours: none; the model turns its own jaw, neck and eyes.
    """

    model: FlameModel
    triangles: np.ndarray
    regions: dict[str, np.ndarray]
    shapes: np.ndarray
    regressor: np.ndarray
    base: np.ndarray
    name: str = "FLAME"
    parts: tuple[Part, ...] = ()
    joints: tuple[Joint, ...] = ()
    tint: np.ndarray | None = None
    openness: np.ndarray | None = None
    colours: np.ndarray | None = None

    @property
    def template(self) -> np.ndarray:
        """(V, 3) float32 metres, the neutral face of this identity."""
        return self.model.template

    @property
    def channels(self) -> tuple[str, ...]:
        return expression_channels(self.model.expressions.shape[1]) + JAW + NECK + EYES

    def vertices(self, values: np.ndarray) -> np.ndarray:
        """(T, C) values of `channels` → (T, V, 3) float32 metres; zero values give the template."""
        values = np.asarray(values, np.float32)
        if values.ndim != 2 or values.shape[1] != len(self.channels):
            raise RigError(f"{self.name} takes (frames, {len(self.channels)} channels), got {values.shape}")
        expressions, pose = self.split(values)
        batches = range(0, max(len(values), 1), _BATCH)
        return np.concatenate(
            [skin(np, self.model, expressions[i : i + _BATCH], pose[i : i + _BATCH]) for i in batches]
        )

    def split(self, values: Any, xp: Any = np) -> tuple[Any, Any]:
        """(T, C) values of `channels`, arrays of `xp` → (T, E) expressions and (T, 5, 3) pose, the root at rest."""
        count = self.model.expressions.shape[1]
        jaw, neck, left, right = (values[:, count + at : count + at + 3] for at in (0, 3, 6, 9))
        return values[:, :count], xp.stack([0 * neck, neck, jaw, left, right], 1)

    def with_identity(self, identity: np.ndarray) -> "FlameRig":
        """The same rig on another face: (I,) shape coefficients in standard deviations, up to as many as it has."""
        if identity.ndim != 1 or len(identity) > self.shapes.shape[2]:
            raise RigError(f"{self.name} takes up to {self.shapes.shape[2]} shape coefficients, got {identity.shape}")
        template = self.base + self.shapes[:, :, : len(identity)] @ identity.astype(np.float32)
        return replace(self, model=replace(self.model, template=template, joints=self.regressor @ template))


def read_flame(
    path: str | PathLike[str],
    regions: Iterable[str | PathLike[str]] = (),
    expressions: int = EXPRESSIONS,
    shapes: int = SHAPES,
) -> FlameRig:
    """A FLAME model file as a rig.

    Args:
        path: the user's `.pkl` (`generic_model.pkl`, FLAME 2019 to 2023) or an `.npz` with the same arrays.
        regions: files with vertex lists: `FLAME_masks.pkl`, `lve.txt`, `fdd.txt`.
        expressions: how many expression coefficients to keep, 50 or 100.
        shapes: how many of the file's directions are identity; the rest are expressions.

    Raises:
        RigError: unreadable, an array missing or of another shape, or eyes that stand as far apart as no human's do in
            metres.
    """
    path = Path(path)
    v, directions, posed, regressor, weights, tree, triangles = _read_model(path)
    count = len(v)
    if directions.shape[2] < shapes + expressions:
        raise RigError(
            f"{path} has {directions.shape[2]} directions, {shapes} shapes + {expressions} expressions expected"
        )
    if tree[0].shape != (_JOINTS,) or posed.shape[2] != 9 * (_JOINTS - 1):
        raise RigError(f"{path} has {len(tree[0])} joints; FLAME has root, neck, jaw and two eyes")
    moves = directions[:, :, shapes : shapes + expressions].reshape(-1, expressions)
    model = FlameModel(
        template=v,
        expressions=moves,
        correctives=posed.reshape(3 * count, -1),
        joints=regressor @ v,
        joint_expressions=(regressor @ moves.reshape(count, -1)).reshape(-1, expressions),
        skin=weights,
        cross=_CROSS.astype(np.float32),
        identity3=np.eye(3, dtype=np.float32),
        parents=(-1, *(int(parent) for parent in tree[0][1:])),
    )
    _check_unit(model.joints, path)
    named = read_regions(*regions)
    check_regions(named, count, path.name)
    return FlameRig(model, triangles, named, directions[:, :, :shapes], regressor, v)


def _read_model(path: Path) -> tuple[np.ndarray, ...]:
    """Template, directions, correctives, regressor, weights, tree, triangles."""
    names = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f")
    if path.suffix == ".npz":
        try:
            with np.load(path, allow_pickle=False) as stored:
                held = {name: stored[name] for name in names if name in stored}
        except (OSError, ValueError) as problem:
            raise RigError(f"cannot read {path}: {problem}") from None
    else:
        held = pickled.load(path)
    missing = [name for name in names if not isinstance(held, dict) or name not in held]
    if missing:
        raise RigError(f"{path} is no FLAME model: {', '.join(missing)} missing")
    arrays = [pickled.to_array(held[name]) for name in names]
    v, directions, posed, regressor, weights = (np.ascontiguousarray(a, np.float32) for a in arrays[:5])
    count = len(v)
    fits = (
        v.shape == (count, 3)
        and directions.shape[:2] == (count, 3) == posed.shape[:2]
        and regressor.shape == (_JOINTS, count)
        and weights.shape == (count, _JOINTS)
    )
    if not fits:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in zip(names, arrays, strict=True))
        raise RigError(f"{path} is no FLAME model: its arrays do not fit together ({shapes})")
    return v, directions, posed, regressor, weights, arrays[5].astype(np.int64), arrays[6].astype(np.int32)


def _check_unit(joints: np.ndarray, path: Path) -> None:
    apart = float(np.linalg.norm(joints[_LEFT_EYE] - joints[_RIGHT_EYE]))
    if not _EYE_DISTANCE[0] <= apart <= _EYE_DISTANCE[1]:
        raise RigError(f"{path}: the eyes are {apart:.4g} apart, 0.04 to 0.08 m expected; save the model in metres")
