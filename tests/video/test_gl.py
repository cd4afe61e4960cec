"""Check V3: OpenGL, here by a driver that draws in software, shows what NumPy shows."""

import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from utterface.errors import ConfigError
from utterface.rigs import head
from utterface.video.encode import Look, frames
from utterface.video.gl import GlPainter, context

pytest.importorskip("moderngl")
try:
    context(any_driver=True).release()
except ConfigError as error:
    pytest.skip(f"no OpenGL here: {error}", allow_module_level=True)


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) of two pictures' brightness, in windows of 7 pixels."""
    x, y = (each[:, :, :3].mean(2) for each in (one.astype(float), other.astype(float)))
    mean_x, mean_y = uniform_filter(x, 7), uniform_filter(y, 7)
    spread = uniform_filter(x * x, 7) - mean_x**2 + uniform_filter(y * y, 7) - mean_y**2
    both = uniform_filter(x * y, 7) - mean_x * mean_y
    a, b = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(((2 * mean_x * mean_y + a) * (2 * both + b) / ((mean_x**2 + mean_y**2 + a) * (spread + b))).mean())


@pytest.fixture(scope="module")
def rig():
    return head()


@pytest.fixture(scope="module")
def poses(rig) -> np.ndarray:
    """The mouth wide open, and the head turned."""
    values = np.zeros((2, len(rig.channels)), np.float32)
    values[0, rig.channels.index("jawOpen")] = 0.7
    values[1, rig.channels.index("headYaw")] = 0.3
    return values


@pytest.mark.parametrize("background", [(200, 204, 210), None])
def test_opengl_shows_what_numpy_shows(rig, poses, background):
    by_gl, by_numpy = (list(frames(poses, rig, Look(320, 384, background, name))) for name in ("gl", "numpy"))
    for one, other in zip(by_gl, by_numpy, strict=True):
        assert one.shape == other.shape == (384, 320, 3 if background else 4)
        assert similarity(one, other) >= 0.97
        assert np.abs(one[:4, :4].astype(int) - other[:4, :4]).max() == 0  # the background
        if background is None:
            assert np.abs(one[:, :, 3].astype(int) - other[:, :, 3]).mean() < 2
    assert similarity(by_gl[0], by_gl[1]) < 0.9


def test_a_driver_that_draws_in_software_is_only_taken_when_it_is_asked_for(rig):
    with pytest.raises(ConfigError, match="draws in software, more slowly than Numba's loops"):
        context(any_driver=False)
    assert GlPainter(rig, 64, 64, None).draw(rig.template).shape == (64, 64, 4)
