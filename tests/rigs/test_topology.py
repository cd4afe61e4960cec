"""Bare vertices as motion, and the user's own vertex lists."""

import pickle

import numpy as np
import pytest

from utterface.errors import RigError
from utterface.rigs.protocol import Rig
from utterface.rigs.topology import TopologyRig, offset_channels, read_regions, to_motion

TEMPLATE = np.random.default_rng(0).random((7, 3)).astype(np.float32)


def test_vertices_come_back_from_their_offsets():
    vertices = TEMPLATE + np.random.default_rng(1).normal(0, 0.1, (4, 7, 3)).astype(np.float32)
    rig = TopologyRig("seven", TEMPLATE)
    assert isinstance(rig, Rig)
    for shape in ((4, 7, 3), (4, 21)):
        motion = to_motion(vertices.reshape(shape), TEMPLATE, 60.0)
        assert motion.channels == rig.channels == offset_channels(7) and motion.frame_rate == 60
        assert np.allclose(rig.vertices(motion.values), vertices, atol=1e-6)
    assert np.array_equal(rig.vertices(np.zeros((1, 21)))[0], TEMPLATE)
    assert motion["offset2Y"] == pytest.approx(vertices[:, 2, 1] - TEMPLATE[2, 1], abs=1e-6)


def test_no_frames_are_no_frames():
    assert len(to_motion(np.zeros((0, 21)), TEMPLATE, 60.0)) == 0


def test_another_topology_is_refused():
    with pytest.raises(RigError, match="expected frames of 7 vertices"):
        to_motion(np.zeros((4, 18)), TEMPLATE, 60.0)
    with pytest.raises(RigError, match=r"takes \(frames, 21 offsets\)"):
        TopologyRig("seven", TEMPLATE).vertices(np.zeros((4, 18)))
    with pytest.raises(RigError, match="names vertex 7: its list is of another topology"):
        TopologyRig("seven", TEMPLATE, regions={"lve": np.array([0, 7])})


@pytest.mark.parametrize("text", ["3, 1, 2, 1", "3 1\n2 1\n", "[3,1,2,1]", "3\n1\n2\n1"])
def test_lists_are_read_as_people_write_them(tmp_path, text):
    (tmp_path / "lve.txt").write_text(text)
    assert read_regions(tmp_path / "lve.txt")["lve"].tolist() == [1, 2, 3]


def test_masks_give_their_regions_and_the_upper_face(tmp_path):
    masks = {"lips": np.array([4, 2, 2]), "forehead": np.array([0, 1]), "eye_region": np.array([1, 5])}
    (tmp_path / "FLAME_masks.pkl").write_bytes(pickle.dumps(masks, 2))
    (tmp_path / "fdd.txt").write_text("6")
    regions = read_regions(tmp_path / "FLAME_masks.pkl", tmp_path / "fdd.txt")
    assert {name: r.tolist() for name, r in regions.items()} == {
        "lips": [2, 4], "forehead": [0, 1], "eye_region": [1, 5], "upper_face": [0, 1, 5], "fdd": [6],
    }  # fmt: skip


def test_what_is_no_list_is_refused(tmp_path):
    (tmp_path / "lve.txt").write_text("1, two")
    with pytest.raises(RigError, match="expected whole numbers"):
        read_regions(tmp_path / "lve.txt")
    (tmp_path / "masks.pkl").write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(RigError, match="vertex lists by name"):
        read_regions(tmp_path / "masks.pkl")
