"""Shapes of a rig, carried over to a face of the user's own.

The rig's skin is warped onto the face: by landmarks first, then by closest points with like normals. Each vertex of the
face takes the offsets of the warped vertices around it, turned and stretched as the warp does there. Lips and lids are
then made to do what they are for: with jawOpen and mouthClose at 1 the lips meet, at a full blink the lids. What lies
behind the lips is kept apart: below them it follows the jaw rigidly, above them it stays.
"""

from dataclasses import dataclass

import numpy as np

from utterface.avatars.landmarks import Places, of_rig
from utterface.avatars.surface import Warp, nearer, nearest, normals, pieces, rigid, smoothed, welded
from utterface.motion import ARKIT
from utterface.rigs import Rig

APART = 0.063  # metres between eyes that all lengths here belong to; others scale with it
FLIP = 0.02  # metres that an opposite normal counts as
REACH = 0.025  # metres from the warped skin beyond which nothing moves
PAIRS = 350  # closest points of a round
HIDDEN = 0.006  # metres behind the surface in front of it, from which a vertex is inside the mouth
LIP = 0.007  # metres that a rim may lie from where the warp expects it
NEAR = 0.0003  # metres from a rim that still are the rim
DENT = 0.0012  # metres that a vertex may stay behind those beside it and still touch
TOUCHING = 0.001  # metres between lips that touch
BESIDE = 0.0025  # metres along a rim
CLEAR = 0.0008  # metres from the line between lips or lids, beyond which a side is sure
LID_BOX = 0.03  # metres around the middle of an eye
RIM = 0.005  # metres around the rims of the lips, where nothing counts as behind them
SPREAD = 0.008  # metres over which a correction of lips and lids fades
JAW_MOST = np.radians(20.0)
_ROUNDS = 2  # of closest points, and of smoothing
_MEETINGS = 6  # rounds in which two rims come to lie on one line
_LIDS = {"eyeBlinkLeft": "left", "eyeBlinkRight": "right"}


@dataclass(frozen=True)
class SourceFace:
    """A rig's skin and its shapes.

    Attributes:
        vertices: (V, 3) metres.
        triangles: (F, 3).
        shapes: channel → (V, 3).
        rows: `lips_upper`, `lips_lower`, `lid_upper_left` … → (n, 3) points, paired.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    shapes: dict[str, np.ndarray]
    rows: dict[str, np.ndarray]


@dataclass(frozen=True)
class TargetFace:
    """A face without shapes, in the frame of the rig: +Y up, looking to +Z, its own units."""

    vertices: np.ndarray
    triangles: np.ndarray
    sides: np.ndarray | None = None  # (V,) 1 known to belong to the upper lip, −1 to the lower lip or jaw, 0 not known


def source_of(rig: Rig, by_bones: bool = False) -> SourceFace:
    """The skin of a rig, and each of ARKit's channels that moves it; for `by_bones` see `landmarks.of_rig`."""
    template = np.asarray(rig.template, np.float64)
    skin = [rig.triangles[part.triangles] for part in rig.parts if part.material == "skin"] or [rig.triangles]
    used, triangles = np.unique(np.concatenate(skin), return_inverse=True)
    values = np.zeros((len(ARKIT), len(rig.channels)), np.float32)
    known = [i for i, channel in enumerate(ARKIT) if channel in rig.channels]
    values[known, [rig.channels.index(ARKIT[i]) for i in known]] = 1
    shapes = {ARKIT[i]: (rig.vertices(values[i : i + 1])[0] - template)[used].astype(np.float64) for i in known}
    moving = {channel: offsets for channel, offsets in shapes.items() if np.abs(offsets).max() > 1e-4}
    rows = {name.replace("lips_inner", "lips"): template[at] for name, at in rig.regions.items()}
    places = of_rig(rig, by_bones)
    for name in () if by_bones else ("lips_upper", "lips_lower"):  # to the corners, where both meet
        rows[name] = np.vstack([places["mouth_right"], rows[name], places["mouth_left"]])
    return SourceFace(template[used], triangles.reshape(-1, 3), moving, rows)


