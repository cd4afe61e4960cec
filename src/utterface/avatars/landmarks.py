"""Places on a face by name: of a rig from its regions and joints, of an avatar from its bones or the user's numbers."""

from collections.abc import Mapping

import numpy as np

from utterface.avatars.names import normalised
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
Places = dict[str, np.ndarray]


def of_rig(rig: Rig) -> Places:
    """Landmarks of a rig of ours, (3,) metres each; +Y up, the face looks to +Z, the subject's left is +X."""
    template, regions = np.asarray(rig.template, np.float64), rig.regions
    upper, lower = template[regions["lips_inner_upper"]], template[regions["lips_inner_lower"]]
    both = np.vstack([upper, lower])
    places = {"mouth_left": both[both[:, 0].argmax()], "mouth_right": both[both[:, 0].argmin()]}
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
