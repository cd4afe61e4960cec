import numpy as np
import pytest

from utterface.avatars.avatar import Avatar
from utterface.avatars.rig import AvatarRig, shown
from utterface.motion import HEAD, Motion
from utterface.rigs import Rig

FIGURES = {  # file: (channels at least, whether its head turns)
    "mpfb_arkit52_base.glb": (52, False), "ict_neutral_ictnames.glb": (51, False), "Godette_v4.vrm": (7, True),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_every_kind_of_avatar_is_a_rig_in_metres_that_faces_us(assets, name):
    avatar = Avatar.read(assets / "avatars" / name)
    rig, (least, turns) = AvatarRig.of(avatar), FIGURES[name]
    assert isinstance(rig, Rig) and len(rig.channels) >= least and bool(rig.joints) == turns
    assert 0.2 < np.ptp(rig.template, axis=0)[1] < 2.5
    still = rig.vertices(np.zeros((1, len(rig.channels)), np.float32))
    np.testing.assert_array_equal(still[0], rig.template)
    mouth = [i for i, channel in enumerate(rig.channels) if channel in ("jawOpen", "aa", "A", "viseme_aa")]
    values = np.zeros((1, len(rig.channels)), np.float32)
    values[0, mouth] = 1
    reach = np.linalg.norm(rig.vertices(values)[0] - rig.template, axis=1)
    moved = rig.template[reach > 0.5 * reach.max()]
    assert 0.003 < reach.max() < 0.15 and moved[:, 2].mean() > rig.template[:, 2].mean()


def test_a_motion_comes_in_the_channels_of_the_avatar(assets):
    motion = Motion(np.array([[0.5, 0.2]]), ("jawOpen", "headYaw"))
    rig, own = shown(Avatar.read(assets / "avatars" / "Godette_v4.vrm"), motion)
    assert own.channels == rig.channels and set(HEAD) <= set(own.channels)
    assert own["headYaw"][0] == pytest.approx(0.2) and own.values.max() > 0.3


def test_the_head_turns_about_its_bone_and_the_feet_stay(assets):
    rig = AvatarRig.of(Avatar.read(assets / "avatars" / "Godette_v4.vrm"))
    values = np.zeros((1, len(rig.channels)), np.float32)
    values[0, rig.channels.index("headYaw")] = 0.4
    step = rig.vertices(values)[0] - rig.template
    low = rig.template[:, 1] < 0.5
    assert not step[low].any() and np.abs(step).max() > 0.02
    front = rig.template[:, 2].argmax()
    assert np.abs(step[~low, 1]).max() < 1e-4 and front >= 0
