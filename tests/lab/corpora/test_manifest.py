"""The form on disk: what goes in comes out, half-written clips do not count, damage is refused by name."""

import io
import json

import numpy as np
import pytest
import soundfile

from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import CorpusClip, CorpusWriter, encode_flac, read_corpus, split_of
from utterface.motion import Motion
from utterface.phones import Span

PHONES = (Span("sil", 0.0, 0.2), Span("m", 0.2, 0.3), Span("ɑ", 0.3, 0.55, 2), Span("tʃ", 0.55, 1.0))


def tone(duration: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(np.arange(round(16000 * duration)) * 0.05)).astype(np.float32)


def clip(name: str = "one", **changes) -> CorpusClip:
    return CorpusClip(**({"id": name, "duration": 1.0, "speaker": "ann", "text": "Mach’s gut"} | changes))


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


def test_a_clip_without_motion_has_none(tmp_path):
    assert CorpusWriter(tmp_path).add(clip(), tone(), PHONES).motion() is None


def test_writing_goes_on_after_a_stop_in_the_middle_of_a_line(tmp_path):
    CorpusWriter(tmp_path).add(clip("one"), tone(), PHONES)
    with (tmp_path / "clips.jsonl").open("a") as file:
        file.write('{"id": "two", "dura')
    assert [c.id for c in read_corpus(tmp_path)] == ["one"]
    writer = CorpusWriter(tmp_path)
    assert "one" in writer and "two" not in writer
    writer.add(clip("two"), tone(), PHONES)
    assert [c.id for c in read_corpus(tmp_path)] == ["one", "two"]


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


def test_full_scale_and_what_lies_beyond_it_keep_their_sign_as_flac():
    pcm, _ = soundfile.read(io.BytesIO(encode_flac(np.array([1.0, -1.0, 3.0, -3.0, 0.5]))), dtype="int16")
    assert pcm.tolist() == [32767, -32767, 32767, -32767, 16384]
