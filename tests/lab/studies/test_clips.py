from dataclasses import replace

import numpy as np
import pytest
import soundfile

from utterface import score
from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.studies.clips import (
    Recordings,
    align,
    bring,
    by_speaker,
    name_in,
    provenance,
    shares,
    sources_of,
    to_show,
)
from utterface.lab.studies.store import Folder
from utterface.phones import Span


def clip(number: int, speaker: str = "a", seconds: float = 3.0) -> CorpusClip:
    return CorpusClip(f"c{number}", seconds, speaker)


def test_places_that_do_not_exist_are_refused_at_once(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no .*clips\.tsv"):
        Recordings(tmp_path, tmp_path / "clips.tsv")


def test_small_corpora_give_all_and_large_ones_evenly():
    large, small = [clip(i) for i in range(10)], [clip(20)]
    chosen = shares([("large", large), ("small", small), ("none", [])], 6)
    assert [name_in(*one) for one in chosen] == ["small.c20", *(f"large.c{i}" for i in (0, 2, 4, 6, 8))]
    assert len(shares([("large", large), ("small", small)], 0)) == 11


def test_one_speaker_after_another():
    clips = [clip(0), clip(1), clip(2, "b")]
    assert [one.id for _, one in by_speaker([("x", clips)], 2)] == ["c0", "c2"]
    assert len(by_speaker([("x", clips)], 9)) == 3


def test_sentences_to_show_are_of_a_length_to_look_at():
    real, made = [clip(0, "r", 30.0), clip(1, "r")], [clip(2, "m"), clip(3, "m"), clip(4, "n", 1.0)]
    assert [one.id for one in to_show(real, made)][:2] == ["c1", "c2"]
    assert to_show([], made)[-1].id == "c4"  # too short, but something must be shown


def test_clips_of_many_corpora_become_one(tmp_path):
    writer = CorpusWriter(tmp_path / "one")
    for split, number in (("train", 0), ("test", 1)):
        about = replace(clip(number, split, 1.0), split=split, licence="CC0")
        writer.add(about, np.zeros(16000, np.float32), [Span("ɑ", 0.0, 1.0)])
    clips = [("one", c) for c in read_corpus(tmp_path / "one")]
    kept = bring(clips, Folder(tmp_path / "all"), False)
    assert {name: c.split for name, c in kept.items()} == {"one.c0": "train", "one.c1": "test"}
    assert bring(clips, Folder(tmp_path / "all"), False).keys() == kept.keys()
    with pytest.raises(ConfigError, match="clips of another run"):
        bring(clips[:1], Folder(tmp_path / "all"), False)
    (row,) = sources_of(clips, "test")
    assert (row.clips, row.speakers, row.faces) == (2, 2, "articulatory")
    assert provenance(read_corpus(tmp_path / "one")) == "one: CC0"


def test_recordings_are_aligned_once_and_others_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(score, "list_clips", lambda audio, text: [score.SpokenClip("a", tmp_path / "a.wav", "Ah.")])
    monkeypatch.setattr(score, "phones_of", lambda *args, **kwargs: [Span("ɑ", 0.0, 1.0)])
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000), 16_000)
    for name in ("t.tsv", "other.tsv"):
        (tmp_path / name).touch()
    recordings, folder = Recordings(tmp_path, tmp_path / "t.tsv"), Folder(tmp_path / "run")
    (kept,) = align(recordings, folder, lambda line: None)
    assert align(recordings, folder, lambda line: None) == (kept,)
    for stopped in (False, True):
        if stopped:
            (folder.work / "spoken" / "aligned.json").unlink()
        with pytest.raises(ConfigError, match="holds other recordings; choose another output folder"):
            align(replace(recordings, text=tmp_path / "other.tsv"), folder, lambda line: None)
    assert align(recordings, folder, lambda line: None) == (kept,) and align(None, folder, print) == ()
