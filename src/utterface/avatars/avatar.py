"""An avatar: a glTF or VRM file, which of its shapes and bones channels drive, and what its weights are over time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from os import PathLike
from pathlib import Path

import numpy as np

from utterface.avatars import bones, names, vrm
from utterface.avatars.bones import Bone
from utterface.avatars.reduction import REDUCED, reduced
from utterface.avatars.settings import Settings
from utterface.errors import ConfigError, MissingExtra, OutputError, RigError
from utterface.gltf import Gltf
from utterface.gltf.geometry import matrices, primitive
from utterface.motion import ARKIT, Motion

_GAZE = tuple(channel for channel in ARKIT if channel.startswith("eyeLook"))


@dataclass(frozen=True)
class Drive:
    """One shape of one mesh that a channel moves, and how far at weight 1."""

    mesh: int
    target: int
    gain: float


@dataclass(frozen=True)
class Avatar:
    """A file that can talk.

    Attributes:
        gltf: the file.
        drives: channel → shapes that it moves, in all meshes.
        mouth: what drives the mouth: `face` (ARKit's channels), `visemes`, `vowels`, or empty where no shape does.
        kinds: families of names that were found, for people.
        bones: nodes that turn.
        settings: gains and offsets of the user.
        facing: radians about +Y from +Z to where the face looks.
        parked: channels whose shapes exist and are not driven, because others do it better.
        as_float: write weights as float32, not as 16-bit fractions.
    """

    gltf: Gltf
    drives: Mapping[str, tuple[Drive, ...]]
    mouth: str
    kinds: tuple[str, ...]
    bones: tuple[Bone, ...]
    settings: Settings
    facing: float = 0.0
    parked: frozenset[str] = frozenset()
    as_float: bool = False

    @classmethod
    def read(cls, path: str | PathLike[str], settings: Settings | None = None) -> "Avatar":
        """A .glb, .gltf or .vrm file.

        Raises:
            GltfError: no glTF, or damaged. RigError: nothing of a face in it. ConfigError: settings name what it lacks.
        """
        return cls.from_gltf(Gltf.read(path), settings or Settings())

    @classmethod
    def from_gltf(cls, gltf: Gltf, settings: Settings) -> "Avatar":
        """The same, of a file that was read."""
        avatar = found(gltf, settings)
        if not avatar.moves:
            raise RigError(_nothing(gltf))
        return avatar

    @property
    def moves(self) -> bool:
        """Whether anything of its mouth moves: shapes that are known, or a jaw that the user named."""
        return bool(self.mouth) or "jaw" in self.settings.bones

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that move anything, ARKit's first."""
        turning = [channel for bone in self.bones for channel, *_ in bone.turns]
        return tuple(dict.fromkeys([*(c for c in names.KNOWN if c in self.drives), *turning]))

    def driven(self, motion: Motion) -> Motion:
        """The motion in the avatar's own channels: tuned, and reduced to visemes or vowels where it has no more."""
        tuned = self._tuned(motion)
        fewer = reduced(tuned) if any(channel in REDUCED for channel in self.channels) else {}
        columns = [self._adjusted(c, fewer[c]) if c in fewer else tuned.select([c])[:, 0] for c in self.channels]
        values = np.stack(columns, 1) if columns else np.zeros((len(motion), 0), np.float32)
        return replace(motion, values=values, channels=self.channels)

    def weights(self, motion: Motion) -> dict[int, np.ndarray]:
        """Node → (T, K) float32 weights of its mesh's targets, for a motion in the avatar's own channels."""
        moved: dict[int, np.ndarray] = {}
        for number, node in enumerate(self.gltf.items("nodes")):
            mesh = node.get("mesh")
            drives = [
                (c, d) for c, each in self.drives.items() for d in each if d.mesh == mesh and c in motion.channels
            ]
            if mesh is None or not drives:
                continue
            base = rest_weights(self.gltf, number)
            values = np.tile(base, (len(motion), 1))
            for channel, drive in drives:
                values[:, drive.target] += drive.gain * motion[channel]
            if all(0 <= drive.gain <= 1 for _, drive in drives):
                values = values.clip(min(0, base.min()), max(1, base.max()))
            moved[number] = values
        return moved

    def check_place(self, path: Path) -> None:
        """OutputError where the avatar's file cannot be written at `path` and stay whole.

        A binary stays one, JSON stays JSON; and what it keeps in files beside it is only found from the same folder.
        """
        gltf = self.gltf
        if gltf.packed == (path.suffix.lower() == ".gltf"):
            right = f"{path.stem}{Path(gltf.name).suffix}"
            raise OutputError(f"cannot write {path}: {Path(gltf.name).name} keeps its kind of file; write -o {right}")
        outside = [str(item["uri"]) for kind in ("buffers", "images") for item in gltf.items(kind) if "uri" in item]
        beside = next((uri for uri in outside if not uri.startswith("data:")), None)
        if beside and gltf.folder is not None and path.parent.resolve() != gltf.folder.resolve():
            raise OutputError(f"cannot write {path}: {gltf.name} needs {beside[:80]} beside it; write into its folder")

    def _tuned(self, motion: Motion) -> Motion:
        gains, offsets = self.settings.gains, self.settings.offsets
        if not gains and not offsets:
            return replace(motion, values=np.where(_weights_of(motion), motion.values.clip(0, 1), motion.values))
        columns = [self._adjusted(c, motion.values[:, i]) for i, c in enumerate(motion.channels)]
        return replace(motion, values=np.stack(columns, 1))

    def _adjusted(self, channel: str, values: np.ndarray) -> np.ndarray:
        tuned = values * self.settings.gains.get(channel, 1) + self.settings.offsets.get(channel, 0)
        return tuned.clip(0, 1) if channel in names.KNOWN else values


def found(gltf: Gltf, settings: Settings) -> Avatar:
    """What of a file can be driven, perhaps nothing."""
    if not gltf.items("meshes"):
        raise RigError(f"{gltf.name} has no mesh; export the figure itself, too")
    drives, titles = _drives(gltf)
    for channel, gains in settings.shapes.items():
        drives[channel] = [Drive(*at, gain) for name, gain in gains for at in places_of(gltf, name)]
    drives = {channel: each for channel, each in drives.items() if each}
    given = settings.shapes.keys()
    mouth, parked = names.of_one_kind(drives)
    nodes = bones.find(gltf, settings)
    turning = []
    with_eyes = sum(channel in drives for channel in _GAZE) < 4
    if {"leftEye", "rightEye"} & nodes.keys() or not with_eyes:
        parked |= set(names.LOOKS)
    facing = bones.facing(gltf, nodes, matrices(gltf))
    turning += bones.head_and_eyes(gltf, nodes, settings, with_eyes)
    if "jaw" in nodes and _jaw_turns(gltf, nodes["jaw"], drives, titles, settings):
        turning.append(bones.jaw(gltf, nodes, settings, "mouthClose" in drives and mouth == "face"))
    kept = {c: tuple(each) for c, each in drives.items() if c not in parked - given and c != names.SILENT}
    used = Counter(titles[channel] for channel in kept if channel in titles and channel not in given)
    kinds = tuple(title for title, _ in used.most_common())
    return Avatar(gltf, kept, mouth, kinds, tuple(turning), settings, facing, frozenset(drives.keys() - kept.keys()))


def shape_names(gltf: Gltf, mesh: int) -> list[str]:
    """Name of each morph target of a mesh; empty names where the file gives none."""
    item = gltf.item("meshes", mesh)
    primitives = gltf.list_of(item, "primitives")
    first = primitives[0] if primitives and isinstance(primitives[0], dict) else {}
    count = len(gltf.list_of(first, "targets"))
    return [*gltf.target_names(item), *[""] * count][:count]


def places_of(gltf: Gltf, name: str) -> list[tuple[int, int]]:
    """(mesh, target) of a shape by its name, in all meshes; `MESH#NUMBER` names one that has no name."""
    every = [(m, t, each) for m in range(len(gltf.items("meshes"))) for t, each in enumerate(shape_names(gltf, m))]
    at = [(mesh, target) for mesh, target, each in every if each == name]
    if not at:
        at = [(mesh, target) for mesh, target, _ in every if nameless(gltf, mesh, target) == name]
    if not at:
        near = get_close_matches(name, [each for *_, each in every], 1)
        meant = f"did you mean {near[0]}?" if near else "`utterface inspect` lists what it has"
        raise ConfigError(f"{gltf.name} has no shape {name!r}; {meant}")
    return at


def nameless(gltf: Gltf, mesh: int, target: int) -> str:
    """What a shape without a name is called in settings."""
    return f"{gltf.items('meshes')[mesh].get('name', mesh)}#{target}"


def rest_weights(gltf: Gltf, node: int) -> np.ndarray:
    """(K,) float32 weights of a node's mesh where nothing drives it; 0 where the file gives none."""
    item = gltf.items("nodes")[node]
    count = len(shape_names(gltf, item["mesh"]))
    given = item.get("weights") or gltf.items("meshes")[item["mesh"]].get("weights") or [0.0] * count
    try:
        named = np.array(given, np.float32).reshape(-1)[:count]
    except (ValueError, TypeError):
        raise gltf.damage("the weights of a mesh are no numbers") from None
    return np.pad(named, (0, count - len(named)))  # exporters write too many or too few


def _drives(gltf: Gltf) -> tuple[dict[str, list[Drive]], dict[str, str]]:
    """Drives and where they are from, by channel: by names and by VRM's expressions.

    Expressions come first, but for ARKit's channels of a face whose names have them all.
    """
    every = [each for mesh in range(len(gltf.items("meshes"))) for each in shape_names(gltf, mesh) if each]
    matched, titles = names.match(dict.fromkeys(every))
    drives = {
        channel: [Drive(*at, gain) for name, gain in gains for at in places_of(gltf, name)]
        for channel, gains in matched.items()
    }
    bound = {channel: [Drive(*bind) for bind in binds] for channel, binds in vrm.channels(gltf).items()}
    full = names.of_one_kind(drives)[0] == "face"
    taken = {channel: each for channel, each in bound.items() if channel not in drives or not full}
    return drives | taken, titles | dict.fromkeys(taken, f"VRM {vrm.version(gltf)} expressions")


def _jaw_turns(gltf: Gltf, joint: int, drives: dict[str, list[Drive]], titles: dict[str, str], given: Settings) -> bool:
    """Whether the jaw's bone is to turn: not where shapes open the jaw of everything that hangs on it."""
    if "jaw" in given.bones or not any(c in drives for c in ("jawOpen", *names.VISEMES, *names.VOWELS)):
        return True
    if "jawOpen" not in drives:
        return False  # visemes and vowels open the mouth themselves
    if "CC4 / iClone" in titles.values():
        return True  # its Jaw_Open only corrects what the bone does
    opened = {drive.mesh for drive in drives["jawOpen"]}
    return not any(_hangs_on(gltf, mesh, joint) for mesh in opened) and any(
        _hangs_on(gltf, mesh, joint) for mesh in set(range(len(gltf.items("meshes")))) - opened
    )


def _hangs_on(gltf: Gltf, mesh: int, joint: int) -> bool:
    """Whether a skinned mesh follows a joint."""
    for node in gltf.items("nodes"):
        if node.get("mesh") != mesh or "skin" not in node:
            continue
        joints = gltf.list_of(gltf.item("skins", node["skin"]), "joints")
        if joint not in joints:
            continue
        try:
            parts = [primitive(gltf, item) for item in gltf.list_of(gltf.items("meshes")[mesh], "primitives")]
        except MissingExtra:
            return True
        for part in parts:
            if part.joints is not None and part.shares is not None:
                return bool((part.shares * (part.joints == joints.index(joint))).max(initial=0) > 0.2)
    return False


def _weights_of(motion: Motion) -> np.ndarray:
    return np.array([channel in names.KNOWN for channel in motion.channels])


def _nothing(gltf: Gltf) -> str:
    count = sum(len(shape_names(gltf, mesh)) for mesh in range(len(gltf.items("meshes"))))
    has = f"none of its {count} shapes is known; name them in --avatar-settings" if count else "it has no shapes"
    jaw = bones.find(gltf, Settings()).get("jaw")
    node = "" if jaw is None else f", or turn its jaw alone by [bones] jaw = {gltf.items('nodes')[jaw].get('name')!r}"
    return f"{gltf.name} has no face to move: {has}, give it some with --add-shapes{node}"
