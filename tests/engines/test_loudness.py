import numpy as np
import pytest

from utterface.engines.loudness import Loudness


def syllables(peak_db: float) -> np.ndarray:
    """Two seconds of noise that comes and goes."""
    gain = np.repeat(np.where(np.arange(20) % 2, 0.02, 1.0), 1600)
    return (10 ** (peak_db / 20) * gain * np.random.default_rng(0).standard_normal(32_000)).astype(np.float32)


def loudness(*blocks: np.ndarray) -> Loudness:
    stream = Loudness()
    for block in blocks:
        stream.push(block)
    return stream


def test_quiet_speech_is_amplified_and_only_that() -> None:
    assert not loudness(syllables(-20)).is_faint
    quiet = loudness(*np.array_split(syllables(-65), 7))
    assert quiet.is_faint
    assert 20 * np.log10(quiet.gain() or 1) == pytest.approx(40, abs=2)


@pytest.mark.parametrize("sound", [np.zeros(32_000), np.zeros(0), 1e-3 * np.ones(32_000), 1e-5 * np.eye(1, 32_000)[0]])
def test_silence_and_steady_sound_hold_no_speech(sound: np.ndarray) -> None:
    stream = loudness(sound.astype(np.float32))
    assert stream.is_faint
    assert stream.gain() is None
