"""`utterface view`: open a page that plays, made from sound or motion where needed."""

import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from utterface import formats, speech
from utterface.cli.avatars import read_avatar
from utterface.cli.lines import printable
from utterface.cli.progress import Progress
from utterface.clip import Clip
from utterface.errors import AudioError, ConfigError, OutputError

PAGES = (".html", ".htm")
_APART = 0.5  # seconds by which sound and motion may differ without a warning


def view(
    file: Path,
    /,
    *,
    audio: Path | None = None,
    text: str | None = None,
    avatar: Path | None = None,
    avatar_settings: Path | None = None,
    add_shapes: Annotated[bool, Parameter(negative="")] = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    browser: bool = True,
) -> None:
    """Open a page that plays a face.

    Parameters
    ----------
    file
        A page that animate made, a recording, or motion (.npz, .glb, Live Link .csv, Audio2Face .json).
    audio
        The sound of a motion file.
    text
        What is said in a recording, or a file with it.
    avatar
        Your own face, a .glb, .gltf or .vrm file; see inspect.
    avatar_settings
        TOML file with its shapes, bones and gains, as inspect --save writes it.
    add_shapes
        Give an avatar the shapes that it lacks, from the built-in head.
    output
        Where to write the page. Default: a temporary folder.
    browser
        Open the page in a browser; without, only print its place.
    """
    page = file
    if output and output.suffix.lower() not in PAGES:
        raise OutputError(f"view makes pages, e.g. -o {output.stem}.html; animate writes other formats")
    _check_options(file, audio, text, output, avatar)
    face = read_avatar(avatar, avatar_settings, add_shapes=add_shapes)
    if file.suffix.lower() not in PAGES:
        _check_kind(file)
        page = output or Path(tempfile.mkdtemp(prefix="utterface-")) / f"{file.stem}.html"
        moved = formats.is_motion(file)
        formats.check(page, duration=0.0 if moved else speech.duration(file))
        with Progress(file.name) as progress:
            clip = clip_of(file, audio, text, progress)
            clip.save(page, avatar=face)
        apart = clip.motion.start + clip.motion.duration - clip.duration
        if abs(apart) > _APART:
            longer, by = ("motion", apart) if apart > 0 else ("sound", -apart)
            print(f"utterface: the {longer} is {by:.1f} s longer; do they belong together?", file=sys.stderr)
    elif not file.is_file():
        raise OutputError(f"no such page: {file}")
    print(printable(page))
    if browser and not webbrowser.open(page.resolve().as_uri()):
        raise OutputError(f"no browser could be started; open {page} in one yourself")


def _check_options(file: Path, audio: Path | None, text: str | None, output: Path | None, avatar: Path | None) -> None:
    """ConfigError for options that would have no effect."""
    page, motion = file.suffix.lower() in PAGES, formats.is_motion(file)
    given = {"--audio": audio and not motion, "--text": text and (page or motion), "--output": output and page}
    given["--avatar"] = avatar and page
    idle = next((option for option, useless in given.items() if useless), None)
    if idle:
        kind = "a page, which opens as it is" if page else "motion" if motion else "its own sound"
        raise ConfigError(f"{file.name} is {kind}: leave {idle} out")


def _check_kind(file: Path) -> None:
    """OutputError for a format of ours that nothing here reads back."""
    readable = (*PAGES, *formats.readable())
    if file.suffix.lower() in formats.suffixes() and file.suffix.lower() not in readable:
        raise OutputError(f"{file.name} cannot be viewed: give a recording, or one of {' '.join(readable)}")


def clip_of(file: Path, audio: Path | None, text: str | None, progress: Progress) -> Clip:
    """Motion as it stands, or a recording animated with the usual settings."""
    if formats.is_motion(file):
        clip = formats.read(file)
        if audio is None and isinstance(clip.audio, Path) and not clip.audio.is_file():
            raise AudioError(f"the sound of {file.name}, {clip.audio.name}, is not beside it; name it with --audio")
        return clip if audio is None else clip.with_audio(audio)
    from utterface.engines.animate import animate
    from utterface.text import Transcript, texts_of, words_in, words_or_file

    if text is None:
        return animate(file, progress=progress)
    words = words_in(texts_of([file.stem], words_or_file(text))[file.stem])
    return animate(file, Transcript(words), progress=progress)
