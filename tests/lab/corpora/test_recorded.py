"""Recordings become clips where alignment and recogniser agree; wrong words are left out, speakers keep one split."""

import numpy as np
import pytest
import soundfile

from utterface.align.alignment import Alignment
from utterface.errors import ConfigError
from utterface.lab.corpora import recorded
from utterface.lab.corpora.manifest import split_of
from utterface.lab.corpora.recorded import _Piece, add_recordings, agreement, confirmed, cut, list_recordings
from utterface.lab.corpora.writer import CorpusWriter
from utterface.phones import Span
from utterface.recognise import recognise
from utterface.speak import espeak, flite
from utterface.speak.contract import SpeakingManner, SyntheticUtterance

RIGHT, WRONG = "My brother moved the big piano yesterday.", "Seven thirsty giraffes chew excellent chalk."


@pytest.fixture(scope="module")
def spoken() -> SyntheticUtterance:
    for engine, part in ((flite, "slt"), (espeak, "en-us+m1")):
        for voice in engine.voices():
            if part in voice.name and (said := engine.speak(voice, [(RIGHT, SpeakingManner())])[0]):
                return said
    pytest.skip("no speech engine is installed")


def test_right_words_are_kept_and_wrong_ones_left_out(tmp_path, spoken):
    for name, text in (("ann-1", RIGHT), ("bob-1", WRONG)):
        soundfile.write(tmp_path / f"{name}.wav", spoken.samples, 16_000)
        (tmp_path / f"{name}.txt").write_text(text)
    told = []
    corpus = add_recordings(list_recordings(tmp_path), tmp_path / "corpus", source="t", licence="x", report=told.append)
    (clip,) = corpus.clips
    assert (clip.speaker, clip.labels, clip.split) == ("ann", "aligned", split_of("ann"))
    assert "brother moved" in clip.text and 0.5 <= clip.confidence <= 1
    assert len(told) == 1 and told[0].startswith("bob-1.wav: left out")
    labels = {p.label for p in clip.phones()}
    assert {"m", "b", "p"} <= labels
    again = add_recordings(list_recordings(tmp_path)[:1], tmp_path / "corpus", source="t")
    assert len(again) == 1  # done already


def test_a_recording_stopped_between_its_pieces_is_resumed(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "ann-1.wav", np.zeros(48_000), 16_000)
    soundfile.write(tmp_path / "bob-1.wav", np.zeros(16_000), 16_000)
    pieces = [
        _Piece(16_000 * n, 16_000 * (n + 1), "ah", [Span("ɑ", 0.0, 1.0)], [Span("ah", 0.0, 1.0)], "pseudo", 1.0)
        for n in range(3)
    ]
    kept = {True: pieces, False: pieces[:1]}
    monkeypatch.setattr(recorded, "_kept_pieces", lambda recording, **_: kept["ann" in recording.path.name])
    add, whole = CorpusWriter.add, tmp_path / "whole"

    def stopping(writer, clip, *rest, **more):
        if clip.id.endswith("-1"):
            raise KeyboardInterrupt
        add(writer, clip, *rest, **more)

    result = list_recordings(tmp_path)
    monkeypatch.setattr(CorpusWriter, "add", stopping)
    with pytest.raises(KeyboardInterrupt):
        add_recordings(result, tmp_path / "halves")
    monkeypatch.setattr(CorpusWriter, "add", add)
    straight, halves = add_recordings(result, whole), add_recordings(result, tmp_path / "halves")
    assert halves.clips == straight.clips and len(straight) == 4
    assert add_recordings(result, whole).clips == straight.clips


def test_two_processes_make_the_same_corpus(tmp_path, spoken):
    for name, text in (("ann-1", RIGHT), ("bob-1", WRONG), ("cid-1", RIGHT)):
        soundfile.write(tmp_path / f"{name}.wav", spoken.samples, 16_000)
        (tmp_path / f"{name}.txt").write_text(text)
    result, told, files = list_recordings(tmp_path), [], []
    for processes in (1, 2):
        folder, lines = tmp_path / f"by_{processes}", []
        add_recordings(result, folder, report=lines.append, processes=processes)
        files.append({p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()})
        told.append(lines)
    assert files[0] == files[1] and len(files[0]) > 2
    assert told[0] == told[1] and len(told[0]) == 1


