"""`utterface view`: open a page that plays, made on the way where there is none yet."""

import tempfile
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from utterface import export
from utterface.cli.progress import Progress
from utterface.clip import Clip
from utterface.errors import OutputError


def view(
    file: Path,
    /,
    *,
    audio: Path | None = None,
    text: str | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    browser: bool = True,
) -> None:
    """Open a page that plays a face.

    Parameters
    ----------
    file
        A page that animate made, a recording, or motion (.npz, .glb, Live Link .csv).
    audio
        The sound of a motion file.
    text
        What is said in a recording, or a file with it.
    output
        Where to keep the page; a temporary place by default.
    browser
        Open it; without, only say where the page is.
    """
    page = file
    if file.suffix.lower() not in (".html", ".htm"):
        page = output or Path(tempfile.mkdtemp(prefix="utterface-")) / f"{file.stem}.html"
        with Progress(file.name) as progress:
            clip_of(file, audio, text, progress).save(page)
    elif not file.is_file():
        raise OutputError(f"no such page: {file}")
    print(page)
    if browser and not webbrowser.open(page.resolve().as_uri()):
        raise OutputError(f"no browser could be started; open {page} in one yourself")


def clip_of(file: Path, audio: Path | None, text: str | None, progress: Progress) -> Clip:
    """Motion as it stands, or a recording animated with the usual settings."""
    if file.suffix.lower() in export.READERS:
        clip = export.read(file)
        return clip if audio is None else replace(clip, audio=audio)
    from utterface.cli.jobs import Job, text_of
    from utterface.engines.animate import animate

    return animate(file, Job(file, (), text_of(text)).transcript(), progress=progress)
