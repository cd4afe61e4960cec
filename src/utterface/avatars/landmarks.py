"""Places on a face by name: of a rig by its regions, of an avatar by its bones, its shapes or the user's numbers."""

from collections.abc import Mapping

import numpy as np

from utterface.avatars.names import normalised
from utterface.avatars.surface import nearest
from utterface.rigs import Rig

REQUIRED = ("mouth_left", "mouth_right", "lip_upper", "lip_lower", "eye_left", "eye_right")
NAMES = (*REQUIRED, "lid_upper_left", "lid_lower_left", "lid_upper_right", "lid_lower_right", "nose", "chin")
_BONES = {  # landmark: names of bones of faces, normalised, whose skin it lies in the middle of
    "mouth_left": {"bip01lmouthcorner", "lipcornerleft", "mouthcornerleft", "lipscornerleft"},
    "mouth_right": {"bip01rmouthcorner", "lipcornerright", "mouthcornerright", "lipscornerright"},
    "lip_upper": {"bip01mupperlip", "lipuppermiddle", "upperlip", "lipupper"},
    "lip_lower": {"bip01mbottomlip", "liplowermiddle", "lowerlip", "liplower"},
    "lid_upper_left": {"bip01leyeblinktop", "lidupperleft", "eyelidupperleft"},
    "lid_lower_left": {"bip01leyeblinkbottom", "lidlowerleft", "eyelidlowerleft"},
    "lid_upper_right": {"bip01reyeblinktop", "lidupperright", "eyelidupperright"},
    "lid_lower_right": {"bip01reyeblinkbottom", "lidlowerright", "eyelidlowerright"},
}
_ABOVE = {"bip01mupperlip", "bip01lupperlip", "bip01rupperlip", *_BONES["lip_upper"]}
_BELOW = {
    "bip01mbottomlip",
    "bip01lmouthbottom",
    "bip01rmouthbottom",
    "bip01mjaw",
    "bip01mtongue",
    *_BONES["lip_lower"],
}
_FULL = 0.6  # of the greatest share of a bone, from which a vertex counts as its middle
OPENING = ("jawOpen", "aa", "viseme_aa", "oh", "viseme_O", "ee", "viseme_E")  # channels that part the lips, best first
_TOUCHING = 0.03  # of the width of what an opening moves: lips nearer than that touch
_PARTED, _CORNER = 0.35, 0.12  # of the widest movement: how far lips part in the middle, and where they end
_BESIDE = 12  # vertices near one, of which one may be on the other lip
_RIM = 0.9  # of a blink's widest movement: the rim of the upper lid
Places = dict[str, np.ndarray]


def of_rig(rig: Rig, by_bones: bool = False) -> Places:
    """Landmarks of a rig of ours, (3,) metres each; +Y up, the face looks to +Z, the subject's left is +X.

    Args:
        rig: its regions must name lips and lids.
        by_bones: corners of the mouth a little inside, as the middle of what a bone at a corner moves.
    """
    template, regions = np.asarray(rig.template, np.float64), rig.regions
    upper, lower = template[regions["lips_inner_upper"]], template[regions["lips_inner_lower"]]
    both = np.vstack([upper, lower])
    places = {"mouth_left": both[both[:, 0].argmax()], "mouth_right": both[both[:, 0].argmin()]}
    if not by_bones:
        places |= _corners(rig)
    places |= {"lip_upper": _middle(upper), "lip_lower": _middle(lower)}
    for side in ("left", "right"):
        for lid in ("upper", "lower"):
            name = f"lid_{lid}_{side}"
            if name in regions:
                places[name] = _middle(template[regions[name]])
    for joint in rig.joints:
        if joint.name in ("leftEye", "rightEye"):
            places[f"eye_{joint.name.removesuffix('Eye')}"] = np.asarray(joint.pivot, np.float64)
    return places | on_midline(template, places)


def _corners(rig: Rig) -> Places:
    """Corners of a rig's mouth, where jawOpen ends to part the lips; none where it has no such channel."""
    if "jawOpen" not in rig.channels:
        return {}
    values = np.zeros((1, len(rig.channels)), np.float32)
    values[0, rig.channels.index("jawOpen")] = 1
    skin = [rig.triangles[part.triangles] for part in rig.parts if part.material == "skin"] or [rig.triangles]
    used = np.unique(np.concatenate(skin))
    template = np.asarray(rig.template, np.float64)
    places, _ = _lips(template[used], (rig.vertices(values)[0] - template)[used])
    return {name: places[name] for name in ("mouth_left", "mouth_right") if name in places}


def of_numbers(vertices: np.ndarray, numbers: Mapping[str, int]) -> Places:
    """Landmarks that the user named by vertices; eyes from their lids where only those are named."""
    places = {name: vertices[number] for name, number in numbers.items() if number < len(vertices)}
    for side in ("left", "right"):
        lids = [places[name] for name in (f"lid_upper_{side}", f"lid_lower_{side}") if name in places]
        if len(lids) == 2:
            places.setdefault(f"eye_{side}", np.mean(lids, 0))
    return places


def of_bones(vertices: np.ndarray, shares: Mapping[str, np.ndarray], eyes: Mapping[str, np.ndarray]) -> Places:
    """Landmarks in the middle of what each bone of a face moves.

    Args:
        vertices: (V, 3).
        shares: name of a bone → (V,) how much it moves each vertex.
        eyes: `eye_left` and `eye_right`, where the bones of eyes stand.
    """
    places = dict(eyes)
    for name, share in shares.items():
        key = _key(name)
        landmark = next((each for each, known in _BONES.items() if key in known), None)
        if landmark is not None and share.max(initial=0) > 0:
            full = share > _FULL * share.max()
            places[landmark] = np.average(vertices[full], 0, share[full])
    return places


