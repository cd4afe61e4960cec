"""Jobs of `animate` and `align`: recordings, transcripts and files to write; checked before any work."""

import os
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from utterface import speech
from utterface.errors import AudioError, ConfigError, OutputError
from utterface.formats import FORMATS
from utterface.text import Transcript, texts_of, words_in, words_or_file


@dataclass(frozen=True)
class Job:
    """One take of a recording.

    Attributes:
        sound: the recording.
        files: files to write.
        text: what is said, or the file with it; None where it is not known.
        take: number of the take, from 0; each has a seed of its own.
    """

    sound: Path
    files: tuple[Path, ...]
    text: str | Path | None = None
    take: int = 0

    def transcript(self, language: str) -> Transcript | None:
        """What is said, read from its file where it stands in one."""
        if self.text is None:
            return None
        source = self.text.name if isinstance(self.text, Path) else "user"
        return Transcript(words_in(self.text), language, source=source)

    def takes(self, count: int) -> "list[Job]":
        """The same recording `count` times, into NAME.1.ext, NAME.2.ext …; itself where there is one take."""
        if count == 1:
            return [self]
        return [
            replace(self, files=tuple(f.with_name(f"{f.stem}.{i + 1}{f.suffix}") for f in self.files), take=i)
            for i in range(count)
        ]


def plan(
    inputs: Sequence[Path],
    outputs: Sequence[str | Path],
    text: str | None,
    formats: Collection[str],
    *,
    alone: str,
    batch: str,
    recursive: bool = False,
) -> list[Job]:
    """The jobs that the command line asks for.

    Args:
        inputs: recordings, or folders of them.
        outputs: files; or for a batch one folder and bare suffixes (`out/ .glb .csv`).
        text: what is said or a file with it; for a batch a folder of such files, or a table.
        formats: suffixes that can be written, and names of formats before a colon.
        alone: suffix of one recording without outputs; it is written to the current folder.
        batch: suffix of a batch that names none.
        recursive: whether folders inside folders are read; they are mirrored below the output folder.

    Raises:
        AudioError, ConfigError, OutputError, TextError: options that do not fit together.
    """
    jobs = _planned(inputs, outputs, text, formats, alone=alone, batch=batch, recursive=recursive)
    given = {_identity(path) for path in (*(job.sound for job in jobs), Path(text or ""))} - {None}
    for file in (file for job in jobs for file in job.files):
        place = Path(str(file).partition(":")[2]) if _is_named(str(file), formats) else file
        if _identity(place) in given:
            raise OutputError(f"{place} is an input; write to another file")
    return jobs


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and number of a file, whatever it is called; None for a folder, for words, and where nothing is."""
    try:
        return (path.stat().st_dev, path.stat().st_ino) if path.is_file() else None
    except (OSError, ValueError):  # longer than a file name can be, or a NUL in it
        return None


def _planned(
    inputs: Sequence[Path],
    outputs: Sequence[str | Path],
    text: str | None,
    formats: Collection[str],
    *,
    alone: str,
    batch: str,
    recursive: bool = False,
) -> list[Job]:
    """As `plan`, before outputs are held against inputs."""
    sounds = _sounds(inputs, recursive)
    names = [str(output) + "/" * str(output).endswith(os.sep) for output in outputs]
    suffixes = [name for name in names if name.lower() in formats]
    others = [name for name in names if name.lower() not in formats]
    folders = [name for name in others if _is_folder(name) or not (_is_named(name, formats) or _has_suffix(name))]
    texts = _texts([sound for sound, _ in sounds], text)
    if len(sounds) == 1 and not inputs[0].is_dir() and not suffixes:
        unclear = next((name for name in folders if not _is_folder(name)), None)
        if unclear:
            raise ConfigError(
                f"{unclear} has no suffix; write -o {unclear}{alone} for a file, -o {unclear}/ for a folder"
            )
        if not folders:
            files = [Path(name) for name in others] or [Path(f"{sounds[0][0].stem}{alone}")]
            return [Job(sounds[0][0], tuple(files), texts[0])]
    if len(folders) > 1 or len(others) > len(folders) or not outputs:
        raise ConfigError(
            "a batch needs one folder to write to and formats as bare suffixes, e.g. -o out/ -o .glb -o .csv"
        )
    stems = Counter((place, sound.stem) for sound, place in sounds)
    twice = next((stem for (_, stem), count in stems.items() if count > 1), None)
    if twice:
        raise ConfigError(f"two recordings are called {twice} and would become the same file; animate them separately")
    folder = Path(folders[0] if folders else "")
    for place in {place for _, place in sounds}:
        _make(folder / place)
    return [
        Job(sound, tuple(_file(folder / place, sound.stem, each) for each in suffixes or [batch]), words)
        for (sound, place), words in zip(sounds, texts, strict=True)
    ]


def passed_over(inputs: Sequence[Path]) -> list[str]:
    """A note for each input folder with recordings in folders that are not read without `--recursive`."""
    notes = []
    for path in inputs:
        inside = sorted({p.parent.name for p in path.glob("*/*") if p.suffix.lower() in speech.kinds()})
        if inside:
            notes.append(f"{path}: recordings in {', '.join(inside)} are passed over; add --recursive for them")
    return notes


def _is_folder(name: str) -> bool:
    return name.endswith("/") or Path(name).is_dir()


def _is_named(name: str, formats: Collection[str]) -> bool:
    """Whether a path begins with the name of a format, as in `csv:take.txt`."""
    return f"{name.partition(':')[0].lower()}:" in formats


def _has_suffix(name: str) -> bool:
    suffix = Path(name).suffix
    return bool(suffix) and not suffix[1:].isdigit()  # takes-v1.0 is a folder


def _file(folder: Path, stem: str, kind: str) -> Path:
    """The file of one recording in a batch: `.glb` → folder/stem.glb, `audio2face:` → audio2face:folder/stem.json."""
    if not kind.endswith(":"):
        return folder / f"{stem}{kind}"
    return Path(f"{kind}{folder / stem}{FORMATS[kind[:-1].lower()].suffix}")


def _sounds(inputs: Sequence[Path], recursive: bool) -> list[tuple[Path, Path]]:
    """(recording, its folder below the input): files as given, and the recordings inside folders by name."""
    sounds: list[tuple[Path, Path]] = []
    for path in inputs:
        if not path.is_dir():
            sounds.append((path, Path()))
            continue
        inside = _inside(path, recursive)
        if not inside:
            raise AudioError(
                next(iter(passed_over([path])), f"no recordings in {path}; it looks for {' '.join(speech.kinds())}")
            )
        sounds += [(sound, sound.parent.relative_to(path)) for sound in inside]
    return sounds


def _inside(folder: Path, recursive: bool) -> list[Path]:
    """The recordings in a folder; media files that need an extra are named on standard error."""
    files = sorted(folder.glob("**/*" if recursive else "*"))
    unread = [p.name for p in files if p.suffix.lower() in set(speech.MEDIA) - set(speech.kinds())]
    if unread:
        names = ", ".join(unread)
        print(f"utterface: passed over {names}: to read them, pip install 'utterface[media]'", file=sys.stderr)
    return [p for p in files if p.suffix.lower() in speech.kinds()]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from error


def _texts(sounds: Sequence[Path], text: str | None) -> list[Path | str | None]:
    """The transcript of each recording, from a folder or a table by name; None for those without one."""
    if text is None:
        return [None] * len(sounds)
    stems = [sound.stem for sound in sounds]
    texts = texts_of(stems, words_or_file(text))
    return [texts.get(stem) for stem in stems]
