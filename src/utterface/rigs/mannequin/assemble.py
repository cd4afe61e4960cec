"""Puts the head together: skin, eyeballs, teeth, tongue, brows and lashes, with the 52 shapes of each."""

from dataclasses import dataclass, field

import numpy as np

from utterface.motion import ARKIT
from utterface.rigs.mannequin import cage, eyeballs, eyes, hair, shapes_face, shapes_mouth, teeth
from utterface.rigs.mannequin import proportions as at
from utterface.rigs.mannequin.falloff import Plate, ramp
from utterface.rigs.mannequin.layout import Layout
from utterface.rigs.subdivision import Refinement, catmull_clark

SPLIT = 11.0  # mm to either side of the middle over which a left shape fades out
BALLS = ("sclera", "iris", "pupil", "cornea")


@dataclass
class Sculpture:
    """The neutral head and its shapes in millimetres.

    Attributes:
        template: (V, 3).
        triangles: (F, 3).
        shapes: channel → (V, 3) displacement at weight 1.
        parts: (name, material, first triangle, end triangle).
        spans: part name → (first vertex, end vertex).
        sets: named vertices; lips and lids are paired one to one.
        mirror: (V,) the vertex on the other side.
        tint: (V,) 0…1, how much of the lips' red a vertex has.
        openness: (V,) 0…1, what it sees of its surroundings, see `rigs.shading`; empty where it was not measured.
    """

    template: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    triangles: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    shapes: dict[str, np.ndarray] = field(default_factory=dict)
    parts: list[tuple[str, str, int, int]] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    sets: dict[str, np.ndarray] = field(default_factory=dict)
    mirror: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    tint: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    openness: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))


class Whole:
    """Half a cage, its mirror image, and the refined skin."""

    def __init__(self, layout: Layout, points: np.ndarray):
        self.layout = layout
        self.aside = np.ones(layout.count, bool)
        self.aside[layout.middle] = False
        other = np.arange(layout.count)
        other[self.aside] = layout.count + np.arange(self.aside.sum())
        self.other = other
        self.quads = np.vstack([layout.quads, other[layout.quads][:, ::-1]])
        self.count = layout.count + int(self.aside.sum())
        self.refinement: Refinement = catmull_clark(self.quads, self.count)
        self.cage = self.even(points)
        self.skin = self.refinement.apply(self.cage)
        self.mirror = self._mirror()

    def even(self, half: np.ndarray) -> np.ndarray:
        """(count, 3) of the whole from a half that is its own mirror image."""
        half = half.copy()
        half[self.layout.middle, 0] = 0
        return np.vstack([half, half[self.aside] * [-1, 1, 1]])

    def scalar(self, half: np.ndarray) -> np.ndarray:
        return np.concatenate([half, half[self.aside]])

    def swap(self) -> np.ndarray:
        """(count,) cage vertex on the other side."""
        swap = np.arange(self.count)
        swap[: self.layout.count] = self.other
        swap[self.other[self.aside]] = np.flatnonzero(self.aside)
        return swap

    def _mirror(self) -> np.ndarray:
        swap, edges = self.swap(), self.refinement.edges
        number = {tuple(e): i for i, e in enumerate(edges.tolist())}
        over = [number[tuple(sorted(e))] for e in swap[edges].tolist()]
        quads = {tuple(sorted(q)): i for i, q in enumerate(self.quads.tolist())}
        faces = [quads[tuple(sorted(q))] for q in swap[self.quads].tolist()]
        return np.concatenate([swap, self.count + np.array(over), self.count + len(edges) + np.array(faces)])

    def refined_loop(self, loop: np.ndarray, closed: bool) -> np.ndarray:
        """Fine vertices along a cage loop: each vertex, then the middle of the edge to the next."""
        number = {tuple(e): i for i, e in enumerate(self.refinement.edges.tolist())}
        fine: list[int] = []
        for k, vertex in enumerate(loop):
            fine.append(int(vertex))
            if closed or k + 1 < len(loop):
                edge = tuple(sorted((int(vertex), int(loop[(k + 1) % len(loop)]))))
                fine.append(self.count + number[edge])
        return np.array(fine)


def split(shape: np.ndarray, x: np.ndarray, width: float = SPLIT) -> np.ndarray:
    """The left side's share of a symmetric displacement."""
    return shape * ramp(x, -width, width)[:, None]