def test_recordings_to_judge_on_all_stand_in_one_split(tmp_path, spoken):
    for name in ("ann-1", "bob-1", "lea-1"):
        soundfile.write(tmp_path / f"{name}.wav", spoken.samples, 16_000)
        (tmp_path / f"{name}.txt").write_text(RIGHT)
    result = list_recordings(tmp_path)
    assert len({split_of(recording.speaker) for recording in result}) > 1
    assert {clip.split for clip in add_recordings(result, tmp_path / "corpus", split="test").clips} == {"test"}
    with pytest.raises(ConfigError, match=r"no split 'dev'.*train, valid, test"):
        add_recordings(result, tmp_path / "other", split="dev")


def test_the_recogniser_agrees_with_the_truth_alone(spoken):
    free = recognise(spoken.samples, "en-us", "phones")
    truth = Alignment((), spoken.phones, spoken.duration)
    shifted = Alignment((), tuple(cut(spoken.phones, 0.5, spoken.duration)), spoken.duration)
    right, wrong = (agreement(aligned, free).mean() for aligned in (truth, shifted))
    assert right > wrong + 0.3


def test_stretches_are_judged_one_by_one():
    phones = [Span("sil", 0, 0.5), Span("a", 0.5, 2.0), Span("sil", 2.0, 2.6), Span("a", 2.6, 4.0)]
    phones += [Span("sil", 4.0, 4.4), Span("a", 4.4, 6.0), Span("sil", 6.0, 8.0)]
    heard = Alignment((), tuple(phones), 8.0)
    same = np.ones(800, bool)
    assert list(confirmed(heard, same, 0.3)) == [(0.1, 6.4, 1.0)]
    same[270:390] = False  # the second stretch holds a word that is not there
    assert list(confirmed(heard, same, 0.1)) == [(0.1, 2.3, 1.0), (4.2, 6.4, 1.0)]
    assert list(confirmed(heard, ~same, 0.3)) == [(2.3, 4.2, pytest.approx(120 / 140, abs=0.01))]


def test_phones_are_cut_to_a_clock_of_their_own():
    phones = [Span("m", 0.0, 1.0), Span("a", 1.0, 2.0, 2), Span("p", 2.0, 3.0)]
    assert cut(phones, 0.5, 2.0) == [Span("m", 0.0, 0.5), Span("a", 0.5, 1.5, 2)]


def test_recordings_are_listed_with_their_texts(tmp_path):
    with pytest.raises(ConfigError, match="holds no recording"):
        list_recordings(tmp_path)
    with pytest.raises(ConfigError, match="is no folder"):
        list_recordings(tmp_path / "none")
    soundfile.write(tmp_path / "103-1.wav", np.zeros(1600), 16_000)
    assert list_recordings(tmp_path)[0].text is None and list_recordings(tmp_path)[0].speaker == "103"
    (tmp_path / "table.tsv").write_text("103-1.wav\tsaid so\n")
    (listed,) = list_recordings(tmp_path, tmp_path / "table.tsv", "kim")
    assert (listed.text, listed.speaker) == ("said so", "kim")


def test_a_recording_without_a_transcript_keeps_its_recognised_phones(tmp_path, spoken):
    soundfile.write(tmp_path / "ann-1.wav", spoken.samples, 16_000)
    (clip,) = add_recordings(list_recordings(tmp_path), tmp_path / "corpus").clips
    assert clip.labels == "pseudo" and not clip.text
    assert {"m", "b", "p"} <= {p.label for p in clip.phones()}
    assert clip.duration == pytest.approx(spoken.duration, abs=1.0)
