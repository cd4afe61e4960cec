"""Weights from vertices: the bounded least squares that turns a moving mesh into blendshape weights.

The strengths are those of Audio2Face's solver, with its scale: a setting that works there means the same here
(https://github.com/NVIDIA/Audio2Face-3D-SDK). Two things differ: all frames are solved at once, and `temporal` looks at
the frame before and the frame after, so that it adds no lag.
"""

from dataclasses import dataclass

import numpy as np

from utterface.errors import MotionError, RigError
from utterface.motion import ARKIT
from utterface.rigs.protocol import Rig

_TEMPLATE_SIZE = 0.459  # metres, diagonal of the mesh that Audio2Face's strengths are made for
_L1, _L2, _SYMMETRY, _TEMPORAL = 0.25e-4, 10e-4, 10e-4, 100e-4  # square metres a unit of strength
_RIDGE = 1e-9  # of a mean shape's energy: keeps shapes that are alike apart
_STEPS, _ROUNDS = 150, 24  # gradient steps between two exact ones; how often
_BATCH = 64  # frames solved at a time by the exact step
OPTIMAL = 5e-5  # weight by which no channel can be improved any more
_WHOLE = 0.999  # share of the head's turn that a vertex takes
_FEWEST = 12  # vertices that tell a turn
_STILL = 0.02  # of the largest motion; vertices that shapes move less tell how the head is turned


@dataclass(frozen=True)
class Strengths:
    """What is asked of weights beside closeness, 0 for not at all.

    Attributes:
        l1: few shapes at a time.
        l2: small weights.
        symmetry: left and right alike.
        temporal: slow changes.
    """

    l1: float = 0.0
    l2: float = 0.0
    symmetry: float = 0.0
    temporal: float = 0.0


AUDIO2FACE = Strengths(l1=0.1, l2=3.5, symmetry=100.0, temporal=0.15)


@dataclass(frozen=True)
class Solution:
    """Weights and how good they are.

    Attributes:
        weights: (T, K) float32.
        channels: K names.
        error_mm: (T,) float64, root mean square distance of the vertices.
        optimality: largest weight by which a projected step along a single channel would still improve a frame.
    """

    weights: np.ndarray
    channels: tuple[str, ...]
    error_mm: np.ndarray
    optimality: float


def solve(
    rig: Rig,
    vertices: np.ndarray,
    strengths: Strengths | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
    still: bool = False,
) -> Solution:
    """The weights of a rig whose vertices come closest to given ones.

    Args:
        rig: whose ARKit channels move vertices linearly; angles are left at rest.
        vertices: (T, V, 3) metres, in the rig's order.
        strengths: what is asked beside closeness.
        bounds: least and largest weight.
        still: whether the vertices hold no turn of the head; else each frame is first laid on the template, and what
            turns with the head only in part, as the neck does, does not count.

    Raises:
        RigError: a rig without ARKit's channels.
        MotionError: other vertices than the rig's, or numbers that are not finite.
    """
    channels, offsets = linear_shapes(rig)
    carried = np.ones(len(rig.template), bool) if still else _carried(rig)
    template = np.asarray(rig.template, np.float64)
    if vertices.ndim != 3 or vertices.shape[1:] != template.shape:
        raise MotionError(
            f"{rig.name} has {len(template)} vertices, the motion is of the shape {vertices.shape}; "
            "give a rig of the same mesh"
        )
    if not np.isfinite(vertices).all():
        raise MotionError("the vertices hold NaN or infinite numbers")
    flat = (offsets * carried[:, None]).reshape(len(offsets), -1)
    right, energy = np.empty((len(vertices), len(flat))), np.empty(len(vertices))
    shares = _steady(carried, offsets)
    for begin in range(0, len(vertices), _BATCH):  # so that hours stay small in memory
        part = slice(begin, begin + _BATCH)
        moved = np.asarray(vertices[part], np.float64)
        moved = (moved if still else laid_on(moved, template, shares)) - template
        moved *= carried[:, None]
        right[part], energy[part] = moved.reshape(len(moved), -1) @ flat.T, np.square(moved).sum((1, 2))
    shapes = flat @ flat.T
    gram, temporal = _gram(shapes, channels, template, strengths or Strengths())
    weights, optimality = bounded(gram, right, bounds, temporal)
    left = energy + 2 * _objective(shapes, right, weights)
    error = np.sqrt(np.maximum(left, 0) / carried.sum()) * 1000
    return Solution(weights.astype(np.float32), channels, error, optimality)


def linear_shapes(rig: Rig) -> tuple[tuple[str, ...], np.ndarray]:
    """ARKit channels that move a rig, and (K, V, 3) float64 metres that each moves it by at weight 1.

    Raises:
        RigError: there are none.
    """
    known = [i for i, channel in enumerate(rig.channels) if channel in ARKIT]
    values = np.zeros((len(known), len(rig.channels)), np.float32)
    values[np.arange(len(known)), known] = 1
    offsets = rig.vertices(values).astype(np.float64) - rig.template if known else np.zeros((0, 1, 3))
    moving = [row for row in range(len(known)) if np.abs(offsets[row]).max() > 1e-7]
    if not moving:
        raise RigError(f"{rig.name} has no shape by ARKit's names (jawOpen …); weights need some to be solved for")
    return tuple(rig.channels[known[row]] for row in moving), offsets[moving]


