"""Hair is closed, covers the scalp, and leaves face and ears free, whoever wears it."""

import numpy as np
import pytest

from utterface import rigs
from utterface.rigs.human import hair, locks
from utterface.rigs.human.build import coarse_skin, refined_skin
from utterface.rigs.human.data import load
from utterface.rigs.human.identity import Identity, people
from utterface.rigs.human.pieces import Skin
from utterface.rigs.human.scalp import Scalp, between, hairline, polar
from utterface.video.raster import NOTHING, Surface, nearest

FACES = {"mean": Identity(), "hans": people()["hans"], "drawn": Identity.drawn(11)}
BROWN = np.array([0.3, 0.2, 0.15])
SIDES = np.array([v for v in np.ndindex(3, 3, 3) if v != (1, 1, 1)]) - 1.0  # 26 directions


@pytest.fixture(scope="module", params=FACES)
def skin(request: pytest.FixtureRequest) -> Skin:
    return refined_skin(FACES[request.param])[2]


def heights(skin: Skin, points: np.ndarray) -> np.ndarray:
    """How far points are above the scalp, mm, along rays from the middle of the head."""
    scalp = Scalp(skin)
    arms = points - scalp.centre
    away = np.linalg.norm(arms, axis=1)
    return np.asarray(away - scalp.ground(arms / away[:, None])[0])


def above(skin: Skin, style: str) -> tuple[np.ndarray, np.ndarray]:
    """(n,) azimuth sectors × heights of the scalp's vertices under the hair of a style: nearest hair over each, mm."""
    scalp = Scalp(skin)
    burn = (skin.mean[:, 1] < 8) & (skin.mean[:, 2] > -72)  # in front of the ear the skin's colour is enough
    grown = skin.points[(hairline(skin.mean) > 14) & ~burn]
    (piece, *_) = hair.hair(skin, style, BROWN)
    ways = grown - scalp.centre
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    arms = piece.points - scalp.centre
    away = np.linalg.norm(arms, axis=1)
    near = (ways @ (arms / away[:, None]).T).argmax(1)
    gap = np.linalg.norm(arms[near] / away[near, None] - ways, axis=1) * 95
    return away[near] - np.linalg.norm(grown - scalp.centre, axis=1), gap


@pytest.mark.parametrize("style", hair.STYLES)
def test_the_scalp_is_covered(skin: Skin, style: str) -> None:
    height, gap = above(skin, style)
    assert np.quantile(gap, 0.99) < 8 and gap.max() < 15  # mm between the rows and columns of the sheet
    assert np.quantile(height, 0.01) > -0.5 and np.median(height) > 1


def shown(parts: list[tuple[np.ndarray, np.ndarray]], direction: np.ndarray) -> np.ndarray:
    """(parts,) pixels of 1.5 mm that each of some (points, triangles) shows in a direction, fronts only."""
    towards = direction / np.linalg.norm(direction)
    right = np.cross([0.0, 1, 0] if abs(towards[1]) < 0.9 else [0.0, 0, -1], towards)
    right /= np.linalg.norm(right)
    view = np.stack([right, -np.cross(towards, right), towards], 1)
    view[:, :2] /= 1.5
    seen = [np.float32(points @ view + [110, 110, 0])[triangles] for points, triangles in parts]
    corners, owner = np.concatenate(seen), np.repeat(np.arange(len(parts)), [len(each) for each in seen])
    triangles = np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3)
    number = nearest(corners.reshape(-1, 3), Surface.plain(triangles), 220, 220)
    return np.bincount(owner[number[number != NOTHING]], minlength=len(parts))


@pytest.mark.parametrize("style", hair.STYLES)
def test_no_scalp_shows_from_any_side(skin: Skin, style: str) -> None:
    burn = (skin.mean[:, 1] < 12) & (skin.mean[:, 2] > -80)  # in front of the ear the skin's colour is enough
    grown = ((hairline(skin.mean) > 12) & ~burn)[skin.triangles].all(1)
    body = [(skin.points, skin.triangles[~grown]), (skin.points, skin.triangles[grown])]
    worn = [(piece.points, piece.triangles) for piece in hair.hair(skin, style, BROWN)]
    for side in SIDES:
        assert shown([*body, *worn], side)[1] <= 3, side
    assert min(shown(body, side)[1] for side in SIDES if side[1] >= 0 and side[2] <= 0) > 2000  # bald, all of it does


@pytest.mark.parametrize("name", people())
def test_everybodys_hair_leaves_face_and_ears_free(name: str) -> None:
    """From the front no hair lies before the face, and from the side none before the lower ear, but for a bob's."""
    skin, style = refined_skin(people()[name])[2], people()[name].hair
    x, y, z = skin.mean.T
    face = ((np.abs(x) < 38) & (y < 12) & (y > -110) & (z > -10))[skin.triangles].all(1)
    ear = ((x > 78) & (y < 0) & (z < -58) & (z > -124))[skin.triangles].all(1)
    rest = (skin.points, skin.triangles[~face & ~ear])
    seen = [rest, *((skin.points, skin.triangles[which]) for which in (face, ear))]
    worn = [(piece.points, piece.triangles) for piece in hair.hair(skin, style, BROWN)]
    for part, side in ((1, np.array([0.0, 0, 1])), (2, np.array([1.0, 0, 0]))):
        if part == 1 or style != "bob":
            assert shown([*seen, *worn], side)[part] >= 0.95 * shown(seen, side)[part] > 50
    assert min(points[:, 1].min() for points, _ in worn) > -120  # clear of the shoulders


