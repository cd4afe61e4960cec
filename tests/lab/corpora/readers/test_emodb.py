import numpy as np
import pytest
import soundfile

from utterface.errors import CorpusError
from utterface.lab.corpora.captured import import_captured
from utterface.lab.corpora.readers.emodb import HELD_OUT, READER


def folder_of(tmp_path, *names):
    folder = tmp_path / "emodb"
    folder.mkdir()
    for name in names:
        soundfile.write(folder / f"{name}.wav", np.zeros(16_000, np.float32), 16_000)
    return folder


def test_names_say_speaker_sentence_and_emotion(tmp_path):
    folder = folder_of(tmp_path, "03a01Fa", "11a07Nb", "03a01La", "notes")
    corpus = import_captured("emodb", folder, tmp_path / "out")
    assert [(c.id, c.speaker, c.emotion, c.intensity, c.split) for c in corpus] == [
        ("03a01Fa", "emodb-03", "joy", 1.0, "train"),
        ("11a07Nb", "emodb-11", "neutral", 0.0, "test"),
    ]
    assert corpus.clips[0].text.startswith("Der Lappen")
    assert corpus.clips[0].motion() is None


def test_held_out_sentences_are_not_trained_on(tmp_path):
    sentence = HELD_OUT[0]
    folder = folder_of(tmp_path, f"03{sentence}Fa", f"11{sentence}Fa", "03a01Fa", "11a01Fa")
    corpus = import_captured("emodb", folder, tmp_path / "out", "lsf")
    assert {c.id: c.split for c in corpus} == {"03a01Fa": "train", f"11{sentence}Fa": "test"}


def test_another_folder_is_refused_in_one_line(tmp_path):
    with pytest.raises(CorpusError, match="expected recordings named like 03a01Fa"):
        list(READER.read(folder_of(tmp_path, "hello"), READER.split(), (), print))
