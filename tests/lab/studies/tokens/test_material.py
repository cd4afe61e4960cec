import shutil
from dataclasses import replace

import numpy as np
import pytest

from utterface.errors import ConfigError, CorpusError
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.studies.clips import Recordings
from utterface.lab.studies.store import Folder
from utterface.lab.studies.tokens.material import gather
from utterface.phones import Span
from utterface.speak import espeak


def speakers(clips) -> set[str]:
    return {c.speaker for c in clips}


def test_no_speaker_is_in_two_splits(material):
    assert len(material.train) == 6 and len(material.test) == 3 and len(material.probed) == 4
    assert not speakers(material.train) & speakers(material.probed)
    assert set(material.test) <= set(material.probed)
    assert len(speakers(material.test)) == 2  # one speaker after another
    assert {c.split for c in material.train} == {"train"} and {c.split for c in material.probed} == {"test"}


def test_sources_are_named_for_what_they_are(material):
    learned, judged = material.sources
    assert (learned.corpus, learned.split, learned.clips, learned.faces) == ("toy", "train", 6, "articulatory")
    assert judged.split == "test" and judged.phones == "exact"


def test_gathering_again_finds_the_same_clips(material, size, toy, folder, tmp_path):
    assert gather(size, [toy], None, folder, tmp_path / "voices") == material


def test_a_folder_of_other_clips_is_refused(material, size, toy, folder, tmp_path):
    with pytest.raises(ConfigError, match="clips of another run"):
        gather(replace(size, clips=2), [toy], None, folder, tmp_path / "voices")


def test_small_corpora_give_all_they_have_and_large_ones_the_rest(size, toy, tmp_path):
    writer = CorpusWriter(tmp_path / "one")
    writer.add(CorpusClip("x", 1.0, "somebody"), np.zeros(16000, np.float32), [Span("ɑ", 0.0, 1.0)])
    result = gather(replace(size, clips=4), [toy, tmp_path / "one"], None, Folder(tmp_path / "r"), tmp_path / "voices")
    assert [c.id.split(".")[0] for c in result.train] == ["one", "toy", "toy", "toy"]


def test_only_the_language_of_the_size_is_taken(size, toy, tmp_path):
    with pytest.raises(CorpusError, match="no training clips in 'cs'"):
        gather(replace(size, language="cs", judged=0), [toy], None, Folder(tmp_path / "r"), tmp_path / "voices")


@pytest.mark.skipif(not espeak.voices(), reason="espeakng-loader is not installed")
def test_synthetic_speech_is_made_without_corpora(size, tmp_path):
    little = replace(size, hours=0.004, test_hours=0.004, judged=2, longest=20.0)
    told = []
    result = gather(little, [], None, Folder(tmp_path / "r"), tmp_path / "voices", tell=told.append)
    assert [row.corpus for row in result.sources] == ["made", "made_test"]
    assert {c.language.split("-")[0] for c in (*result.train, *result.test)} == {"en"}
    assert not speakers(result.train) & speakers(result.test)
    assert any("synthetic test speech" in line for line in told)


def test_recordings_that_do_not_align_leave_nothing_to_judge(size, toy, folder, tmp_path):
    import soundfile

    soundfile.write(tmp_path / "a.wav", np.zeros(16000, np.float32), 16000)
    (tmp_path / "clips.tsv").write_text("a.wav\tzzyzxgrmpf\n")
    with pytest.raises(ConfigError, match="no recording in"):
        gather(size, [toy], Recordings(tmp_path, tmp_path / "clips.tsv"), folder, tmp_path / "voices")


def test_recordings_are_aligned_once(size, toy, folder, tmp_path, takes):
    line = (takes / "takes.tsv").read_text().splitlines()[0]
    (tmp_path / "real").mkdir()
    shutil.copy(takes / line.split("\t")[0], tmp_path / "real")
    (tmp_path / "real" / "clips.tsv").write_text(f"{line}\n")
    spoken, lines = Recordings(tmp_path / "real", tmp_path / "real" / "clips.tsv"), []
    first = gather(size, [toy], spoken, folder, tmp_path / "voices", tell=lines.append)
    again = gather(size, [toy], spoken, folder, tmp_path / "voices", tell=lines.append)
    assert first.spoken == again.spoken and len(first.spoken) == 1
    assert sum(line.startswith("aligning") for line in lines) == 1
    assert any(p.label in "pbm" for p in first.spoken[0].phones())
    assert first.sources[-1].split == "test, lips only"
    assert first.spoken[0] not in first.train
