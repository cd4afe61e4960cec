"""Surfaces: nearest points, welded pieces, warps, rigid fits."""

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from utterface.avatars.surface import Warp, nearer, nearest, normals, pieces, rigid, smoothed, welded

RANDOM = np.random.default_rng(0)
SQUARE = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
HALVES = np.array([[0, 1, 2], [0, 2, 3]])


def test_nearest_finds_what_a_tree_finds():
    of, among = RANDOM.normal(size=(700, 6)), RANDOM.normal(size=(900, 6))
    far, numbers = nearest(of, among, 4)
    expected = cKDTree(among).query(of, 4)
    np.testing.assert_array_equal(numbers, expected[1])
    np.testing.assert_allclose(far, expected[0])


def test_normals_look_out_of_counter_clockwise_triangles():
    np.testing.assert_allclose(normals(SQUARE, HALVES), np.tile([0, 0, 1], (4, 1)))


def test_seams_do_not_part_a_piece():
    vertices = np.vstack([SQUARE, SQUARE + np.eye(3)[0], SQUARE + 5 * np.eye(3)[0]])
    piece = pieces(welded(vertices), np.vstack([HALVES, HALVES + 4, HALVES + 8]))
    assert len(set(piece[:8])) == 1 and len(set(piece[8:])) == 1 and piece[0] != piece[8]


def test_a_warp_takes_its_points_to_their_places_and_keeps_affine_maps():
    points = RANDOM.normal(size=(30, 3))
    bent = points + 0.1 * np.sin(3 * points)
    np.testing.assert_allclose(Warp(points, bent)(points), bent, atol=1e-8)
    turn, shift = Rotation.from_euler("y", 0.3).as_matrix() * 2, np.array([1.0, 2, 3])
    affine = Warp(points, points @ turn.T + shift)
    others = RANDOM.normal(size=(20, 3)) * 3
    np.testing.assert_allclose(affine(others), others @ turn.T + shift, atol=1e-6)
    np.testing.assert_allclose(affine.jacobians(others, 1e-3), np.tile(turn, (20, 1, 1)), atol=1e-6)


def test_a_rigid_fit_is_found_and_kept_within_its_angle():
    points = RANDOM.normal(size=(50, 3))
    turn = Rotation.from_rotvec([0.5, 0, 0])
    found, shift = rigid(points, turn.apply(points) + np.eye(3)[1], 1.0)
    np.testing.assert_allclose(found, turn.as_matrix(), atol=1e-9)
    np.testing.assert_allclose(shift, [0, 1, 0], atol=1e-9)
    limited, _ = rigid(points, turn.apply(points), 0.2)
    np.testing.assert_allclose(Rotation.from_matrix(limited).as_rotvec(), [0.2, 0, 0], atol=1e-9)


def test_smoothing_keeps_split_vertices_together_and_constants():
    vertices = np.vstack([SQUARE, SQUARE[:1]])
    places = welded(vertices)
    offsets = np.stack([np.ones((5, 3)), RANDOM.normal(size=(5, 3))])
    even, rough = smoothed(offsets, places, HALVES, 2)
    np.testing.assert_allclose(even, 1)
    np.testing.assert_allclose(rough[0], rough[4])
    assert np.ptp(rough[:, 0]) < np.ptp(offsets[1][:, 0])


def test_marks_spread_along_edges_not_through_the_air():
    strip = np.array([[x, y, 0.0] for x in range(5) for y in (0, 1)])
    triangles = np.array([t for i in range(0, 8, 2) for t in ([i, i + 2, i + 1], [i + 1, i + 2, i + 3])])
    marks = np.zeros(12, np.int64)
    marks[0], marks[9] = -1, 1
    vertices = np.vstack([strip, [[0, 0.1, 0], [9, 9, 9]]])
    reached = nearer(vertices, welded(vertices), triangles, np.ones(12, bool), marks)
    assert reached.tolist()[:4] == [-1] * 4 and reached.tolist()[6:10] == [1] * 4
    assert reached.tolist()[10:] == [0, 0]  # joined to nothing


@pytest.mark.parametrize("count", [1, 3])
def test_nearest_asks_for_no_more_than_there_is(count):
    assert nearest(np.zeros((2, 3)), np.zeros((2, 3)), count)[1].shape == (2, min(count, 2))
