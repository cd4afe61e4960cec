import csv
import json
from pathlib import Path

import pytest

from utterface.align import Alignment
from utterface.errors import OutputError, TextError
from utterface.formats.spans import read_textgrid, write_spans
from utterface.phones import Span

FOUND = Alignment(
    words=(Span("map", 0.25, 0.75), Span('so-called "pub"', 0.9, 1.2)),
    phones=(
        Span("sil", 0, 0.25),
        Span("m", 0.25, 0.4),
        Span("æ", 0.4, 0.6, 2),
        Span("p", 0.6, 0.75),
        Span("sil", 0.75, 1.5),
    ),
    duration=1.5,
    confidence=0.97,
)


def test_textgrid_comes_back(tmp_path: Path) -> None:
    write_spans(FOUND, tmp_path / "a.TextGrid")
    tiers = read_textgrid(tmp_path / "a.TextGrid")
    assert tiers["words"] == FOUND.words
    assert [(s.label, s.start, s.end) for s in tiers["phones"]] == [("m", 0.25, 0.4), ("æ", 0.4, 0.6), ("p", 0.6, 0.75)]
    text = (tmp_path / "a.TextGrid").read_text("utf-8")
    assert "intervals: size = 5" in text  # two words, three pauses
    assert 'text = "so-called ""pub"""' in text


def test_textgrids_of_others(assets: Path) -> None:
    tiers = read_textgrid(assets / "audio/mfa/acoustic_corpus.TextGrid")
    assert tiers["words"][0] == Span("this", 1.05, 1.2)
    assert tiers["phones"][1] == Span("IH0", 1.06, 1.11)


def test_tsv_and_json(tmp_path: Path) -> None:
    write_spans(FOUND, tmp_path / "a.tsv")
    rows = list(csv.DictReader((tmp_path / "a.tsv").open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [row["label"] for row in rows if row["tier"] == "words"] == ["map", 'so-called "pub"']
    assert [row["stress"] for row in rows if row["label"] == "æ"] == ["2"]
    assert [float(row["start"]) for row in rows] == sorted(float(row["start"]) for row in rows)
    write_spans(FOUND, tmp_path / "a.json")
    facts = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert facts["duration"] == 1.5
    assert facts["confidence"] == 0.97
    assert [Span(**span) for span in facts["phones"]] == list(FOUND.phones)


def test_unknown_suffixes_and_damaged_files(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.TextGrid, \.tsv or \.json"):
        write_spans(FOUND, tmp_path / "a.doc")
    (tmp_path / "b.TextGrid").write_text("hello")
    with pytest.raises(TextError, match="no Praat TextGrid"):
        read_textgrid(tmp_path / "b.TextGrid")
    write_spans(FOUND, tmp_path / "a.TextGrid")
    (tmp_path / "b.TextGrid").write_text((tmp_path / "a.TextGrid").read_text("utf-8")[:700], "utf-8")
    with pytest.raises(TextError, match="damaged"):
        read_textgrid(tmp_path / "b.TextGrid")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\xff\xff\xff", b'TextGrid "a" 1e400 1 1e400'])
def test_bytes_that_are_no_textgrid_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.TextGrid").write_bytes(content)
    with pytest.raises(TextError):
        read_textgrid(tmp_path / "a.TextGrid")
    with pytest.raises(TextError, match="cannot read"):
        read_textgrid(tmp_path / "b.TextGrid")


def test_subtitles_have_the_spelling_of_the_transcript(tmp_path):
    text = " ".join(word.label.title() for word in FOUND.words) + "."
    write_spans(FOUND, tmp_path / "a.srt", text)
    assert (tmp_path / "a.srt").read_text("utf-8").split("\n")[2] == text
    write_spans(FOUND, tmp_path / "a.vtt")
    assert FOUND.words[0].label in (tmp_path / "a.vtt").read_text("utf-8")
