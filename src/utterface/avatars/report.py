"""What an avatar has, what of it will be driven and what is missing, for people and as data."""

from collections.abc import Mapping
from typing import Any

from utterface.avatars import bones, vrm
from utterface.avatars.avatar import Avatar, nameless, shape_names
from utterface.avatars.names import SILENT, VISEMES, VOWELS
from utterface.avatars.settings import BoneSetting, Settings
from utterface.motion import ARKIT

_MOUTHS = {
    "face": "ARKit's channels", "visemes": "Oculus visemes", "vowels": "vowels",
    "": "the jaw's bone",
}  # fmt: skip
_MOST = 12  # names in a line


def facts(avatar: Avatar) -> dict[str, Any]:
    """The figures of an avatar."""
    gltf, nodes = avatar.gltf, avatar.gltf.items("nodes")
    shapes = [shape_names(gltf, mesh) for mesh in range(len(gltf.items("meshes")))]
    driven = {(d.mesh, d.target) for each in avatar.drives.values() for d in each}
    expected = {"face": ARKIT, "visemes": VISEMES, "vowels": VOWELS}.get(avatar.mouth, ())
    return {
        "file": gltf.name,
        "vrm": vrm.version(gltf),
        "names": list(avatar.kinds),
        "meshes": [
            {"name": str(item.get("name", number)), "shapes": len(names), "driven": sum(m == number for m, _ in driven)}
            for number, (item, names) in enumerate(zip(gltf.items("meshes"), shapes, strict=True))
        ],
        "mouth": (avatar.mouth or "jaw") if avatar.moves else None,
        "channels": {channel: names_of(avatar, channel) for channel in avatar.drives},
        "bones": {bone.role: str(nodes[bone.node].get("name", bone.node)) for bone in avatar.bones},
        "missing": [channel for channel in expected if channel not in avatar.drives],
        "not_driven": sorted(avatar.parked - {SILENT}),
        "unknown": sorted(
            {name for m, names in enumerate(shapes) for t, name in enumerate(names) if name and (m, t) not in driven}
            - {name for channel in avatar.parked for name in _parked_names(avatar, channel)}
        ),
        "animations": [str(item.get("name", number)) for number, item in enumerate(gltf.items("animations"))],
        "extensions": [str(each) for each in gltf.list_of(gltf.content, "extensionsUsed")],
    }


def lines(avatar: Avatar) -> list[str]:
    """The same, a line each."""
    f = facts(avatar)
    kind = "glTF" if f["vrm"] is None else f"VRM {f['vrm']}"
    meshes = [f"{m['name']} ({m['driven']} of {m['shapes']})" for m in f["meshes"] if m["shapes"]]
    mouth = f"driven by {_MOUTHS[avatar.mouth]}" if avatar.moves else "moved by nothing that is known"
    channels = [c for c in avatar.drives if c in ARKIT]
    found = {
        "kind": ", ".join([kind, *f["extensions"]]),
        "names": ", ".join(f["names"]) or "none that are known",
        "shapes": _listed(meshes) or "none",
        "mouth": mouth,
        "face": f"{len(channels)} of ARKit's {len(ARKIT)} channels" if channels else "",
        "bones": ", ".join(f"{role} ({node})" for role, node in f["bones"].items()) or "none",
        "missing": _listed(f["missing"]),
        "not driven": _listed(f["not_driven"]),
        "unknown": _listed(f["unknown"]),
        "animations": _listed(f["animations"]),
    }
    return [f"{name + ':':12} {text}" for name, text in found.items() if text]


def settings_of(avatar: Avatar) -> Settings:
    """Settings that say what was found, to be edited."""
    given = avatar.settings
    nodes = avatar.gltf.items("nodes")
    roles = {bone.role: bone.node for bone in avatar.bones} or bones.find(avatar.gltf, given)
    named = {role: given.bones.get(role, BoneSetting(str(nodes[at].get("name", "")))) for role, at in roles.items()}
    shapes: Mapping[str, list[tuple[str, float]]] = {
        channel: list(names_of(avatar, channel).items()) for channel in avatar.drives
    }
    return Settings(shapes, named, given.gains, given.offsets, given.landmarks)


def names_of(avatar: Avatar, channel: str) -> dict[str, float]:
    """Names of the shapes that a channel drives, with gains."""
    return {_name(avatar, drive.mesh, drive.target): drive.gain for drive in avatar.drives[channel]}


def _name(avatar: Avatar, mesh: int, target: int) -> str:
    return shape_names(avatar.gltf, mesh)[target] or nameless(avatar.gltf, mesh, target)


def _parked_names(avatar: Avatar, channel: str) -> list[str]:
    from utterface.avatars.names import match

    every = [name for mesh in range(len(avatar.gltf.items("meshes"))) for name in shape_names(avatar.gltf, mesh)]
    return [name for name, _ in match(dict.fromkeys(filter(None, every)))[0].get(channel, ())]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
