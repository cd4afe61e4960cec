"""Corpora written clip by clip: what goes in comes out, half-written clips do not count."""

import io

import numpy as np
import pytest
import soundfile

from support.toy_speech import PHONES, clip, tone
from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.corpora.writer import CorpusWriter, encode_flac
from utterface.motion import Motion
from utterface.phones import Span


def test_a_clip_comes_back_as_it_went_in(tmp_path):
    motion = Motion(np.random.default_rng(0).random((50, 3)), ("jawOpen", "mouthClose", "x"), 50.0, 0.01)
    CorpusWriter(tmp_path).add(clip(language="de", labels="aligned", confidence=0.5), tone(), PHONES, motion)
    corpus = read_corpus(tmp_path)
    (back,) = corpus.clips
    assert (back.language, back.text, back.labels, back.confidence) == ("de", "Mach’s gut", "aligned", 0.5)
    assert np.abs(back.samples() - tone()).max() <= 1 / 32767
    assert back.phones() == PHONES
    assert back.motion().channels == motion.channels and back.motion().start == 0.01
    assert np.array_equal(back.motion().values, motion.values)
    assert corpus.hours == pytest.approx(1 / 3600) and corpus.speakers == ("ann",)


def test_timed_words_come_back_and_older_clips_have_none(tmp_path):
    writer, words = CorpusWriter(tmp_path), (Span("Mach’s", 0.2, 0.5), Span("gut", 0.6, 1.0))
    writer.add(clip(), tone(), PHONES, words=words)
    writer.add(clip("two"), tone(), PHONES)
    with_words, without = read_corpus(tmp_path)
    assert with_words.words() == words and without.words() == ()
    with pytest.raises(CorpusError, match=r"word gut at 0.600 to 1.200 s is out of order or beyond the sound"):
        writer.add(clip("three"), tone(), PHONES, words=(Span("gut", 0.6, 1.2),))


def test_writing_resumes_after_a_stop_in_the_middle_of_a_line(tmp_path):
    CorpusWriter(tmp_path).add(clip("one"), tone(), PHONES)
    with (tmp_path / "clips.jsonl").open("a") as file:
        file.write('{"id": "two", "dura')
    assert [c.id for c in read_corpus(tmp_path)] == ["one"]
    writer = CorpusWriter(tmp_path)
    assert "one" in writer and "two" not in writer
    writer.add(clip("two"), tone(), PHONES)
    assert [c.id for c in read_corpus(tmp_path)] == ["one", "two"]


@pytest.mark.parametrize(
    ("changes", "phones", "message"),
    [
        ({"id": "a/b"}, PHONES, "letters"),
        ({"split": "dev"}, PHONES, "split"),
        ({"labels": "guessed"}, PHONES, "labels"),
        ({"confidence": 1.5}, PHONES, "confidence"),
        ({}, (Span("AA", 0.0, 1.0),), "no IPA symbol"),
        ({}, (Span("m", 0.2, 0.4), Span("ɑ", 0.3, 0.5)), "out of order"),
        ({}, (Span("m", 0.2, 1.4),), "beyond the sound"),
    ],
)
def test_what_does_not_fit_is_refused_at_the_door(tmp_path, changes, phones, message):
    with pytest.raises(CorpusError, match=message):
        CorpusWriter(tmp_path).add(clip(**changes), tone(), phones)
    assert len(read_corpus(tmp_path)) == 0


def test_an_id_is_given_once(tmp_path):
    writer = CorpusWriter(tmp_path)
    writer.add(clip(), tone(), PHONES)
    with pytest.raises(CorpusError, match="already there"):
        writer.add(clip(), tone(), PHONES)


def test_full_scale_and_what_lies_beyond_it_keep_their_sign_as_flac():
    pcm, _ = soundfile.read(io.BytesIO(encode_flac(np.array([1.0, -1.0, 3.0, -3.0, 0.5]))), dtype="int16")
    assert pcm.tolist() == [32767, -32767, 32767, -32767, 16384]
