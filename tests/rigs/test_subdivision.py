"""Catmull–Clark against worked values and its own laws."""

import numpy as np

from utterface.rigs.subdivision import catmull_clark

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
SHIFT = np.array([1.0, 2.0, 3.0])
SIDES = np.array([(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)])


def test_a_cube_becomes_its_known_refinement() -> None:
    fine = catmull_clark(SIDES, 8)
    points = fine.apply(CUBE)
    assert fine.count == len(points) == 8 + 12 + 6 and len(fine.quads) == 24
    assert np.allclose(np.abs(points[:8]), 5 / 9)  # (F + 2 R) / 3 at valence three
    assert np.allclose(sorted(np.abs(points[8])), [0, 0.75, 0.75])
    assert np.allclose(np.linalg.norm(points[20:], axis=1), 1)


def test_shares_sum_to_one_so_shapes_move_with_the_surface() -> None:
    fine = catmull_clark(SIDES[:5], 8)  # open: one side is missing
    assert np.allclose(fine.apply(np.ones((8, 1))), 1)
    assert np.allclose(fine.apply(CUBE + SHIFT), fine.apply(CUBE) + SHIFT)


def test_winding_is_kept() -> None:
    fine = catmull_clark(SIDES, 8)
    a, b, c, d = (fine.apply(CUBE)[fine.quads[:, k]] for k in range(4))
    assert ((a + b + c + d) * np.cross(c - a, d - b)).sum(1).min() > 0
