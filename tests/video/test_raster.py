import numpy as np
import pytest

from utterface.rigs.shading import normals as exact_normals
from utterface.video.raster import NOTHING, SIDE, Surface, Tone, drawn, nearest, normals
from utterface.video.tone import BRIGHTEST, CURVE, linear


def brute(corners: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The nearest triangle at every place, one place and triangle at a time."""
    shown = np.full(len(x), NOTHING)
    best = np.full(len(x), -np.inf)
    for number, (a, b, c) in enumerate(corners):
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area
        v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area
        near = u * a[2] + v * b[2] + (1 - u - v) * c[2]
        inside = (u >= 0) & (v >= 0) & (u + v <= 1) & (near > best) & (area < 0)
        shown[inside], best[inside] = number, near[inside]
    return shown


def apart(corners: np.ndarray) -> tuple[np.ndarray, Surface]:
    """Triangles whose corners are vertices of their own."""
    triangles = np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3)
    return np.float32(corners).reshape(-1, 3), Surface.plain(triangles)


def tone(clear: bool = False) -> Tone:
    table = linear(np.arange(256) / 255).astype(np.float32)
    return Tone(table, CURVE, BRIGHTEST, np.array([0, 0, 255], np.uint8), np.array([0, 0, 1], np.float32), clear)


def picture(points: np.ndarray, surface: Surface, colour: float, size: int, clear: bool = False) -> np.ndarray:
    colours = np.full((len(points), 3), colour, np.float32)
    return drawn(points, surface, colours, np.zeros((0, 2), np.float32), 1.0, 1.0, tone(clear), size, size)


def test_every_sample_shows_the_nearest_front():
    corners = np.random.default_rng(0).uniform(-8, 48, (60, 3, 3))
    row, column = np.divmod(np.arange(1200), 40)
    shown = nearest(*apart(corners), 40, 30).ravel()
    wanted = brute(corners, column + 0.5, row + 0.5)
    assert (shown == NOTHING).any() and len(np.unique(shown)) > 15
    assert (shown == wanted).mean() > 0.998  # but for samples right on an edge


def test_neighbours_leave_no_gap_and_backs_only_show_where_they_are_thin():
    points = np.array([[0, 0, 0], [0, 9, 0], [9, 9, 0], [9, 0, 0]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    shown = nearest(points, Surface.plain(triangles), 9, 9)
    assert set(shown.ravel()) == {0, 1}
    back = Surface.plain(np.ascontiguousarray(triangles[:, ::-1]))
    assert (nearest(points, back, 9, 9) == NOTHING).all()
    assert (nearest(points, back._replace(thin=np.ones(2, bool)), 9, 9) != NOTHING).all()


def test_nothing_to_draw_is_the_background():
    points, surface = apart(np.zeros((0, 3, 3)))
    assert (picture(points, surface, 1, 5) == [0, 0, 255, 255]).all()
    assert not picture(points, surface, 1, 5, clear=True)[:, :, 3].any()


def test_edges_are_covered_in_part_and_keep_their_colour_where_the_background_is_clear():
    points, surface = apart(np.array([[[0, 0, 0], [0, 60, 0], [60, 60, 0]]]))
    clear = picture(points, surface, 0.2, 20, clear=True)
    assert len(np.unique(clear[:, :, 3])) >= 3 and np.unique(clear[clear[:, :, 3] > 0][:, 0]).size == 1
    over = picture(points, surface, 0.2, 20)
    assert over[19, 0].tolist() == [*clear[19, 0, :3].tolist(), 255]
    assert over[19, 0, 2] < over[10, 10, 2] < 255


def test_pictures_lie_where_their_places_say_and_repeat_and_what_is_clear_on_them_is_not_drawn():
    points = np.array([[0, 0, 0], [0, 24, 0], [24, 24, 0], [24, 0, 0]], np.float32)
    surface = Surface.plain(np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    texels = np.array([[0] * 4, [255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [9, 9, 9, 0]], np.uint8)
    surface = surface._replace(
        texels=texels, sheets=np.array([[1, 2, 2]] * 2), opaque=np.full(2, 128, np.uint8),
        uv=np.array([[1, 0], [1, 1], [2, 1], [2, 0]], np.float32),
    )  # fmt: skip
    seen = picture(points, surface, 1, 8)
    assert seen[1, 1, :3].argmax() == 0 and seen[1, 6, :3].argmax() == 1 and seen[6, 1, :3].argmax() == 2
    assert seen[6, 6].tolist() == [0, 0, 255, 255]
    assert (nearest(points, surface, 24, 24)[12:, 12:] == NOTHING).all()


def test_eyes_glint():
    points, surface = apart(np.array([[[0, 0, 0], [0, 60, 0], [60, 60, 0]]]))
    colours, spots = np.full((3, 3), 0.1, np.float32), np.array([[4, 16]], np.float32) * SIDE
    eyes = surface._replace(eyes=np.ones(1, bool))
    dull, bright = (drawn(points, each, colours, spots, 1.0, 6.0, tone(), 20, 20) for each in (surface, eyes))
    assert bright[16, 4, 0] > dull[16, 4, 0] + 50 and np.array_equal(bright[2:4, :], dull[2:4, :])


def test_normals_are_those_of_shading():
    points = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    triangles = np.random.default_rng(2).permuted(np.tile(np.arange(50), (30, 1)), axis=1)[:, :3].astype(np.int32)
    used = np.unique(triangles)
    np.testing.assert_allclose(normals(points, triangles)[used], exact_normals(points, triangles)[used], atol=1e-4)


@pytest.mark.parametrize("size", [1, 13])
def test_any_height_is_drawn_whole(size):
    points = np.array([[-99, -99, 0], [-99, 999, 0], [999, 999, 0], [999, -99, 0]], np.float32)
    surface = Surface.plain(np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    seen = picture(points, surface, 0.5, size)
    assert seen.shape == (size, size, 4) and len(np.unique(seen[:, :, 0])) == 1
