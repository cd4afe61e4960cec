import inspect
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the lab extra is not installed")

from utterface.cli import main
from utterface.cli.encode import encode
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.systems.face import SpeechConfig


def test_a_corpus_is_encoded(tmp_path, capsys):
    CorpusWriter(tmp_path / "toy").add(CorpusClip("c", 0.5, "s"), np.zeros(8000, np.float32), [])
    store = tmp_path / "store"
    command = ["corpus", "encode", str(tmp_path / "toy"), "--representation", "mel", "-o", str(store), "--workers", "1"]
    assert main(command) == 0
    assert "1 clips, 1 encoded now" in capsys.readouterr().err
    assert len(list(store.glob("*/*.npz"))) == 1
    assert main(command) == 0
    assert "1 clips, 0 encoded now" in capsys.readouterr().err


def test_what_is_missing_is_said_in_one_line(tmp_path, capsys):
    assert main(["corpus", "encode", "--representation", "mel"]) == 2
    assert "name a corpus" in capsys.readouterr().err
    assert main(["corpus", "encode", str(tmp_path), "--representation", "melody"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_tracks_go_where_recipes_look():
    assert inspect.signature(encode).parameters["output"].default.expanduser() == Path(SpeechConfig("mel").store)
