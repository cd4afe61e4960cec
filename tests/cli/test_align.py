import json
from pathlib import Path

import pytest

from utterface.cli import main
from utterface.cli.align import align_file, open_recogniser
from utterface.formats.spans import read_textgrid
from utterface.recognise.phones import PhoneRecogniser, is_installed
from utterface.recognise.whisper.networks import has_words
from utterface.recognise.words import WordRecogniser

HELLO = Path(__file__).parents[2] / "examples" / "hello.flac"
SAID = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."


def test_a_transcript_gives_its_words_in_every_format(tmp_path, capsys):
    files = [tmp_path / name for name in ("a.TextGrid", "a.tsv", "a.json")]
    outputs = [word for file in files for word in ("-o", str(file))]
    assert main(["align", str(HELLO), "--text", SAID, *outputs]) == 0
    assert "18 words" in capsys.readouterr().out
    tiers = read_textgrid(files[0])
    words = [span.label for span in tiers["words"]]
    assert words == SAID.lower().replace("!", "").replace(",", "").replace(".", "").split()
    told = json.loads(files[2].read_text("utf-8"))
    assert [w["label"] for w in told["words"]] == words and told["duration"] == pytest.approx(6.23, abs=0.01)
    assert files[1].read_text("utf-8").startswith("tier\tstart\tend\tlabel\tstress\n")


def test_a_batch_keeps_the_suffix_as_typed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hello.flac").write_bytes(HELLO.read_bytes())
    assert main(["align", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--quiet"]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hello.TextGrid"]


@pytest.mark.skipif(not is_installed(), reason="the phone recogniser is not built here; pip install . does")
def test_without_a_transcript_phones_are_recognised(tmp_path):
    found = align_file(HELLO, PhoneRecogniser(), "en", False)
    assert found.words == () and len(found.phones) > 30 and found.engine == "hama 1.7.0"
    files = [tmp_path / f"a{suffix}" for suffix in (".TextGrid", ".tsv", ".json")]
    assert (
        main(
            [
                "align",
                str(HELLO),
                "--listen",
                "phones",
                "--quiet",
                *(part for file in files for part in ("-o", str(file))),
            ]
        )
        == 0
    )
    assert all(file.stat().st_size > 500 for file in files)


@pytest.mark.skipif(not has_words(), reason="the extra `words` is not installed")
def test_without_a_transcript_words_are_recognised_where_the_extra_is_installed(tmp_path, capsys):
    assert main(["align", str(HELLO), "-o", str(tmp_path / "a.json")]) == 0
    result = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert (
        result["engine"] == "Whisper tiny.en" and [w["label"] for w in result["words"]][:4] == "hello i move my".split()
    )
    assert "phones, confidence" in capsys.readouterr().out
    assert isinstance(open_recogniser(None, None, "en"), WordRecogniser)
    assert not isinstance(open_recogniser(None, None, "de"), WordRecogniser)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["-o", "a.csv"], ".TextGrid, .tsv or .json"), (["-o", "no/a.tsv"], "there is no folder")],
)
def test_mistakes_are_one_line_and_2(arguments, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["align", str(HELLO), *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("utterface: ") and err.count("\n") == 1 and words in err
    assert list(tmp_path.iterdir()) == []
