"""Sound at the speed of time, and raw sound as it comes."""

import io
import time

import numpy as np
import pytest

from utterface import speech
from utterface.errors import AudioError, ConfigError
from utterface.live.sources import from_file, from_stream, microphone, microphones


def test_a_file_comes_in_ticks_and_no_faster_than_it_was_spoken(takes):
    path = min(takes.glob("*.flac"), key=lambda path: path.stat().st_size)
    whole = speech.read(path).samples
    assert np.array_equal(np.concatenate(list(from_file(path, hurry=True))), whole)
    begun, count = time.monotonic(), 0
    for chunk in from_file(path):
        count += len(chunk)
        assert len(chunk) <= 320 and time.monotonic() - begun >= count / speech.SAMPLE_RATE - 1e-3
        if count > 8000:
            break


class Dribble(io.RawIOBase):
    """A pipe that gives one, two, three … bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.step = data, 0

    def read1(self, size: int = -1) -> bytes:
        self.step += 1
        part, self.data = self.data[: self.step], self.data[self.step :]
        return part


@pytest.mark.parametrize(("encoding", "kind"), [("s16", "<i2"), ("f32", "<f4")])
def test_pieces_of_samples_are_put_together(encoding, kind):
    samples = np.arange(-50, 50).astype(kind)
    assert np.array_equal(np.concatenate(list(from_stream(Dribble(samples.tobytes()), 16_000, encoding))), samples)


def test_a_stream_that_ends_within_a_sample():
    with pytest.raises(AudioError, match="within a sample"):
        list(from_stream(io.BytesIO(b"abc"), 16_000, "s16"))


def test_a_microphone_that_is_not_there(capfd):
    assert all(isinstance(name, str) for name in microphones())
    with pytest.raises(ConfigError, match="no microphone is called"), microphone("no such thing", 48_000):
        pass
    assert capfd.readouterr().err == ""
