"""Transcripts in files: plain text, SubRip (.srt), WebVTT (.vtt). Only what is said remains."""

import html
import re
from collections.abc import Collection, Iterator, Sequence
from os import PathLike
from pathlib import Path
from textwrap import shorten

from utterface.errors import TextError

SUFFIXES = (".txt", ".lab", ".srt", ".vtt")  # looked for in folders, in order of preference
TABLES = (".tsv", ".csv", ".psv")  # a recording a line, also where there is one recording
_TIMED = (".textgrid", ".json", ".eaf")  # what is said and when: never a plain transcript
_TIMES = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{3}\s*-->")
_INSIDE = re.compile(r"<(?:\d+:)?\d{1,2}:\d{2}[.,]\d{3}>")  # when a word of a cue is said
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # byte-order marks
_LARGEST = 20_000_000  # bytes; the Bible has 4 million


def read_transcript(path: str | Path) -> str:
    """What is said, in one line; cue numbers, times, tags, speakers' names in cues and stage directions are left out.

    Raises:
        TextError: no such file, a folder, no text (sound or pictures, for example), or nothing said in it.
    """
    path = Path(path)
    if path.suffix.lower() in _TIMED:
        raise TextError(
            f"{path.name} holds times, which animate does not take over; give the words, as text or subtitles"
        )
    text = _text(path)
    said = from_subtitles(text) if _is_subtitles(path, text) else text
    said = " ".join(said.split())
    if not any(c.isalnum() for c in said):
        raise TextError(f"{path.name} holds no words")
    return said


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
    """The words themselves, read from their file where they stand in one; raises as `read_transcript`."""
    return read_transcript(said) if isinstance(said, Path) else " ".join(said.split())


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
    if len(raw) > _LARGEST or (b"\0" in raw[:1000] and raw[:2] not in _UTF16):
        raise TextError(f"{path.name} is no text; give a plain text, .srt or .vtt file")
    return _decoded(raw)


def from_subtitles(text: str) -> str:
    """The lines of a SubRip or WebVTT file that are spoken."""
    rolling = _INSIDE.search(text) is not None  # each cue shows the line before once more
    lines: list[str] = []
    for line in _cue_lines(text):
        said = html.unescape(re.sub(r"<[^>]*>|\{\\[^}]*\}", "", line)).strip()  # <i>, <v Mary>, <00:00:01.000>, {\an8}
        if said and not (rolling and lines and said == lines[-1]):
            lines.append(said)
    said = re.sub(r"\[[^\]]*\]|\([^)]*\)|♪", " ", " ".join(lines))  # [laughs], (door slams)
    return re.sub(r"(?:(?<=\s)|^)-\s|>>\s?(?:[A-Z ]+:)?", " ", said)


def _cue_lines(text: str) -> Iterator[str]:
    """What stands below the times of a cue: up to an empty line in WebVTT, up to the next cue in SubRip."""
    rows = text.lstrip("\ufeff").splitlines()  # a line of one space is not empty, and begins many a cue
    web, within = rows[:1] != [] and rows[0].startswith("WEBVTT"), False
    for row, below in zip(rows, [*rows[1:], ""], strict=True):
        if _TIMES.match(row):
            within = True
        elif _TIMES.match(below) and (row.strip().isdigit() or web):
            within = False  # the number or name of the next cue
        elif not row:
            within = within and not web
        elif within:
            yield row


def _is_subtitles(path: Path, text: str) -> bool:
    return path.suffix.lower() in (".srt", ".vtt") or text.lstrip("\ufeff").startswith("WEBVTT")


def _decoded(raw: bytes) -> str:
    if raw[:2] in _UTF16:
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
