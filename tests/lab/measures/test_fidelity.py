import numpy as np
import pytest

from utterface import speech
from utterface.lab.measures import fidelity as module
from utterface.lab.measures.fidelity import FIDELITY, fidelity


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """Three seconds of syllables: a buzz of changing colour, pauses in between."""
    t, rng = np.arange(48000) / 16000, np.random.default_rng(0)
    buzz = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 30)) * np.sin(2 * np.pi * 2 * t).clip(0)
    return (0.1 * buzz + 1e-3 * rng.standard_normal(48000)).astype(np.float32)


def test_what_comes_back_whole_is_perfect(voice):
    result = fidelity(voice, voice)
    assert set(result) == set(FIDELITY)
    assert result["stoi"] == pytest.approx(1) and result["estoi"] == pytest.approx(1) and result["mel_error"] == 0


def test_every_figure_falls_with_noise(voice):
    noise = np.random.default_rng(1).standard_normal(len(voice)).astype(np.float32)
    clean, worse = (fidelity(voice, voice + np.float32(level) * noise) for level in (0.003, 0.1))
    assert clean["stoi"] > worse["stoi"] and clean["estoi"] > worse["estoi"]
    assert clean["mel_error"] < worse["mel_error"]
    if np.isfinite(clean["pesq_wb"]):
        assert clean["pesq_wb"] > worse["pesq_wb"]


def test_a_louder_copy_differs_by_the_logarithm_of_its_power(voice):
    loud = voice.max() * np.random.default_rng(2).standard_normal(len(voice)).astype(np.float32)
    assert speech.log_mel(loud).min() > -10  # nowhere at the floor
    assert fidelity(loud, 2 * loud)["mel_error"] == pytest.approx(np.log(4), rel=1e-3)


def test_without_the_package_pesq_is_no_number(voice, monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    assert np.isnan(fidelity(voice, voice)["pesq_wb"])
