import numpy as np
import pytest
import soundfile

from utterface.errors import OutputError
from utterface.formats import save


def test_the_sound_keeps_its_samples_and_its_rate(clip, tmp_path):
    samples = (0.5 * np.sin(np.arange(24_000) / 20)).astype(np.float32)
    soundfile.write(tmp_path / "voice.wav", samples, 24_000, subtype="PCM_16")
    save(clip.with_audio(tmp_path / "voice.wav"), tmp_path / "out.wav")
    assert (tmp_path / "out.wav").read_bytes() == (tmp_path / "voice.wav").read_bytes()
    save(clip.with_audio(samples), tmp_path / "array.wav")
    back, rate = soundfile.read(tmp_path / "array.wav")
    assert rate == 16_000 and np.abs(back - samples).max() < 1e-4


def test_motion_without_sound_has_no_wave_file(clip, tmp_path):
    with pytest.raises(OutputError, match="no sound"):
        save(clip, tmp_path / "out.wav")
