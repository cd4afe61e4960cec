"""3DMEAD: (1, T, 403), names that tell emotion and intensity, splits by sentence or speaker."""

import numpy as np
import pytest

from lab.corpora.readers import folders
from utterface.errors import CorpusError
from utterface.lab.corpora.readers.mead3d import READER, SPLITS
from utterface.rigs.flame import face_channels


def read(folder, split="probtalk3d", report=lambda line: None):
    return list(READER.read(folder, READER.split(split), (), report))


def test_coefficients_are_taken_apart(tmp_path):
    folder = folders.write_mead(tmp_path, ["M003_001_0_0", "W029_028_6_2"])
    plain, angry = read(folder)
    stored = folders.mead_values("M003_001_0_0")
    assert plain.motion.channels == face_channels(100) and plain.motion.frame_rate == 25
    assert np.array_equal(plain.motion.values, stored[0, :, 300:]) and np.array_equal(
        plain.identity, stored[0, 0, :300]
    )
    assert np.array_equal(plain.motion["jawX"], stored[0, :, 400])
    assert (plain.emotion, plain.intensity, plain.split) == ("neutral", 0.0, "train")
    assert (angry.emotion, angry.intensity, angry.split) == ("anger", 1.0, "test")
    assert len(plain.samples) == 16_000


def test_published_splits_have_their_speakers():
    published, lsf, benchmark = (SPLITS[name] for name in ("probtalk3d", "lsf", "benchmark"))
    assert len(set(published.train.speakers)) == 32 and len(set(benchmark.train.speakers)) == 47
    assert set(lsf.train.speakers + lsf.valid.speakers + lsf.test.speakers) == set(published.train.speakers)
    assert lsf.test.speakers == ("W011", "W014", "W015", "W016", "W018")
    assert lsf.valid.speakers == ("M028", "M029", "M030", "M031", "W009") and len(lsf.train.speakers) == 22
    assert [published.place("M003", n) for n in (32, 33, 37, 41)] == ["train", "valid", "test", ""]
    assert [published.place("M003", n, "emotional") for n in (24, 25, 28, 31)] == ["train", "valid", "test", ""]
    assert published.place("M032", 1) == "" and benchmark.place("M032", 1) == "train"


def test_what_is_amiss_is_said(tmp_path):
    folder = folders.write_mead(tmp_path / "mead", ["M003_001_0_0", "M003_002_0_0"])
    (folder / "wav" / "M003_001_0_0.wav").unlink()
    lines: list[str] = []
    assert [t.id for t in read(folder, report=lines.append)] == ["M003_002_0_0"]
    assert lines == ["M003_001_0_0: left out, wav/M003_001_0_0.wav is missing"]
    np.save(folder / "param" / "M003_002_0_0.npy", np.zeros((25, 403)))
    lines.clear()
    assert read(folder, report=lines.append) == []
    assert "expected (1, frames, 403), got (25, 403)" in lines[1]
    np.save(folder / "param" / "M003-front.npy", np.zeros((1, 25, 403)))
    with pytest.raises(CorpusError, match="expected SPEAKER_SENTENCE_EMOTION_INTENSITY"):
        read(folder)
    with pytest.raises(CorpusError, match="no complete 3DMEAD: param, wav missing"):
        read(tmp_path)
    tracked = tmp_path / "EMICA-MEAD_flame2020" / "M003" / "front" / "neutral" / "level_1" / "001"
    tracked.mkdir(parents=True)
    (tracked / "shape_pose_cam.hdf5").touch()
    with pytest.raises(CorpusError, match=r"EMICA's tree of hdf5 files; ProbTalk3D's process_animation\.py"):
        read(tmp_path)
