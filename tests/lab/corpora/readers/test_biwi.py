"""BIWI: no unit, four published splits."""

import pytest

from lab.corpora.readers import folders
from utterface.lab.corpora.readers.biwi import READER, SPLITS, address


def count(split: str, part: str, speakers, kinds=("neutral", "emotional")) -> int:
    return sum(SPLITS[split].place(s, n, kind) == part for s in speakers for n in range(1, 41) for kind in kinds)


EVERYBODY = [f"F{i}" for i in range(1, 9)] + [f"M{i}" for i in range(1, 7)]


@pytest.mark.parametrize(
    ("split", "sizes"),
    [
        ("test-a", (192, 24, 24)),
        ("test-b", (192, 24, 32)),
        ("facexhubert", (1008, 56, 56)),
        ("scantalk", (400, 80, 80)),
    ],
)
def test_published_splits_have_their_published_sizes(split, sizes):
    assert tuple(count(split, part, EVERYBODY) for part in ("train", "valid", "test")) == sizes


def test_names_tell_speaker_sentence_and_kind():
    assert address("F2_e01") == ("F2", 1, "emotional") and address("M6_40") == ("M6", 40, "neutral")
    assert address("F2_e01_condition_M3") is None


def test_takes_are_read_at_25_frames_a_second_and_claim_no_metres(tmp_path):
    keys = {"F2_e01": "F2", "F2_01": "F2", "F2_e37": "F2", "F1_e37": "F1"}
    folder = folders.write_faceformer(tmp_path / "BIWI", keys)
    takes = list(READER.read(folder, READER.split("test-a"), (), print))
    assert [(t.id, t.split, t.motion.frame_rate) for t in takes] == [("F2_e01", "train", 25), ("F2_e37", "test", 25)]
    assert [t.id for t in READER.read(folder, READER.split("test-b"), (), print)] == ["F1_e37", "F2_e01"]
    assert READER.unit == "1/√(mesh area) of each frame"
