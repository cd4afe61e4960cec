from dataclasses import replace

import numpy as np
import pytest

from utterface.avatars.avatar import Avatar
from utterface.avatars.rig import AvatarRig
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
    cover = painter.draw(rig.template)[:, :, 3]
    rows, columns = np.nonzero(cover > 127)
    assert 10 < rows.min() < 50
    assert abs(columns.min() + columns.max() - 191) <= 2
    assert not cover[:, :4].any() or cover[-1].any()


def test_edges_are_covered_in_part_and_the_inside_whole(rig, painter):
    cover = painter.draw(rig.template)[:, :, 3]
    partly = (cover > 3) & (cover < 252)
    assert 200 < partly.sum() < 3000
    assert len(np.unique(cover[partly])) > 6


def test_an_open_mouth_shows_other_colours_and_a_turned_head_another_outline(rig, painter):
    rest, wide, turned = (
        painter.draw(each).astype(int) for each in (rig.template, pose(rig, jawOpen=0.8), pose(rig, headYaw=0.5))
    )
    lower = np.abs(wide - rest)[:, :, :3].sum(2)
    assert lower[:90].max() < 3 and lower[120:220].max() > 60
    assert np.abs(turned - rest)[:, :, 3].sum() > 300 * 255


def test_eyes_glint(rig, painter):
    dull = Painter(rig, 192, 256)
    dull.corneas = []
    assert (painter.draw(rig.template).astype(int) - dull.draw(rig.template)).max() > 25


def test_an_avatar_shows_its_pictures(assets):
    rig = AvatarRig.of(Avatar.read(assets / "avatars" / "Godette_v4.vrm"))
    shown = Painter(rig, 96, 96).draw(rig.template)[:, :, :3].astype(int)
    blue_hair = (shown[:, :, 2] > shown[:, :, 0] + 60).mean()
    unread = {name: replace(material, picture=b"none") for name, material in rig.materials.items()}
    toned = Painter(replace(rig, materials=unread), 96, 96).draw(rig.template)[:, :, :3].astype(int)
    assert blue_hair > 0.1 and not (toned[:, :, 2] > toned[:, :, 0] + 5).any()  # a tone of skin instead
