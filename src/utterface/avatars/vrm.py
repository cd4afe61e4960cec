"""VRM 0 and 1: human bones, and expressions with the shapes that they move.

VRM 0: https://github.com/vrm-c/vrm-specification/tree/master/specification/0.0
VRM 1: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm-1.0
"""

from typing import Any

from utterface.avatars.names import LOOKS, VOWELS, normalised
from utterface.gltf import Gltf
from utterface.motion import ARKIT

# preset of VRM 0 or 1, normalised: channels that it shows, each with its share of the expression
_PRESETS: dict[str, tuple[str, ...]] = {
    "a": ("aa",), "i": ("ih",), "u": ("ou",), "e": ("ee",), "o": ("oh",),
    **{vowel: (vowel,) for vowel in VOWELS},
    "blinkleft": ("eyeBlinkLeft",), "blinkright": ("eyeBlinkRight",),
    **{look.lower(): (look,) for look in LOOKS},
}  # fmt: skip
_PERFECT_SYNC = {normalised(channel): channel for channel in ARKIT}  # custom expressions by ARKit's names

Binds = list[tuple[int, int, float]]  # mesh, target, gain


def version(gltf: Gltf) -> int | None:
    """0 or 1; None for files that are no VRM."""
    extensions = gltf.content.get("extensions")
    if not isinstance(extensions, dict):
        return None
    return 1 if "VRMC_vrm" in extensions else 0 if "VRM" in extensions else None


def human_bones(gltf: Gltf) -> dict[str, int]:
    """Node of each human bone, by its name in VRM: `head`, `neck`, `leftEye`, `jaw`, `hips` …; empty without VRM."""
    bones = _member(_extension(gltf), "humanoid").get("humanBones", {})
    if isinstance(bones, list):  # VRM 0
        found = {str(bone.get("bone")): bone.get("node") for bone in bones if isinstance(bone, dict)}
    else:
        found = {name: bone.get("node") for name, bone in bones.items() if isinstance(bone, dict)}
    for node in found.values():
        gltf.item("nodes", node)
    return {name: node for name, node in found.items() if isinstance(node, int)}


def expressions(gltf: Gltf) -> dict[str, Binds]:
    """Expressions by their VRM 1 names, custom ones by their own; those that move no shape are left out."""
    if version(gltf) == 0:
        return _expressions_of_0(gltf)
    return _expressions_of_1(gltf)


def channels(gltf: Gltf) -> dict[str, Binds]:
    """Channel → shapes that the expression for it moves.

    A blink of both eyes is used, half by each eye, where there is none for each.
    """
    found: dict[str, Binds] = {}
    both: Binds = []
    for name, binds in expressions(gltf).items():
        key = normalised(name)
        if key == "blink":
            both = [(mesh, target, gain / 2) for mesh, target, gain in binds]
        for channel in _PRESETS.get(key, ()) or filter(None, [_PERFECT_SYNC.get(key)]):
            found[channel] = binds
    if both and not found.keys() & {"eyeBlinkLeft", "eyeBlinkRight"}:
        found |= {"eyeBlinkLeft": both, "eyeBlinkRight": both}
    return found


def _expressions_of_0(gltf: Gltf) -> dict[str, Binds]:
    found = {}
    for group in gltf.list_of(_member(_extension(gltf), "blendShapeMaster"), "blendShapeGroups"):
        preset = str(group.get("presetName", "unknown")).lower()
        name = str(group.get("name", "")) if preset in ("unknown", "") else preset
        binds = [
            (bind.get("mesh"), bind.get("index"), float(bind.get("weight", 100)) / 100)
            for bind in gltf.list_of(group, "binds")
        ]
        found[name] = [_checked(gltf, *bind) for bind in binds]
    return {name: binds for name, binds in found.items() if binds}


def _expressions_of_1(gltf: Gltf) -> dict[str, Binds]:
    groups = _member(_extension(gltf), "expressions")
    found: dict[str, Binds] = {}
    for kind in ("custom", "preset"):
        for name, expression in _member(groups, kind).items():
            binds = gltf.list_of(expression, "morphTargetBinds")
            moved = [(gltf.item("nodes", bind.get("node")).get("mesh"), bind) for bind in binds]
            shapes = [_checked(gltf, mesh, bind.get("index"), float(bind.get("weight", 1))) for mesh, bind in moved]
            if shapes:
                found[name] = shapes
    return found


def _checked(gltf: Gltf, mesh: object, target: object, gain: float) -> tuple[int, int, float]:
    primitives = gltf.list_of(gltf.item("meshes", mesh), "primitives")
    count = len(gltf.list_of(primitives[0], "targets")) if primitives else 0
    if not isinstance(mesh, int) or not isinstance(target, int) or not 0 <= target < count:
        raise gltf.damage(f"an expression moves shape {target} of {count}")
    return mesh, target, gain


def _extension(gltf: Gltf) -> dict[str, Any]:
    extensions = gltf.content.get("extensions")
    found = extensions.get("VRMC_vrm", extensions.get("VRM")) if isinstance(extensions, dict) else None
    return found if isinstance(found, dict) else {}


def _member(item: dict[str, Any], key: str) -> dict[str, Any]:
    found = item.get(key, {})
    return found if isinstance(found, dict) else {}
