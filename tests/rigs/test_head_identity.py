"""Other faces: every parameter does what it says, and any mixture stays a head."""

import numpy as np
import pytest

from support.head_geometry import areas_of, normals_of, pose, skin_triangles
from utterface.errors import RigError
from utterface.rigs.mannequin.identity import NAMES
from utterface.rigs.mannequin.rig import HeadRig


def one(name: str, amount: float) -> np.ndarray:
    vector = np.zeros(len(NAMES))
    vector[NAMES.index(name)] = amount
    return vector


def test_there_are_at_least_twenty_and_each_one_shows(head: HeadRig) -> None:
    assert len(NAMES) >= 20
    for name in NAMES:
        moved = np.abs(pose(head.with_identity(one(name, 2))) - pose(head)).max()
        assert 1 < moved < 30, name


def test_zero_is_the_mean_head(head: HeadRig) -> None:
    assert np.array_equal(head.with_identity(np.zeros(len(NAMES))).template, head.template)


@pytest.mark.parametrize("bad", [np.zeros(3), np.full(len(NAMES), np.nan)])
def test_wrong_vectors_are_refused(head: HeadRig, bad: np.ndarray) -> None:
    with pytest.raises(RigError, match="finite numbers"):
        head.with_identity(bad)


def test_parameters_do_what_their_names_say(head: HeadRig) -> None:
    def mouth_width(rig: HeadRig) -> float:
        return float(np.ptp(pose(rig)[rig.regions["lips_inner_upper"], 0]))

    def eye_distance(rig: HeadRig) -> float:
        return float(rig.joints[0].pivot[0] - rig.joints[1].pivot[0])

    def nose_tip(rig: HeadRig) -> float:
        return float(pose(rig)[:, 2].max())

    for name, measure in (("mouth_width", mouth_width), ("eye_spacing", eye_distance), ("nose_protrusion", nose_tip)):
        low, mean, high = (measure(head.with_identity(one(name, amount))) for amount in (-2, 0, 2))
        assert low < mean < high, name


@pytest.mark.parametrize("seed", range(6))
def test_any_mixture_stays_a_head(head: HeadRig, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vector = rng.uniform(-2, 2, len(NAMES)) if seed % 2 else rng.choice([-2.0, 2.0], len(NAMES))
    face, triangles = head.with_identity(vector), skin_triangles(head)
    here, there = pose(head), pose(face)
    assert np.allclose(there[:, 0].max(), -there[:, 0].min(), atol=1e-3)
    ratio = areas_of(there, triangles) / areas_of(here, triangles)
    assert ratio.min() > 0.15 and ratio.max() < 4
    # bent space does not fold: no triangle turns over
    assert (normals_of(here, triangles) * normals_of(there, triangles)).sum(1).min() > 0
    eyes = [joint for joint in face.joints if joint.name != "head"]
    for joint in eyes:
        ball = np.flatnonzero(joint.follow)
        radius = np.linalg.norm(there[ball] - joint.pivot * 1000, axis=1)
        original = np.linalg.norm(
            here[ball] - next(j for j in head.joints if j.name == joint.name).pivot * 1000, axis=1
        )
        assert np.ptp(radius / original) < 1e-3  # an eyeball is round on everybody
