"""Transcripts in files: plain text, SubRip (.srt), WebVTT (.vtt). Only what is said remains."""

import html
import re
from pathlib import Path

from utterface.errors import TextError

_TIMES = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{3}\s*-->")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # byte-order marks
_LARGEST = 20_000_000  # bytes; the Bible has 4 million


def read_transcript(path: str | Path) -> str:
    """What is said, in one line; cue numbers, times, tags, speakers' names in cues and stage directions are left out.

    Raises:
        TextError: no such file, a folder, no text (sound or pictures, for example), or nothing said in it.
    """
    path = Path(path)
    if path.is_dir():
        raise TextError(f"{path} is a folder; give a text, .srt or .vtt file")
    if not path.exists():
        raise TextError(f"no such transcript: {path}")
    raw = path.read_bytes()
    if len(raw) > _LARGEST or (b"\0" in raw[:1000] and raw[:2] not in _UTF16):
        raise TextError(f"{path.name} is no text; give a plain text, .srt or .vtt file")
    text = _decoded(raw)
    said = from_subtitles(text) if _is_subtitles(path, text) else text
    said = " ".join(said.split())
    if not any(c.isalnum() for c in said):
        raise TextError(f"{path.name} holds no words")
    return said


def from_subtitles(text: str) -> str:
    """The lines of a SubRip or WebVTT file that are spoken."""
    lines: list[str] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        rows = block.strip("\ufeff\n ").split("\n")
        times = next((n for n, row in enumerate(rows[:2]) if _TIMES.match(row)), None)
        if times is not None:  # anything else is a header, a style or a note
            lines += rows[times + 1 :]
    said = html.unescape(" ".join(lines))
    said = re.sub(r"<[^>]*>|\{\\[^}]*\}", "", said)  # <i>, <v Mary>, <00:00:01.000>, {\an8}
    said = re.sub(r"\[[^\]]*\]|\([^)]*\)|♪", " ", said)  # [laughs], (door slams)
    return re.sub(r"(?:(?<=\s)|^)-\s|>>\s?(?:[A-Z ]+:)?", " ", said)


def _is_subtitles(path: Path, text: str) -> bool:
    return path.suffix.lower() in (".srt", ".vtt") or text.lstrip("\ufeff").startswith("WEBVTT")


def _decoded(raw: bytes) -> str:
    if raw[:2] in _UTF16:
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
