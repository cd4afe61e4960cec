"""`utterface inspect`: an avatar's shapes and bones, what drives them, what is missing."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from utterface.cli.lines import printable

NOTES = {
    "map": 'channel = shape, or a list of shapes with gains: [["MouthOpen", 0.8], ["Chin", 0.2]]; "" is none',
    "bones": 'role = node, or { node = "Jaw", axis = [0, 0, 1], degrees = 20 }',
    "tune.gain": "channel = factor, as in mouthPucker = 0.8; eyeWide stands for both sides",
    "tune.offset": "channel = what is added",
}


def inspect(
    avatar: Path,
    /,
    *,
    settings: Path | None = None,
    save: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Show what an avatar has, what will be driven and what is missing.

    Parameters
    ----------
    avatar
        A .glb, .gltf or .vrm file.
    settings
        TOML file with shapes, bones and gains of your own, as --save writes it.
    save
        Write what was found to a TOML file, to edit and give back as --avatar-settings.
    json
        Print as JSON.
    """
    from json import dumps

    from utterface.avatars import report
    from utterface.avatars.avatar import found
    from utterface.avatars.settings import Settings
    from utterface.files import replacing
    from utterface.gltf import Gltf

    face = found(Gltf.read(avatar), Settings.read(settings) if settings else Settings())
    if save is not None:
        with replacing(save) as file:
            file.write_text(report.settings_of(face).to_toml(NOTES), encoding="utf-8")
    for line in [dumps(report.facts(face))] if json else report.lines(face):
        print(printable(line))
    if save is not None and not json:
        print(f"wrote {printable(save)}")
