import io
import sys
from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.cli.received import STDIN, received
from utterface.errors import AudioError, ConfigError

SAMPLES = np.round(8000 * np.sin(np.arange(24_000) / 20)).astype(np.int16)


def give(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        ("s16le@24000", SAMPLES.astype("<i2").tobytes()),
        ("S16BE@24000", SAMPLES.astype(">i2").tobytes()),
        ("s32le@24000", (SAMPLES.astype("<i4") * 65536).tobytes()),
        ("f32le@24000", (SAMPLES / 32768).astype("<f4").tobytes()),
        ("s16le@24000x2", np.repeat(SAMPLES, 2).astype("<i2").tobytes()),
        ("u8@24000", (SAMPLES / 256 + 128).astype(np.uint8).tobytes()),
    ],
)
def test_raw_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: str, data: bytes) -> None:
    give(monkeypatch, data)
    expected = speech.resampled(SAMPLES, 24_000)
    (tmp_path / "line.pcm").write_bytes(data)
    (tmp_path / "out").mkdir()
    for place in received([STDIN, tmp_path / "line.pcm"], raw, tmp_path / "out"):
        assert np.allclose(speech.read(place).samples, expected, atol=0.01)


def test_a_sound_file_comes_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, b"RIFF....")
    assert received([Path("a.wav"), Path("./-")], None, tmp_path) == [Path("a.wav"), tmp_path / "standard input"]
    assert (tmp_path / "standard input").read_bytes() == b"RIFF...."


def test_what_cannot_be_received(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, b"")
    with pytest.raises(AudioError, match="nothing came"):
        received([STDIN], None, tmp_path)
    with pytest.raises(AudioError, match="cannot read"):
        received([tmp_path / "none.pcm"], "u8@8000", tmp_path)
    for raw in ("s17le@24000", "s16le", "s16le@10", "s16le@24000x0"):
        with pytest.raises(ConfigError, match=r"--raw takes"):
            received([], raw, tmp_path)