def transferred(
    source: SourceFace, target: TargetFace, ours: Places, theirs: Places, jaw: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Channel → (V, 3) offsets of the target.

    Args:
        source, target: surfaces.
        ours, theirs: landmarks of both; names that both have count.
        jaw: (V, 3) the target's own jawOpen, which mouthClose then shuts.
    """
    scale = _apart(theirs) / APART
    ours = _with_like_eyes(ours, theirs)
    ours, theirs = _with_lips(ours), _with_lips(theirs)
    shared = [name for name in ours if name in theirs]
    work = _Work(source, target, scale)
    work.warp(np.array([ours[name] for name in shared]), np.array([theirs[name] for name in shared]))
    return work.shapes(theirs, jaw)


def _with_lips(places: Places) -> Places:
    """One landmark between the lips in place of two: some faces rest with parted lips, bones lie in each lip's red."""
    kept = {name: place for name, place in places.items() if name not in ("lip_upper", "lip_lower")}
    return kept | {"lips": (places["lip_upper"] + places["lip_lower"]) / 2}


def _with_like_eyes(ours: Places, theirs: Places) -> Places:
    """Our eyes between their lids, as theirs are where nothing shows the middle of an eyeball."""
    places = dict(ours)
    for side in ("left", "right"):
        lids = f"lid_upper_{side}", f"lid_lower_{side}"
        if all(lid in ours and lid in theirs for lid in lids):
            between = (theirs[lids[0]] + theirs[lids[1]]) / 2
            if np.linalg.norm(theirs[f"eye_{side}"] - between) < 0.02 * _apart(theirs):
                places[f"eye_{side}"] = (ours[lids[0]] + ours[lids[1]]) / 2
    return places


def _apart(places: Places) -> float:
    return float(np.linalg.norm(places["eye_left"] - places["eye_right"]))


class _Work:
    """The steps, with what they share."""

    def __init__(self, source: SourceFace, target: TargetFace, scale: float) -> None:
        self.source, self.target, self.scale = source, target, scale
        self.facing = normals(target.vertices, target.triangles)
        self.places = welded(target.vertices)
        self.piece = pieces(self.places, target.triangles)

    def warp(self, points: np.ndarray, wanted: np.ndarray) -> None:
        """Landmarks first, then also points of its front, onto the planes of the vertices nearest to them."""
        source, target, flip = self.source, self.target, FLIP * self.scale
        self.map = Warp(points, wanted)
        among = np.hstack([target.vertices, flip * self.facing])
        front = np.flatnonzero(source.vertices[:, 2] > points[:, 2].min())
        for _ in range(_ROUNDS):
            warped = self.map(source.vertices)
            own = normals(warped, source.triangles)
            far, at = nearest(np.hstack([warped, flip * own])[front], among)
            near = np.flatnonzero(far[:, 0] < FLIP * self.scale)
            near = near[:: max(1, len(near) // PAIRS)]
            chosen, at = front[near], at[near, 0]
            facing = self.facing[at]
            short = ((target.vertices[at] - warped[chosen]) * facing).sum(1, keepdims=True) * facing
            both = np.vstack([points, source.vertices[chosen]]), np.vstack([wanted, warped[chosen] + short])
            self.map = Warp(*both, slack=1e-4)
        self.warped = self.map(source.vertices)

    def shapes(self, theirs: Places, jaw: np.ndarray | None) -> dict[str, np.ndarray]:
        inside = self._inside(theirs)
        sides = self._sides("lips_upper", "lips_lower", self._lip_box(theirs), inside, self.target.sides)
        offsets = self._carried(sides)
        channels = list(self.source.shapes)
        stack = smoothed(np.stack([offsets[channel] for channel in channels]), self.places, self.target.triangles, 1)
        found = dict(zip(channels, stack, strict=True))
        still = self._eyeballs(theirs)
        self.skin = self.piece == self.piece[np.linalg.norm(self.target.vertices - theirs["lips"], axis=1).argmin()]
        for each in found.values():
            each[inside | still] = 0
        if jaw is not None:
            found["jawOpen"] = jaw
        self._meet(found, sides, inside, still)
        if "jawOpen" in found and jaw is None:
            self._follow_jaw(found["jawOpen"], inside & (sides < 0) & ~still)
        return found

    def _sides(
        self, upper: str, lower: str, box: np.ndarray, hidden: np.ndarray, known: np.ndarray | None = None
    ) -> np.ndarray:
        """(V,) 1 on the side of a lip or lid that is above, −1 below, 0 outside the box.

        What lies clearly above or below the line between the rows is known. The rest, lips that touch and what is
        behind them, belongs to the side that it is joined to over fewer millimetres of edges, and a piece of its own
        to the side that its middle is on.
        """
        line, vertices = self._line(upper, lower), self.target.vertices
        above = vertices[:, 1] - np.interp(vertices[:, 0], line[:, 0], line[:, 1])
        clear = box & ~hidden & (np.abs(above) > CLEAR * self.scale * (1 if known is None else 2))
        side = np.where(box, 0, 0)
        side[clear] = np.sign(above[clear])
        if known is not None:
            side = np.where(box & (known != 0), known, side)
        reached = nearer(vertices, self.places, self.target.triangles, box, side)
        side = np.where(box & (side == 0), reached, side)
        for number in np.unique(self.piece[box & (side == 0)]):
            members = box & (side == 0) & (self.piece == number)
            side[members] = np.sign(above[members].mean()) or 1
        return side

    def _lip_box(self, theirs: Places) -> np.ndarray:
        """(V,) whether a vertex is near the mouth, in front or behind."""
        line, apart = self._line("lips_upper", "lips_lower"), _apart(theirs)
        x, y, z = self.target.vertices.T
        box = (x > line[0, 0]) & (x < line[-1, 0]) & (z > line[:, 2].min() - 1.2 * apart)
        return np.asarray(box & (np.abs(y - np.interp(x, line[:, 0], line[:, 1])) < 0.4 * apart))

    def _line(self, upper: str, lower: str) -> np.ndarray:
        """(n, 3) the warped line between two rows, by x; rows of as many points are paired."""
        above, below = self.source.rows[upper], self.source.rows[lower]
        if len(above) != len(below):
            order = np.argsort(below[:, 0])
            below = np.stack([np.interp(above[:, 0], below[order, 0], below[order, axis]) for axis in range(3)], 1)
        line = self.map((above + below) / 2)
        return np.asarray(line[np.argsort(line[:, 0])])

    def _inside(self, theirs: Places) -> np.ndarray:
        """(V,) whether a vertex lies behind the lips: there is surface in front of it."""
        box, apart = self._lip_box(theirs), _apart(theirs)
        x, y, z = self.target.vertices.T
        rims = self.map(np.vstack([self.source.rows["lips_upper"], self.source.rows["lips_lower"]]))
        box[box] = nearest(self.target.vertices[box], rims)[0][:, 0] > RIM * self.scale
        at = np.flatnonzero(box)
        found = np.zeros(len(x), bool)
        for number in at:
            around = at[np.hypot(x[at] - x[number], y[at] - y[number]) < 0.06 * apart]
            found[number] = z[around].max() - z[number] > HIDDEN * self.scale
        return found

    def _eyeballs(self, theirs: Places) -> np.ndarray:
        """(V,) whether a vertex belongs to a piece of its own that is as deep as an eyeball, where an eye is."""
        piece, apart = self.piece, _apart(theirs)
        found = np.zeros(len(piece), bool)
        for number in np.unique(piece):
            members = self.target.vertices[piece == number]
            extent, middle = np.ptp(members, axis=0), (members.min(0) + members.max(0)) / 2
            near = min(np.linalg.norm(middle - theirs[f"eye_{side}"]) for side in ("left", "right")) < 0.35 * apart
            found[piece == number] = near and extent[2] > 0.12 * apart and extent.max() < 0.8 * apart
        return found

    def _carried(self, sides: np.ndarray) -> dict[str, np.ndarray]:
        """Offsets of the nearest warped vertices, turned and stretched by the warp."""
        source, flip = self.source, FLIP * self.scale
        own = np.hstack([self.warped, flip * normals(self.warped, source.triangles)])
        wanted = np.hstack([self.target.vertices, flip * self.facing])
        far, at = np.empty((len(sides), 4)), np.empty((len(sides), 4), np.int64)
        ours = self._source_sides()
        for side in (-1, 0, 1):  # an upper lip follows no lower one
            rows, among = np.flatnonzero(sides == side), np.flatnonzero(ours != -side if side else ours < 2)
            far[rows], chosen = nearest(wanted[rows], own[among], 4)
            at[rows] = among[chosen]
        shares = 1 / (far + 1e-4 * self.scale) ** 2
        shares /= shares.sum(1, keepdims=True)
        fading = np.clip(1.6 - far[:, :1] / (REACH * self.scale), 0, 1)
        used = np.unique(at)
        turned = np.zeros((len(own), 3, 3))
        turned[used] = self.map.jacobians(source.vertices[used], 1e-3)
        return {
            channel: (np.einsum("vij,vj->vi", turned, offsets)[at] * shares[..., None]).sum(1) * fading
            for channel, offsets in source.shapes.items()
        }

    def _source_sides(self) -> np.ndarray:
        """The same as `_sides`, of the rig: what jawOpen moves near the mouth is below."""
        rows, vertices = self.source.rows, self.source.vertices
        both = np.vstack([rows["lips_upper"], rows["lips_lower"]])
        near = (np.abs(vertices[:, :2] - both.mean(0)[:2]) < [np.ptp(both[:, 0]) / 2, 0.45 * APART]).all(1)
        moved = np.linalg.norm(self.source.shapes["jawOpen"], axis=1)
        return np.where(near, np.where(moved > 0.3 * moved.max(), -1, 1), 0)

    def _meet(self, found: dict[str, np.ndarray], sides: np.ndarray, inside: np.ndarray, still: np.ndarray) -> None:
        """Correct mouthClose and the blinks, so that lips and lids meet."""
        if {"jawOpen", "mouthClose"} <= found.keys():
            upper = self._rim("lips_upper", ~inside & (sides > 0), -1.0)
            lower = self._rim("lips_lower", ~inside & (sides < 0), 1.0)
            upper, lower = self._with_touching(upper, lower, ~inside & self.skin, sides)
            for _ in range(_MEETINGS):
                posed = found["jawOpen"] + found["mouthClose"]
                found["mouthClose"] += self._meeting(posed, upper, lower, sides, 0.5)
        for channel, side in _LIDS.items():
            rows = f"lid_upper_{side}", f"lid_lower_{side}"
            if channel in found and rows[0] in self.source.rows:
                line, vertices = self._line(*rows), self.target.vertices
                box = (vertices[:, 0] > line[0, 0]) & (vertices[:, 0] < line[-1, 0]) & ~still
                box &= np.linalg.norm(vertices - line.mean(0), axis=1) < LID_BOX * self.scale
                above = self._sides(*rows, box, np.zeros(len(box), bool))
                upper, lower = self._rim(rows[0], above > 0, -1.0), self._rim(rows[1], above < 0, 1.0)
                for _ in range(_MEETINGS):
                    found[channel] += self._meeting(found[channel], upper, lower, above, 0.15)

    def _rim(self, row: str, allowed: np.ndarray, up: float) -> np.ndarray:
        """Vertices of the target where a lip or lid touches the other, by x, each place once.

        Those nearest to the warped row, and those beyond them, but none that stays behind one beside it.

        Args:
            row: of the source.
            allowed: (V,) vertices of that side.
            up: 1 where the other lies above, −1 where it lies below.
        """
        vertices, allowed = self.target.vertices, np.flatnonzero(allowed & self.skin)
        if not len(allowed):
            return allowed
        warped = self.map(self.source.rows[row])
        allowed = allowed[nearest(vertices[allowed], warped)[0][:, 0] < LIP * self.scale]
        if not len(allowed):
            return allowed
        at = self._in_order(allowed[nearest(warped, vertices[allowed])[1][:, 0]])
        if len(at) < 2:
            return at
        x, y, _ = vertices[allowed].T
        beyond = up * (y - np.interp(x, vertices[at, 0], vertices[at, 1])) / self.scale
        within = (x > vertices[at[0], 0]) & (x < vertices[at[-1], 0])
        at = self._in_order(np.concatenate([at, allowed[within & (beyond > -NEAR)]]))
        x, height = vertices[at, 0], up * vertices[at, 1]
        beside = np.abs(x[:, None] - x) < BESIDE * self.scale
        ahead = np.where(beside, height, -np.inf).max(1) - height
        return np.asarray(at[ahead <= DENT * self.scale])

    def _with_touching(
        self, upper: np.ndarray, lower: np.ndarray, allowed: np.ndarray, sides: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Both rims of the lips with all vertices that touch one of the other side at rest."""
        above, below = np.flatnonzero(allowed & (sides > 0)), np.flatnonzero(allowed & (sides < 0))
        if not len(above) or not len(below):
            return upper, lower
        vertices = self.target.vertices
        apart = nearest(vertices[above], vertices[below])[0][:, 0], nearest(vertices[below], vertices[above])[0][:, 0]
        touching = [side[far < TOUCHING * self.scale] for side, far in zip((above, below), apart, strict=True)]
        line = self._line("lips_upper", "lips_lower")
        inner = [at[nearest(vertices[at], line)[0][:, 0] < LIP * self.scale] if len(at) else at for at in touching]
        return self._in_order(np.concatenate([upper, inner[0]])), self._in_order(np.concatenate([lower, inner[1]]))

    def _in_order(self, at: np.ndarray) -> np.ndarray:
        """Numbers of vertices by x, each place once."""
        at = at[np.unique(self.places[at], return_index=True)[1]]
        return np.asarray(at[np.argsort(self.target.vertices[at, 0])])

    def _meeting(
        self, posed: np.ndarray, upper: np.ndarray, lower: np.ndarray, sides: np.ndarray, share: float
    ) -> np.ndarray:
        """(V, 3) what brings two rims onto one line, `share` of the way from the lower to the upper; it fades away."""
        correction = np.zeros_like(posed)
        if len(upper) < 2 or len(lower) < 2:
            return correction
        rest, now = self.target.vertices, self.target.vertices + posed
        upper, lower = upper[np.argsort(now[upper, 0])], lower[np.argsort(now[lower, 0])]
        for rim, other, part in ((upper, lower, 1 - share), (lower, upper, share)):
            facing = np.stack([np.interp(now[rim, 0], now[other, 0], now[other, axis]) for axis in range(3)], 1)
            wanted = part * (facing - now[rim])
            wanted[:, 0] = 0
            side = 1 if rim is upper else -1
            far, at = nearest(rest, rest[rim], 3)
            shares = 1 / (far + 1e-4 * self.scale)
            around = (wanted[at] * (shares / shares.sum(1, keepdims=True))[..., None]).sum(1)
            around *= np.exp(-((far[:, :1] / (SPREAD * self.scale)) ** 2))
            around[(sides != side) | (far[:, 0] > 3 * SPREAD * self.scale)] = 0
            same = np.isin(self.places, self.places[rim])
            exact = dict(zip(self.places[rim].tolist(), wanted, strict=True))
            around[same & (sides == side)] = [exact[p] for p in self.places[same & (sides == side)].tolist()]
            correction += around
        return correction

    def _follow_jaw(self, jaw: np.ndarray, members: np.ndarray) -> None:
        """Lower teeth and tongue turn as the chin does."""
        lengths = np.linalg.norm(jaw, axis=1)
        chin = lengths > 0.6 * lengths.max(initial=0)
        if members.any() and chin.sum() > 3:
            turn, shift = rigid(self.target.vertices[chin], self.target.vertices[chin] + jaw[chin], JAW_MOST)
            jaw[members] = self.target.vertices[members] @ turn.T + shift - self.target.vertices[members]
