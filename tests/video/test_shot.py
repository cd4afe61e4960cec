import numpy as np
import pytest

from utterface.rigs import head
from utterface.rigs.shading import normals
from utterface.video.shot import EYES, Shot


@pytest.fixture(scope="module")
def rig():
    return head()


@pytest.fixture(scope="module")
def shot(rig) -> Shot:
    return Shot(rig, 200, 100)


def test_what_is_nearer_looks_larger(shot):
    x, y, near = shot.camera.project(shot.camera.centre + np.array([[0.05, 0, -0.1], [0.05, 0, 0.1], [0, 0.05, 0]])).T
    assert 100 < x[0] < x[1] and x[2] == 100 and y[2] < 50 and near[1] > near[0]


def test_vertices_are_cut_apart_where_materials_meet(rig, shot):
    sides = [set(shot.triangles[shot.of(EYES)].ravel()), set(shot.triangles[~shot.of(EYES)].ravel())]
    assert sides[0] and not sides[0] & sides[1]
    drawn = sum(len(rig.triangles[part.triangles]) for part in rig.parts if part.material != "cornea")
    assert len(shot.triangles) == drawn and len(shot.corneas) == 2


def test_normals_are_those_of_shading(rig, shot):
    wanted = normals(rig.template, rig.triangles)
    used = np.unique(rig.triangles)
    off = np.abs(shot.normals(rig.template) - wanted)[used].max(1)
    assert (off > 1e-4).mean() < 1e-3  # but for vertices whose triangles have no area


def test_each_cornea_glints_at_its_eye(rig, shot):
    points = shot.camera.project(rig.template)
    for place, cornea in zip(shot.glints(points, shot.normals(rig.template)), shot.corneas, strict=True):
        assert np.linalg.norm(place - points[cornea, :2].mean(0)) < 3


def test_each_part_has_the_colour_of_its_material(rig, shot):
    white = shot.albedo[shot.triangles[shot.of(frozenset({"teeth"}))]].mean((0, 1))
    skin = shot.albedo[shot.triangles[shot.of(frozenset({"skin"}))]].mean((0, 1))
    assert white[2] > skin[2] and skin[0] > 1.2 * skin[2]  # skin is warmer
    assert shot.gloss.shape == shot.open.shape == (len(shot.albedo), 1)