def bounded(
    gram: np.ndarray, right: np.ndarray, bounds: tuple[float, float] = (0.0, 1.0), temporal: float = 0.0
) -> tuple[np.ndarray, float]:
    """Minimum of ½ w G wᵀ − b wᵀ in a box, for all frames at once.

    Accelerated projected gradients (Beck and Teboulle 2009; restarts of O'Donoghue and Candès 2015) find which weights
    rest on a bound; an exact solution for the others follows, is kept where it is better, and so on.

    Args:
        gram: (K, K) G, symmetric and positive definite.
        right: (T, K) b.
        bounds: of every weight.
        temporal: strength of ½ ‖w_t − w_(t−1)‖²; ties the frames together.

    Returns:
        (T, K) float64 weights, and their `optimality` as `Solution` has it.
    """
    scale = np.sqrt(np.diag(gram))
    weights = np.clip(right / np.diag(gram), *bounds) * 0
    for _ in range(_ROUNDS):
        weights = _descended(gram, right, bounds, temporal, weights, scale)
        if not temporal:
            weights = _pivoted(gram, right, bounds, weights)
        optimality = _optimality(gram, right, bounds, temporal, weights)
        if optimality < OPTIMAL:
            break
    return weights, optimality


def laid_on(vertices: np.ndarray, template: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """(T, V, 3) vertices, each frame turned and moved so that it lies on the (V, 3) template (Kabsch 1976).

    `shares` (V,) says how much each vertex counts.
    """
    shares = shares / shares.sum()
    middle, middles = shares @ template, shares @ vertices
    arms = vertices - middles[:, None]
    u, _, vt = np.linalg.svd(np.einsum("tvi,v,vj->tij", arms, shares, template - middle))
    u[:, :, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]
    laid: np.ndarray = arms @ (u @ vt) + middle
    return laid


def _carried(rig: Rig) -> np.ndarray:
    """(V,) bool, vertices that go with the head whole; all of a rig whose head does not turn."""
    follow = [np.asarray(joint.follow) for joint in rig.joints if not joint.parent]
    return np.all([each > _WHOLE for each in follow], 0) if follow else np.ones(len(rig.template), bool)


def _steady(carried: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(V,) 1 for vertices that go with the head and that shapes hardly move; all that go where there are too few."""
    reach = np.linalg.norm(offsets, axis=2).max(0)
    steady = carried & (reach < _STILL * reach.max())
    return (steady if steady.sum() >= _FEWEST else carried).astype(float)


def _gram(
    shapes: np.ndarray, channels: tuple[str, ...], template: np.ndarray, strengths: Strengths
) -> tuple[np.ndarray, float]:
    """(K, K) matrix of the problem with its strengths, and the temporal one, in square metres."""
    count = len(shapes)
    unit = float(np.linalg.norm(np.ptp(template, axis=0)) / _TEMPLATE_SIZE) ** 2
    gram = shapes + (_RIDGE * np.trace(shapes) / count + strengths.l2 * _L2 * unit) * np.eye(count)
    gram += strengths.l1**2 * _L1 * unit
    for left, name in enumerate(channels):
        twin = f"{name.removesuffix('Left')}Right"
        if name.endswith("Left") and twin in channels:
            row = np.zeros(count)
            row[left], row[channels.index(twin)] = 1, -1
            gram += strengths.symmetry * _SYMMETRY * unit * np.outer(row, row)
    return gram, strengths.temporal * _TEMPORAL * unit


def _slope(gram: np.ndarray, right: np.ndarray, temporal: float, weights: np.ndarray) -> np.ndarray:
    """(T, K) gradient."""
    slope = weights @ gram - right
    if temporal:
        steps = temporal * np.diff(weights, axis=0)
        slope[:-1] -= steps
        slope[1:] += steps
    return slope


def _descended(
    gram: np.ndarray,
    right: np.ndarray,
    bounds: tuple[float, float],
    temporal: float,
    weights: np.ndarray,
    scale: np.ndarray,
) -> np.ndarray:
    """Some steps of accelerated projected gradients, in weights scaled to shapes of equal energy."""
    steepest = np.linalg.eigvalsh(gram / np.outer(scale, scale))[-1] + 4 * temporal / scale.min() ** 2
    step = 1 / (steepest * scale**2)
    ahead, pace = weights, np.ones((len(weights), 1))
    for _ in range(_STEPS):
        new = np.clip(ahead - step * _slope(gram, right, temporal, ahead), *bounds)
        change = new - weights
        pace[((ahead - new) * scale**2 * change).sum(1) > 0] = 1  # it went too far
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = new + (pace - 1) / faster * change
        weights, pace = new, faster
    return weights


def _pivoted(gram: np.ndarray, right: np.ndarray, bounds: tuple[float, float], weights: np.ndarray) -> np.ndarray:
    """Weights that are exact but for those on a bound; frames that are no better for it stay as they are."""
    slope = _slope(gram, right, 0.0, weights)
    held = ((weights <= bounds[0]) & (slope > 0)) | ((weights >= bounds[1]) & (slope < 0))
    result = weights.copy()
    for begin in range(0, len(weights), _BATCH):
        part = slice(begin, begin + _BATCH)
        free = ~held[part]
        fixed = np.where(held[part], weights[part], 0)
        systems = np.where(free[:, :, None] & free[:, None, :], gram, 0) + np.eye(len(gram)) * held[part][:, None, :]
        rights = np.where(free, right[part] - fixed @ gram, fixed)
        exact = np.clip(np.linalg.solve(systems, rights[:, :, None])[:, :, 0], *bounds)
        better = _objective(gram, right[part], exact) < _objective(gram, right[part], weights[part])
        result[part][better] = exact[better]
    return result


def _objective(gram: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    value: np.ndarray = ((weights @ gram / 2 - right) * weights).sum(1)
    return value


def _optimality(
    gram: np.ndarray, right: np.ndarray, bounds: tuple[float, float], temporal: float, weights: np.ndarray
) -> float:
    step = _slope(gram, right, temporal, weights) / (np.diag(gram) + 2 * temporal)
    return float(np.abs(weights - np.clip(weights - step, *bounds)).max(initial=0))
