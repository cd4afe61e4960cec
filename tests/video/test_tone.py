import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.video.painter import Picture
from utterface.video.tone import colour_of, srgb, to_rgb, to_rgba


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


def test_cover_mixes_with_the_background_or_becomes_alpha():
    picture = Picture(np.array([[0.0, 0.2, 0.4]] * 3, np.float32), np.array([0, 0.5, 1], np.float32))
    rgb = to_rgb(picture, (255, 0, 10), 3)
    assert rgb.shape == (1, 3, 3) and rgb[0, 0].tolist() == [255, 0, 10]
    assert rgb[0, 1, 0] > rgb[0, 1, 1] > 0 and len(set(rgb[0, 2].tolist())) == 1
    rgba = to_rgba(picture, 3)
    assert rgba[0, :, 3].tolist() == [0, 128, 255]
    assert rgba[0, 1, :3].tolist() == rgba[0, 2, :3].tolist()  # straight, not multiplied
