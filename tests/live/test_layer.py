"""Life over frames of voices as they come: the life of `life.live`, by the voice's own measure, whatever others do."""

import numpy as np

from utterface import life, speech
from utterface.articulation import express
from utterface.live.layer import LiveLayer
from utterface.motion import CHANNELS, Motion

SECONDS = 4


def voice_of(seed: int) -> np.ndarray:
    """(N,) a hum in phrases of a second."""
    times = np.arange(SECONDS * speech.SAMPLE_RATE) / speech.SAMPLE_RATE
    hum = np.sin(2 * np.pi * (150 + 40 * np.sin(times + seed)) * times) * (times % 1.5 < 1)
    return (0.2 * hum + 0.001 * np.random.default_rng(seed).standard_normal(len(times))).astype(np.float32)


def test_each_voice_has_the_life_that_its_sound_gives():
    layer, hop, delay = LiveLayer(3), 320, 10
    sounds = {0: voice_of(1), 2: voice_of(2)}
    layer.clear(0, parts=("head", "brows"))
    layer.clear(2, seed=7, emotions={"joy": 0.5})
    plain = np.zeros((1, len(CHANNELS)), np.float32)
    shown: dict[int, list[np.ndarray]] = {0: [], 2: []}
    for step in range(SECONDS * 50):
        present = np.array([0, 2] if step >= 20 else [2])
        at = np.where(present == 0, step - 20, step)
        layer.hear(present, np.stack([sounds[v][a * hop : (a + 1) * hop] for v, a in zip(present, at, strict=True)]))
        of, times = present[at >= delay], (at[at >= delay] - delay) / 50
        for voice, row in zip(of, layer.show(of, times, np.repeat(plain, len(of), 0)), strict=True):
            shown[voice].append(row)
    for voice, parts, given in ((0, ("head", "brows"), None), (2, life.PARTS, 7)):
        own, measured = life.SoundSeed(), speech.prosody(sounds[voice])
        own.push(sounds[voice])
        seed = own.seed if given is None else given
        motion = Motion(np.zeros((len(shown[voice]), len(CHANNELS))), frame_rate=50)
        if voice == 2:
            course = life.swell(motion.times, measured.energy, measured.pitch, seed)
            motion = express(motion, {"joy": 0.5}, course)
        expected = life.live(motion, measured.energy, measured.pitch, seed=seed, parts=parts, begin=own.begin)
        rested = round(own.begin * 50)
        np.testing.assert_allclose(np.stack(shown[voice])[rested:], expected.values[rested:], atol=1e-5)
        assert np.ptp(expected["headYaw"]) > 0.05
