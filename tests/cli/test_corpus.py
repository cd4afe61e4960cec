"""`utterface corpus`: make, look at, refuse."""

import pytest

pytest.importorskip("scipy", reason="the lab extra is not installed")

from utterface.cli import main
from utterface.lab.corpora.manifest import read_corpus
from utterface.speak import espeak


@pytest.mark.skipif(not espeak.voices(), reason="espeakng-loader is not installed")
def test_a_corpus_is_made_and_shown(tmp_path, capsys):
    folder = str(tmp_path / "made")
    command = ["corpus", "make", "-o", folder, "--engines", "espeak", "--hours", "0.001", "--processes", "1"]
    assert main(command) == 0
    assert main(["corpus", "show", folder]) == 0
    told = capsys.readouterr().out
    assert f"{len(read_corpus(folder))} clips" in told and "labels: exact" in told


def test_sound_without_speech_is_made(tmp_path):
    assert main(["corpus", "nonspeech", "-o", str(tmp_path), "--minutes", "0.1"]) == 0
    assert read_corpus(tmp_path).hours * 60 >= 0.1


def test_what_is_no_corpus_is_refused(tmp_path, capsys):
    assert main(["corpus", "show", str(tmp_path)]) == 2
    assert "is no corpus" in capsys.readouterr().err
    assert main(["corpus", "make", "-o", str(tmp_path), "--engines", "sam"]) == 2
    assert "no engine 'sam'" in capsys.readouterr().err
