import numpy as np
import pytest

from utterface import speech


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
