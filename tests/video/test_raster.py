import numpy as np
import pytest

from utterface.video.raster import NOTHING, Grid, areas, plane, raster


def brute(corners: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The nearest triangle at every place, one place and triangle at a time."""
    shown = np.full(len(x), NOTHING)
    best = np.full(len(x), -np.inf)
    for number, (a, b, c) in enumerate(corners):
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area
        v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area
        near = u * a[2] + v * b[2] + (1 - u - v) * c[2]
        inside = (u >= 0) & (v >= 0) & (u + v <= 1) & (near > best)
        shown[inside], best[inside] = number, near[inside]
    return shown


@pytest.fixture
def corners() -> np.ndarray:
    """Triangles that overlap, cut each other and leave the picture."""
    scattered = np.random.default_rng(0).uniform(-8, 48, (60, 3, 3)).astype(np.float32)
    front = np.flatnonzero(areas(scattered.reshape(-1, 3), np.arange(180).reshape(-1, 3)) > 0)
    assert 20 < len(front) < 40
    return scattered[front]


def test_every_pixel_shows_the_nearest_triangle(corners):
    grid = Grid(40, 30)
    pixel, row, column = grid.samples()
    shown, nearest = raster(corners, grid, column)
    wanted = brute(corners.astype(float), column + 0.5, row + 0.5)
    assert len(np.unique(pixel)) == 1200 and (shown == NOTHING).any() and len(np.unique(shown)) > 15
    assert (shown == wanted).mean() > 0.999  # but for pixels right on an edge
    assert np.array_equal(nearest == -np.inf, shown == NOTHING)


def test_some_pixels_by_many_samples_show_what_the_whole_picture_would(corners):
    drawn = np.random.default_rng(1).random((30, 40)) < 0.3
    drawn[5:7] = True
    grid = Grid.some(drawn, 3)
    pixel, row, column = grid.samples()
    assert grid.count == len(pixel) == 9 * drawn.sum() and (np.bincount(pixel) == 9).all()
    fine = corners * np.array([3, 3, 1], np.float32)
    some, _ = raster(fine, grid, column)
    whole = Grid(120, 90)
    every = raster(fine, whole, whole.samples()[2])[0].reshape(90, 120)
    np.testing.assert_array_equal(some, every[row.astype(int), column.astype(int)])
    lines, columns = np.nonzero(drawn)
    np.testing.assert_array_equal(np.bincount(pixel, row) / 9, 3 * lines + 1)
    np.testing.assert_array_equal(np.bincount(pixel, column) / 9, 3 * columns + 1)


def test_neighbours_leave_no_gap_and_no_overlap():
    points = np.array([[0, 0], [0, 9], [9, 9], [9, 0]], np.float32)
    corners = np.pad(points, ((0, 0), (0, 1)))[[[0, 1, 2], [0, 2, 3]]]
    triangles = np.array([[0, 1, 2], [0, 2, 3]])
    assert (areas(points, triangles) > 0).all() and (areas(points, triangles[:, ::-1]) < 0).all()
    grid = Grid(9, 9)
    shown, _ = raster(corners, grid, grid.samples()[2])
    assert (shown != NOTHING).all() and set(shown) == {0, 1}


def test_nothing_to_draw():
    grid = Grid(4, 4)
    shown, nearest = raster(np.zeros((0, 3, 3), np.float32), grid, grid.samples()[2])
    assert (shown == NOTHING).all() and (nearest == -np.inf).all()


def test_planes_go_through_their_corners(corners):
    values = np.random.default_rng(2).random((len(corners), 3, 3)).astype(np.float32)
    base, across, down = plane(corners, values).transpose(1, 0, 2)
    for k in range(3):
        at = base + across * corners[:, k, :1] + down * corners[:, k, 1:2]
        np.testing.assert_allclose(at, values[:, k], atol=2e-3)
