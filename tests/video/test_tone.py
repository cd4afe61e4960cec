import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.video.tone import colour_of, linear, srgb


@pytest.mark.parametrize(
    ("text", "colour"),
    [("#102030", (16, 32, 48)), ("fff", (255, 255, 255)), ("transparent", None), (" #ABCDEF ", (171, 205, 239))],
)
def test_colours(text, colour):
    assert colour_of(text) == colour


@pytest.mark.parametrize("text", ["", "red", "#12345", "#gggggg", "#1234567"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ConfigError, match="--background takes a colour"):
        colour_of(text)


def test_the_curve_is_that_of_srgb():
    np.testing.assert_allclose(srgb(np.array([0, 0.0031308, 0.214041, 1.0])), [0, 0.04045, 0.5, 1], atol=1e-4)
    np.testing.assert_allclose(linear(srgb(np.linspace(0, 1, 9))), np.linspace(0, 1, 9), atol=1e-4)
