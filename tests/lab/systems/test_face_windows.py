"""Windows of a face system: what the engine would give, and at any frame rate."""

import numpy as np
import pytest
import torch

from utterface.engines import Request
from utterface.engines.windowed import WindowedAnimator, join, windows
from utterface.errors import ConfigError
from utterface.lab.systems.face_windows import FaceWindow, takes
from utterface.lab.systems.thunder import CHANNELS, make
from utterface.motion import join as joined


def sound(seconds: float) -> np.ndarray:
    return (0.1 * np.random.default_rng(0).standard_normal(round(seconds * 16000))).astype(np.float32)


class InPlaceOfABundle:
    """A window of the lab as the engine runs a bundle's network."""

    def __init__(self, face) -> None:
        self.window = FaceWindow(face, exported=False).eval()
        self.config = self.window.config(face, "lab")

    def predict(self, samples, noise=None, conditions=None):
        inputs = (samples, noise, *(conditions or {}).values())
        with torch.inference_mode():
            return self.window(*(torch.from_numpy(values) for values in inputs)).numpy()


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0, 2.37])
def test_takes_are_those_of_the_engine(thunder, seconds):
    face = make(thunder("sampling.sampler=renoise")).face
    (take,) = takes(face, sound(seconds), [5])
    face.network.eval()
    animator = WindowedAnimator(InPlaceOfABundle(face), Request(seed=5))
    streamed = joined([animator.push(sound(seconds)[:5000]), animator.push(sound(seconds)[5000:]), animator.flush()])
    assert len(take) == len(streamed) >= seconds * 30 - 1e-6
    assert np.allclose(take.values, streamed.select(CHANNELS), atol=1e-5)


def test_windows_may_be_predicted_in_any_order(thunder):
    network = InPlaceOfABundle(make(thunder()).face)
    cut = windows(sound(1.5), network.config, 2)
    predictions = [network.predict(*window)[0] for window in reversed(cut)][::-1]
    animator = WindowedAnimator(network, Request(seed=2))
    streamed = joined([animator.push(sound(1.5)), animator.flush()])
    assert np.array_equal(join(predictions, network.config, len(sound(1.5))).values, streamed.values)


def test_windows_that_hold_no_whole_number_of_frames_are_refused(thunder):
    with pytest.raises(ConfigError, match="no whole number of frames at 24 Hz"):
        FaceWindow(make(thunder("data.frame_rate=24.0")).face)
