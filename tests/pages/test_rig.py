"""A face among the sections of a page, moved by weights as the page moves it."""

import numpy as np
import pytest

from support.payloads import unpack
from utterface import rigs
from utterface.pages.rig import add_rig, parts_of
from utterface.pages.sections import Sections, compress
from utterface.rigs.topology import TopologyRig


@pytest.fixture(scope="module")
def rig():
    return rigs.head()


@pytest.fixture(scope="module")
def packed(rig):
    sections = Sections()
    return unpack(compress({"rig": add_rig(sections, rig)}, sections))


def replay(rig, header, arrays, weights: dict[str, float]) -> np.ndarray:
    """What the page makes of weights: morphs, then turns, joint after joint."""
    xyz = arrays["template"].reshape(-1, 3).astype(np.float64)
    at = 0
    for morph in header["rig"]["morphs"]:
        piece = slice(at, at + morph["count"])
        offsets = arrays["morphOffsets"].reshape(-1, 3)[piece] * morph["step"]
        xyz[arrays["morphVertices"][piece]] += weights.get(morph["channel"], 0) * offsets
        at += morph["count"]
    for joint, follow in zip(header["rig"]["joints"], arrays["jointFollow"].reshape(-1, len(xyz)) / 255, strict=True):
        x, y, z = sum((weights.get(name, 0) * np.array(axis) for name, *axis in joint["turns"]), np.zeros(3))
        (sx, sy, sz), (cx, cy, cz) = np.sin([x, y, z]), np.cos([x, y, z])
        turn_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        turn_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        turn_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        arms = xyz - joint["pivot"]
        xyz += follow[:, None] * (arms @ (turn_y @ turn_x @ turn_z).T - arms)
    return xyz


@pytest.mark.parametrize(
    "weights",
    [
        {"jawOpen": 0.6, "mouthFunnel": 0.4, "mouthSmileLeft": 0.3},
        {"eyeLookOutLeft": 0.7, "eyeLookInRight": 0.7, "eyeLookDownLeft": 0.3, "eyeLookDownRight": 0.3},
        {"eyeBlinkLeft": 1.0, "headYaw": 0.2, "headPitch": -0.1, "headRoll": 0.1, "eyeLookUpRight": 0.5},
    ],
)
def test_the_page_moves_the_face_as_the_rig_does(rig, packed, weights):
    header, arrays = packed
    values = np.zeros((1, len(rig.channels)), np.float32)
    for channel, weight in weights.items():
        values[0, rig.channels.index(channel)] = weight
    distance = np.linalg.norm(replay(rig, header, arrays, weights) - rig.vertices(values)[0], axis=1)
    assert distance.max() < 1e-4  # metres


def test_every_triangle_belongs_to_a_part(rig, packed):
    header, arrays = packed
    parts = header["rig"]["parts"]
    assert [part["name"] for part in parts] == [part.name for part in rig.parts]
    assert sum(part["count"] for part in parts) == len(rig.triangles)
    assert np.array_equal(arrays["triangles"].reshape(-1, 3), rig.triangles)


def test_a_rig_without_parts_is_one_skin():
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    bare = TopologyRig("four", corners, np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    assert parts_of(bare) == [{"name": "skin", "material": "skin", "start": 0, "count": 2}]


def test_hollows_are_darker_than_the_forehead(rig, packed):
    _, arrays = packed
    openness = arrays["openness"]
    assert openness[np.argmax(rig.template[:, 1])] > 200  # the crown
    assert openness[rig.regions["lips_inner_upper"]].mean() < 150
