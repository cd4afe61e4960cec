from pathlib import Path

import pytest

from utterface.errors import TextError
from utterface.text import read_transcript

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Hello</i> there, {\\an8}Mary.

2
00:00:03,000 --> 00:00:04,000
[door slams]
- You came back?
- At 5:30 &amp; in time. ♪
"""
VTT = """WEBVTT - a title

NOTE nobody says this
00:99

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start
<v Mary>Hello <00:01.800><c>there</c></v>

00:03.000 --> 00:04.000
you.
"""


def test_subtitles_keep_what_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_bytes(("\ufeff" + SRT.replace("\n", "\r\n")).encode())
    assert read_transcript(tmp_path / "a.srt") == "Hello there, Mary. You came back? At 5:30 & in time."
    (tmp_path / "a.vtt").write_text(VTT, "utf-8")
    assert read_transcript(tmp_path / "a.vtt") == "Hello there you."


def test_plain_text_in_old_encodings(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / "t.txt").write_text("Das ist\n  schön.\n", encoding)
        assert read_transcript(tmp_path / "t.txt") == "Das ist schön."


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"RIFF\x00\x01\x02\x00WAVE", "no text"), (b"  \n -- \n", "no words"), (b"", "no words")],
)
def test_what_is_no_transcript(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "t.txt").write_bytes(content)
    with pytest.raises(TextError, match=message):
        read_transcript(tmp_path / "t.txt")


def test_missing_places(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="no such transcript"):
        read_transcript(tmp_path / "none.txt")
    with pytest.raises(TextError, match="folder"):
        read_transcript(tmp_path)
