"""Splits as data, and the doors that name what is missing."""

import numpy as np
import pytest

from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import split_of
from utterface.lab.corpora.readers.contract import OURS, Split, SplitPart, read_array, require


def test_a_take_goes_where_speaker_and_sentence_say():
    split = Split(
        "here", SplitPart(("a",), {"neutral": range(1, 3)}), SplitPart(("b",)), SplitPart(("a",), {"neutral": {3}})
    )
    assert split.place("a", 2) == "train" and split.place("a", 3) == "test" and split.place("a", 4) == ""
    assert split.place("b", 99, "emotional") == "valid" and split.place("c", 1) == ""
    assert split.place("a", 2, "emotional") == ""
    assert OURS.place("speaker 3", 7) == split_of("speaker 3")


def test_what_is_missing_is_named_in_one_line(tmp_path):
    (tmp_path / "wav").mkdir()
    with pytest.raises(CorpusError, match=r"no complete BIWI: vertices_npy, templates\.pkl missing") as told:
        require(tmp_path, "BIWI", "wav", "vertices_npy", "templates.pkl")
    assert "\n" not in str(told.value)


def test_pickled_objects_in_npy_files_are_not_run(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(CorpusError, match="no array of numbers as BIWI has them"):
        read_array(tmp_path / "a.npy", "BIWI")
