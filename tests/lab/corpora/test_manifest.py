"""The form on disk: what goes in comes out, half-written clips do not count, damage is refused by name."""

import json

import pytest

from support.toy_speech import PHONES, clip, tone
from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import read_corpus, split_of
from utterface.lab.corpora.writer import CorpusWriter


def test_a_clip_without_motion_has_none(tmp_path):
    assert CorpusWriter(tmp_path).add(clip(), tone(), PHONES).motion() is None


def test_splits_follow_speakers_and_are_the_same_everywhere():
    names = [f"speaker {i}" for i in range(2000)]
    splits = [split_of(name) for name in names]
    assert splits == [split_of(name) for name in names]
    assert 0.03 < splits.count("valid") / 2000 < 0.07 and 0.03 < splits.count("test") / 2000 < 0.07
    assert [split_of(name) for name in ("ann", "bob", "speaker 3")] == ["train", "train", "train"]


def test_a_split_is_chosen_by_name(tmp_path):
    writer = CorpusWriter(tmp_path)
    writer.add(clip("one"), tone(), PHONES)
    writer.add(clip("two", speaker="bob", split="test"), tone(), PHONES)
    assert [c.id for c in read_corpus(tmp_path).split("test")] == ["two"]
    with pytest.raises(CorpusError, match="train, valid, test"):
        read_corpus(tmp_path).split("dev")


def test_damage_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"corpus\.json is missing"):
        read_corpus(tmp_path)
    CorpusWriter(tmp_path).add(clip(), tone(), PHONES)
    manifest, header = tmp_path / "clips.jsonl", tmp_path / "corpus.json"
    line = manifest.read_text("utf-8")
    for broken, message in [
        ("{]\n", "line 1 is damaged"),
        ('{"id": "one"}\n', "line 1 is damaged"),
        (line + line, "stands twice"),
        (line + line.replace('"one"', '"two"'), "lacks files"),
    ]:
        manifest.write_text(broken, "utf-8")
        with pytest.raises(CorpusError, match=message):
            read_corpus(tmp_path)
    manifest.write_text(line, "utf-8")
    (tmp_path / "audio" / "one.flac").write_bytes(b"fLaC and nothing more")
    with pytest.raises(CorpusError, match="cannot read the sound"):
        read_corpus(tmp_path).clips[0].samples()
    (tmp_path / "arrays" / "one.npz").write_bytes(b"PK")
    with pytest.raises(CorpusError, match="cannot read the phones"):
        read_corpus(tmp_path).clips[0].phones()
    header.write_text(json.dumps({"format": "utterface corpus", "version": 99}))
    with pytest.raises(CorpusError, match="update utterface"):
        read_corpus(tmp_path)


def test_sound_of_another_length_than_told_is_refused(tmp_path):
    CorpusWriter(tmp_path).add(clip(), tone(1.5), PHONES)
    with pytest.raises(CorpusError, match="expected 16000 mono samples"):
        read_corpus(tmp_path).clips[0].samples()


def test_a_speaker_in_two_splits_is_refused(tmp_path):
    writer = CorpusWriter(tmp_path)
    writer.add(clip("one"), tone(), PHONES)
    writer.add(clip("two", split="valid"), tone(), PHONES)
    with pytest.raises(CorpusError, match="two splits"):
        read_corpus(tmp_path)
