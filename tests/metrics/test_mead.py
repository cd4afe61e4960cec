"""The protocol of 3DMEAD by hand, on a head whose first expression moves one vertex by a metre."""

import numpy as np
import pytest

from support import flame_file
from utterface.metrics.mead import MeadClip, mead_protocol
from utterface.motion import Motion
from utterface.rigs.flame import FlameRig, face_channels, read_flame

VERTEX = np.array([0])


@pytest.fixture
def rig(tmp_path) -> FlameRig:
    """Sixty expressions: the first moves vertex 0, the last all of them; a shape that the protocol must drop."""
    arrays = flame_file.arrays()
    directions = np.zeros((flame_file.COUNT, 3, flame_file.SHAPES + 60))
    directions[:, :, : flame_file.SHAPES] = 0.01
    directions[0, 0, flame_file.SHAPES] = directions[:, 1, flame_file.SHAPES + 59] = 1
    still = {"shapedirs": directions, "posedirs": np.zeros((flame_file.COUNT, 3, 36))}
    np.savez(tmp_path / "flame.npz", **arrays | still)
    whole = read_flame(tmp_path / "flame.npz", shapes=flame_file.SHAPES, expressions=60)
    return whole.with_identity(np.full(flame_file.SHAPES, 5.0, np.float32))


def motion(values, last: float = 0.0) -> Motion:
    """The first expression over time, and the 60th throughout."""
    table = np.zeros((len(values), 63), np.float32)
    table[:, 0], table[:, 59] = values, last
    return Motion(table, face_channels(60), 25.0)


def test_the_six_numbers_by_hand(rig):
    moving = [0.0, 2.0, 0.0, 2.0]
    clips = [
        MeadClip([motion([3, 1]), motion([1, 1])], motion([0, 0], last=7)),  # only 50 expressions of the truth count
        MeadClip([motion(moving), motion([*moving, 9])], motion(moving)),  # cut to the shortest
    ]
    figures = mead_protocol(clips, rig, VERTEX, VERTEX)
    assert figures["mve"] == pytest.approx((3 + 1) / flame_file.COUNT / 6, rel=1e-4)  # six frames in all
    assert figures["lve"] == pytest.approx((9 + 1) / 6, rel=1e-4)
    assert figures["mee"] == pytest.approx((4 + 1) / 6, rel=1e-4)  # of the mean take, 2 and 1
    assert figures["ce"] == pytest.approx((1 + 1) / 6, rel=1e-4)  # the second take
    assert figures["fdd"] == pytest.approx(-4 / 2, rel=1e-4)  # squared offsets 9 and 1 deviate by 4; a clip counts once
    assert figures["diversity"] == pytest.approx(2 / 2 / flame_file.COUNT / 2, rel=1e-4)


def test_no_clips_are_refused(rig):
    with pytest.raises(ValueError, match="no clips"):
        mead_protocol([], rig, VERTEX, VERTEX)
