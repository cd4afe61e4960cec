"""The layout that most vertex models read from."""

import os
import pickle

import numpy as np
import pytest

from lab.corpora.readers import folders
from utterface.errors import CorpusError
from utterface.lab.corpora.readers import faceformer
from utterface.lab.corpora.readers.contract import OURS, Split, SplitPart

ALL = Split("here", SplitPart(("ann", "bob")))


def address(key: str) -> faceformer.Address | None:
    speaker, _, number = key.partition("_")
    return (speaker, int(number), "neutral") if number.isdigit() else None


def read(folder, split=ALL, done=(), report=lambda line: None):
    return list(faceformer.read(folder, "the corpus", 25.0, address, split, done, report))


@pytest.fixture
def folder(tmp_path):
    return folders.write_faceformer(tmp_path / "mini", {"ann_1": "ann", "ann_2": "ann", "bob_1": "bob", "eve_x": "eve"})


def test_takes_come_with_offsets_from_their_own_neutral_face(folder):
    takes = read(folder)
    assert [t.id for t in takes] == ["ann_1", "ann_2", "bob_1"]
    bob = takes[2]
    assert bob.speaker == "bob" and bob.motion.frame_rate == 25 and len(bob.samples) == 16_000
    assert np.allclose(bob.template, folders.template("bob"), atol=1e-7)
    assert np.allclose(bob.motion["offset3Y"], np.arange(30) * 0.001, atol=1e-6)
    assert np.allclose(bob.motion["offset3X"], 0, atol=1e-6)


def test_what_is_done_or_split_away_is_passed_over(folder):
    assert [t.id for t in read(folder, done=("ann_1",))] == ["ann_2", "bob_1"]
    assert [t.id for t in read(folder, Split("here", SplitPart(("ann",), {"neutral": {2}})))] == ["ann_2"]
    assert len(read(folder, OURS)) == 3


def test_a_take_without_face_or_sound_or_with_an_odd_file_is_left_out(folder):
    (folder / "vertices_npy" / "ann_2.npy").unlink()
    lines: list[str] = []
    assert [t.id for t in read(folder, report=lines.append)] == ["ann_1", "bob_1"]
    assert lines == ["ann_2: left out, vertices_npy/ann_2.npy is missing"]
    (folder / "wav" / "bob_1.wav").unlink()
    (folder / "vertices_npy" / "ann_1.npy").write_bytes(b"no array")
    lines.clear()
    assert read(folder, report=lines.append) == []
    assert lines[2] == "bob_1: left out, wav/bob_1.wav is missing"
    assert lines[0].startswith("ann_1: left out") and "no array of numbers" in lines[0]


def test_an_incomplete_folder_says_what_it_lacks(folder):
    (folder / "templates.pkl").write_bytes(pickle.dumps({"ann": folders.template("ann")}, 2))
    with pytest.raises(CorpusError, match="no neutral face of bob; it has ann"):
        read(folder)
    (folder / "templates.pkl").write_bytes(pickle.dumps({"ann": folders.template("ann", 9)}, 2))
    lines: list[str] = []
    with pytest.raises(CorpusError, match="no neutral face of bob"):
        read(folder, report=lines.append)
    assert "expected (frames, 27) as the template has, got (30, 36)" in lines[0]
    (folder / "templates.pkl").write_bytes(pickle.dumps([1, 2], 2))
    with pytest.raises(CorpusError, match="expected a neutral face"):
        read(folder)
    (folder / "templates.pkl").write_bytes(pickle.dumps(os.getcwd, 2))
    with pytest.raises(CorpusError, match="asks to run"):
        read(folder)
    (folder / "templates.pkl").unlink()
    with pytest.raises(CorpusError, match=r"no complete the corpus: templates\.pkl missing"):
        read(folder)
