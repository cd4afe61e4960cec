import numpy as np
import pytest

from utterface import speech
from utterface.engines.prosody import ProsodyStream


@pytest.mark.parametrize("size", [100, 163, 4000, 50_000])
def test_energy_and_pitch_do_not_depend_on_the_blocks(size):
    t = np.arange(37_600) / 16_000
    samples = (0.5 * np.sin(2 * np.pi * 140 * t) * np.clip(np.sin(2 * np.pi * t), 0, 1)).astype(np.float32)
    whole, stream = speech.prosody(samples), ProsodyStream()
    for start in range(0, len(samples), size):
        stream.push(samples[start : start + size])
    energy, pitch = stream.tracks()
    assert stream.count == len(samples)
    np.testing.assert_allclose(energy, whole.energy, atol=1e-4)
    np.testing.assert_allclose(pitch, whole.pitch, rtol=1e-4)
