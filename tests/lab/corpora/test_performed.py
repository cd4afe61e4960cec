"""A performed corpus: several takes of a clip, one sound, speakers and performers on one side each."""

from dataclasses import replace

import numpy as np
import pytest

from utterface.cli import main
from utterface.errors import ConfigError, CorpusError
from utterface.lab.batches.pairs import target
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip, CorpusInfo, read_corpus
from utterface.lab.corpora.performed import perform
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.representations import open_representation
from utterface.motion import CHANNELS
from utterface.phones import Span


def test_takes_share_the_sound_and_differ_in_the_face(corpus, tmp_path):
    made = perform(corpus, tmp_path / "out", takes=3, cast=6)
    assert len(made) == 3 * 6
    takes = [c for c in made if c.id.startswith("c0-")]
    assert [c.id for c in takes] == ["c0-take0", "c0-take1", "c0-take2"]
    assert len({c.performer for c in takes}) == 3
    assert len({c.audio.stat().st_ino for c in takes}) == 1
    assert takes[0].audio.samefile(read_corpus(corpus).clips[0].audio)
    motions = [c.motion() for c in takes]
    assert all(m.channels == CHANNELS and m.frame_rate == 30 for m in motions)
    assert not np.allclose(motions[0].select(("browInnerUp", "headYaw")), motions[1].select(("browInnerUp", "headYaw")))
    assert np.array_equal(target(takes[1], CHANNELS, 30.0), motions[1].values[: len(target(takes[1], CHANNELS, 30.0))])
    assert takes[0].phones() == read_corpus(corpus).clips[0].phones()


def test_speakers_validate_where_the_source_has_none_that_do(corpus, tmp_path):
    source = read_corpus(corpus)
    training = CorpusWriter(tmp_path / "made")
    for clip in source.split("train"):
        for speaker in ("ann", "bob", "eve"):
            training.add(replace(clip, id=f"{clip.id}-{speaker}", speaker=speaker), clip.audio, clip.phones())
    made = perform(tmp_path / "made", tmp_path / "out", takes=1, cast=6, validation=0.1)
    held_out = {c.speaker for c in made.split("valid")}
    assert len(held_out) == 1 and {c.speaker for c in made.split("train")} == {"ann", "bob", "eve"} - held_out
    assert not {c.performer for c in made.split("valid")} & {c.performer for c in made.split("train")}
    assert not perform(tmp_path / "made", tmp_path / "all", takes=1, cast=6).split("valid")
    already = perform(corpus, tmp_path / "already", takes=1, cast=6, validation=0.5)
    assert {c.speaker for c in already.split("valid")} == {c.speaker for c in source.split("valid")}
    with pytest.raises(ConfigError, match="share from 0 to below 1, got 1"):
        perform(corpus, tmp_path / "none", validation=1)


def test_splits_share_neither_speakers_nor_performers(corpus, tmp_path):
    made = perform(corpus, tmp_path / "out", takes=2, cast=6)
    sides = {split: made.split(split) for split in ("train", "valid")}
    assert all(len(side) for side in sides.values())
    for field in ("speaker", "performer"):
        assert not {getattr(c, field) for c in sides["train"]} & {getattr(c, field) for c in sides["valid"]}


def test_a_performer_in_two_splits_is_refused(tmp_path):
    writer = CorpusWriter(tmp_path)
    for speaker, split in (("ann", "train"), ("bob", "test")):
        clip = CorpusClip(speaker, 0.1, speaker, split=split, performer="eve")
        writer.add(clip, np.zeros(1600, np.float32), ())
    with pytest.raises(CorpusError, match="performer eve stands in two splits, train and test"):
        read_corpus(tmp_path)


def test_a_seed_makes_the_same_takes_in_any_order_of_work(corpus, tmp_path):
    whole = perform(corpus, tmp_path / "whole", takes=2, cast=6)
    perform(corpus, tmp_path / "half", takes=1, cast=6)
    manifest = tmp_path / "half" / "clips.jsonl"
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    manifest.write_text("".join(lines[:3]) + lines[3][:30], "utf-8")  # stopped in the middle of a line
    half = {c.id: c for c in perform(corpus, tmp_path / "half", takes=2, cast=6)}
    assert half.keys() == {c.id for c in whole}
    for clip in whole:
        assert np.array_equal(clip.motion().values, half[clip.id].motion().values)
        assert clip == half[clip.id]
    other = perform(corpus, tmp_path / "other", takes=2, cast=6, seed=1)
    assert not np.array_equal(other.clips[0].motion().values, whole.clips[0].motion().values)


def test_a_shared_sound_is_encoded_once(corpus, tmp_path):
    made = perform(corpus, tmp_path / "out", takes=3, cast=6)
    tracks = Tracks(open_representation("mel"), False, tmp_path / "tracks")
    for clip in made:
        tracks[clip]
    assert len(list(tracks.folder.iterdir())) == 6


def test_a_disk_without_links_copies(corpus, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    made = perform(corpus, tmp_path / "out", takes=2, cast=6)
    assert not made.clips[0].audio.samefile(read_corpus(corpus).clips[0].audio)
    assert np.array_equal(made.clips[0].samples(), read_corpus(corpus).clips[0].samples())


def test_clips_without_phones_are_passed_over(tmp_path):
    writer = CorpusWriter(tmp_path / "in")
    writer.add(CorpusClip("mute", 0.5, "ann", labels="none"), np.zeros(8000, np.float32), ())
    with pytest.raises(CorpusError, match="no clip with phones"):
        perform(tmp_path / "in", tmp_path / "out")
    with pytest.raises(ConfigError, match="at least one take"):
        perform(tmp_path / "in", tmp_path / "out", takes=0)


def test_the_command(corpus, tmp_path, capsys):
    assert main(["corpus", "perform", str(corpus), "-o", str(tmp_path / "out"), "--takes", "2", "--cast", "4"]) == 0
    assert "12 clips" in capsys.readouterr().err
    assert len(read_corpus(tmp_path / "out")) == 12


def test_speakers_may_be_shared_as_their_corpus_has_it(tmp_path):
    writer = CorpusWriter(tmp_path / "own", CorpusInfo(shared_speakers=True))
    for name, split in (("a", "train"), ("b", "test")):
        clip = CorpusClip(name, 0.5, "ann", split=split, labels="exact")
        writer.add(clip, np.zeros(8000, np.float32), [Span("ɑ", 0.0, 0.5)])
    for _ in range(2):
        made = perform(tmp_path / "own", tmp_path / "performed", takes=1, cast=1)
        assert made.about.shared_speakers and {c.split for c in made} == {"train", "test"}
