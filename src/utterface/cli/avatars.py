"""Options of commands that take a face of the user's own."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from utterface.cli.lines import printable
from utterface.errors import ConfigError
from utterface.formats import FORMATS, find

if TYPE_CHECKING:
    from utterface.avatars.avatar import Avatar
    from utterface.cli.jobs import Job


def read_avatar(
    path: Path | None, settings: Path | None, as_float: bool = False, plain: bool = False, add_shapes: bool = False
) -> "Avatar | None":
    """The avatar that the options name; None where they name none.

    Args:
        path: its file.
        settings: TOML file with its shapes, bones and gains.
        as_float: write its weights as floats.
        plain: write a copy of its file that nothing compresses.
        add_shapes: give it the built-in head's shapes that it lacks.

    Raises:
        ConfigError: options of an avatar without one. GltfError, RigError: see `Avatar.read`.
    """
    if path is None:
        idle = {
            "--avatar-settings": settings is not None,
            "--float": as_float,
            "--plain": plain,
            "--add-shapes": add_shapes,
        }
        if any(idle.values()):
            raise ConfigError(f"{next(name for name, given in idle.items() if given)} belongs to --avatar; name one")
        return None
    from utterface import rigs
    from utterface.avatars.adding import with_shapes
    from utterface.avatars.avatar import Avatar
    from utterface.avatars.plain import to_plain
    from utterface.avatars.settings import Settings
    from utterface.avatars.teeth import with_teeth
    from utterface.gltf import Gltf

    gltf = Gltf.read(path)
    if plain:
        gltf = Gltf.from_bytes(to_plain(gltf), gltf.name, gltf.folder)
    given = Settings.read(settings) if settings else Settings()
    if add_shapes:
        gltf = with_shapes(gltf, rigs.head(), given)
    avatar = with_teeth(Avatar.from_gltf(gltf, given))
    return replace(avatar, as_float=as_float)


def with_avatar(jobs: "Sequence[Job]", avatar: "Avatar | None", talkative: bool) -> "list[Job]":
    """Jobs as an avatar needs them: a VRM gets a .vrma file beside it, because VRM hosts play nothing else.

    Raises:
        ConfigError: no file that is to be written holds an avatar.
    """
    if avatar is None:
        return list(jobs)
    files = [file for job in jobs for file in job.files]
    if not any(find(file)[0].speaks_avatar for file in files):
        holds = [each for each in FORMATS.values() if each.speaks_avatar]
        holding = " ".join(suffix for each in holds for suffix in (each.suffix, *each.avatar_suffixes))
        raise ConfigError(f"--avatar changes nothing in {files[0]}; formats that hold an avatar are {holding}")
    return [replace(job, files=(*job.files, *_beside(job.files, avatar, talkative))) for job in jobs]


def _beside(files: Sequence[Path], avatar: "Avatar", talkative: bool) -> list[Path]:
    """The .vrma of each .vrm, by the expressions that the avatar has: ARKit's, or the five vowels."""
    whole = avatar.mouth == "face" and any(kind.startswith("VRM") for kind in avatar.kinds)
    more = [file.with_suffix(".vrma") for file in files if file.suffix.lower() == ".vrm"]
    more = [file for file in more if file not in files]
    if more and talkative:
        note = f"{more[0].with_suffix('.vrm').name} plays in Blender and glTF viewers, {more[0].name} in hosts of VRM"
        print(f"utterface: {printable(note)}, whose update stops animations inside a .vrm", file=sys.stderr)
    return [Path(f"vrma-arkit:{file}") if whole else file for file in more]
