"""Checks V1 and V2: videos as FFmpeg decodes them, their lengths, their sound, their alpha, and that both agree."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from utterface.clip import Clip
from utterface.errors import ConfigError, MissingExtra, OutputError
from utterface.formats import FORMATS, check
from utterface.motion import Motion
from utterface.rigs import head
from utterface.video.encode import Look, frames

av = pytest.importorskip("av")
SMALL = Look(128, 160)
OPENED = (0.2, 0.5)  # seconds at which the jaw opens and a click sounds


@pytest.fixture(scope="module")
def rig():
    """A head without hair, which is drawn in half the time."""
    whole = head()
    return replace(whole, parts=tuple(part for part in whole.parts if part.material not in ("hair", "lashes", "brows")))


@pytest.fixture(scope="module")
def clicks() -> Clip:
    """0.8 seconds: the jaw opens for three frames of 30 a second with every click."""
    frames, samples = np.zeros((24, 1)), np.zeros(12_800, np.float32)
    for moment in OPENED:
        at = round(moment * 30)
        frames[at : at + 3] = 0.9
        samples[round(moment * 16_000) :][:80] = 0.9
    return Clip(Motion(frames, ("jawOpen",), 30.0), duration=0.8, audio=samples)


def decoded(path: Path) -> tuple[list, np.ndarray, float]:
    """Frames, mono sound and its sample rate; both from their own first moment on."""
    with av.open(str(path)) as file:
        pictures = list(file.decode(video=0))
    with av.open(str(path)) as file:
        rate = file.streams.audio[0].rate
        pieces = [(float(f.pts * f.time_base), f.to_ndarray().mean(0)) for f in file.decode(audio=0)]
    sound = np.zeros(round((pieces[-1][0] + 0.1) * rate) + len(pieces[-1][1]), np.float32)
    for start, piece in pieces:
        at = round(start * rate)
        if at + len(piece) > 0:
            sound[max(at, 0) : at + len(piece)] = piece[max(-at, 0) :]
    return pictures, sound, rate


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_picture_and_sound_are_as_long_and_move_together(clicks, rig, tmp_path, kind):
    path = tmp_path / f"face.{kind}"
    clicks.save(path, rig=rig, look=SMALL)
    pictures, sound, rate = decoded(path)
    assert len(pictures) == 24 and (pictures[0].width, pictures[0].height) == (128, 160)
    with av.open(str(path)) as file:
        assert abs(file.duration / 1e6 - 0.8) <= 1 / 30
    loud = np.flatnonzero(np.abs(sound) > 0.2) / rate
    heard = loud[np.concatenate([[True], np.diff(loud) > 0.1])]
    mouth = np.stack([picture.to_ndarray(format="gray")[80:130, 40:88] for picture in pictures]).astype(float)
    moved = np.abs(mouth - mouth[0]).mean((1, 2)) > 2
    seen = [float(pictures[i].time) for i in np.flatnonzero(np.diff(moved.astype(int)) == 1) + 1]
    assert len(heard) == len(seen) == 2
    for moment, click, open_ in zip(OPENED, heard, seen, strict=True):
        assert abs(click - moment) < 1 / 30 and abs(open_ - moment) < 1 / 30


def test_a_transparent_webm_has_alpha_and_mp4_says_that_it_has_none(clicks, rig, tmp_path):
    short = replace(clicks, motion=replace(clicks.motion, values=clicks.motion.values[:3]), audio=None)
    short.save(tmp_path / "a.webm", rig=rig, look=replace(SMALL, background=None))
    decoder = av.codec.CodecContext.create("libvpx-vp9", "r")
    with av.open(str(tmp_path / "a.webm")) as file:
        assert [stream.type for stream in file.streams] == ["video"]
        packets = list(file.demux(file.streams.video[0]))
    pictures = [picture for packet in packets for picture in decoder.decode(packet)]
    alpha = pictures[0].to_ndarray(format="rgba")[:, :, 3]
    assert alpha[2, 2] == 0 and alpha[80, 64] == 255
    with pytest.raises(OutputError, match=r"MP4 has no transparency; write \.webm"):
        short.save(tmp_path / "a.mp4", rig=rig, look=replace(SMALL, background=None))
    assert not (tmp_path / "a.mp4").exists()


def test_the_sound_of_a_file_keeps_its_channels(clicks, rig, tmp_path):
    import soundfile

    stereo = np.stack([np.sin(np.arange(81_585) / 20), np.zeros(81_585)], 1)
    soundfile.write(tmp_path / "a.wav", 0.5 * stereo, 48_000)
    short = replace(clicks, motion=replace(clicks.motion, values=clicks.motion.values[:2]), audio=tmp_path / "a.wav")
    short.save(tmp_path / "a.mp4", rig=rig, look=SMALL)
    with av.open(str(tmp_path / "a.mp4")) as file:
        (stream,) = file.streams.audio
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("aac", 48_000, 2)
        left, right = np.concatenate([f.to_ndarray() for f in file.decode(stream)], 1)[:, 9600:48_000]
    assert left.std() > 0.3 and right.std() < 0.01


def test_the_background_and_progress(clicks, rig, tmp_path):
    told = []
    short = replace(clicks, motion=replace(clicks.motion, values=clicks.motion.values[:4]))
    short.save(
        tmp_path / "a.mp4", look=Look(64, 64, (0, 160, 60)), progress=lambda what, part: told.append((what, part))
    )
    assert told == [("drawing", 0.0), ("drawing", 0.25), ("drawing", 0.5), ("drawing", 0.75)]
    pictures, _, _ = decoded(tmp_path / "a.mp4")
    corner = pictures[0].to_ndarray(format="rgb24")[:4, :4].mean((0, 1))
    np.testing.assert_allclose(corner, (0, 160, 60), atol=12)


@pytest.mark.parametrize(
    ("size", "look"), [(None, (720, 720)), ("512", (512, 512)), ("1280x720", (1280, 720)), ("64X4096", (64, 4096))]
)
def test_sizes(size, look):
    assert (Look.of(size).width, Look.of(size).height) == look


@pytest.mark.parametrize("size", ["big", "511", "10", "8192", "x100", "100x200x300", "-720"])
def test_sizes_that_cannot_be(size):
    with pytest.raises(ConfigError, match="--size takes"):
        Look.of(size)


def test_without_opengl_numpy_draws_unless_gl_is_asked_for(rig, monkeypatch):
    monkeypatch.setitem(sys.modules, "moderngl", None)
    values = np.zeros((5, len(rig.channels)), np.float32)
    assert [picture.shape for picture in frames(values, rig, Look(64, 64))] == 5 * [(64, 64, 3)]
    with pytest.raises(ConfigError, match=r"needs moderngl: pip install 'utterface\[video\]'"):
        next(frames(values, rig, Look(64, 64, renderer="gl")))
    with pytest.raises(ConfigError, match="--renderer takes auto, gl, numpy, got 'vulkan'"):
        Look.of(renderer="vulkan")


def test_without_pyav_the_extra_is_named_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("utterface.formats.contract.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"\.mp4 files need the extra: pip install 'utterface\[video\]'"):
        check(tmp_path / "face.mp4")
    check(tmp_path / "face.csv")
    assert FORMATS["webm"].needs == "video"
