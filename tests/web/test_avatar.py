"""The page of a face of the user's own in a real browser: its shapes and bones move as the file says."""

import base64
import io

import numpy as np
import pytest

from utterface.avatars.avatar import Avatar
from utterface.clip import Clip
from utterface.motion import CHANNELS, Motion

Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("Godette_v4.vrm", "valid_White_F_3_Default.glb")]


@pytest.mark.parametrize("name", ["mpfb_arkit52_base.glb", *SLOW])
def test_the_mouth_of_a_real_avatar_opens(open_page, complaints, assets, tmp_path, name):
    values = np.zeros((60, len(CHANNELS)), np.float32)
    values[30:, CHANNELS.index("jawOpen")] = 0.7
    clip = Clip(Motion(values), 1.0)
    clip.save(tmp_path / "me.html", avatar=Avatar.read(assets / "avatars" / name))
    seen = open_page(tmp_path / "me.html", 400, 400)
    pictures = []
    for moment in (0.1, 0.9):
        seen.page.evaluate(f"window.utterface.seek({moment})")
        data = seen.page.evaluate("window.utterface.picture({width: 200, height: 200})")
        image = Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))).convert("L")
        pictures.append(np.asarray(image, float))
    moved = np.abs(pictures[1] - pictures[0]) > 12
    assert 0.002 < moved.mean() < 0.2
    rows = np.flatnonzero(moved.any(1))
    assert 100 < rows.mean() < 170  # the lower face, in a frame that the head fills
    assert not complaints(seen)
