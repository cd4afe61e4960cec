"""Transcripts in files: which file belongs to which recording, and what is said in it."""

from collections.abc import Collection, Iterator, Sequence
from os import PathLike
from pathlib import Path
from textwrap import shorten

from utterface.errors import NoWordsError, TextError
from utterface.text.markup import spoken_text

SUFFIXES = (".txt", ".lab", ".srt", ".vtt", ".ass", ".ssa", ".lrc", ".md", ".ssml")  # in folders, the first one there
TABLES = (".tsv", ".csv", ".psv")  # a recording a line, also where there is one recording
_TIMED = (".textgrid", ".json", ".eaf")  # what is said and when: never a plain transcript
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # byte-order marks
_LARGEST = 20_000_000  # bytes; the Bible has 4 million
_MOST_WORDS = 500_000  # two days of speech
_DOCUMENTS = {  # first bytes of what is no plain text
    b"{\\rtf": "an RTF document",
    b"PK\x03\x04": "a Word or OpenDocument file",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"%PDF": "a PDF",
}


def read_transcript(path: str | Path) -> str:
    """What is said, in one line, without markup: see `markup.spoken_text`.

    Raises:
        TextError: no such file, a folder, no text (sound, pictures, a Word document), or too much.
        NoWordsError: nothing is said in it.
    """
    path = Path(path)
    if path.suffix.lower() in _TIMED:
        raise TextError(
            f"{path.name} holds times, which animate does not take over; give the words, as text or subtitles"
        )
    said = spoken_text(_text(path), path.suffix.lower() in (".srt", ".vtt"))
    if not any(c.isalnum() for c in said):
        raise NoWordsError(f"{path.name} holds no words")
    return _bounded(said, path.name)


def words_or_file(text: str | PathLike[str]) -> str | Path:
    """What `--text` means: the file or folder that is called that, else the words themselves.

    Raises:
        TextError: it is called like a file of text, and there is none.
    """
    if not isinstance(text, str):
        return Path(text)
    try:
        if text and Path(text).exists():
            return Path(text)
    except OSError:  # longer than a file name can be: a sentence
        return text
    if Path(text).suffix.lower() in (*SUFFIXES, *TABLES, *_TIMED) and " " not in text:
        raise TextError(f"no such transcript: {text}")
    return text


def texts_of(names: Sequence[str], said: str | Path) -> dict[str, str | Path]:
    """What is said in recordings, or the file with it, as `transcripts_of`; the words or file itself for a single one.

    Raises:
        TextError: see `transcripts_of`; or one text for several recordings.
    """
    if isinstance(said, Path) and (said.is_dir() or said.suffix.lower() in TABLES):
        return transcripts_of(names, said)
    if len(names) > 1:
        given = shorten(str(said), 40, placeholder=" …")
        raise TextError(f"several recordings need a folder of transcripts named like them, or a table, not {given!r}")
    return dict.fromkeys(names, said)


def words_in(said: str | Path) -> str:
    """The words without markup, read from their file where they stand in one; raises as `read_transcript`."""
    return read_transcript(said) if isinstance(said, Path) else _bounded(spoken_text(said), "the transcript")


def _bounded(said: str, name: str) -> str:
    if (count := said.count(" ") + 1) > _MOST_WORDS:
        raise TextError(f"{name} has {count} words; {_MOST_WORDS} at most are aligned, split it by recording")
    return said


def transcripts_of(names: Collection[str], place: Path) -> dict[str, str | Path]:
    """What is said in recordings, or the file with it, name → either; recordings without are not in it.

    Args:
        names: of the recordings, without suffix.
        place: a folder of transcripts called like the recordings, or a table, a recording a line: name TAB or |
            transcript. Further columns are passed over, but of three |-columns the last counts (LJSpeech).

    Raises:
        TextError: no such place, no text, or no transcript of any of them.
    """
    if place.is_dir():
        inside = {name: [p for suffix in SUFFIXES if (p := place / f"{name}{suffix}").is_file()] for name in names}
        found: dict[str, str | Path] = {name: paths[0] for name, paths in inside.items() if paths}
        wanted = f"it looks for names like {next(iter(names), 'line')}.txt"
    else:
        wanted_names = set(names)
        rows = [(name if name in wanted_names else Path(name).stem, said) for name, said in _table(place)]
        found = {name: said for name, said in rows if name in wanted_names}
        wanted = "expected lines like name.flac TAB transcript"
    if not found:
        raise TextError(f"no transcripts in {place}; {wanted}")
    return found


def _table(path: Path) -> Iterator[tuple[str, str]]:
    for line in _text(path).splitlines():
        cells = line.split("\t") if "\t" in line else line.split("|")
        if len(cells) > 1:
            yield cells[0].strip(), cells[1] if "\t" in line else cells[-1]


def _text(path: Path) -> str:
    """What stands in a file of text."""
    if path.is_dir():
        raise TextError(f"{path} is a folder; give a text, .srt or .vtt file")
    if not path.exists():
        raise TextError(f"no such transcript: {path}")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TextError(f"cannot read {path}: {error.strerror}") from None
    if kind := next((kind for magic, kind in _DOCUMENTS.items() if raw.startswith(magic)), None):
        raise TextError(f"{path.name} is {kind}; save it as plain text")
    if len(raw) > _LARGEST:
        raise TextError(f"{path.name} has {len(raw) / 1e6:.0f} MB; a transcript has {_LARGEST / 1e6:.0f} MB at most")
    if b"\0" in raw[:1000] and raw[:2] not in _UTF16:
        raise TextError(f"{path.name} is no text; give a plain text, .srt or .vtt file")
    return _decoded(raw)


def _decoded(raw: bytes) -> str:
    if raw[:2] in _UTF16:
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
