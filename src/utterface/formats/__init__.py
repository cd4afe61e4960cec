"""Clips to files and back: formats by name, a file's suffix as the default.

`face.json` is written in the first format with that suffix; `audio2face:face.json` and `csv:take.txt` name theirs. A
further format is one module and one record in `FORMATS` (`formats/contract.py`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from utterface import rigs
from utterface.clip import Clip
from utterface.errors import MotionError, OutputError
from utterface.files import check_place, replacing
from utterface.formats.contract import Format
from utterface.rigs import Rig

if TYPE_CHECKING:
    from utterface.avatars.avatar import Avatar
    from utterface.video.encode import Look

Place = str | PathLike[str]
Report = Callable[[str, float | None], None]
_IN_PLACE = "utterface.avatars.talking:write"
_AS_RIG = "utterface.avatars.rig:shown"  # the format's own writer, with the avatar as a rig
_ALL = (
    Format(
        "html", ".html", "page that plays face and sound in a browser",
        writes="utterface.pages.player:write", shows_rig=True, longest=30 * 60.0,
        speaks_avatar="utterface.pages.avatar:write",
    ),
    Format(
        "glb", ".glb", "glTF binary: the head with 52 morph targets, animated",
        writes="utterface.formats.glb:write", reads="utterface.formats.glb_reader:read", shows_rig=True,
        speaks_avatar=_IN_PLACE, avatar_suffixes=(".gltf", ".vrm"),
    ),
    Format(
        "csv", ".csv", "Live Link Face take, for Unreal",
        writes="utterface.formats.livelink:write", reads="utterface.formats.livelink:read",
    ),
    Format(
        "audio2face", ".json", "Audio2Face weights",
        writes="utterface.formats.audio2face:write", reads="utterface.formats.audio2face:read",
    ),
    Format(
        "npz", ".npz", "utterface motion as NumPy arrays, lossless",
        writes="utterface.formats.npz:write", reads="utterface.formats.npz:read",
    ),
    Format(
        "azure", ".json", "blend shapes as Azure's speech synthesis sends them", mark='"BlendShapes"',
        writes="utterface.formats.azure:write", reads="utterface.formats.azure:read",
    ),
    Format("vrma", ".vrma", "VRM animation: vowels, lids, head, gaze", writes="utterface.formats.vrma:write"),
    Format(
        "vrma-arkit", ".vrma", "VRM animation by Perfect Sync's names", writes="utterface.formats.vrma:write_arkit"
    ),
    Format("oculus", ".json", "Oculus visemes, as OVRLipSyncSequence", writes="utterface.formats.visemes:write_json"),
    Format("oculus-csv", ".csv", "Oculus visemes as a table", writes="utterface.formats.visemes:write_csv"),
    Format("vmc", ".osc", "VMC messages of a VRM 0 face, for oscsendfile", writes="utterface.formats.vmc:write"),
    Format("vmc-arkit", ".osc", "the same with Perfect Sync's names", writes="utterface.formats.vmc:write_arkit"),
    Format("rhubarb", ".tsv", "Rhubarb mouth cues", writes="utterface.formats.cues:write_tsv"),
    Format("rhubarb-xml", ".xml", "Rhubarb mouth cues", writes="utterface.formats.cues:write_xml"),
    Format("rhubarb-json", ".json", "Rhubarb mouth cues", writes="utterface.formats.cues:write_json"),
    Format("moho", ".dat", "switch file of Moho and OpenToonz", writes="utterface.formats.cues:write_moho"),
    Format(
        "mp4", ".mp4", "video with sound", writes="utterface.video.encode:write_mp4",
        shows_rig=True, has_look=True, needs="video", longest=60 * 60.0, speaks_avatar=_AS_RIG,
    ),
    Format(
        "webm", ".webm", "video with sound, transparent by --background transparent",
        writes="utterface.video.encode:write_webm", shows_rig=True, has_look=True, needs="video", longest=60 * 60.0,
        speaks_avatar=_AS_RIG,
    ),
    Format(
        "usda", ".usda", "USD: UsdSkel blend shapes, as text", writes="utterface.formats.usd:write_usda",
        shows_rig=True, speaks_avatar=_AS_RIG,
    ),
    Format(
        "usdc", ".usdc", "the same, packed", writes="utterface.formats.usd:write_usdc",
        shows_rig=True, speaks_avatar=_AS_RIG, needs="usd",
    ),
    Format(
        "pc2", ".pc2", "vertex cache", writes="utterface.formats.caches:write_pc2",
        shows_rig=True, speaks_avatar=_AS_RIG,
    ),
    Format(
        "mdd", ".mdd", "vertex cache with times", writes="utterface.formats.caches:write_mdd",
        shows_rig=True, speaks_avatar=_AS_RIG,
    ),
    Format(
        "obj", ".obj", "the mesh of a vertex cache, at rest", writes="utterface.formats.caches:write_obj",
        shows_rig=True, speaks_avatar=_AS_RIG,
    ),
    Format("wav", ".wav", "the sound alone", writes="utterface.formats.waves:write"),
    Format("srt", ".srt", "subtitles", writes="utterface.formats.subtitles:write_srt"),
    Format("vtt", ".vtt", "subtitles with the time of each word", writes="utterface.formats.subtitles:write_vtt"),
)  # fmt: skip
FORMATS: dict[str, Format] = {each.name: each for each in _ALL}
_MARKED = 4096  # bytes at the start of a file that hold its mark
_NAMED = re.compile(r"([\w-]{2,}):(.*)", re.DOTALL)  # one letter is a drive


def suffixes(formats: Mapping[str, Format] = FORMATS) -> tuple[str, ...]:
    """Suffixes of all formats, each once."""
    return tuple(dict.fromkeys(each.suffix for each in formats.values()))


def readable() -> tuple[str, ...]:
    """Suffixes of the formats that are read."""
    return suffixes({name: each for name, each in FORMATS.items() if each.reads})


def choices() -> tuple[str, ...]:
    """What may stand for a format by itself: suffixes, and names with a colon."""
    own = [suffix for each in FORMATS.values() for suffix in each.avatar_suffixes]
    return (*suffixes(), *own, *(f"{name}:" for name in FORMATS))


def described() -> str:
    """One line for help: every format that is written, by its suffix, or by its name where another has the suffix."""
    defaults = {each.suffix: each for each in reversed(FORMATS.values())}
    written = [each for each in FORMATS.values() if each.writes]
    return "; ".join(
        f"{each.suffix if defaults[each.suffix] is each else f'{each.name}:'} {each.description}" for each in written
    )


def find(target: Place) -> tuple[Format, Path]:
    """Format and file of `face.glb` or `NAME:file`, to be written.

    Raises:
        OutputError: a name or suffix without a format that is written; the message names near ones.
    """
    named = _NAMED.fullmatch(str(target))
    if named:
        name = named[1].lower()
        if name not in FORMATS or not FORMATS[name].writes:
            meant = _meant(name, FORMATS) or f"there are {', '.join(FORMATS)}"
            raise OutputError(f"no format is called {named[1]!r}; {meant} (write ./{target} for a file of that name)")
        return FORMATS[name], Path(named[2])
    suffix = Path(target).suffix.lower()
    written = [each for each in FORMATS.values() if suffix in (each.suffix, *each.avatar_suffixes) and each.writes]
    if not written:
        missing = f"no format is called {suffix}" if suffix else "it has no suffix"
        meant = _meant(suffix, suffixes())
        raise OutputError(f"cannot write {target}: {missing}; {meant + ' ' if meant else ''}use one of {_listed()}")
    return written[0], Path(target)


def check(*targets: Place, duration: float = 0.0, avatar: "Avatar | None" = None) -> None:
    """OutputError where a target has no known format, cannot be written, or its format does not hold so many seconds.

    Worth knowing before the work begins.
    """
    for target in targets:
        kind, path = find(target)
        check_place(path)
        if avatar is None and path.suffix.lower() in kind.avatar_suffixes:
            raise OutputError(f"{path} would be a face of your own; name it with --avatar, or write .glb")
        if avatar is not None and kind.speaks_avatar == _IN_PLACE:
            avatar.check_place(path)
        kind.check_installed()
        if duration > kind.longest:
            raise OutputError(
                f"{duration / 60:.0f} minutes are too long for one {kind.suffix} file (at most "
                f"{kind.longest / 60:.0f}); write .csv or .npz instead, or cut the sound"
            )


def save(
    clip: Clip,
    *targets: Place,
    rig: Rig | None = None,
    avatar: "Avatar | None" = None,
    look: "Look | None" = None,
    progress: Report | None = None,
) -> None:
    """Write a clip to files, each in its format, each whole or not at all.

    Args:
        clip: to be written.
        targets: files, or `NAME:file`.
        rig: the face in formats that show one; the built-in head where it is None.
        avatar: a face of the user's own, in formats that hold one; the others get the rig.
        look: size and background of videos.
        progress: told what is being written and how far it is, where that takes long.

    Raises:
        MotionError: no frames, or numbers that are not finite. OutputError: see `check`.
    """
    check(*targets, duration=clip.duration, avatar=avatar)
    if not len(clip.motion):
        raise MotionError("there is no frame of motion to write")
    if not np.isfinite(clip.motion.values).all():
        raise MotionError("the motion holds NaN or infinite numbers; make it again")
    places = [find(target) for target in targets]
    if rig is None and any(kind.shows_rig and not (avatar and kind.speaks_avatar) for kind, _ in places):
        rig = rigs.head()
    for kind, path in places:
        with replacing(path) as temporary:
            more = (look, progress) if kind.has_look else ()
            if avatar is not None and kind.speaks_avatar == _AS_RIG:
                own, motion = kind.avatar_writer()(avatar, clip.motion)
                kind.writer()(replace(clip, motion=motion), temporary, own, *more)
            elif avatar is not None and kind.speaks_avatar:
                kind.avatar_writer()(clip, temporary, avatar)
            else:
                kind.writer()(clip, temporary, rig, *more)


def is_motion(file: Place) -> bool:
    """Whether a file's suffix is that of a format that is read."""
    return Path(file).suffix.lower() in readable()


def read(path: Place) -> Clip:
    """The clip of a file of motion: .npz, .glb with named ARKit targets, Live Link .csv, Audio2Face or Azure .json.

    Raises:
        MotionError: another suffix, no such file, or one without motion of a face.
    """
    suffix = Path(path).suffix.lower()
    read_here = [each for each in FORMATS.values() if each.suffix == suffix and each.reads]
    if not read_here:
        raise MotionError(f"{path} is no file of motion; give one of {' '.join(readable())}")
    if not Path(path).is_file():
        raise MotionError(f"no such file: {path}")
    with Path(path).open("rb") as file:
        start = file.read(_MARKED)
    marked = (each for each in read_here if each.mark and each.mark.encode() in start)
    return next(marked, read_here[0]).reader()(Path(path))


def _listed() -> str:
    return " ".join(suffixes({name: each for name, each in FORMATS.items() if each.writes}))


def _meant(name: str, known: Mapping[str, Format] | tuple[str, ...]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]}?" if near else ""
