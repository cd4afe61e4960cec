from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from utterface.rigs.protocol import Material
from utterface.video.textures import MOST, texels_of

pytest.importorskip("av")


def surface(width: int, height: int, kind: str = "png", colour: tuple[int, ...] = (200, 100, 50, 255)) -> Material:
    file = BytesIO()
    Image.new("RGBA" if kind != "jpeg" else "RGB", (width, height), colour[: 4 if kind != "jpeg" else 3]).save(
        file, kind
    )
    return Material((1, 1, 1, 1), 1.0, picture=file.getvalue())


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_pictures_become_texels(kind):
    texels, sheets = texels_of([surface(6, 3, kind)])
    assert sheets.tolist() == [[1, 3, 6]] and texels.shape == (19, 4)
    assert np.abs(texels[1:].astype(int) - [200, 100, 50, 255]).max() <= 8


def test_what_has_no_picture_or_a_damaged_one_has_no_width():
    damaged = Material((1, 1, 1, 1), 1.0, picture=b"\x89PNG and nothing more")
    texels, sheets = texels_of([Material((1, 1, 1, 1), 1.0), damaged, surface(2, 2, colour=(0, 255, 0, 128))])
    assert sheets[:, 2].tolist() == [0, 0, 2] and texels[sheets[2, 0]].tolist() == [0, 255, 0, 128]


def test_large_pictures_are_shrunk():
    _, sheets = texels_of([surface(2 * MOST, MOST)])
    assert sheets.tolist() == [[1, MOST // 2, MOST]]