def of_shapes(vertices: np.ndarray, offsets: Mapping[str, np.ndarray]) -> tuple[Places, np.ndarray]:
    """Landmarks where a face's own shapes part its lips and shut its eyes.

    Lips are where vertices that touch at rest move apart, most of all in the middle; the foremost of them count. The
    rim of a lid is what a blink moves farthest, the other lid is where it comes to lie.

    Args:
        vertices: (V, 3).
        offsets: channel → (V, 3), of one of `OPENING` and of the blinks.

    Returns:
        places; (V,) sides of the lips, see `sides_of_bones`.
    """
    opening = next((offsets[channel] for channel in OPENING if channel in offsets), np.zeros_like(vertices))
    places, sides = _lips(vertices, opening)
    for side, toward in (("left", 1), ("right", -1)):
        blink = offsets.get(f"eyeBlink{side.capitalize()}", np.zeros_like(vertices))
        middle = places["lip_upper"][0] if "lip_upper" in places else np.median(vertices[:, 0])
        moved = np.linalg.norm(blink, axis=1) * (toward * (vertices[:, 0] - middle) > 0)  # one blink may shut both
        rim, still = (
            np.flatnonzero(moved > _RIM * moved.max(initial=0)),
            np.flatnonzero(moved < 0.3 * moved.max(initial=0)),
        )
        if len(rim) and len(still) and moved.max() > 0:
            x = vertices[rim, 0]
            upper = rim[np.abs(x - (x.min() + x.max()) / 2).argmin()]
            lower = still[nearest((vertices[upper] + blink[upper])[None], vertices[still])[1][0, 0]]
            places |= {f"lid_upper_{side}": vertices[upper], f"lid_lower_{side}": vertices[lower]}
            places[f"eye_{side}"] = (vertices[upper] + vertices[lower]) / 2
    return places, sides


def _lips(vertices: np.ndarray, opening: np.ndarray) -> tuple[Places, np.ndarray]:
    moved, sides = np.linalg.norm(opening, axis=1), np.zeros(len(vertices))
    most = float(moved.max(initial=0))
    below = np.flatnonzero((moved > _CORNER * most) & (opening[:, 1] < 0))
    if not len(below):
        return {}, sides
    reach = _TOUCHING * float(np.ptp(vertices[moved > _PARTED * most, 0]))
    far, at = nearest(vertices[below], vertices, _BESIDE)
    apart = np.linalg.norm(opening[below][:, None] - opening[at], axis=2)
    apart *= (far < reach) & (opening[at, 1] > opening[below, 1][:, None])
    chosen = np.arange(len(below)), apart.argmax(1)
    kept = apart[chosen] > _CORNER * most
    lower, upper, apart = below[kept], at[chosen][kept], apart[chosen][kept]
    if not (apart > _PARTED * most).any():
        return {}, sides
    sides[(moved > 0.5 * most) & (opening[:, 1] < 0)] = -1
    sides[upper] = 1
    x, z = vertices[lower, 0], vertices[lower, 2]
    front = z > np.where(np.abs(x[:, None] - x) < 2 * reach, z, -np.inf).max(1) - 2 * reach
    lower, upper, x = lower[front], upper[front], x[front]
    middle = np.abs(x - (x.min() + x.max()) / 2).argmin()
    left, right = x.argmax(), x.argmin()
    return {
        "mouth_left": (vertices[upper[left]] + vertices[lower[left]]) / 2,
        "mouth_right": (vertices[upper[right]] + vertices[lower[right]]) / 2,
        "lip_upper": vertices[upper[middle]],
        "lip_lower": vertices[lower[middle]],
    }, sides


def sides_of_bones(shares: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """(V,) 1 where bones of the upper lip hold a vertex, −1 where those of the lower lip, jaw or tongue do, else 0."""
    above, below = np.zeros(count), np.zeros(count)
    for name, share in shares.items():
        above += share * (_key(name) in _ABOVE)
        below += share * (_key(name) in _BELOW)
    return np.where(above > 0.5, 1, np.where(below > 0.5, -1, 0))


def _key(name: str) -> str:
    return normalised(name.rsplit(":", maxsplit=1)[-1].replace(" ", "_").replace(".", "_"))


def on_midline(vertices: np.ndarray, places: Places) -> Places:
    """Tip of the nose and of the chin, which stick out on the midline between and below the landmarks."""
    apart = float(np.linalg.norm(places["eye_left"] - places["eye_right"]))
    eyes, mouth = (places["eye_left"] + places["eye_right"]) / 2, (places["mouth_left"] + places["mouth_right"]) / 2
    x, y, z = vertices.T
    middle = (np.abs(x - mouth[0]) < 0.1 * apart) & (z > mouth[2] - 0.6 * apart)
    nose = np.flatnonzero(middle & (y < eyes[1] - 0.1 * apart) & (y > mouth[1] + 0.15 * apart))
    chin = np.flatnonzero(middle & (y < mouth[1] - 0.3 * apart) & (y > mouth[1] - 1.1 * apart))
    found = {}
    if len(nose):
        found["nose"] = vertices[nose[z[nose].argmax()]]
    if len(chin):
        found["chin"] = vertices[chin[(z[chin] - y[chin]).argmax()]]
    return found


def _middle(row: np.ndarray) -> np.ndarray:
    """The point of a row of vertices that is nearest to the middle of its ends."""
    ends = (row[row[:, 0].argmin()] + row[row[:, 0].argmax()]) / 2
    return np.asarray(row[np.abs(row[:, 0] - ends[0]).argmin()])
