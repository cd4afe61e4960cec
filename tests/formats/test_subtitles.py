"""Subtitles as FFmpeg's decoders, and our own reader of transcripts, read them."""

from dataclasses import replace

import pytest

from utterface.clip import Clip
from utterface.errors import OutputError
from utterface.formats import subtitles
from utterface.formats.subtitles import LINE, cues_of, written
from utterface.motion import rest
from utterface.phones import Span
from utterface.text.transcripts import read_transcript

TEXT = "“Well,” said Dr. O'Neill – 12 cats & <dogs> can't   wait!  They left at 3:15."
SPOKEN = "well said doctor o'neill twelve cats and dogs can't wait they left at three fifteen".split()


def words(spoken: list[str], step: float = 0.25) -> tuple[Span, ...]:
    return tuple(Span(word, i * step, (i + 1) * step) for i, word in enumerate(spoken))


@pytest.fixture
def said() -> Clip:
    return Clip(rest(300), duration=5.0, text=TEXT, words=words(SPOKEN))


def test_words_are_written_as_in_the_transcript(said):
    units = written(said.text, said.words)
    assert " ".join(unit.label for unit in units) == " ".join(TEXT.split())
    assert [u.label for u in units][:4] == ["“Well,”", "said", "Dr.", "O'Neill –"]
    assert (units[2].start, units[2].end) == (0.5, 0.75)
    clock = units[-1]
    assert clock.label == "3:15." and (clock.start, clock.end) == (13 * 0.25, 15 * 0.25)


def test_words_that_were_not_written_stand_as_they_were_spoken():
    assert [u.label for u in written("Yes, no.", words(["yes", "well", "no"]))] == ["Yes,", "well", "no."]
    assert [u.label for u in written("Yes, never, no.", words(["yes", "no"]))] == ["Yes,", "no."]
    assert [u.label for u in written("", words(["yes", "no"]))] == ["yes", "no"]


def test_cues_break_at_sentences_and_pauses_and_stay_short(said):
    cues = cues_of(said)
    assert cues[0][-1].label == "wait!" and cues[-1][-1].label == "3:15."
    assert cues[-1][-1].end == pytest.approx(15 * 0.25 + subtitles.LINGER)
    paused = replace(said, text="", words=(Span("one", 0, 0.3), Span("two", 1.0, 1.3)))
    assert [[word.label for word in cue] for cue in cues_of(paused)] == [["one"], ["two"]]
    long = replace(said, text="", words=words(["word"] * 100, 0.2), duration=20.0)
    for cue in cues_of(long):
        lines = subtitles._wrapped([word.label for word in cue]).split("\n")
        assert len(lines) <= 2 and all(len(line) <= LINE for line in lines)
        assert cue[-1].end - cue[0].start <= subtitles.LONGEST + subtitles.LINGER


def test_srt(said, tmp_path):
    subtitles.write_srt(said, tmp_path / "a.srt")
    text = (tmp_path / "a.srt").read_text("utf-8")
    assert text.startswith("1\n00:00:00,000 --> 00:00:02,500\n“Well,” said Dr. O'Neill –\n")
    assert text.endswith("2\n00:00:02,500 --> 00:00:04,050\nThey left at 3:15.\n\n")


def test_vtt_times_each_word_and_escapes_what_would_be_markup(said, tmp_path):
    subtitles.write_vtt(said, tmp_path / "a.vtt")
    text = (tmp_path / "a.vtt").read_text("utf-8")
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:02.500\n“Well,” <00:00:00.250>said")
    assert "&amp;" in text and "&lt;dogs&gt;" in text


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_a_transcript_comes_back(said, tmp_path, kind):
    text = TEXT.replace("<dogs>", "dogs").replace("–", "")  # what looks like a tag or a turn is not read back
    replace(said, text=text).save(tmp_path / f"a.{kind}")
    assert read_transcript(tmp_path / f"a.{kind}").split() == text.split()


@pytest.mark.parametrize(("kind", "codec"), [("srt", "srt"), ("vtt", "webvtt")])
def test_ffmpeg_reads_the_cues(said, tmp_path, kind, codec):
    av = pytest.importorskip("av")
    said.save(tmp_path / f"a.{kind}")
    with av.open(str(tmp_path / f"a.{kind}")) as file:
        (stream,) = file.streams
        assert stream.codec_context.name == codec
        packets = [packet for packet in file.demux(stream) if packet.size]
    spans = [(float(p.pts * p.time_base), float((p.pts + p.duration) * p.time_base)) for p in packets]
    assert spans == [(0.0, 2.5), (2.5, 4.05)]


def test_a_clip_without_words_is_told_how_to_get_them(clip, tmp_path):
    with pytest.raises(OutputError, match="--text"):
        clip.save(tmp_path / "a.srt")
    assert not list(tmp_path.iterdir())
