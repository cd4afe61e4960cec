"""VOCASET in both layouts: the same takes, 60 frames a second, metres, published speakers."""

import pickle

import numpy as np
import pytest

from lab.corpora.readers import folders
from utterface.errors import CorpusError
from utterface.lab.corpora.readers import vocaset
from utterface.lab.corpora.readers.vocaset import READER, SPLITS

TRAIN, VALID, TEST = "FaceTalk_170728_03272_TA", "FaceTalk_170811_03275_TA", "FaceTalk_170809_00138_TA"
TAKES = {TRAIN: ["sentence01", "sentence40"], VALID: ["sentence20", "sentence21"], TEST: ["sentence05", "sentence35"]}


def read(folder, split="voca", done=(), report=lambda line: None):
    return list(READER.read(folder, READER.split(split), done, report))


@pytest.fixture
def raw(tmp_path):
    return folders.write_raw_vocaset(tmp_path / "raw", TAKES)


def test_both_layouts_give_the_same_takes(tmp_path, raw):
    keys = {f"{speaker}_{sequence}": speaker for speaker, sequences in TAKES.items() for sequence in sequences}
    others = {t.id: t for t in read(folders.write_faceformer(tmp_path / "faceformer", keys))}
    takes = read(raw)
    assert len(takes) == len(others) == 4
    for take in takes:
        other = others[take.id]
        assert (take.speaker, take.split) == (other.speaker, other.split)
        assert take.motion.frame_rate == 60 and take.motion.channels == other.motion.channels
        assert np.allclose(take.motion.values, other.motion.values, atol=1e-6)
        assert np.allclose(take.template, other.template)
        assert len(take.samples) == 16_000 and np.abs(take.samples - other.samples).max() < 1e-3


def test_unseen_speakers_are_judged_on_sentences_21_to_40(raw):
    assert [(t.id[-2:], t.split) for t in read(raw)] == [
        ("01", "train"),
        ("40", "train"),
        ("21", "valid"),
        ("35", "test"),
    ]
    assert len(read(raw, "all-sentences")) == 6


def test_the_published_split_has_320_40_and_40_takes():
    split = SPLITS["voca"]
    speakers = [*split.train.speakers, *split.valid.speakers, *split.test.speakers]
    assert len(set(speakers)) == 12 and split.train.speakers[0] == TRAIN
    places = [split.place(s, n) for s in speakers for n in range(1, 41)]
    assert [places.count(part) for part in ("train", "valid", "test", "")] == [320, 40, 40, 80]


def test_a_template_in_millimetres_is_refused():
    face = np.random.default_rng(0).normal(0, 0.01, (5023, 3))
    face[3931:4477] = [0.031, 0, 0]
    face[4477:] = [-0.031, 0, 0]
    vocaset.check_metres("ann", face)
    with pytest.raises(CorpusError, match=r"eyes of ann are 62 apart.*metres"):
        vocaset.check_metres("ann", face * 1000)


def test_what_is_missing_is_said(raw):
    sounds = pickle.loads((raw / "raw_audio_fixed.pkl").read_bytes())  # noqa: S301
    del sounds[TRAIN]["sentence40"]
    (raw / "raw_audio_fixed.pkl").write_bytes(pickle.dumps(sounds, 2))
    lines: list[str] = []
    assert len(read(raw, report=lines.append)) == 3 and lines[0].startswith(f"{TRAIN}_sentence40: left out")
    vertices = np.load(raw / "data_verts.npy")
    np.save(raw / "data_verts.npy", vertices[:40])
    lines.clear()
    assert len(read(raw, report=lines.append)) < 3 and any("data_verts.npy is cut short" in line for line in lines)
    np.save(raw / "data_verts.npy", vertices.reshape(len(vertices), -1))
    with pytest.raises(CorpusError, match=r"expected \(frames, vertices, 3\)"):
        read(raw)
    (raw / "data_verts.npy").unlink()
    with pytest.raises(CorpusError, match=r"no complete VOCASET: data_verts\.npy missing"):
        read(raw)
