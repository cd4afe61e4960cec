import json
from dataclasses import replace
from pathlib import Path

from utterface.cli.summary import Result, facts, for_machines, for_people
from utterface.phones import Span


def test_people_read_the_figures_and_the_files(clip, tmp_path):
    (tmp_path / "a.csv").write_bytes(bytes(2_500_000))
    said = replace(clip, phones=(Span("m", 0.1, 0.2), Span("ɑ", 0.2, 0.4)))
    text = for_people(Result(Path("in/line.wav"), (tmp_path / "a.csv",), facts(said, seconds=0.5)))
    assert text.startswith("line.wav: 2.0 s, 120 frames at 60 a second, ")
    assert "lip closures for 1 bilabials, by " in text and " in 0.5 s (real-time factor 0.25)\n" in text
    assert text.endswith(f"wrote {tmp_path / 'a.csv'} (2.5 MB)")


def test_people_read_errors_as_one_line():
    assert for_people(Result(Path("a.wav"), error="a.wav is empty")) == "utterface: a.wav is empty"
    assert for_people(Result(Path("in/a.wav"), error="words do not fit")) == "utterface: a.wav: words do not fit"


def test_speech_without_words_is_a_warning(clip):
    said = facts(replace(clip, unspoken=((1.25, 3.0),)), 1.0)
    assert said["speech_without_words"] == [[1.25, 3.0]]
    assert facts(replace(clip, warnings=("too quiet",)), 1.0)["warnings"] == ["too quiet"]


def test_machines_read_both(clip):
    good = Result(Path("a.wav"), (Path("a.csv"),), facts(clip, 1.0))
    told = json.loads(for_machines([good, Result(Path("b.wav"), error="b.wav is empty")]))
    assert told["failed"] == 1
    assert told["clips"][0]["frames"] == 120 and told["clips"][0]["files"] == ["a.csv"]
    assert told["clips"][1] == {"input": "b.wav", "error": "b.wav is empty", "files": []}
