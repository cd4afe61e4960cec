import numpy as np
import pytest

from utterface.rigs import head
from utterface.video.painter import Painter


@pytest.fixture(scope="module")
def rig():
    return head()


@pytest.fixture(scope="module")
def painter(rig) -> Painter:
    return Painter(rig, 192, 256)


def pose(rig, **weights: float) -> np.ndarray:
    values = np.zeros((1, len(rig.channels)), np.float32)
    for name, weight in weights.items():
        values[0, rig.channels.index(name)] = weight
    return rig.vertices(values)[0]


def test_the_head_fills_the_height_and_stands_in_the_middle(rig, painter):
    cover = painter.draw(rig.template).cover.reshape(256, 192)
    rows, columns = np.nonzero(cover > 0.5)
    assert 10 < rows.min() < 50
    assert abs(columns.min() + columns.max() - 191) <= 2
    assert not cover[:, :4].any() or cover[-1].any()


def test_edges_are_covered_in_part_and_the_inside_whole(rig, painter):
    cover = painter.draw(rig.template).cover
    partly = (cover > 0.01) & (cover < 0.99)
    assert 200 < partly.sum() < 3000
    assert len(np.unique(cover[partly].round(3))) > 6


def test_an_open_mouth_shows_other_colours_and_a_turned_head_another_outline(rig, painter):
    painter.seen[:] = False
    rest = painter.draw(rig.template)
    painter.seen[:] = False
    wide = painter.draw(pose(rig, jawOpen=0.8))
    lower = np.abs(wide.colour - rest.colour).sum(0).reshape(256, 192)
    assert lower[:90].max() < 1e-3 and lower[120:220].max() > 0.1
    turned = painter.draw(pose(rig, headYaw=0.5))
    assert np.abs(turned.cover - rest.cover).sum() > 300


def test_light_is_finite_and_eyes_glint(rig, painter):
    picture = painter.draw(rig.template)
    assert np.isfinite(picture.colour).all() and picture.colour.min() >= 0
    dull = Painter(rig, 192, 256)
    dull.corneas = []
    assert (picture.colour - dull.draw(rig.template).colour).max() > 0.1


def test_a_frame_hardly_depends_on_the_frames_before_it(rig, painter):
    poses = [pose(rig, headYaw=0.02 * step, headPitch=0.01 * step, jawOpen=0.1 * step) for step in range(5)]
    for vertices in poses:
        before, alone = painter.draw(vertices), Painter(rig, 192, 256).draw(vertices)
        differ = np.abs(before.colour - alone.colour).max(0) > 0.01
        assert differ.mean() < 1e-3  # but where two triangles are as near, and on edges