def sculpt() -> Sculpture:
    """The neutral head with every shape, from nothing. Deterministic."""
    layout, points = cage.neutral()
    whole = Whole(layout, points)
    plate = Plate(layout, points)
    ground = shapes_mouth.Ground(layout, points, plate, shapes_mouth.jaw_pull(layout, points, plate))
    even = {**shapes_face.build(ground), **shapes_mouth.build(ground)}
    _meet_lids(whole, ground, even["eyeBlink"])
    skin_shapes = _skin_shapes(whole, ground, even)
    skin = whole.skin.copy()
    lips = whole.refined_loop(layout.loops["mouth"][6], closed=False)
    lower, upper = lips[: len(lips) // 2], lips[: len(lips) // 2 : -1]
    lower, upper = np.concatenate([lower, whole.mirror[lower[1:]]]), np.concatenate([upper, whole.mirror[upper[1:]]])
    _seal(whole, skin, skin_shapes)
    out = Sculpture()
    builder = _Builder(out, skin_shapes)
    quads = whole.refinement.quads
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    builder.add("skin", "skin", skin, triangles, skin_shapes)
    out.sets["lips_inner_upper"], out.sets["lips_inner_lower"] = upper, lower
    rim = whole.refined_loop(layout.loops["eye"][6], closed=True)
    outer = whole.refined_loop(layout.loops["eye"][5], closed=True)
    low = np.roll(rim, 4)[:21]
    high = np.roll(rim, 4)[np.r_[0, np.arange(39, 19, -1)]]
    out.sets["lid_upper_left"], out.sets["lid_lower_left"] = high, low
    out.sets["lid_upper_right"], out.sets["lid_lower_right"] = whole.mirror[high], whole.mirror[low]
    _add_eyeballs(builder)
    _add_mouth_parts(builder)
    low, high = np.roll(outer, 4)[:21], np.roll(outer, 4)[np.r_[0, np.arange(39, 19, -1)]]
    _add_hair(builder, skin, triangles, high, low)
    out.mirror = _find_mirror(out.template)
    out.tint = np.zeros(len(out.template), np.float32)
    red = whole.refinement.apply(whole.scalar(_redness(layout))[:, None])[:, 0]
    out.tint[: len(skin)] = np.clip(red, 0, 1)
    out.template = out.template.astype(np.float32)
    out.shapes = {name: shape.astype(np.float32) for name, shape in out.shapes.items()}
    return out


def _redness(layout: Layout) -> np.ndarray:
    """(cage count of the half,) how red: the lips from just inside the border, and the lining behind them."""
    red = np.zeros(layout.count)
    for loop, share in enumerate((0, 0, 0, 0.55, 0.8, 0.85, 0.9, 1, 1, 1, 1, 1, 1)):
        red[layout.loops["mouth"][loop]] = share
    red[layout.caps["mouth"]] = 1
    red[layout.loops["eye"][6:]] = np.array([0.2, 0.55])[:, None]  # the wet edge of the lids
    red[layout.loops["nostril"][2:]] = np.array([0.35, 0.7])[:, None]
    red[layout.caps["nostril"]] = 0.8
    return red


def _skin_shapes(whole: Whole, ground: shapes_mouth.Ground, even: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Channel → (fine V, 3) mm."""
    x = whole.skin[:, 0]
    found: dict[str, np.ndarray] = {}

    def mirrored(shape: np.ndarray) -> np.ndarray:
        return shape[whole.mirror] * [-1, 1, 1]

    for name, half in even.items():
        fine = whole.refinement.apply(whole.even(half))
        if name in ARKIT:
            found[name] = fine
        else:
            left = split(fine, x)
            found[f"{name}Left"], found[f"{name}Right"] = left, mirrored(left)
    jaw = whole.scalar(ground.jaw)
    angle = np.radians(5.5)
    local = whole.cage - at.CONDYLE
    sideways = np.stack(
        [local[:, 2] * np.sin(angle), -0.5 * np.abs(local[:, 2]) * 0.02, -local[:, 0] * np.sin(angle) * 0.5], -1
    )
    found["jawLeft"] = whole.refinement.apply(jaw[:, None] * sideways)
    pull = whole.scalar(_lips_pull(ground))
    found["mouthLeft"] = whole.refinement.apply(
        pull[:, None] * np.array([7.5, 0, 0]) + (pull * whole.cage[:, 0])[:, None] * [0, 0.04, -0.10]
    )
    found["jawRight"], found["mouthRight"] = mirrored(found["jawLeft"]), mirrored(found["mouthLeft"])
    missing = set(ARKIT) - set(found)
    assert not missing, missing
    return {name: found[name] for name in ARKIT}


def _lips_pull(ground: shapes_mouth.Ground) -> np.ndarray:
    one = np.ones((9, 3))
    return shapes_mouth.lip_shape(ground, one, one, reach=46)[:, 0]


def _meet_lids(whole: Whole, ground: shapes_mouth.Ground, blink: np.ndarray) -> None:
    """Corrects the cage's blink until the refined margins meet: refinement rounds the two lids differently."""
    loops = ground.layout.loops["eye"]
    upper, lower = loops[:, eyes.UPPER], loops[:, eyes.LOWER]
    for _ in range(6):
        closed = whole.skin + whole.refinement.apply(whole.even(blink))
        gap = closed[upper[eyes.MARGIN]] - closed[lower[eyes.MARGIN]]
        for loop, share in ((4, 0.5), (5, 1.0), (6, 1.0), (7, 1.0)):
            blink[upper[loop]] -= 0.6 * share * gap
            blink[lower[loop]] += 0.6 * share * gap


def _seal(whole: Whole, skin: np.ndarray, shapes: dict[str, np.ndarray]) -> None:
    """Makes upper and lower lip coincide along the seam, at rest and where jawOpen and mouthClose meet."""
    for loop, share in ((6, 1.0), (7, 1.0)):
        fine = whole.refined_loop(whole.layout.loops["mouth"][loop], closed=False)
        low, high = fine[: len(fine) // 2], fine[: len(fine) // 2 : -1]
        for a, b in ((low, high), (whole.mirror[low], whole.mirror[high])):
            skin[a] = skin[b] = 0.5 * (skin[a] + skin[b])
            gap = (shapes["jawOpen"] + shapes["mouthClose"])[b] - (shapes["jawOpen"] + shapes["mouthClose"])[a]
            shapes["mouthClose"][a] += share * 0.5 * gap
            shapes["mouthClose"][b] -= share * 0.5 * gap
    fine = whole.refined_loop(whole.layout.loops["eye"][eyes.MARGIN], closed=True)
    low, high = np.roll(fine, 4)[1:20], np.roll(fine, 4)[:20:-1]
    for name, a, b in (("eyeBlinkLeft", low, high), ("eyeBlinkRight", whole.mirror[low], whole.mirror[high])):
        gap = (skin + shapes[name])[b] - (skin + shapes[name])[a]
        shapes[name][a] += 0.5 * gap
        shapes[name][b] -= 0.5 * gap


class _Builder:
    def __init__(self, out: Sculpture, skin_shapes: dict[str, np.ndarray]):
        self.out = out
        self.skin_shapes = skin_shapes
        out.shapes = {name: np.zeros((0, 3)) for name in ARKIT}

    def add(
        self, name: str, material: str, vertices: np.ndarray, triangles: np.ndarray, shapes: dict[str, np.ndarray]
    ) -> None:
        out, start, first = self.out, len(self.out.template), len(self.out.triangles)
        out.template = np.vstack([out.template, vertices])
        out.triangles = np.vstack([out.triangles, triangles + start])
        out.parts.append((name, material, first, first + len(triangles)))
        out.spans[name] = (start, start + len(vertices))
        for channel in ARKIT:
            move = shapes.get(channel)
            out.shapes[channel] = np.vstack([out.shapes[channel], np.zeros_like(vertices) if move is None else move])


def _add_eyeballs(builder: _Builder) -> None:
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for name, (vertices, triangles) in eyeballs.ball().items():
            placed = (vertices + at.EYE_CENTRE) * [sign, 1, 1]
            builder.add(f"{name}_{side}", name, placed, triangles if sign > 0 else triangles[:, ::-1], {})
        vertices, triangles = eyeballs.socket()
        placed = (vertices + at.EYE_CENTRE) * [sign, 1, 1]
        builder.add(f"socket_{side}", "sclera", placed, triangles if sign > 0 else triangles[:, ::-1], {})


def jaw_moves(points: np.ndarray, pull: np.ndarray) -> dict[str, np.ndarray]:
    """Displacements of what sits in the lower jaw, at a share `pull` (n,) of the jaw's way."""
    angle = np.radians(5.5)
    local = points - at.CONDYLE
    sideways = np.stack(
        [local[:, 2] * np.sin(angle), -0.01 * np.abs(local[:, 2]), -local[:, 0] * np.sin(angle) * 0.5], -1
    )
    opening = shapes_mouth.hinge(points, pull)
    return {
        "jawOpen": opening,
        "jawForward": pull[:, None] * np.array([0, -0.6, 6.5]),
        "jawLeft": pull[:, None] * sideways,
        "jawRight": pull[:, None] * sideways * [-1, 1, -1],
        "tongueOut": shapes_mouth.TONGUE_JAW * opening,
    }


def _add_mouth_parts(builder: _Builder) -> None:
    both: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, upper in (("upper", True), ("lower", False)):
        v, t = teeth.row(upper)
        both[f"teeth_{name}"] = (np.vstack([v, v * [-1, 1, 1]]), np.vstack([t, t[:, ::-1] + len(v)]))
        both[f"gums_{name}"] = teeth.gum(upper)
    for name, (v, t) in both.items():
        moves = jaw_moves(v, np.ones(len(v))) if name.endswith("lower") else {}
        builder.add(name, name.split("_")[0], v, t, moves)
    v, t, along = teeth.tongue()
    moves = jaw_moves(v, ramp(along, -0.6, 0.5))
    share = ramp(along, 0.15, 1.0)
    moves["tongueOut"] = moves["tongueOut"] + share[:, None] * (np.array([0, 11.0, 29.5]) + v * [-0.3, 0, 0])
    builder.add("tongue", "tongue", v, t, moves)


def _add_hair(builder: _Builder, skin: np.ndarray, triangles: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> None:
    riders = {
        "brow": hair.brow(skin, triangles),
        "lashes_upper": hair.lashes(skin, upper, True),
        "lashes_lower": hair.lashes(skin, lower, False),
    }
    for name, rider in riders.items():
        moves = {channel: _ride(rider, skin, shape, channel) for channel, shape in builder.skin_shapes.items()}
        material = "brows" if name == "brow" else "lashes"
        builder.add(f"{name}_left", material, rider.vertices, rider.triangles, moves)
        other = {_swap_side(channel): move * [-1, 1, 1] for channel, move in moves.items()}
        builder.add(f"{name}_right", material, rider.vertices * [-1, 1, 1], rider.triangles[:, ::-1], other)


def _swap_side(channel: str) -> str:
    for a, b in (("Left", "Right"), ("Right", "Left")):
        if channel.endswith(a):
            return channel[: -len(a)] + b
    return channel


def _ride(rider: hair.Rider, skin: np.ndarray, shape: np.ndarray, channel: str) -> np.ndarray:
    """What a shape of the skin does to a rider; lashes turn with the lid that they grow on."""
    move = np.einsum("nk,nkd->nd", rider.shares, shape[rider.corners])
    if not channel.startswith("eye") or len(rider.vertices) < 60:
        return move
    root = np.einsum("nk,nkd->nd", rider.shares, skin[rider.corners]) - at.EYE_CENTRE
    turn = np.arctan2((root + move)[:, 1], (root + move)[:, 2]) - np.arctan2(root[:, 1], root[:, 2])
    local = rider.vertices - at.EYE_CENTRE
    turned = local.copy()
    turned[:, 1] = local[:, 1] * np.cos(turn) + local[:, 2] * np.sin(turn)
    turned[:, 2] = local[:, 2] * np.cos(turn) - local[:, 1] * np.sin(turn)
    return turned - local + np.stack([move[:, 0], 0 * turn, 0 * turn], -1)


def _find_mirror(template: np.ndarray) -> np.ndarray:
    """(V,) nearest vertex to each mirror image."""
    image = template * [-1, 1, 1]
    key = np.round(template, 4)
    order = np.lexsort(key.T)
    other = np.lexsort(np.round(image, 4).T)
    found = np.empty(len(template), np.int64)
    found[other] = order
    return found
