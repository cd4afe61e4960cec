from dataclasses import replace

import numpy as np

from utterface.rigs import head
from utterface.rigs.shading import normals, openness, openness_of


def ball(rings: int = 12, around: int = 24, radius: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A sphere without its poles' caps closed: (V, 3) vertices and outward triangles."""
    up = np.linspace(0.02, np.pi - 0.02, rings)
    turn = np.linspace(0, 2 * np.pi, around, endpoint=False)
    flat, high = np.sin(up)[:, None], np.cos(up)[:, None] + 0 * turn
    xyz = np.stack([flat * np.sin(turn), high, flat * np.cos(turn)], -1)
    at = np.arange(rings * around).reshape(rings, around)
    a, b, c, d = at[:-1], np.roll(at[:-1], -1, 1), at[1:], np.roll(at[1:], -1, 1)
    triangles = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])
    return (radius * xyz.reshape(-1, 3)).astype(np.float32), triangles


def test_normals_of_a_ball_point_away_from_its_middle():
    template, triangles = ball()
    found = normals(template, triangles)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert ((found * template).sum(1) > 0.97).all()


def test_a_vertex_without_area_still_has_a_unit_normal():
    found = normals(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]]))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)


def test_a_ball_alone_is_open_and_one_inside_another_is_dark():
    template, triangles = ball()
    assert openness(template, triangles).mean() > 0.8
    shell, around = ball(80, 160, radius=1.5)  # dense, as a head is: sight is drawn as points
    both = openness(np.concatenate([template, shell]), np.concatenate([triangles, around + len(template)]))
    assert both[: len(template)].mean() < 0.3
    assert both[len(template) :].mean() > 0.7


def test_the_head_brings_its_own_and_others_are_measured_once():
    low = head(detail="low")
    locks = np.unique(low.triangles[next(part.triangles for part in low.parts if part.name == "hair")])
    measured, rest = openness(low.template, low.triangles), np.setdiff1d(np.arange(len(low.template)), locks)
    assert np.array_equal(low.openness[rest], measured[rest]) and openness_of(low) is low.openness
    assert (low.openness[locks] >= measured[locks]).all()  # colours darken between locks, shade does less
    other = replace(low, openness=None)
    assert openness_of(other) is openness_of(replace(other))
    assert np.array_equal(openness_of(other), measured)
