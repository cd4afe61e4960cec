"""BEAT2: FLAME from SMPL-X files, ARKit by the makers' matrix, the list that comes with the data."""

import json
import re

import numpy as np
import pytest

from lab.corpora.readers import folders
from utterface.errors import CorpusError
from utterface.lab.corpora.readers.beat2 import ARKIT_READER, READER
from utterface.motion import ARKIT
from utterface.rigs.flame import face_channels

TYPES = {"2_scott_0_1_1": "test", "2_scott_0_2_2": "train", "1_wayne_0_103_103": "val", "1_wayne_0_9_9": "additional"}


def read(folder, split="official", reader=READER, report=lambda line: None):
    return list(reader.read(folder, reader.split(split), (), report))


@pytest.fixture
def folder(tmp_path):
    return folders.write_beat2(tmp_path / "beat2", TYPES)


def test_faces_are_expressions_and_jaw_at_30_frames_a_second(folder):
    takes = {t.id: t for t in read(folder)}
    assert {k: t.split for k, t in takes.items()} == {
        "2_scott_0_1_1": "test", "2_scott_0_2_2": "train", "1_wayne_0_103_103": "valid",
    }  # fmt: skip
    take = takes["1_wayne_0_103_103"]
    with np.load(folder / "smplxflame_30" / "1_wayne_0_103_103.npz") as stored:
        assert np.allclose(take.motion["jawX"], stored["poses"][:, 66]) and np.allclose(take.identity, stored["betas"])
        assert np.allclose(take.motion["expression99"], stored["expressions"][:, 99])
    assert take.motion.channels == face_channels() and take.motion.frame_rate == 30
    assert (take.speaker, take.emotion, take.text, len(take.phones)) == ("1_wayne", "fear", "map", 4)
    assert {t.id: t.split for t in read(folder, "with-additional")}["1_wayne_0_9_9"] == "train"


def test_the_newer_lists_serve_as_well(folder):
    (folder / "train_test_split.csv").unlink()
    entries = [{"video_id": key, "mode": kind, "start_idx": 0, "end_idx": 20} for key, kind in TYPES.items()]
    (folder / "beat2_s20_l64.json").write_text(json.dumps(entries + entries))
    assert len(read(folder)) == 3


def test_the_matrix_gives_back_the_weights_it_was_fed(folder):
    """Weights turned to FLAME by the makers' matrix come back through its inverse, names and all."""
    matrix = np.random.default_rng(5).normal(size=(51, 103))
    np.save(folder / "mat_final.npy", matrix)
    weights = np.random.default_rng(6).random((30, 51)) * 1.2 - 0.1
    flame = weights @ matrix
    poses = np.zeros((30, 165))
    poses[:, 66:69] = flame[:, 100:]
    path = folder / "smplxflame_30" / "2_scott_0_1_1.npz"
    folders.write_beat2_face(path, poses=poses, expressions=flame[:, :100])
    take = {t.id: t for t in read(folder, reader=ARKIT_READER)}["2_scott_0_1_1"]
    assert take.motion.channels == ARKIT[:-1]
    for number, name in enumerate(folders.BEAT_NAMES):
        assert np.allclose(take.motion[name], np.clip(weights[:, number], 0, 1), atol=1e-5)


def test_what_is_amiss_is_said(folder, tmp_path):
    with pytest.raises(CorpusError, match=r"no complete BEAT2 for ARKit: mat_final\.npy missing"):
        read(folder, reader=ARKIT_READER)
    np.save(folder / "mat_final.npy", np.zeros((103, 51)))
    with pytest.raises(CorpusError, match=r"expected \(51, 103\)"):
        read(folder, reader=ARKIT_READER)
    (folder / "wave16k" / "2_scott_0_2_2.wav").unlink()
    lines: list[str] = []
    assert len(read(folder, report=lines.append)) == 2
    assert lines == ["2_scott_0_2_2: left out, wave16k/2_scott_0_2_2.wav is missing"]
    path = folder / "smplxflame_30" / "2_scott_0_1_1.npz"
    for changes, message in [
        ({"mocap_frame_rate": np.array(120)}, "expected 30 frames a second, got 120"),
        ({"poses": np.zeros((29, 165))}, r"expected poses \(T, 165\)"),
        ({"betas": np.array([{}], object)}, "expected arrays poses"),
    ]:
        folders.write_beat2_face(path, **changes)
        lines.clear()
        assert [t.id for t in read(folder, report=lines.append)] == ["1_wayne_0_103_103"]
        assert lines[0].startswith("2_scott_0_1_1: left out") and re.search(message, lines[0])
    (folder / "train_test_split.csv").unlink()
    with pytest.raises(CorpusError, match=r"train_test_split\.csv missing"):
        read(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match="no complete BEAT2: smplxflame_30, wave16k missing"):
        read(tmp_path / "empty")


def test_the_top_of_the_hubs_copy_will_do_where_it_holds_one_language(tmp_path):
    folders.write_beat2(tmp_path / "beat_english_v2.0.0", TYPES)
    lines: list[str] = []
    assert len(read(tmp_path, report=lines.append)) == 3 and lines[0].endswith("beat_english_v2.0.0")
    folders.write_beat2(tmp_path / "beat_chinese_v2.0.0", TYPES)
    with pytest.raises(CorpusError, match=r"several corpora; give one of .*chinese.*english"):
        read(tmp_path)
