"""Voices out of step in one pass of the network: each as by itself."""

import numpy as np
import pytest

from utterface import speech
from utterface.engines import Request
from utterface.engines.bundle import shipped
from utterface.engines.neural import NeuralAnimator
from utterface.engines.neural_voices import NeuralVoices

SOUND = (0.1 * np.random.default_rng(4).standard_normal(speech.SAMPLE_RATE)).astype(np.float32)


@pytest.mark.parametrize("rate", [25.0, 50.0, 60.0])
def test_a_slot_is_the_engine_by_itself(rate):
    """The second voice begins seven hops after the first and is cleared once; strengths differ."""
    folder = shipped()["animator"]
    voices, frames = NeuralVoices(folder, 1, rate), {3: [], 9: []}
    for slot, strength in ((3, 1.3), (9, 0.6)):
        voices.clear(slot, Request(frame_rate=rate, strength=strength))
    for hop in range(len(SOUND) // voices.hop):
        if hop == 7:
            voices.clear(9, Request(frame_rate=rate, strength=0.6))
            frames[9].clear()
        slots = np.array([3, 9])
        starts = np.array([hop, hop - 7 * (hop >= 7)]) * voices.hop
        of, times, values = voices.step(slots, SOUND[starts[:, None] + np.arange(voices.hop)])
        for slot, time, row in zip(of, times, values, strict=True):
            assert time == len(frames[slot]) / rate
            frames[slot].append(row)
    for slot, strength in ((3, 1.3), (9, 0.6)):
        expected = NeuralAnimator(folder, Request(frame_rate=rate, strength=strength)).push(SOUND).values
        assert len(frames[slot]) >= len(expected) - (0 if slot == 3 else 7 * rate / 50 + 1)
        np.testing.assert_allclose(np.stack(frames[slot]), expected[: len(frames[slot])], atol=1e-6)
