"""Our shapes on another face, MediaPipe's: lips open and meet, lids meet, and nothing above the brows moves."""

import numpy as np
import pytest

from utterface import rigs
from utterface.avatars import landmarks
from utterface.avatars.transfer import TargetFace, source_of, transferred

# MediaPipe's own numbers: pairs of the inner lips, up to those beside the corners, and of the right lids
UPPER, LOWER = [191, 80, 81, 82, 13, 312, 311, 310, 415], [95, 88, 178, 87, 14, 317, 402, 318, 324]
LID_UPPER, LID_LOWER = [160, 159, 158, 157], [144, 145, 153, 154]
BROWS = (105, 334)
NUMBERS = {
    "mouth_left": 308, "mouth_right": 78, "lip_upper": 13, "lip_lower": 14, "lid_upper_left": 386,
    "lid_lower_left": 374, "lid_upper_right": 159, "lid_lower_right": 145, "nose": 1, "chin": 152,
}  # fmt: skip


@pytest.fixture(scope="module")
def face(assets) -> TargetFace:
    lines = (assets / "avatars" / "canonical_face_model.obj").read_text().splitlines()
    rows = [line.split() for line in lines if line[:2] in ("v ", "f ")]
    vertices = np.array([[float(x) for x in row[1:4]] for row in rows if row[0] == "v"]) / 100  # metres
    triangles = np.array([[int(x.split("/")[0]) - 1 for x in row[1:4]] for row in rows if row[0] == "f"])
    return TargetFace(vertices, triangles)


@pytest.fixture(scope="module")
def shapes(face) -> dict[str, np.ndarray]:
    rig = rigs.head()
    theirs = landmarks.of_numbers(face.vertices, NUMBERS)
    theirs = landmarks.on_midline(face.vertices, theirs) | theirs
    return transferred(source_of(rig), face, landmarks.of_rig(rig), theirs)


def gaps(face: TargetFace, offsets: np.ndarray, upper: list[int], lower: list[int]) -> np.ndarray:
    """Millimetres between pairs, upwards."""
    moved = face.vertices + offsets
    return 1000 * (moved[upper] - moved[lower])[:, 1]


def test_lips_open_and_meet(face, shapes):
    assert gaps(face, shapes["jawOpen"], UPPER, LOWER).min() >= 10
    assert np.abs(gaps(face, shapes["jawOpen"] + shapes["mouthClose"], UPPER, LOWER)).max() <= 0.5


def test_lids_meet(face, shapes):
    assert gaps(face, np.zeros_like(face.vertices), LID_UPPER, LID_LOWER).min() > 2
    assert np.abs(gaps(face, shapes["eyeBlinkRight"], LID_UPPER, LID_LOWER)).max() <= 0.5


def test_nothing_above_the_brows_moves_with_the_mouth(face, shapes):
    above = face.vertices[:, 1] > face.vertices[list(BROWS), 1].max() + 0.008
    assert above.sum() > 10
    for channel in ("jawOpen", "mouthClose", "mouthPucker", "mouthSmileLeft", "eyeBlinkLeft", "eyeBlinkRight"):
        assert 1000 * np.linalg.norm(shapes[channel][above], axis=1).max() <= 0.1, channel


def test_sides_keep_to_their_side(face, shapes):
    left = face.vertices[:, 0] > 0.01
    smile = np.linalg.norm(shapes["mouthSmileLeft"], axis=1)
    assert smile[left].max() > 3 * smile[face.vertices[:, 0] < -0.01].max()
    assert 0.003 < smile.max() < 0.022


def test_the_size_of_a_face_scales_its_shapes(face, shapes):
    rig = rigs.head()
    large = TargetFace(face.vertices * 100, face.triangles)
    theirs = landmarks.of_numbers(large.vertices, NUMBERS)
    theirs = landmarks.on_midline(large.vertices, theirs) | theirs
    scaled = transferred(source_of(rig), large, landmarks.of_rig(rig), theirs)
    np.testing.assert_allclose(scaled["jawOpen"] / 100, shapes["jawOpen"], atol=1e-4)
