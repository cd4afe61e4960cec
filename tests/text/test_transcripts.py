from pathlib import Path

import pytest

from utterface.errors import TextError
from utterface.text import read_transcript, texts_of, words_in, words_or_file

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


ROLLING = """WEBVTT
Kind: captions

00:00:00.000 --> 00:00:01.000 align:start position:0%
 \nhello<00:00:00.400><c> world</c>

00:00:01.000 --> 00:00:01.010
hello world


00:00:01.010 --> 00:00:02.000
hello world
this<00:00:01.400><c> is</c>
"""
CROWDED = """1
00:00:01,000 --> 00:00:02,000
No.
2
00:00:03,000 --> 00:00:04,000
No.

And 5 &lt; 6 > 2
3
00:00:05,000 --> 00:00:06,000
1984"""


def test_subtitles_as_they_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(ROLLING, "utf-8")
    assert read_transcript(tmp_path / "a.vtt") == "hello world this is"
    (tmp_path / "a.srt").write_text(CROWDED, "utf-8")
    assert read_transcript(tmp_path / "a.srt") == "No. No. And 5 < 6 > 2 1984"


def test_plain_text_in_old_encodings(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / "t.txt").write_text("Das ist\n  schön.\n", encoding)
        assert read_transcript(tmp_path / "t.txt") == "Das ist schön."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"RIFF\x00\x01\x02\x00WAVE", "no text"),
        (b"  \n -- \n", "no words"),
        (b"", "no words"),
        (b"{\\rtf1 hello}", "an RTF document; save it as plain text"),
        (b"PK\x03\x04word", "a Word or OpenDocument file"),
        (b"\xd0\xcf\x11\xe0\0\0", "an old Word document"),
        (b"word " * 500_001, "t.txt has 500001 words"),
        (b"a" * 20_000_001, "t.txt has 20 MB"),
    ],
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


@pytest.mark.parametrize("text", ["a word", "x" * 5000, "Mr. Lab.txt is a person", ""])
def test_words_are_not_taken_for_files(text: str) -> None:
    assert words_or_file(text) == text


def test_what_is_called_like_a_file_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "here.txt").write_text("hello")
    assert words_or_file(str(tmp_path / "here.txt")) == tmp_path / "here.txt"
    for name in ("line.txt", "lines.tsv"):
        with pytest.raises(TextError, match=f"no such transcript: {name}"):
            words_or_file(name)


@pytest.mark.parametrize("name", ["line.TextGrid", "line.json"])
def test_timed_labels_are_no_transcript(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('text = "hello"')
    with pytest.raises(TextError, match=f"{name} holds times"):
        read_transcript(tmp_path / name)


def test_one_text_serves_one_recording_only(tmp_path: Path) -> None:
    assert texts_of(["a"], "hello") == {"a": "hello"}
    assert texts_of(["a"], tmp_path / "line.txt") == {"a": tmp_path / "line.txt"}
    (tmp_path / "table.psv").write_text("b|two\na|1|one\n")
    assert texts_of(["a"], tmp_path / "table.psv") == {"a": "one"}
    assert texts_of(["b", "a"], tmp_path / "table.psv") == {"a": "one", "b": "two"}
    with pytest.raises(TextError, match="several recordings need a folder"):
        texts_of(["a", "b"], "hello")


@pytest.mark.parametrize("name", ["s.srt", "s.vtt", "s.txt"])
def test_an_empty_transcript_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(TextError, match=f"^{name} holds no words$"):
        read_transcript(tmp_path / name)


def test_words_that_are_given_are_read_like_a_file() -> None:
    assert words_in("SPEAKER 1: (coughs) Fish &amp; chips.") == "Fish & chips."
