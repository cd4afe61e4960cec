import io
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from utterface import speech, timing
from utterface.errors import AudioError

FORMATS = [
    ("wav", "PCM_U8"), ("wav", "PCM_16"), ("wav", "PCM_24"), ("wav", "PCM_32"), ("wav", "FLOAT"), ("wav", "DOUBLE"),
    ("flac", "PCM_16"), ("flac", "PCM_24"), ("ogg", "VORBIS"), ("ogg", "OPUS"), ("mp3", "MPEG_LAYER_III"),
    ("aiff", "PCM_16"),
]  # fmt: skip
RATES = {"OPUS": (8000, 24000, 48000), "MPEG_LAYER_III": (16000, 22050, 44100, 48000), "VORBIS": (8000, 22050, 48000)}


def tone(duration: float, rate: int = 16000, pitch: float = 220.0) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * pitch * np.arange(int(duration * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize(("suffix", "subtype"), FORMATS)
def test_a_click_keeps_its_place_in_every_format(tmp_path: Path, suffix: str, subtype: str) -> None:
    for rate in RATES.get(subtype, (8000, 16000, 22050, 44100, 192000)):
        sound = np.zeros((int(1.5 * rate), 2), np.float32)
        for moment in (0.4, 1.1):
            sound[int(moment * rate) : int(moment * rate) + max(1, rate // 4000)] = 0.9
        soundfile.write(tmp_path / f"c.{suffix}", sound, rate, subtype=subtype)
        samples = speech.read(tmp_path / f"c.{suffix}").samples
        assert len(samples) == pytest.approx(24000, abs=1)
        loud = np.abs(samples)
        for moment in (0.4, 1.1):
            near = slice(int(16000 * (moment - 0.2)), int(16000 * (moment + 0.2)))
            assert abs((near.start + loud[near].argmax()) / 16000 - moment) < 0.002  # half a 60-fps frame is 8.3 ms


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_blocks_are_the_same_samples_whatever_their_size(tmp_path: Path, rate: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (int(9.3 * rate), 1)).astype(np.float32)
    soundfile.write(tmp_path / "n.wav", noise, rate, subtype="FLOAT")
    whole = speech.read(tmp_path / "n.wav")
    for seconds in (0.01, 0.7, 3.0, 100.0):
        parts = list(speech.blocks(tmp_path / "n.wav", seconds))
        assert {len(p) for p in parts[:-1]} <= {timing.sample_count(seconds)}
        assert np.array_equal(np.concatenate(parts), whole.samples)
    assert whole.samples.dtype == np.float32
    assert speech.duration(tmp_path / "n.wav") == pytest.approx(whole.duration, abs=1e-4)


def test_channels_are_averaged(tmp_path: Path) -> None:
    left, right = tone(0.5), tone(0.5, pitch=300)
    soundfile.write(tmp_path / "s.wav", np.stack([left, right, 0 * left], 1), 16000, subtype="FLOAT")
    assert np.allclose(speech.read(tmp_path / "s.wav").samples, (left + right) / 3, atol=1e-6)


def test_resampling_keeps_a_tone(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "t.wav", tone(1, 48000, 1000), 48000, subtype="FLOAT")
    got = speech.read(tmp_path / "t.wav").samples
    assert np.allclose(got[800:-800], tone(1, 16000, 1000)[800:-800], atol=2e-4)


def test_silence_is_valid(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "z.wav", np.zeros(16000), 16000)
    assert speech.read(tmp_path / "z.wav").duration == 1.0


def flac_bytes() -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.random.default_rng(0).normal(0, 0.1, 32000), 16000, format="FLAC")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"Hello, this is text.\n" * 100, "not sound"),
        (flac_bytes()[: len(flac_bytes()) // 2], "cut short"),
        (flac_bytes()[:-600], "cut short"),
        (flac_bytes()[:40], "not sound|cut short"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(content)
    with pytest.raises(AudioError, match=message) as caught:
        speech.read(bad)
    assert "\n" not in str(caught.value)


def test_bad_places_and_numbers(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no such file"):
        speech.read(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="folder"):
        speech.read(tmp_path)
    for value in (np.nan, np.inf, -np.inf):
        sound = tone(1)
        sound[8000] = value
        soundfile.write(tmp_path / "nan.wav", sound, 16000, subtype="FLOAT")
        with pytest.raises(AudioError, match=r"NaN or infinite.*0\.500 s"):
            speech.read(tmp_path / "nan.wav")
        with pytest.raises(AudioError, match="NaN"):
            speech.Speech(sound)
    for count, message in ((0, "no sound"), (800, "only 0.050 s")):
        soundfile.write(tmp_path / "short.wav", tone(1)[:count], 16000)
        with pytest.raises(AudioError, match=message):
            list(speech.blocks(tmp_path / "short.wav", 0.01))
    with pytest.raises(AudioError, match="mono"):
        speech.Speech(np.zeros((100, 2)))


def test_log_mel_by_hand() -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, 3333).astype(np.float32)
    mel = speech.log_mel(samples)
    assert mel.shape == (21, 80)
    assert mel.dtype == np.float32
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    cut = samples[1600 - 200 : 1600 + 200] * window  # frame 10 is the moment 0.1 s
    angles = np.exp(-2j * np.pi * np.outer(np.arange(257), np.arange(400)) / 512)
    by_hand = np.log(np.maximum(np.abs(angles @ cut) ** 2 @ speech.mel_matrix(), 1e-5))
    assert np.allclose(mel[10], by_hand, atol=1e-4)
    assert np.allclose(speech.log_mel(np.zeros(1600)), np.log(1e-5))
    assert (speech.mel_matrix().sum(0) > 0.3).all()


def test_log_mel_needs_its_window_and_no_more() -> None:
    samples = np.random.default_rng(2).normal(0, 0.1, 16000).astype(np.float32)
    part = speech.log_mel(samples[4800 - 320 : 8000 + 320])
    assert np.allclose(part[2:22], speech.log_mel(samples)[30:50], atol=1e-5)


@pytest.mark.parametrize("pitch", [75, 120, 220, 333, 450])
def test_pitch_of_a_buzz(pitch: float) -> None:
    times = np.arange(16000) / 16000
    buzz = 0.1 * sum(np.sin(2 * np.pi * k * pitch * times) / k for k in range(1, 9))
    track = speech.prosody(buzz + np.random.default_rng(0).normal(0, 0.003, 16000))
    assert np.median(np.abs(track.pitch[5:-5] - pitch)) < 0.01 * pitch
    assert (np.abs(track.pitch[5:-5] - pitch) < 0.05 * pitch).mean() > 0.95


def test_noise_has_no_pitch_and_energy_is_decibels() -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, 16000)
    track = speech.prosody(noise)
    assert (track.pitch > 0).mean() < 0.05
    assert np.median(track.energy) == pytest.approx(-20, abs=0.5)
    still = speech.prosody(np.zeros(1000))
    assert (still.energy == -80).all()
    assert not still.pitch.any()


def test_prosody_in_blocks_is_the_same() -> None:
    rng = np.random.default_rng(4)
    samples = (np.cumsum(rng.normal(0, 0.02, 48000)) % 0.5 - 0.25).astype(np.float32)
    whole = speech.prosody(samples)
    context = speech.PROSODY_CONTEXT + 80  # to the next whole frame
    part = speech.prosody(samples[16000 - context : 32000 + context])
    skip = context // 160
    assert np.array_equal(part.pitch[skip : skip + 100], whole.pitch[100:200])
    assert np.array_equal(part.energy[skip : skip + 100], whole.energy[100:200])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sound")
    with pytest.raises(AudioError, match="a pipe or a device"):
        speech.read(tmp_path / "sound")
