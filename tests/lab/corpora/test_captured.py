"""Captured corpora in our form: what the readers give comes back from the folder, a stop in the middle is no harm."""

import numpy as np
import pytest
import soundfile

from lab.corpora.readers import folders
from utterface import speech
from utterface.cli import main
from utterface.errors import CorpusError
from utterface.lab.corpora.captured import import_captured
from utterface.lab.corpora.manifest import CorpusInfo, read_corpus
from utterface.lab.corpora.writer import CorpusWriter
from utterface.rigs.topology import TopologyRig

BIWI = {"F2_e01": "F2", "F2_e37": "F2", "M3_e33": "M3"}


def test_vertices_come_back_through_a_rig(tmp_path):
    source = folders.write_faceformer(tmp_path / "BIWI", BIWI)
    corpus = import_captured("biwi", source, tmp_path / "out")
    assert [(c.id, c.speaker, c.split) for c in corpus] == [
        ("F2_e01", "F2", "train"), ("F2_e37", "F2", "test"), ("M3_e33", "M3", "valid"),
    ]  # fmt: skip
    assert corpus.about == CorpusInfo("1/√(mesh area) of each frame", shared_speakers=True)
    clip = corpus.split("test").clips[0]
    rig = TopologyRig("BIWI", clip.template(), unit=corpus.about.unit)
    assert np.allclose(rig.vertices(clip.motion().values), folders.vertices("F2", 30), atol=1e-6)
    assert clip.motion().frame_rate == 25 and clip.identity() is None
    assert (clip.labels, clip.confidence, clip.phones(), len(clip.samples())) == ("none", 0.0, (), 16_000)


def test_phones_words_identity_and_emotion_come_along(tmp_path):
    source = folders.write_beat2(tmp_path / "beat2", {"1_wayne_0_103_103": "train"})
    (clip,) = import_captured("beat2", source, tmp_path / "out")
    assert [p.label for p in clip.phones()] == ["sil", "m", "æ", "p"] and clip.labels == "aligned"
    assert (clip.text, clip.emotion, clip.intensity, clip.source) == ("map", "fear", 1.0, "BEAT2")
    assert clip.identity().shape == (300,) and clip.template() is None
    assert read_corpus(tmp_path / "out").about == CorpusInfo("", True)


def test_a_stopped_import_resumes(tmp_path):
    source = folders.write_faceformer(tmp_path / "BIWI", BIWI)
    import_captured("biwi", source, tmp_path / "out")
    manifest = tmp_path / "out" / "clips.jsonl"
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    manifest.write_text(lines[0] + lines[1][:20], "utf-8")
    assert len(read_corpus(tmp_path / "out")) == 1
    assert [c.id for c in import_captured("biwi", source, tmp_path / "out")] == list(BIWI)
    assert manifest.read_text("utf-8") == "".join(lines)


def test_sound_and_motion_of_different_length_are_reported(tmp_path):
    source = folders.write_mead(tmp_path / "mead", ["M003_001_0_0"], frames=50)
    told: list[str] = []
    import_captured("3dmead", source, tmp_path / "out", report=told.append)
    assert told[0] == "M003_001_0_0: its sound is 1.00 s shorter than its motion"
    assert told[-1] == "3DMEAD: 1 train, 0 valid, 0 test"


def test_phones_are_recognised_where_the_corpus_has_none(tmp_path, takes):
    source = folders.write_mead(tmp_path / "mead", ["M003_001_0_0"])
    samples = speech.read(takes / "slt.flac").samples[: 3 * 16_000]
    soundfile.write(source / "wav" / "M003_001_0_0.wav", samples, 16_000)
    (clip,) = import_captured("3dmead", source, tmp_path / "out", listen=True)
    assert clip.labels == "pseudo" and 0.3 < clip.confidence <= 1
    assert sum(p.label != "sil" for p in clip.phones()) > 10 and clip.phones()[-1].end <= 3.0


def test_one_kind_of_corpus_a_folder(tmp_path):
    CorpusWriter(tmp_path / "out")
    source = folders.write_faceformer(tmp_path / "BIWI", BIWI)
    with pytest.raises(CorpusError, match="a corpus of another kind"):
        import_captured("biwi", source, tmp_path / "out")


def test_the_command_imports_or_says_in_one_line_why_not(tmp_path, capsys):
    source = folders.write_faceformer(tmp_path / "BIWI", BIWI)
    assert main(["corpus", "import", "biwi", str(source), "-o", str(tmp_path / "out")]) == 0
    assert "BIWI B3D(AC)2: 1 train, 1 valid, 1 test" in capsys.readouterr().err
    assert main(["corpus", "show", str(tmp_path / "out")]) == 0
    assert "3 clips" in capsys.readouterr().out
    for arguments, message in [
        (["grid", str(source)], "no reader 'grid'; there are vocaset"),
        (["biwi", str(tmp_path / "absent")], "absent is no folder"),
        (["biwi", str(source), "--split", "scantalk"], "holds no take of the split 'scantalk'"),
        (["vocaset", str(tmp_path)], "no complete VOCASET: data_verts.npy, raw_audio_fixed.pkl"),
    ]:
        assert main(["corpus", "import", *arguments, "-o", str(tmp_path / "other")]) == 2
        told = capsys.readouterr().err
        assert message in told and told.count("\n") == 1
