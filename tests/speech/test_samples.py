import numpy as np
import pytest

from utterface import speech
from utterface.errors import AudioError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((100, 2)), "mono"),
        (np.array([0, np.nan]), "NaN"),
        (np.array([0, 31204.0]), "peak of 31204; divide by 32768"),
        (np.zeros(100, np.int32), "float .* or int16, got int32"),
        (b"\0\0" * 100, r"got bytes; use np\.frombuffer\(data, np\.int16\)"),
    ],
)
def test_arrays_that_are_no_samples_say_how_to_mend_them(given: object, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        speech.Speech(given)  # type: ignore[arg-type]


def test_sixteen_bit_samples_are_scaled() -> None:
    assert speech.samples_of(np.array([-32768, 16384], np.int16)).tolist() == [-1.0, 0.5]


def test_arrays_at_another_rate() -> None:
    times = np.arange(24000) / 24000
    got = speech.resampled(np.sin(2 * np.pi * 440 * times), 24000)
    assert len(got) == 16000
    assert np.allclose(got[800:-800], np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)[800:-800], atol=2e-4)
    with pytest.raises(AudioError, match="4000 to 768000 Hz, got 24"):
        speech.resampled(np.zeros(100), 24)
