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


@pytest.mark.parametrize("rate", [3_999, 768_001])
def test_rates_that_no_recorder_has_are_refused(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "z.wav", np.zeros(rate), rate)
    with pytest.raises(AudioError, match=f"has {rate} samples a second; 4000 to 768000 are expected"):
        speech.read(tmp_path / "z.wav")


@pytest.mark.parametrize("rate", [4_000, 768_000])
def test_the_outermost_rates_are_read(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "z.wav", np.zeros(rate), rate)
    assert speech.read(tmp_path / "z.wav").duration == pytest.approx(1.0, abs=1e-3)


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
    for count, message in ((0, "no sound"), (800, "only 0.050 s")):
        soundfile.write(tmp_path / "short.wav", tone(1)[:count], 16000)
        with pytest.raises(AudioError, match=message):
            list(speech.blocks(tmp_path / "short.wav", 0.01))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sound")
    with pytest.raises(AudioError, match="a pipe or a device"):
        speech.read(tmp_path / "sound")


def test_channels_that_cancel_each_other_out(tmp_path: Path) -> None:
    """Antiphase stereo, as a wrong cable gives it; quieter on the right."""
    left = np.concatenate([np.zeros(16000, np.float32), tone(1.0)])
    soundfile.write(tmp_path / "a.wav", np.stack([left, -0.9 * left], 1), 16000, subtype="FLOAT")
    assert np.allclose(speech.read(tmp_path / "a.wav").samples, left, atol=1e-6)
    soundfile.write(tmp_path / "b.wav", np.stack([left, 0 * left, 0 * left], 1), 16000, subtype="FLOAT")
    assert np.allclose(speech.read(tmp_path / "b.wav").samples, left / 3, atol=1e-6)


def written(sound: np.ndarray, kind: str, subtype: str) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, 16000, format=kind, subtype=subtype)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("WAV", "PCM_16"), ("RF64", "PCM_16"), ("W64", "PCM_16"), ("AIFF", "PCM_16"), ("AU", "PCM_16"), ("CAF", "PCM_16"),
     ("OGG", "VORBIS"), ("OGG", "OPUS"), ("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III")],
)  # fmt: skip
def test_a_recording_cut_short_is_refused_unless_allowed(tmp_path: Path, kind: str, subtype: str) -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, 8 * 16000)
    whole = written(sound, kind, subtype)
    place = tmp_path / "cut.wav"
    place.write_bytes(whole)
    assert speech.read(place).duration == pytest.approx(8, abs=0.03)
    for share in (0.5, 0.85):
        place.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(AudioError, match=r"cut short or damaged: [1-7]\.\d\d (of [78]\.\d\d )?s can be read"):
            speech.read(place)
        got = speech.read(place, allow_truncated=True)
        assert got.duration == pytest.approx(8 * share, abs=1.5)
        assert speech.duration(place, allow_truncated=True) == got.duration


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFF000])
def test_a_streamed_wave_file_declares_no_length_and_is_whole(tmp_path: Path, size: int) -> None:
    whole = bytearray(written(tone(1), "WAV", "PCM_16"))
    at = whole.index(b"data") + 4
    whole[at : at + 4] = size.to_bytes(4, "little")
    (tmp_path / "s.wav").write_bytes(whole)
    assert np.allclose(speech.read(tmp_path / "s.wav").samples, tone(1), atol=1e-4)
    assert speech.duration(tmp_path / "s.wav") == 1.0


def test_a_streamed_core_audio_file_is_whole(tmp_path: Path) -> None:
    whole = bytearray(written(tone(1), "CAF", "PCM_16"))
    at = whole.index(b"data") + 4
    whole[at : at + 8] = b"\xff" * 8
    (tmp_path / "s.caf").write_bytes(whole)
    assert speech.read(tmp_path / "s.caf").duration == 1.0


def test_a_decoder_keeps_off_standard_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = written(tone(3), "MP3", "MPEG_LAYER_III")
    at = whole.index(b"Info") if b"Info" in whole else whole.index(b"Xing")
    odd = bytearray(whole)
    odd[at + 12 : at + 16] = (3 * len(whole)).to_bytes(4, "big")  # the header's count of bytes is wrong
    (tmp_path / "x.mp3").write_bytes(odd)
    assert speech.read(tmp_path / "x.mp3").duration == pytest.approx(3, abs=0.1)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix", reason="names are Unicode here")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    place = Path(os.fsdecode(os.fsencode(tmp_path) + b"/gr\xfc\xdfe.wav"))
    place.write_bytes(written(tone(1), "WAV", "PCM_16"))
    assert speech.read(place).duration == speech.duration(place) == 1.0


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.wav").write_bytes(b"RIFF")
    monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(AudioError, match="cannot be opened; check its permissions"):
        speech.read(tmp_path / "mine.wav")
