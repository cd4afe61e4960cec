import numpy as np
import pytest

from utterface.recognise.whisper.features import FRAMES, SAMPLES, mel_filters, whisper_mel


def test_filters_are_slaneys():
    audio = pytest.importorskip("transformers.audio_utils")
    expected = audio.mel_filter_bank(201, 80, 0.0, 8000.0, 16000, norm="slaney", mel_scale="slaney")
    assert np.abs(mel_filters(80) - expected).max() < 1e-6 and mel_filters(128).shape == (201, 128)


def test_a_tone_stands_in_its_band_at_its_time():
    t = np.arange(16_000) / 16_000
    sound = np.concatenate([np.zeros(16_000), 0.5 * np.sin(2 * np.pi * 1000 * t)]).astype(np.float32)
    mel = whisper_mel(sound)
    centres = mel_filters(80).argmax(0) * 40.0
    assert mel.shape == (80, FRAMES) and mel.dtype == np.float32
    assert abs(centres[mel[:, 150].argmax()] - 1000) < 60
    assert mel[:, 250].max() == mel[:, 50].max() == pytest.approx(mel.max() - 2)  # 80 dB down, in steps of 40


def test_what_follows_thirty_seconds_is_left_out():
    noise = np.random.default_rng(0).normal(0, 0.1, SAMPLES + 400).astype(np.float32)
    assert np.array_equal(whisper_mel(noise), whisper_mel(noise[:SAMPLES]))