@pytest.mark.parametrize("few", [False, True])
def test_locks_are_closed_at_both_ends_but_for_a_point(few: bool) -> None:
    leaves = locks.combed(Scalp(refined_skin(Identity())[2]), 60, 5, few)
    count, rows, corners = leaves.light.shape
    assert 30 < count < 90 and rows == 5 and corners == (4 if few else 5)
    assert np.ptp(leaves.points[:, -1], axis=1).max() < 3 < np.ptp(leaves.points[:, 2], axis=1).max()
    edges = np.sort(leaves.triangles()[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), 1)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    assert set(uses) == {1, 2} and (uses == 1).sum() == 2 * corners * count


@pytest.mark.parametrize("style", hair.STYLES)
def test_hair_leaves_the_eyes_free(skin: Skin, style: str) -> None:
    points = hair.hair(skin, style, BROWN)[0].points
    before = points[(points[:, 2] > -12) & (points[:, 1] < 16)]
    assert not len(before) or np.abs(before[:, 0]).min() > 52


@pytest.mark.parametrize("style", hair.STYLES)
def test_the_outside_is_outside(skin: Skin, style: str) -> None:
    """Most triangles look away from the head: nothing needs two sides."""
    piece = hair.hair(skin, style, BROWN)[0]
    a, b, c = (piece.points[piece.triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    outwards = (across * (a - Scalp(skin).centre)).sum(1) > 0
    lying = heights(skin, a) > 0.5
    inside = {"bob": 0.45, "short": 0.4}.get(style, 0.04)  # a bob has an inside, locks have undersides
    assert (~outwards[lying]).mean() < inside
    assert np.linalg.norm(across, axis=1)[lying].max() < 2 * 160


def test_ears_stay_under_a_bob() -> None:
    skin = refined_skin(Identity())[2]
    ear = skin.points[(np.abs(skin.mean[:, 0]) > 80) & (skin.mean[:, 1] < 24) & (skin.mean[:, 1] > -60)]
    points = hair.hair(skin, "bob", BROWN)[0].points
    beside = points[(np.abs(points[:, 2] + 85) < 20) & (np.abs(points[:, 1]) < 40)]
    assert np.abs(beside[:, 0]).max() > np.abs(ear[:, 0]).max()


def test_a_bob_ends_in_one_line_and_covers_the_nape() -> None:
    points = hair.hair(refined_skin(Identity())[2], "bob", BROWN)[0].points
    low = points[points[:, 1] < np.quantile(points[:, 1], 0.05)]
    assert np.ptp(low[:, 1]) < 12
    assert (low[:, 2] < -140).any() and (low[:, 2] > -60).any()


def test_low_detail_has_few_vertices_and_the_same_outline() -> None:
    fine = refined_skin(Identity())[2]
    coarse = coarse_skin(load(), fine)
    for style in hair.STYLES:
        whole, sparse = hair.hair(fine, style, BROWN), hair.hair(coarse, style, BROWN, few=True)
        assert sum(len(piece.points) for piece in whole) < 12_000 and sum(len(piece.points) for piece in sparse) < 3_000
        many, few = whole[0].points, sparse[0].points
        assert np.abs(many.max(0) - few.max(0)).max() < 6 and np.abs(many.min(0) - few.min(0)).max() < 8


def test_hair_is_the_same_every_time_and_styles_differ() -> None:
    skin = refined_skin(Identity())[2]
    once, again = (hair.hair(skin, "short", BROWN)[0] for _ in range(2))
    assert np.array_equal(once.points, again.points) and np.array_equal(once.colours, again.colours)
    assert once.colours.min() >= 0 and once.colours.max() <= 1
    assert not np.allclose(once.points[:500], hair.hair(skin, "bun", BROWN)[0].points[:500], atol=0.5)


def test_what_is_only_colour_has_no_hair() -> None:
    assert {part.name for part in rigs.head(hair="stubble", detail="low").parts} == {
        part.name for part in rigs.head(hair="none", detail="low").parts
    }


def test_directions_by_hand() -> None:
    assert np.allclose(polar(np.array(0.0), np.array(np.pi / 2)), [0, 0, 1])
    assert np.allclose(polar(np.array(np.pi / 2), np.array(np.pi / 2)), [1, 0, 0])
    half = between(np.array([[0.0, 0, 1]]), np.array([[0.0, 1, 0]]), np.array([0.5]))
    assert np.allclose(half, [[0, np.sqrt(0.5), np.sqrt(0.5)]])
