"""BEAT: weights by name, time that runs true, what the names of takes tell."""

import numpy as np
import pytest

from lab.corpora.readers import folders
from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import split_of
from utterface.lab.corpora.readers.beat import READER, address, read_weights
from utterface.motion import ARKIT


def read(folder, split="camn", report=lambda line: None):
    return list(READER.read(folder, READER.split(split), (), report))


def test_takes_of_four_speakers_go_where_their_sequence_says(tmp_path):
    keys = ["2_scott_0_1_1", "2_scott_0_9_9", "2_scott_0_72_72", "2_scott_1_12_12", "2_scott_0_8_9", "1_wayne_0_9_9"]
    folder = folders.write_beat(tmp_path, [*keys, "2_scott_2_9_9"])
    takes = {t.id: t for t in read(folder)}
    assert {k: t.split for k, t in takes.items()} == {
        "2_scott_0_1_1": "test", "2_scott_0_9_9": "train", "2_scott_0_72_72": "valid", "2_scott_1_12_12": "valid",
    }  # fmt: skip
    take = takes["2_scott_0_72_72"]
    assert (take.speaker, take.emotion, take.language, take.text) == ("2_scott", "joy", "en-us", "map")
    assert [p.label for p in take.phones] == ["sil", "m", "æ", "p"] and takes["2_scott_1_12_12"].emotion == ""
    assert {t.id: t.split for t in read(folder, "ours")} == {
        k: split_of("_".join(k.split("_")[:2])) for k in [*keys, "2_scott_2_9_9"]
    }
    assert len(read(folder, "ours")) == 7 and {t.language for t in read(folder, "ours")} == {"en-us", "zh"}


def test_weights_keep_their_names_in_our_order(tmp_path):
    values = np.random.default_rng(0).random((60, 51))
    folders.write_beat_face(tmp_path / "a.json", list(folders.BEAT_NAMES), values, np.arange(60) / 60)
    motion = read_weights(tmp_path / "a.json")
    assert motion.channels == ARKIT[:-1] and motion.frame_rate == 60 and len(motion) == 60
    assert np.allclose(motion["jawOpen"], values[:, folders.BEAT_NAMES.index("jawOpen")], atol=1e-6)
    names = ["_neutral", *(name[0].upper() + name[1:] for name in folders.BEAT_NAMES), "TongueOut"]
    folders.write_beat_face(tmp_path / "b.json", names, np.c_[np.ones(60), values, values[:, 0]], np.arange(60) / 60)
    capital = read_weights(tmp_path / "b.json")
    assert capital.channels == ARKIT and np.allclose(capital.select(ARKIT[:-1]), motion.values)


def test_lost_frames_do_not_shift_what_follows(tmp_path):
    times = np.delete(np.arange(60) / 60, [20, 21, 22]) + 0.05
    values = np.repeat(times[:, None], 51, 1)
    folders.write_beat_face(tmp_path / "a.json", list(folders.BEAT_NAMES), values, times)
    motion = read_weights(tmp_path / "a.json")
    assert len(motion) == 60 and motion.start == pytest.approx(0.05)
    assert np.allclose(motion["jawOpen"], motion.times, atol=1e-5)


def test_emotions_end_with_their_last_sequence():
    said = [address(f"1_wayne_0_{n}_{n}").emotion for n in (1, 64, 65, 72, 73, 86, 94, 102, 110, 118)]
    assert said == "neutral neutral joy joy anger sadness contempt surprise fear disgust".split()
    assert address("1_wayne_0_72_73").emotion == "" and address("wayne") is None


def test_what_is_amiss_is_said(tmp_path):
    with pytest.raises(CorpusError, match="is no BEAT"):
        read(tmp_path)
    folder = folders.write_beat(tmp_path / "beat", ["2_scott_0_1_1", "2_scott_0_9_9"])
    (folder / "2" / "2_scott_0_1_1.wav").unlink()
    lines: list[str] = []
    assert len(read(folder, report=lines.append)) == 1 and "2_scott_0_1_1.wav is missing" in lines[0]
    path, values = folder / "2" / "2_scott_0_9_9.json", np.zeros((3, 51))
    for names, weights, times, message in [
        ([*folders.BEAT_NAMES[:-1], "nose"], values, np.arange(3), "lacks the ARKit weight noseSneerRight"),
        (list(folders.BEAT_NAMES), values[:, :-1], np.arange(3), "expected 51 finite weights"),
        (list(folders.BEAT_NAMES), values, np.array([0, 2, 1]), "not in order of time"),
        (list(folders.BEAT_NAMES), values[:0], np.arange(0), "expected 51 finite weights"),
    ]:
        folders.write_beat_face(path, names, weights, times)
        lines.clear()
        assert read(folder, report=lines.append) == []
        assert any(message in line for line in lines)
