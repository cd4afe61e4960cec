"""Sound of media files that libsndfile does not read; made here by PyAV."""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.errors import AudioError, MissingExtra


def make(path: Path, codec: str, kind: str, seconds: float = 1.5) -> None:
    """A file with a click at 1 s; noise in the last second of a long one."""
    av = pytest.importorskip("av", reason="PyAV, the extra `media`, is not installed")
    sound = np.zeros((1, int(seconds * 48000)), np.float32)
    sound[0, 48000:48100] = 0.9
    if seconds > 5:
        sound[0, -48000:] = np.random.default_rng(0).uniform(-0.9, 0.9, 48000)
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(codec, rate=48000, layout="mono")
        for start in range(0, sound.shape[1], 960):
            piece = np.ascontiguousarray(sound[:, start : start + 960])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
            for convert in [av.AudioResampler(format=stream.format, layout="mono", rate=48000)]:
                for ready in convert.resample(frame):
                    container.mux(stream.encode(ready))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("codec", "kind"), [("aac", "mp4"), ("libopus", "webm"), ("aac", "adts"), ("libopus", "matroska")]
)
def test_a_click_keeps_its_place_whatever_the_file_is_called(tmp_path: Path, codec: str, kind: str) -> None:
    make(tmp_path / "x.wav", codec, kind)
    samples = speech.read(tmp_path / "x.wav").samples
    assert len(samples) / 16000 == pytest.approx(1.5, abs=0.08)
    assert np.abs(samples).argmax() / 16000 == pytest.approx(1.0, abs=0.05)


def test_a_media_file_cut_short(tmp_path: Path) -> None:
    make(tmp_path / "x.m4a", "aac", "mp4")
    whole = (tmp_path / "x.m4a").read_bytes()
    (tmp_path / "x.m4a").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioError, match=r"x\.m4a .*cut short"):
        speech.read(tmp_path / "x.m4a")


@pytest.mark.parametrize(("codec", "kind"), [("libopus", "webm"), ("aac", "adts")])
def test_what_is_there_of_a_file_cut_short_is_read_where_that_is_allowed(tmp_path: Path, codec: str, kind: str) -> None:
    make(tmp_path / "x", codec, kind)
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioError, match="x is cut short"):
        speech.read(tmp_path / "x")
    assert 0.3 < speech.read(tmp_path / "x", allow_truncated=True).duration < 1.3


def test_a_length_that_is_guessed_from_the_bit_rate_refuses_no_whole_file(tmp_path: Path) -> None:
    make(tmp_path / "x.aac", "aac", "adts", 20.0)  # silence at first: the guess is many times too long
    assert speech.read(tmp_path / "x.aac").duration == pytest.approx(20.0, abs=0.08)


def test_without_the_extra_the_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "x.wav").write_bytes(b"\0\0\0\x1cftypM4A \0\0\2\0" + bytes(1000))
    with pytest.raises(MissingExtra, match=r"x\.wav is an MP4 file .*pip install 'utterface\[media\]'"):
        speech.read(tmp_path / "x.wav")


def test_whether_media_files_are_read_is_whether_pyav_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from utterface.speech.media import reads_media

    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr("utterface.speech.media.find_spec", lambda name: None if name == "av" else object())
    assert not reads_media()
    monkeypatch.setattr("utterface.speech.media.find_spec", lambda name: object() if name == "av" else None)
    assert reads_media()
