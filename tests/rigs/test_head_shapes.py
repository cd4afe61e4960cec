"""What the shapes of the built-in head do, measured on the geometry."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from support.head_geometry import areas_of, cover, deepest_cut, depth_under, part_vertices, pose, skin_triangles
from utterface.articulation import EMOTIONS, articulate, express
from utterface.motion import ARKIT
from utterface.phones import SILENCE, Span, from_ipa
from utterface.rigs.mannequin.identity import NAMES
from utterface.rigs.mannequin.rig import HeadRig

# mouthClose alone is the other half of an open jaw: its lips pass each other by design.
SINGLE = [name for name in ARKIT if not name.endswith("Right")]
SENTENCES = (
    "wi θɔt boʊθ əv ðəm wʊd oʊpən faɪv blu ʌmbɹɛləz",
    "ʃi wəz beɪkɪŋ pʌmpkɪn paɪz fɔɹ maɪ bɹʌðɚ",
    "ðɪs vɪvɪd foʊtəgɹæf ʃoʊz ðə hoʊl tʃɝtʃ",
    "oʊ ju tu sɔ haʊ hi muvd əweɪ fɹəm ðə dʒʌdʒ",
)


def identities() -> list[np.ndarray]:
    """The mean, draws from the population, and corners of the ±2 box."""
    rng = np.random.default_rng(11)
    draws = [np.clip(rng.normal(size=len(NAMES)), -2, 2), rng.choice([-2.0, 2.0], len(NAMES))]
    return [np.zeros(len(NAMES)), *draws]


@pytest.fixture(scope="module", params=range(3), ids=("mean", "drawn", "corner"))
def face(request: pytest.FixtureRequest, head: HeadRig) -> HeadRig:
    return head.with_identity(identities()[request.param])


def lip_distance(rig: HeadRig, vertices: np.ndarray) -> np.ndarray:
    return (vertices[rig.regions["lips_inner_upper"]] - vertices[rig.regions["lips_inner_lower"]])[:, 1]


def lip_width(rig: HeadRig, vertices: np.ndarray) -> float:
    return float(np.ptp(vertices[rig.regions["lips_inner_upper"], 0]))


def mouth_triangles(rig: HeadRig) -> np.ndarray:
    """Skin around and behind the lips, where teeth and tongue could come through."""
    triangles = skin_triangles(rig)
    middle = pose(rig)[triangles].mean(1)
    low, high, side, back = -140, -35, 55, 15
    return triangles[
        (middle[:, 1] > low) & (middle[:, 1] < high) & (np.abs(middle[:, 0]) < side) & (middle[:, 2] > back)
    ]


def away_from_contact(rig: HeadRig) -> np.ndarray:
    """Skin triangles further than 6 mm from the lips' seam and 5 mm from the lids' margins."""
    triangles, neutral = skin_triangles(rig), pose(rig)
    middle = neutral[triangles].mean(1)
    lips = cKDTree(neutral[rig.regions["lips_inner_upper"]]).query(middle)[0]
    lids = np.concatenate([rig.regions[name] for name in rig.regions if name.startswith("lid")])
    return triangles[(lips > 6) & (cKDTree(neutral[lids]).query(middle)[0] > 5)]


def test_lips_rest_closed(face: HeadRig) -> None:
    assert np.abs(lip_distance(face, pose(face))).max() < 1e-3


def test_jaw_open_parts_the_inner_lips(face: HeadRig) -> None:
    assert 25 <= lip_distance(face, pose(face, jawOpen=1)).max() <= 40


def test_mouth_close_seals_what_the_jaw_opens(face: HeadRig) -> None:
    upper, lower = face.regions["lips_inner_upper"], face.regions["lips_inner_lower"]
    for weight in np.arange(0, 0.61, 0.1):
        posed = pose(face, jawOpen=weight, mouthClose=weight)
        assert np.linalg.norm(posed[upper] - posed[lower], axis=1).max() < 0.5


def test_closures_of_our_articulation_seal(face: HeadRig) -> None:
    phones = [Span(SILENCE, 0.0, 0.2)]
    for i, symbol in enumerate("ɑmɑpubifæmi"):
        phones.append(Span(symbol, 0.2 + 0.12 * i, 0.32 + 0.12 * i))
    motion = articulate(phones, 1.6)
    posed = face.vertices(motion.select(face.channels))
    upper, lower = face.regions["lips_inner_upper"], face.regions["lips_inner_lower"]
    gap = (posed[:, upper, 1] - posed[:, lower, 1]).mean(1) * 1000
    for phone in phones:
        if phone.label in ("m", "p", "b"):
            inside = (motion.times >= phone.start) & (motion.times < phone.end)
            assert -1 <= gap[inside].min() <= 1, phone
    assert gap.max() > 6


def test_a_blink_closes_the_lids_and_spares_the_eyeball(face: HeadRig) -> None:
    joint = next(joint for joint in face.joints if joint.name == "leftEye")
    centre, ball = joint.pivot * 1000.0, np.flatnonzero(joint.follow)
    neutral, skin = pose(face), np.unique(skin_triangles(face))
    radius = np.linalg.norm(neutral[ball] - centre, axis=1).max()
    near = skin[np.linalg.norm(neutral[skin] - centre, axis=1) < 26]
    for weight in np.linspace(0, 1, 11):
        assert np.linalg.norm(pose(face, eyeBlink=weight)[near] - centre, axis=1).min() > radius
    shut = pose(face, eyeBlink=1)
    for side in ("left", "right"):
        upper, lower = face.regions[f"lid_upper_{side}"], face.regions[f"lid_lower_{side}"]
        assert np.linalg.norm(shut[upper] - shut[lower], axis=1).max() < 0.3
        assert (neutral[upper] - neutral[lower])[:, 1].max() > 7


def test_what_closes_the_corners_of_the_eye_stays_behind_the_lids(face: HeadRig) -> None:
    part = next(part for part in face.parts if part.name == "socket_left")
    a, b, c, d = pose(face)[np.unique(face.triangles[part.triangles])]
    u, v = (grid.reshape(-1, 1) for grid in np.meshgrid(np.linspace(0, 1, 15), np.linspace(0, 1, 7)))
    plate = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c)
    for shape in ("eyeBlink", "eyeSquint", "cheekSquint", "browDown", "mouthSmile"):
        assert cover(plate, pose(face, **{"eyeBlink": 1, shape: 1}), skin_triangles(face)).min() > 0, shape
    edge = (np.abs(u - 0.5) > 0.49)[:, 0]  # its ends hide behind the corners even while the eye is wide open
    assert cover(plate[edge], pose(face, eyeWide=1), skin_triangles(face)).min() > 0


def test_pucker_narrows_the_mouth_and_brings_it_forward(face: HeadRig) -> None:
    neutral, posed = pose(face), pose(face, mouthPucker=1)
    assert 0.20 <= 1 - lip_width(face, posed) / lip_width(face, neutral) <= 0.40
    assert (posed - neutral)[face.regions["lips_inner_upper"], 2].min() > 3


def test_smile_raises_and_widens_the_corners(face: HeadRig) -> None:
    neutral, posed = pose(face), pose(face, mouthSmile=1)
    corner = face.regions["lips_inner_upper"][neutral[face.regions["lips_inner_upper"], 0].argmax()]
    assert (posed - neutral)[corner, 0] > 3 and (posed - neutral)[corner, 1] > 3


@pytest.mark.parametrize("name", ["jawLeft", "mouthLeft", "eyeLookOutLeft", "mouthSmileLeft", "cheekSquintLeft"])
def test_left_is_the_subjects_left(head: HeadRig, name: str) -> None:
    moved = np.linalg.norm(pose(head, **{name: 1}) - pose(head), axis=1)
    side = moved @ np.sign(pose(head)[:, 0])
    shift = (pose(head, **{name: 1}) - pose(head))[:, 0].sum()
    assert side > 0.2 * moved.sum() or shift > 0.5 * moved.sum()


def test_no_shape_pushes_teeth_or_tongue_through_the_skin(face: HeadRig) -> None:
    inside, triangles = part_vertices(face, "teeth", "tongue"), mouth_triangles(face)
    for name in SINGLE:
        for weight in (0.6, 1.0) if name == "tongueOut" else (1.0,):
            posed = pose(face, **{name: weight})
            assert depth_under(posed[inside], posed, triangles).max() < 0, (name, weight)


def test_no_shape_crushes_a_triangle_or_cuts_the_skin(face: HeadRig) -> None:
    triangles, contact_free = skin_triangles(face), away_from_contact(face)
    neutral = areas_of(pose(face), triangles)
    for name in SINGLE:
        posed = pose(face, **{name: 1}, **({"jawOpen": 1} if name == "mouthClose" else {}))
        assert (areas_of(posed, triangles) / neutral).min() > 0.01, name
        assert deepest_cut(posed, contact_free, reach=5.0)[0] < 0.2, name


def spoken_frames(channels: tuple[str, ...], count: int) -> np.ndarray:
    """(count, C) drawn from our sentences × emotions × strengths."""
    rng = np.random.default_rng(3)
    takes = []
    for sentence in SENTENCES:
        symbols = [symbol for word in sentence.split() for symbol in from_ipa(word)]
        phones = [Span(symbol, 0.2 + 0.085 * i, 0.285 + 0.085 * i) for i, symbol in enumerate(symbols)]
        for emotion in EMOTIONS:
            for strength in (0.6, 1.0, 1.4):
                motion = articulate(phones, phones[-1].end + 0.3, 15.0, strength)
                takes.append(express(motion, {emotion: float(rng.uniform(0.3, 1))}).select(channels))
    values = np.concatenate(takes)
    return values[rng.choice(len(values), count, replace=False)]


def test_speech_keeps_teeth_and_tongue_inside_and_the_skin_whole(head: HeadRig) -> None:
    inside, mouth, triangles = part_vertices(head, "teeth", "tongue"), mouth_triangles(head), skin_triangles(head)
    neutral, contact_free = areas_of(pose(head), triangles), away_from_contact(head)
    values = spoken_frames(head.channels, 500)
    for i, posed in enumerate(head.vertices(values).astype(np.float64) * 1000):
        assert depth_under(posed[inside], posed, mouth, candidates=6).max() < 0, i
        assert (areas_of(posed, triangles) / neutral).min() > 0.01, i
        if i % 25 == 0:
            assert deepest_cut(posed, contact_free, reach=5.0)[0] < 0.2, i
