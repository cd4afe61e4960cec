"""What `animate` and `align` have to do: which recordings, which words, which files; checked before any work."""

import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from utterface import speech
from utterface.errors import AudioError, ConfigError, OutputError
from utterface.formats import FORMATS

_KINDS = " ".join(speech.SOUNDS)


@dataclass(frozen=True)
class Job:
    """One take of a recording: the files it becomes and where its words stand: the text itself, a file, or nowhere.

    `take` counts from 0 where there are several; each has a seed of its own.
    """

    sound: Path
    files: tuple[Path, ...]
    text: str | Path | None = None
    take: int = 0

    def transcript(self) -> str | None:
        """The words, read from their file where they stand in one."""
        from utterface.text import words_in

        return None if self.text is None else words_in(self.text)

    def takes(self, count: int) -> "list[Job]":
        """The same recording `count` times, into NAME.1.ext, NAME.2.ext …; itself where there is one take."""
        if count == 1:
            return [self]
        return [
            replace(self, files=tuple(f.with_name(f"{f.stem}.{i + 1}{f.suffix}") for f in self.files), take=i)
            for i in range(count)
        ]


def plan(
    inputs: Sequence[Path], outputs: Sequence[Path], text: str | None, formats: Collection[str], fallback: str
) -> list[Job]:
    """The jobs that the command line asks for.

    Args:
        inputs: recordings, or folders of them.
        outputs: files; or for a batch one folder and bare suffixes (`out/ .glb .csv`).
        text: what is said or a file with it; for a batch a folder of such files, or a table.
        formats: suffixes that can be written, and names of formats before a colon.
        fallback: the suffix of a batch that names none.

    Raises:
        AudioError, ConfigError, OutputError, TextError: what was asked for does not fit together.
    """
    sounds = _sounds(inputs)
    suffixes = [path.name for path in outputs if path.name.lower() in formats]
    others = [path for path in outputs if path.name.lower() not in formats]
    folders = [path for path in others if path.is_dir() or not (_is_named(path, formats) or _has_suffix(path))]
    if len(sounds) == 1 and not inputs[0].is_dir() and not folders and not suffixes:
        return [Job(sounds[0], tuple(others), _texts(sounds, text)[0])]
    if len(folders) > 1 or len(others) > len(folders):
        raise ConfigError(
            "a batch needs one folder to write to and formats as bare suffixes, e.g. -o out/ -o .glb -o .csv"
        )
    stems = [sound.stem for sound in sounds]
    twice = next((stem for stem, count in Counter(stems).items() if count > 1), None)
    if twice:
        raise ConfigError(f"two recordings are called {twice}; one would write over the other, so animate them apart")
    folder = folders[0] if folders else Path()
    texts = _texts(sounds, text)
    _make(folder)
    return [
        Job(sound, tuple(_file(folder, sound.stem, each) for each in suffixes or [fallback]), said)
        for sound, said in zip(sounds, texts, strict=True)
    ]


def _is_named(path: Path, formats: Collection[str]) -> bool:
    """Whether a path begins with the name of a format, as in `csv:take.txt`."""
    return f"{str(path).partition(':')[0].lower()}:" in formats


def _has_suffix(path: Path) -> bool:
    return bool(path.suffix) and not path.suffix[1:].isdigit()  # takes-v1.0 is a folder


def _file(folder: Path, stem: str, kind: str) -> Path:
    """The file of one recording in a batch: `.glb` → folder/stem.glb, `audio2face:` → audio2face:folder/stem.json."""
    if not kind.endswith(":"):
        return folder / f"{stem}{kind}"
    return Path(f"{kind}{folder / stem}{FORMATS[kind[:-1].lower()].suffix}")


def _sounds(inputs: Sequence[Path]) -> list[Path]:
    """Files as given, and the recordings inside folders by name."""
    sounds: list[Path] = []
    for path in inputs:
        inside = _inside(path) if path.is_dir() else [path]
        if not inside:
            below = any(p.suffix.lower() in speech.SOUNDS for p in path.glob("*/*"))
            hint = "those in its folders are animated a folder at a time" if below else f"it looks for {_KINDS}"
            raise AudioError(f"no recordings in {path}; {hint}")
        sounds += inside
    return sounds


def _inside(folder: Path) -> list[Path]:
    """The recordings in a folder; media files that need an extra are named on standard error."""
    files = sorted(folder.iterdir())
    media = [p for p in files if p.suffix.lower() in speech.MEDIA]
    if media and not speech.reads_media():
        names = ", ".join(p.name for p in media)
        print(f"utterface: passed over {names}: to read them, pip install 'utterface[media]'", file=sys.stderr)
        media = []
    return sorted([p for p in files if p.suffix.lower() in speech.SOUNDS] + media)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from error


def _texts(sounds: Sequence[Path], text: str | None) -> list[Path | str | None]:
    """The transcript of each recording: from a folder or a table by name, those without one are heard."""
    from utterface.text import texts_of, words_or_file

    if text is None:
        return [None] * len(sounds)
    stems = [sound.stem for sound in sounds]
    found = texts_of(stems, words_or_file(text))
    return [found.get(stem) for stem in stems]
