"""The built-in head keeps the contract of a rig, is its own mirror image."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from support.head_geometry import part_vertices, pose, skin_triangles
from utterface import rigs
from utterface.errors import RigError
from utterface.motion import ARKIT, HEAD
from utterface.rigs import Rig
from utterface.rigs.human.rig import HeadRig


def test_keeps_the_contract(head: HeadRig) -> None:
    assert isinstance(head, Rig)
    assert head.channels == (*ARKIT, *HEAD)
    assert head.template.dtype == np.float32 and head.triangles.dtype == np.int32
    assert head.triangles.min() == 0 and head.triangles.max() == len(head.template) - 1
    assert head.colours.shape == head.template.shape and 0 <= head.colours.min() <= head.colours.max() <= 1
    assert np.array_equal(head.vertices(np.zeros((2, 55)))[1], head.template)
    with pytest.raises(RigError, match="55 channels"):
        head.vertices(np.zeros((2, 52)))


def test_parts_cover_every_triangle_once(head: HeadRig) -> None:
    covered = np.concatenate([np.arange(len(head.triangles))[part.triangles] for part in head.parts])
    assert np.array_equal(covered, np.arange(len(head.triangles)))
    materials = {part.material for part in head.parts}
    assert materials >= {
        "skin",
        "sclera",
        "iris",
        "pupil",
        "cornea",
        "rim",
        "teeth",
        "gums",
        "tongue",
        "brows",
        "lashes",
    }


def test_has_the_size_it_should(head: HeadRig, plain: HeadRig) -> None:
    assert 15_000 <= len(np.unique(skin_triangles(head))) <= 22_000
    apart = plain.joints[0].pivot[0] - plain.joints[1].pivot[0]
    assert 0.060 < apart < 0.066  # Farkas: 63 mm between the pupils
    breadth = np.ptp(plain.template[np.abs(plain.template[:, 1] - 0.05) < 0.01, 0])
    assert 0.140 < breadth < 0.165  # Farkas: 145…155 mm


def test_low_detail_has_few_vertices_and_the_same_face() -> None:
    low = rigs.head(detail="low")
    assert len(low.template) <= 6000
    tip = [rig.template[rig.template[:, 2].argmax()] for rig in (low, rigs.head())]
    assert np.linalg.norm(tip[0] - tip[1]) < 0.004
    with pytest.raises(RigError, match="high or low"):
        rigs.head(detail="medium")


def test_every_channel_moves_something(head: HeadRig) -> None:
    for name in head.channels:
        assert np.abs(pose(head, **{name: 1}) - pose(head)).max() > 0.5, name


def test_left_and_right_are_mirror_images(plain: HeadRig) -> None:
    skin = np.unique(skin_triangles(plain))
    neutral = pose(plain)[skin]
    apart, mirror = cKDTree(neutral).query(neutral * [-1, 1, 1])
    assert apart.max() < 1e-2  # mm
    for name in (name for name in ARKIT if not name.endswith("Right")):
        other = f"{name[:-4]}Right" if name.endswith("Left") else name
        moved, twin = (pose(plain, **{each: 1})[skin] - neutral for each in (name, other))
        if other in ("jawLeft", "mouthLeft", "jawRight", "mouthRight"):
            continue  # they go to one side; the next test looks at them
        assert np.abs(moved[mirror] * [-1, 1, 1] - twin).max() < 0.05, name


@pytest.mark.parametrize("name", ["jawLeft", "mouthLeft", "eyeLookOutLeft", "mouthSmileLeft", "cheekSquintLeft"])
def test_left_is_the_subjects_left(head: HeadRig, name: str) -> None:
    moved = np.linalg.norm(pose(head, **{name: 1}) - pose(head), axis=1)
    side = moved @ np.sign(pose(head)[:, 0])
    shift = (pose(head, **{name: 1}) - pose(head))[:, 0].sum()
    assert side > 0.2 * moved.sum() or shift > 0.5 * moved.sum()


def test_normals_of_the_skin_point_outwards(head: HeadRig) -> None:
    vertices, triangles = pose(head), skin_triangles(head)
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    volume = (a * np.cross(b, c)).sum() / 6
    assert volume > 1.5e6  # mm³, of a surface that is open below


def test_the_head_turns_and_carries_everything(head: HeadRig) -> None:
    neutral = pose(head)
    turned = pose(head, headYaw=0.5)
    nose = neutral[:, 2].argmax()
    assert (turned - neutral)[nose, 0] < -10  # towards the right shoulder
    eyes = part_vertices(head, "iris_left")
    assert np.linalg.norm(turned[eyes].mean(0) - turned[nose]) == pytest.approx(
        np.linalg.norm(neutral[eyes].mean(0) - neutral[nose]), rel=0.02
    )
    crown = neutral[:, 1].argmax()
    assert (pose(head, headRoll=0.3) - neutral)[crown, 0] < -10


def test_the_same_head_comes_twice_at_once(head: HeadRig) -> None:
    assert rigs.head() is rigs.head("mira")
