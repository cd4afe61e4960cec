"""The page of faces side by side: what it holds, how large it gets, and that a report can carry it."""

import base64
import html
import io
import json
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from utterface.errors import OutputError
from utterface.motion import CHANNELS, Motion, rest
from utterface.pages.comparison import Row, Sentence, comparison_page, frame, write_comparison

SOUND = 0.2 * np.sin(np.arange(16_000) / 9).astype(np.float32)


def embedded(page: str) -> dict[str, tuple[str, bytes]]:
    """Name → kind and bytes of everything that a page holds."""
    found = re.findall(r'<script type="application/octet-stream" id="([^"]*)" data-type="([^"]*)">([^<]*)<', page)
    return {name: (kind, base64.b64decode(data)) for name, kind, data in found}


def header(packed: bytes) -> dict:
    data = zlib.decompress(packed)
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length])


def sentence(title: str, *names: str, **options) -> Sentence:
    return Sentence(title, SOUND, [Row(name, rest(60)) for name in names], **options)


def test_the_head_is_there_once_and_every_sentence_has_its_sound():
    page = comparison_page([sentence("one", "a", "b"), sentence("two", "b", "c")], title="grid", shown=["c", "a"])
    parts = embedded(page)
    assert list(parts) == [
        "utterface-comparison",
        "utterface-sentence-0",
        "utterface-sound-0",
        "utterface-sentence-1",
        "utterface-sound-1",
    ]
    head = header(parts["utterface-comparison"][1])
    assert (head["rows"], head["shown"], head["sentences"]) == (["a", "b", "c"], [2, 0], ["one", "two"])
    assert len(head["rig"]["morphs"]) > 40
    second = header(parts["utterface-sentence-1"][1])
    assert [row["row"] for row in second["rows"]] == [1, 2] and second["duration"] == 1.0


def test_six_rows_are_shown_at_first_unless_they_are_named():
    page = comparison_page([sentence("one", *"abcdefgh")])
    assert header(embedded(page)["utterface-comparison"][1])["shown"] == [0, 1, 2, 3, 4, 5]


def test_what_a_row_was_heard_to_say_has_the_clock_of_the_recording():
    rows = [Row("short", rest(60), SOUND[:9_000]), Row("long", rest(60), np.tile(SOUND, 2)), Row("mute", rest(60))]
    parts = embedded(comparison_page([Sentence("one", SOUND, rows)]))
    lengths = {
        name: len(soundfile.read(io.BytesIO(data))[0])
        for name, (kind, data) in parts.items()
        if kind != "application/octet-stream"
    }
    assert lengths == {"utterface-sound-0": 16_000, "utterface-sound-0-0": 16_000, "utterface-sound-0-1": 16_000}


def test_without_sound_the_longest_motion_says_how_long_it_lasts():
    silent = Sentence("one", np.zeros(0, np.float32), [Row("a", rest(60)), Row("b", rest(75, 30.0))])
    parts = embedded(comparison_page([silent]))
    assert header(parts["utterface-sentence-0"][1])["duration"] == 2.5 and "utterface-sound-0" not in parts


def test_ten_sentences_of_thirty_rows_that_are_all_heard_stay_below_fifteen_megabytes(tmp_path):
    rng = np.random.default_rng(2)
    t = np.arange(150)[:, None] / 30
    sound = (0.2 * np.sin(2 * np.pi * 140 * np.arange(80_000) / 16_000)).astype(np.float32)
    sound += 0.02 * rng.standard_normal(len(sound)).astype(np.float32)
    waves = 0.3 + 0.3 * np.sin(9 * t + rng.uniform(0, 6, len(CHANNELS)))  # and a trembling as of a sampled decoder
    rows = [
        Row(f"row {i}", Motion(waves + 1e-3 * rng.standard_normal(waves.shape), CHANNELS, 30.0), sound)
        for i in range(30)
    ]
    path = tmp_path / "faces.html"
    write_comparison([Sentence("one of ten", sound, rows)], path)
    empty, one = len(comparison_page([sentence("one", "a")])), path.stat().st_size
    assert empty + 10 * (one - empty) < 15e6


def test_a_report_carries_the_whole_page_in_a_frame():
    page = comparison_page([sentence('He said: "pub" & left', "a")])
    element = frame(page)
    assert element.startswith("<iframe ") and element.endswith("</iframe>")
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', element)[1]) == page
    assert len(element) < 1.1 * len(page)


def test_the_page_asks_for_nothing_outside_itself():
    page = comparison_page([sentence("one", "a")])
    assert not re.search(r"<(?:script|link|img|audio|iframe)[^>]*\b(?:src|href)\s*=\s*[\"'](?!data:)", page)
    assert not re.search(r"@import|url\(\s*[\"']?https?:", page)


@pytest.mark.parametrize(
    ("sentences", "shown", "said"),
    [
        ([], (), "at least one sentence"),
        ([sentence("one")], (), "at least one row"),
        ([sentence("one", "a", "a")], (), "'one' has two rows called 'a'"),
        ([sentence("one", "a")], ["z"], "no row is called 'z'; the rows are a"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_line(sentences, shown, said, tmp_path):
    with pytest.raises(OutputError, match=said):
        write_comparison(sentences, tmp_path / "faces.html", shown=shown)
    assert not list(Path(tmp_path).iterdir())
