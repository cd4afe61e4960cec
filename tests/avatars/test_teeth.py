"""Teeth without a shape of their own follow the jaw; teeth that have one, or a bone, are left alone."""

import numpy as np
import pytest

from avatars.conftest import read
from support.avatar_files import AvatarFile
from utterface.avatars.talking import to_file
from utterface.avatars.teeth import with_teeth
from utterface.gltf import Gltf
from utterface.motion import Motion

PIVOT = np.array([0.0, 0.02, -0.05])


def turned(points: np.ndarray, degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    return (points - PIVOT) @ turn.T + PIVOT


def head(teeth: str, degrees: float, teeth_shapes: tuple[str, ...] = ()) -> bytes:
    """A face whose lower half opens about a joint, and teeth within it."""
    file, random = AvatarFile(), np.random.default_rng(0)
    file.mesh("Face", ["jawOpen"])
    face = random.uniform([-0.04, -0.06, 0.02], [0.04, 0.04, 0.06], (24, 3)).astype(np.float32)
    opened = np.where(face[:, 1:2] < 0, turned(face, degrees) - face, 0).astype(np.float32)
    file.mesh(teeth, list(teeth_shapes))
    row = random.uniform([-0.03, -0.02, 0.02], [0.03, 0.02, 0.04], (24, 3)).astype(np.float32)
    meshes = file.content["meshes"]
    for mesh, positions in zip(meshes, (face, row), strict=True):
        mesh["primitives"][0]["attributes"]["POSITION"] = file.accessor(positions, bounds=True)
    meshes[0]["primitives"][0]["targets"] = [{"POSITION": file.accessor(opened, bounds=True)}]
    return file.to_bytes()


def shape_of_teeth(gltf: Gltf) -> tuple[np.ndarray, np.ndarray]:
    primitive = gltf.items("meshes")[1]["primitives"][0]
    offsets = gltf.accessor(primitive["targets"][-1]["POSITION"])
    return gltf.accessor(primitive["attributes"]["POSITION"]), offsets


def test_the_lower_teeth_turn_with_the_jaw():
    avatar = with_teeth(read(head("Wolf3D_Teeth", 15)))
    rest, offsets = shape_of_teeth(avatar.gltf)
    lower = rest[:, 1] < np.median(rest[:, 1])
    np.testing.assert_allclose(offsets[lower], (turned(rest, 15) - rest)[lower], atol=2e-4)
    assert not offsets[~lower].any() and len(avatar.drives["jawOpen"]) == 2
    weights = avatar.weights(Motion(np.array([[0.5]]), ("jawOpen",)))
    assert weights[0].tolist() == weights[1].tolist() == [[0.5]]
    assert len(Gltf.from_bytes(to_file(avatar, Motion(np.array([[0.5]]), ("jawOpen",)))).items("animations")) == 1


def test_a_jaw_that_opens_too_far_turns_them_twenty_degrees():
    rest, offsets = shape_of_teeth(with_teeth(read(head("teeth_lower", 35))).gltf)
    middle = rest - rest.mean(0), rest + offsets - (rest + offsets).mean(0)
    left, _, right = np.linalg.svd(middle[0].T @ middle[1])
    assert np.degrees(np.arccos((np.trace(right.T @ left.T) - 1) / 2)) == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [("Wolf3D_Teeth", ("jawOpen",)), ("UpperTeeth", ()), ("Necklace", ()), ("toothbrush_case", ())],
)
def test_what_moves_or_is_no_lower_tooth_stays(name, shapes):
    avatar = read(head(name, 15, shapes))
    assert with_teeth(avatar).gltf.to_bytes() == avatar.gltf.to_bytes()
