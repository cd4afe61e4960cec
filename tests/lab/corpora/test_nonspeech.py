"""Sounds without speech: bounded, seeded, of the length asked for."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the lab extra is not installed")

from utterface.lab.corpora.nonspeech import KINDS, coloured, nonspeech


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 40, 20_000])
def test_every_kind_fills_any_length(kind, count):
    samples = nonspeech(kind, count, np.random.default_rng(3))
    assert samples.shape == (count,) and samples.dtype == np.float32
    assert np.isfinite(samples).all() and np.abs(samples).max(initial=0) <= 1
    assert np.array_equal(samples, nonspeech(kind, count, np.random.default_rng(3)))
    if count > 1000:
        assert (np.abs(samples).max() > 0.99) == (kind != "silence")


def test_noise_has_the_slope_requested():
    spectrum = np.abs(np.fft.rfft(coloured(160_000, np.random.default_rng(0), slope=-2.0))) ** 2
    low, high = spectrum[1000:2000].mean(), spectrum[10_000:20_000].mean()  # a decade apart
    assert 10 * np.log10(low / high) == pytest.approx(20, abs=1.5)
