"""Channels → how far chosen vertices of a rig are from rest, differentiable: what a loss on the mesh looks at.

Offsets, not positions: the neutral face is gone, so identities look alike. A few hundred vertices describe a mouth;
all of them would cost a hundred times as much and add nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from utterface.errors import ConfigError, RigError
from utterface.motion import ARKIT
from utterface.rigs import Rig
from utterface.rigs.flame import NECK, FlameRig, skin
from utterface.rigs.lips import LOWER, UPPER, lip_distance
from utterface.rigs.topology import TopologyRig

_NEAR = 0.01  # metres from the inner lips that still are the mouth
_MOVES = 2e-4  # metres that a vertex of the face moves at least
_PART, _TOUCH = 2e-3, 5e-3  # metres: how far lips part that hardly touch, and what touching is worth
_REGIONS = {"mouth": ("mouth", "lips", "lve"), "face": ("face",)}  # what vertex lists call it


def choose(rig: Rig, what: str, most: int) -> np.ndarray:
    """(n,) int64 ascending, n ≤ most: vertices spread evenly over the mouth or the face of a rig.

    A region of that name goes first (`lips` of FLAME's masks, `lve.txt`). Else the mouth is what lies within 10 mm of
    the inner lips and the face is what any ARKit weight moves, both on the skin only.

    Raises:
        ConfigError: neither mouth nor face. RigError: the rig does not say where it is.
    """
    if what not in _REGIONS:
        raise ConfigError(f"no vertices are called {what!r}; there are {', '.join(_REGIONS)}")
    named = next((rig.regions[name] for name in _REGIONS[what] if len(rig.regions.get(name, ()))), None)
    chosen = _by_place(rig, what) if named is None else np.unique(named)
    return np.sort(chosen[_spread(np.asarray(rig.template, np.float64)[chosen], most)])


def _by_place(rig: Rig, what: str) -> np.ndarray:
    lips = np.concatenate([rig.regions.get(name, np.zeros(0, np.int64)) for name in (UPPER, LOWER)])
    if not len(lips):
        raise RigError(f"{rig.name} has no region called lips, from which the mouth is found")
    around = _part_of(rig, lips)
    if what == "mouth":
        points, inner = (np.asarray(rig.template, np.float64)[at] for at in (around, lips))
        apart = np.linalg.norm(points[:, None] - inner[None], axis=-1).min(1)
        return around[apart <= _NEAR]
    weights = [channel for channel in rig.channels if channel in ARKIT]
    moved = np.linalg.norm(_moves(rig, weights, around), axis=-1).max(0)
    return around[moved >= _MOVES]


def _part_of(rig: Rig, vertices: np.ndarray) -> np.ndarray:
    """All vertices of the part that `vertices` belong to: the skin, no teeth; of a rig without parts all there are."""
    for part in rig.parts:
        own = np.unique(rig.triangles[part.triangles])
        if np.isin(vertices, own).all():
            return own
    return np.arange(len(rig.template))


def _spread(points: np.ndarray, most: int) -> np.ndarray:
    """Up to `most` of (n, 3) points, each as far as can be from those before it (Gonzalez 1985)."""
    if len(points) <= most:
        return np.arange(len(points))
    chosen = [int(np.linalg.norm(points - points.mean(0), axis=1).argmin())]
    apart = np.full(len(points), np.inf)
    while len(chosen) < most:
        apart = np.minimum(apart, np.linalg.norm(points - points[chosen[-1]], axis=1))
        chosen.append(int(apart.argmax()))
    return np.array(chosen)


def _moves(rig: Rig, channels: Sequence[str], vertices: np.ndarray) -> np.ndarray:
    """(C, n, 3) metres: how far a weight of 1 of each channel moves the vertices."""
    moves = np.zeros((len(channels), len(vertices), 3), np.float32)
    for i, channel in enumerate(channels):
        if channel in ARKIT and channel in rig.channels:
            values = np.zeros((1, len(rig.channels)), np.float32)
            values[0, rig.channels.index(channel)] = 1
            moves[i] = (rig.vertices(values)[0] - rig.template)[vertices]
    return moves


class Offsets(nn.Module):
    """(…, C) channels → (…, n, 3) offsets of vertices from rest, on a head that is held still."""

    def forward(self, motion: Tensor) -> Tensor:
        raise NotImplementedError


def offsets(rig: Rig, channels: Sequence[str], vertices: np.ndarray) -> Offsets:
    """How motion on `channels` moves (n,) vertices of a rig: of one with ARKit's weights, of FLAME, of a bare topology.

    Channels that the rig lacks move nothing; angles of head, neck and eyes are left out.
    """
    if isinstance(rig, FlameRig):
        return FlameOffsets(rig, channels, vertices)
    if isinstance(rig, TopologyRig):
        return PickedOffsets(rig, channels, vertices)
    return LinearOffsets(_moves(rig, channels, vertices))


class LinearOffsets(Offsets):
    """A weighted sum of shapes, (C, n, 3) metres each at weight 1.

    Args:
        moves: the shapes.
        kept: whether checkpoints hold them.
    """

    moves: Tensor

    def __init__(self, moves: np.ndarray, kept: bool = False) -> None:
        super().__init__()
        self.register_buffer("moves", torch.from_numpy(moves), persistent=kept)

    def forward(self, motion: Tensor) -> Tensor:
        return (motion @ self.moves.flatten(1)).unflatten(-1, self.moves.shape[1:])


class PickedOffsets(Offsets):
    """Bare vertices, whose channels are the offsets."""

    columns: Tensor

    def __init__(self, rig: TopologyRig, channels: Sequence[str], vertices: np.ndarray) -> None:
        super().__init__()
        if tuple(channels) != rig.channels:
            raise ConfigError(f"{rig.name} moves by the offsets of its vertices; give motion on those channels")
        columns = 3 * vertices[:, None] + np.arange(3)
        self.register_buffer("columns", torch.from_numpy(columns), persistent=False)

    def forward(self, motion: Tensor) -> Tensor:
        return motion[..., self.columns]


class Touching(nn.Module):
    """Offsets of a mouth, and how far its lips are apart: (…, C) channels → (…, 3 n + 2) metres.

    A millimetre between the lips is little among the offsets of a hundred vertices, and all that there is of a /p/. The
    gap stands there in fives, and beside it what is 5 mm where lips touch and falls by e every 2 mm that they part.

    Args:
        rig: names paired inner lips.
        channels: C names of the motion.
        vertices: (n,) of the mouth.

    Raises:
        RigError: it does not.
    """

    def __init__(self, rig: Rig, channels: Sequence[str], vertices: np.ndarray) -> None:
        super().__init__()
        upper, lower = (rig.regions.get(name, np.zeros(0, np.int64)) for name in (UPPER, LOWER))
        if not len(upper) or len(upper) != len(lower):
            raise RigError(f"{rig.name} has no pairs of inner lips, which contact is measured by")
        self.mouth, self.pairs = (offsets(rig, channels, v) for v in (vertices, np.concatenate([upper, lower])))
        self.count = len(upper)

    def forward(self, motion: Tensor) -> Tensor:
        gap = lip_distance(self.pairs(motion), slice(self.count), slice(self.count, None))[..., None]
        touch = torch.exp(-gap.clamp(min=0) / _PART) * _TOUCH
        return torch.cat([self.mouth(motion).flatten(-2), 5 * gap, touch], -1)


class FlameOffsets(Offsets):
    """FLAME's formula for a few vertices: expressions and the turn of the jaw, the neck at rest."""

    onto: Tensor

    def __init__(self, rig: FlameRig, channels: Sequence[str], vertices: np.ndarray) -> None:
        super().__init__()
        model, count = rig.model, len(rig.template)

        def few(array: np.ndarray) -> np.ndarray:
            return array.reshape(count, 3, -1)[vertices].reshape(3 * len(vertices), -1)

        fewer = replace(
            model,
            template=model.template[vertices],
            expressions=few(model.expressions),
            correctives=few(model.correctives),
            skin=model.skin[vertices],
        )
        self.rig, self.model = rig, fewer.converted(lambda array: torch.as_tensor(array, dtype=torch.float32))
        known = [c if c not in NECK else "" for c in channels]
        onto = np.array([[name == channel for channel in rig.channels] for name in known], np.float32)
        self.register_buffer("onto", torch.from_numpy(onto), persistent=False)

    def forward(self, motion: Tensor) -> Tensor:
        values = (motion @ self.onto).flatten(0, -2)
        model = self.model.converted(lambda array: array.to(values.device))
        expressions, pose = self.rig.split(values, torch)
        chosen: Tensor = skin(torch, model, expressions, pose) - model.template
        return chosen.unflatten(0, motion.shape[:-1])
