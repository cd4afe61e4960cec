from dataclasses import replace

import numpy as np
import pytest

from utterface.errors import ConfigError, CorpusError
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.studies.runs import reference
from utterface.lab.studies.sounds import Sound, keep_apart
from utterface.lab.studies.store import Folder
from utterface.lab.studies.thunder.material import gather
from utterface.lab.systems.thunder import CHANNELS


def people(clips) -> set[str]:
    return {c.speaker for c in clips} | {c.performer for c in clips}


def flat(sounds: tuple[Sound, ...]) -> list:
    return [clip for sound in sounds for clip in sound.performances]


def test_no_speaker_or_performer_is_in_two_splits(material):
    assert len(material.train) == 8 and len(material.valid) == len(material.test) == 2
    parts = [people(part) for part in (material.train, flat(material.valid), flat(material.test))]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    assert [(row.split, row.clips) for row in material.sources] == [("train", 8), ("valid", 4), ("test", 4)]
    assert {row.faces for row in material.sources} == {"performed"}  # nobody was captured


def test_a_sound_has_all_its_performances(material):
    for sound in material.test:
        first, other = sound.performances
        assert np.array_equal(first.samples(), other.samples()) and first.performer != other.performer
        motions = [reference(clip, CHANNELS).values for clip in sound.performances]
        assert not np.array_equal(*motions)


def test_gathering_again_finds_the_same_clips(material, size, performed, folder):
    assert gather(size, [performed], None, folder) == material
    asked = replace(size, judged=1, performances=1, clips=2)
    fewer = gather(asked, [performed], None, Folder(folder.root / "other"))
    one, other = fewer.train
    assert np.array_equal(one.samples(), other.samples()) and one.performer != other.performer
    assert [len(s.performances) for s in fewer.test] == [1] and fewer.test[0].clip == material.test[0].clip


def test_corpora_that_do_not_fit_are_refused(size, performed, folder, tmp_path):
    with pytest.raises(ConfigError, match="corpus perform makes some"):
        gather(size, [], None, folder)
    with pytest.raises(CorpusError, match="has no face to train on"):
        gather(size, [performed.parent / "voices"], None, folder)
    with pytest.raises(CorpusError, match="no training clips in 'cs'"):
        gather(replace(size, language="cs"), [performed], None, folder)
    writer = CorpusWriter(tmp_path / "one")
    clip = read_corpus(performed).split("train").clips[0]
    writer.add(clip, clip.audio, clip.phones(), clip.motion())
    with pytest.raises(CorpusError, match="no clips of validation speakers"):
        gather(size, [tmp_path / "one"], None, Folder(tmp_path / "s"))
    writer = CorpusWriter(tmp_path / "other")
    writer.add(replace(clip, split="valid"), clip.audio, clip.phones(), clip.motion())
    with pytest.raises(ConfigError, match=r"(speaker|performer) \S+ of other is in train and in valid"):
        gather(replace(size, chosen=9), [performed, tmp_path / "other"], None, Folder(tmp_path / "r"))


def test_only_a_corpus_that_shares_speakers_may(tmp_path):
    clips = {split: CorpusClip("a", 1.0, "ann", split=split, performer=f"p_{split}") for split in ("train", "test")}
    parts = {split: [("one", clip)] for split, clip in clips.items()}
    keep_apart(parts, {"one"})
    with pytest.raises(ConfigError, match="speaker ann of one is in train and in test"):
        keep_apart(parts, {"other"})
